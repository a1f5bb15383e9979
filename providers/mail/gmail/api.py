"""Api: Gmail's requests, one method each, with what they cost of the quota."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from providers.googlehttp import client
from providers.http import BOUNDS, Bounds, Pace, Tokens
from providers.mail.gmail.wire import (
    HEADERS,
    SERVICE,
    Drafted,
    Json,
    Mail,
    draft_of,
    key,
    mail_of,
    number,
    raw_for,
    raw_of,
    text,
    thing,
    things,
)

BASE = "https://gmail.googleapis.com"
ACCOUNT = "/gmail/v1/users/me"
UNITS_A_SECOND = 250.0
BURST = 1000.0
"""Gmail judges by a moving average, so that a short burst is fine."""
PAGE = 200
WITHIN = 2 << 20
"""Bytes of a message up to which it is sent within JSON."""
AT_ONCE = 1000
"""Messages that one request may change."""
LARGEST = 96 << 20
"""Of an answer: the largest message that Gmail has, encoded, and some more."""


class Listed(NamedTuple):
    """A page of messages or drafts."""

    items: Sequence[Json]
    next: str
    """The token of the next page; "" after the last."""


class Happened(NamedTuple):
    """A page of what has happened."""

    records: Sequence[Json]
    next: str
    now: str
    """The account's present history id."""


class Api:
    """An account's messages, labels, drafts and history."""

    def __init__(
        self,
        tokens: Tokens,
        *,
        base: str = BASE,
        hint: str = "run: connect gmail",
        bounds: Bounds = BOUNDS,
        pace: Pace | None = None,
    ) -> None:
        """`hint`: how a person logs in again. `pace`: None is what Gmail grants to one user."""
        self.http = client(base, SERVICE, tokens, hint, bounds, pace or Pace(UNITS_A_SECOND, BURST))

    async def aclose(self) -> None:
        await self.http.aclose()

    async def _ask(self, method: str, path: str, value: object = None, **how: Any) -> Any:
        return await self.http.json(method, ACCOUNT + path, value, **how)

    async def _give(
        self, method: str, path: str, named: Json, message: Json, content: bytes, **how: Any
    ) -> Any:
        """Sends a message: within the JSON, or beside it where Gmail takes no JSON that large."""
        draft = path.startswith("/drafts")
        if len(content) <= WITHIN:
            full = {**message, "raw": raw_for(content)}
            return await self._ask(method, path, {**named, "message": full} if draft else full, **how)
        about = {**named, "message": message} if draft else message
        border = uuid.uuid4().hex
        parts = (
            f"--{border}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{json.dumps(about)}\r\n"
            f"--{border}\r\nContent-Type: message/rfc822\r\n\r\n"
        )
        answer = await self.http.ask(
            method,
            f"/upload{ACCOUNT}{path}",
            body=parts.encode() + content + f"\r\n--{border}--".encode(),
            headers={"content-type": f"multipart/related; boundary={border}"},
            **{**how, "query": {"uploadType": "multipart", **how.get("query", {})}},
        )
        return answer.json()

    # -- looking

    async def profile(self) -> tuple[str, str]:
        """The account's address, and its present history id."""
        found = thing(await self._ask("GET", "/profile", cost=1))
        return text(found, "emailAddress"), key(found, "historyId")

    async def labels(self) -> Sequence[Json]:
        return things(thing(await self._ask("GET", "/labels", cost=1)), "labels")

    async def total(self, label: str) -> int | None:
        """How many messages have a label."""
        return number(thing(await self._ask("GET", f"/labels/{_part(label)}", cost=1)), "messagesTotal")

    async def messages(
        self, *, label: str = "", q: str = "", page: str = "", size: int = PAGE, everywhere: bool = False
    ) -> Listed:
        """Messages, the newest first. `everywhere`: in trash and junk, too."""
        query: dict[str, str | int] = {"maxResults": size}
        if label:
            query["labelIds"] = label
        if q:
            query["q"] = q
        if page:
            query["pageToken"] = page
        if everywhere or label in ("TRASH", "SPAM"):
            query["includeSpamTrash"] = "true"
        found = thing(await self._ask("GET", "/messages", query=query, cost=5))
        return Listed(things(found, "messages"), text(found, "nextPageToken"))

    async def mail(self, id: str, *, header: bool) -> Mail:
        """One message, with its header or without. Raises NotFound."""
        query: dict[str, str | Sequence[str]] = {"format": "minimal"}
        if header:
            query = {"format": "metadata", "metadataHeaders": HEADERS}
        return mail_of(await self._ask("GET", f"/messages/{_part(id)}", query=query, cost=5))

    async def fields(self, id: str, names: Sequence[str]) -> Json:
        """A message with only the named fields of its header. Raises NotFound."""
        query = {"format": "metadata", "metadataHeaders": names}
        return thing(await self._ask("GET", f"/messages/{_part(id)}", query=query, cost=5))

    async def raw(self, id: str, most: int = LARGEST) -> bytes:
        """A whole message. Raises NotFound, TooLarge when its answer has more than `most` bytes."""
        query = {"format": "raw"}
        path = f"/messages/{_part(id)}"
        return raw_of(await self._ask("GET", path, query=query, cost=5, most=most))

    async def history(self, start: str, page: str = "") -> Happened:
        """What has happened since a history id. Raises NotFound when Gmail does not know it any more."""
        query: dict[str, str | int] = {"startHistoryId": start, "maxResults": 500}
        if page:
            query["pageToken"] = page
        found = thing(await self._ask("GET", "/history", query=query, cost=2))
        return Happened(things(found, "history"), text(found, "nextPageToken"), key(found, "historyId"))

    async def drafts(self, page: str = "", size: int = 500) -> tuple[Sequence[Drafted], str]:
        """Drafts, the newest first, and the token of the next page."""
        query: dict[str, str | int] = {"maxResults": size} | ({"pageToken": page} if page else {})
        found = thing(await self._ask("GET", "/drafts", query=query, cost=5))
        return [draft_of(one) for one in things(found, "drafts")], text(found, "nextPageToken")

    async def draft(self, id: str) -> Drafted:
        """Raises NotFound."""
        query = {"format": "minimal"}
        return draft_of(await self._ask("GET", f"/drafts/{_part(id)}", query=query, cost=5))

    # -- changing

    async def modify(self, id: str, add: Iterable[str], remove: Iterable[str]) -> Mail:
        """Raises NotFound."""
        value = {"addLabelIds": sorted(add), "removeLabelIds": sorted(remove)}
        path = f"/messages/{_part(id)}/modify"
        return mail_of(await self._ask("POST", path, value, again=True, cost=5))

    async def modify_all(self, ids: Sequence[str], add: Iterable[str], remove: Iterable[str]) -> None:
        """For up to AT_ONCE messages; those that are not there are passed over."""
        value = {"ids": list(ids), "addLabelIds": sorted(add), "removeLabelIds": sorted(remove)}
        await self._ask("POST", "/messages/batchModify", value, again=True, cost=50)

    async def trash(self, id: str) -> Mail:
        """Raises NotFound."""
        return mail_of(await self._ask("POST", f"/messages/{_part(id)}/trash", again=True, cost=5))

    async def delete(self, id: str) -> None:
        """For good. Raises NotFound."""
        await self._ask("DELETE", f"/messages/{_part(id)}", cost=10)

    async def insert(self, content: bytes, labels: Iterable[str]) -> Mail:
        """A new message, which is sent to nobody."""
        query = {"internalDateSource": "dateHeader"}
        named = {"labelIds": sorted(labels)}
        return mail_of(await self._give("POST", "/messages", {}, named, content, query=query, cost=25))

    async def create_label(self, name: str) -> str:
        """The id of a new label. Raises Conflict when there is one of that name."""
        value = {"name": name, "labelListVisibility": "labelShow", "messageListVisibility": "show"}
        return key(thing(await self._ask("POST", "/labels", value, cost=5)), "id")

    async def create_draft(self, content: bytes, thread: str = "") -> Drafted:
        return draft_of(await self._give("POST", "/drafts", {}, _thread(thread), content, cost=10))

    async def update_draft(self, id: str, content: bytes, thread: str = "") -> Drafted:
        """Raises NotFound."""
        path = f"/drafts/{_part(id)}"
        return draft_of(await self._give("PUT", path, {"id": id}, _thread(thread), content, cost=15))

    async def delete_draft(self, id: str) -> None:
        """For good. Raises NotFound."""
        await self._ask("DELETE", f"/drafts/{_part(id)}", cost=10)

    async def send_draft(self, id: str) -> str:
        """The id of what was sent. Asked once: whether it arrived, only a look can tell."""
        sent = thing(await self._ask("POST", "/drafts/send", {"id": id}, cost=100))
        return key(sent, "id")


def _part(id: str) -> str:
    return quote(id, safe="")


def _thread(thread: str) -> Json:
    return {"threadId": thread} if thread else {}

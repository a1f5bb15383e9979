"""A mailbox behind Gmail's interface, as far as Spatio uses it, kept as Google's own service keeps one.

Messages never change, drafts get a new message with each change, what is sent gets another Message-ID, the
history has records of what happened and forgets old ones. Each request and answer is held to Google's own
description of the interface.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.servers.discovery import contract, held_to, uploaded
from tests.servers.web import Reply, Request, Web, serving

SYSTEM = (
    "INBOX",
    "SENT",
    "DRAFT",
    "TRASH",
    "SPAM",
    "UNREAD",
    "STARRED",
    "IMPORTANT",
    "CHAT",
    "CATEGORY_UPDATES",
)
START = 1_700_000_000_000
LARGEST_JSON = 5_000_000


@dataclass
class Kept:
    """A message."""

    id: str
    thread: str
    raw: bytes
    labels: set[str]
    at: int
    history: int = 0


class Refusal(Exception):
    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason, self.message = status, reason, message or reason


@dataclass
class Mailbox:
    """What the account holds; tests read and change it as another client would."""

    messages: dict[str, Kept] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)
    history: int = 5000
    oldest: int = 0
    """History ids below it are forgotten."""
    sent: list[bytes] = field(default_factory=list)
    """What has left, as it was handed over."""
    rewrites: bool = True
    """Whether what is sent gets another Message-ID."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    web: Web = field(init=False)
    violations: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def add(self, raw: bytes, *labels: str, thread: str = "", at: int | None = None) -> Kept:
        """A message that has come in."""
        with self.lock:
            number = next(self._numbers)
            id = f"18c{number:013x}"
            kept = Kept(id, thread or id, raw, set(labels), START + number * 60_000 if at is None else at)
            self.messages[id] = kept
            self.note("messagesAdded", kept)
            return kept

    def label(self, name: str) -> str:
        """The id of a label, which is made when there is none."""
        for id, known in self.labels.items():
            if known == name:
                return id
        self.labels[f"Label_{len(self.labels) + 1}"] = name
        return f"Label_{len(self.labels)}"

    def turn(self, id: str, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
        with self.lock:
            kept = self.messages[id]
            added, removed = set(add) - kept.labels, set(remove) & kept.labels
            kept.labels = (kept.labels | added) - removed
            if added:
                self.note("labelsAdded", kept, sorted(added))
            if removed:
                self.note("labelsRemoved", kept, sorted(removed))

    def delete(self, id: str) -> None:
        with self.lock:
            self.note("messagesDeleted", self.messages.pop(id))

    def note(self, kind: str, kept: Kept, labels: list[str] | None = None) -> None:
        self.history += 7
        kept.history = self.history
        brief = {"id": kept.id, "threadId": kept.thread}
        event: dict[str, Any] = {"message": {**brief, "labelIds": sorted(kept.labels)}}
        if labels is not None:
            event["labelIds"] = labels
        self.records.append({"id": str(self.history), "messages": [brief], kind: [event]})

    def forget(self) -> None:
        """Old history is gone."""
        self.oldest = self.history + 1
        self.history += 7

    def ids(self, label: str) -> set[str]:
        return {one.id for one in self.messages.values() if label in one.labels}


def field_of(raw: bytes, name: str) -> str:
    found = re.search(
        rb"(?im)^" + name.encode() + rb":[ \t]*([^\r\n]*)", raw.replace(b"\r\n", b"\n").split(b"\n\n")[0]
    )
    return found.group(1).decode("utf-8", "replace") if found else ""


class _Service:
    """The interface over a mailbox."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    def answer(self, request: Request) -> Reply:
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _error(401, "authError", "Invalid Credentials")
        try:
            with self.box.lock:
                value = self._act(request)
        except Refusal as refusal:
            return _error(refusal.status, refusal.reason, refusal.message)
        if value is None:
            return Reply(204)
        return Reply(
            body=json.dumps(value).encode(), headers={"Content-Type": "application/json; charset=UTF-8"}
        )

    def _act(self, request: Request) -> Any:
        parts = request.path.removeprefix("/upload").removeprefix("/gmail/v1/users/me/").split("/")
        body = _body(request)
        query = {name: values[0] for name, values in request.query.items()}
        match request.method, parts:
            case "GET", ["profile"]:
                return {"emailAddress": "me@example.org", "historyId": str(self.box.history)} | {
                    "messagesTotal": len(self.box.messages),
                    "threadsTotal": len({one.thread for one in self.box.messages.values()}),
                }
            case _, ["labels", *rest]:
                return self._labels(request.method, rest, body)
            case "GET", ["history"]:
                return self._history(query)
            case _, ["messages", *rest]:
                return self._messages(request, rest, body, query)
            case _, ["drafts", *rest]:
                return self._drafts(request.method, rest, body, query)
        raise Refusal(404, "notFound")

    # -- labels and history

    def _labels(self, method: str, rest: list[str], body: Any) -> Any:
        if method == "POST":
            if body["name"].upper() in SYSTEM:
                raise Refusal(400, "invalidArgument", "Invalid label name")
            if any(one.lower() == body["name"].lower() for one in self.box.labels.values()):
                raise Refusal(409, "aborted", "Label name exists or conflicts")
            return self._label(self.box.label(body["name"]))
        if rest:
            if rest[0] not in self.box.labels and rest[0] not in SYSTEM:
                raise Refusal(404, "notFound")
            ids = self.box.ids(rest[0])
            return {**self._label(rest[0]), "messagesTotal": len(ids), "threadsTotal": len(ids)}
        return {"labels": [self._label(id) for id in (*SYSTEM, *self.box.labels)]}

    def _label(self, id: str) -> dict[str, Any]:
        return {"id": id, "name": self.box.labels.get(id, id), "type": "system" if id in SYSTEM else "user"}

    def _history(self, query: dict[str, str]) -> Any:
        start = int(query["startHistoryId"])
        if start < self.box.oldest:
            raise Refusal(404, "notFound", "Requested entity was not found.")
        records = [one for one in self.box.records if int(one["id"]) > start]
        page, token = _page(records, query, 100)
        found: dict[str, Any] = {"historyId": str(self.box.history)}
        return found | ({"history": page} if page else {}) | ({"nextPageToken": token} if token else {})

    # -- messages

    def _messages(self, request: Request, rest: list[str], body: Any, query: dict[str, str]) -> Any:
        match request.method, rest:
            case "GET", []:
                return self._list(query)
            case "GET", [id]:
                return self._show(
                    self._kept(id), query.get("format", "full"), request.query.get("metadataHeaders", [])
                )
            case "POST", []:
                raw = base64.urlsafe_b64decode(body["raw"])
                self._check(body.get("labelIds", []))
                return self._brief(self.box.add(raw, *body.get("labelIds", [])))
            case "POST", ["batchModify"]:
                for id in body["ids"]:
                    if id in self.box.messages:
                        self._modify(id, body)
                return None
            case "POST", [id, "modify"]:
                self._kept(id)
                return self._modify(id, body)
            case "POST", [id, "trash"]:
                kept = self._kept(id)
                for draft in [one for one, message in self.box.drafts.items() if message == id]:
                    del self.box.drafts[draft]
                self.box.turn(id, ("TRASH",), ("INBOX", "DRAFT"))
                return self._brief(kept)
            case "DELETE", [id]:
                self._kept(id)
                self.box.delete(id)
                return None
        raise Refusal(404, "notFound")

    def _kept(self, id: str) -> Kept:
        if id not in self.box.messages:
            raise Refusal(404, "notFound", "Requested entity was not found.")
        return self.box.messages[id]

    def _check(self, labels: list[str]) -> None:
        for label in labels:
            if label not in SYSTEM and label not in self.box.labels:
                raise Refusal(400, "invalidArgument", f"Invalid label: {label}")

    def _modify(self, id: str, body: Any) -> Any:
        add, remove = body.get("addLabelIds", []), body.get("removeLabelIds", [])
        self._check([*add, *remove])
        if {"SENT", "DRAFT"} & {*add, *remove}:
            raise Refusal(400, "invalidArgument", "Invalid label: SENT")
        self.box.turn(id, tuple(add), tuple(remove))
        return self._brief(self.box.messages[id])

    def _list(self, query: dict[str, str]) -> Any:
        hidden = set() if query.get("includeSpamTrash") == "true" else {"TRASH", "SPAM"}
        if "labelIds" in query:
            self._check([query["labelIds"]])
        found = [
            one
            for one in sorted(self.box.messages.values(), key=lambda one: -one.at)
            if not one.labels & hidden
            and ("labelIds" not in query or query["labelIds"] in one.labels)
            and _matches(one, query.get("q", ""))
        ]
        page, token = _page(found, query, 100)
        value: dict[str, Any] = {"resultSizeEstimate": min(len(found), 201)}
        if page:
            value["messages"] = [{"id": one.id, "threadId": one.thread} for one in page]
        return value | ({"nextPageToken": token} if token else {})

    def _brief(self, kept: Kept) -> dict[str, Any]:
        return {"id": kept.id, "threadId": kept.thread, "labelIds": sorted(kept.labels)}

    def _show(self, kept: Kept, form: str, names: list[str]) -> dict[str, Any]:
        value = {
            **self._brief(kept),
            "snippet": "",
            "historyId": str(kept.history),
            "internalDate": str(kept.at),
            "sizeEstimate": len(kept.raw),
        }
        if form == "raw":
            return value | {"raw": base64.urlsafe_b64encode(kept.raw).decode()}
        if form == "metadata":
            fields = [(name, field_of(kept.raw, name)) for name in names]
            named = [{"name": name, "value": text} for name, text in fields if text]
            return value | {"payload": {"mimeType": "text/plain", "headers": named}}
        return value

    # -- drafts

    def _drafts(self, method: str, rest: list[str], body: Any, query: dict[str, str]) -> Any:
        match method, rest:
            case "GET", []:
                page, token = _page(list(reversed(self.box.drafts)), query, 100)
                found = {"drafts": [self._draft(id) for id in page]} if page else {}
                return {**found, "resultSizeEstimate": len(self.box.drafts)} | (
                    {"nextPageToken": token} if token else {}
                )
            case "GET", [id]:
                return {
                    "id": id,
                    "message": self._show(self._kept(self._message(id)), query.get("format", "full"), []),
                }
            case "POST", []:
                id = f"r{next(self.box._numbers):019d}"
                self.box.drafts[id] = self._drafted(body).id
                return self._draft(id)
            case "POST", ["send"]:
                return self._send(body["id"])
            case "PUT", [id]:
                before = self._message(id)
                self.box.drafts[id] = self._drafted(body).id
                self.box.delete(before)
                return self._draft(id)
            case "DELETE", [id]:
                self.box.delete(self._message(id))
                del self.box.drafts[id]
                return None
        raise Refusal(404, "notFound")

    def _message(self, id: str) -> str:
        if id not in self.box.drafts:
            raise Refusal(404, "notFound", "Requested entity was not found.")
        return self.box.drafts[id]

    def _drafted(self, body: Any) -> Kept:
        message = body["message"]
        return self.box.add(
            base64.urlsafe_b64decode(message["raw"]), "DRAFT", thread=message.get("threadId", "")
        )

    def _draft(self, id: str) -> dict[str, Any]:
        kept = self.box.messages[self.box.drafts[id]]
        return {"id": id, "message": self._brief(kept)}

    def _send(self, id: str) -> Any:
        draft = self.box.messages[self._message(id)]
        if "@" not in field_of(draft.raw, "To") + field_of(draft.raw, "Bcc"):
            raise Refusal(400, "invalidArgument", "Recipient address required")
        self.box.sent.append(draft.raw)
        raw = re.sub(rb"(?im)^Bcc:[^\n]*\n", b"", draft.raw)
        if self.box.rewrites:
            raw = re.sub(
                rb"(?im)^Message-ID:[^\r\n]*", b"Message-ID: <%d@mail.gmail.com>" % len(self.box.sent), raw
            )
        thread = draft.thread
        del self.box.drafts[id]
        self.box.delete(draft.id)
        return self._brief(self.box.add(raw, "SENT", thread=thread))


def _body(request: Request) -> Any:
    """The JSON of a request; what was sent beside it stands in it as if it had been sent within."""
    if not request.path.startswith("/upload"):
        if len(request.body) > LARGEST_JSON:
            raise Refusal(413, "uploadTooLarge")
        return json.loads(request.body) if request.body else {}
    about, _, content = uploaded(request)
    body = json.loads(about)
    body.get("message", body)["raw"] = base64.urlsafe_b64encode(content).decode()
    return body


def _page(found: list[Any], query: dict[str, str], size: int) -> tuple[list[Any], str]:
    token = query.get("pageToken", "0")
    if not token.isdigit():
        raise Refusal(400, "invalidArgument", "Invalid pageToken")
    at, size = int(token), min(int(query.get("maxResults", size)), 500)
    return found[at : at + size], str(at + size) if at + size < len(found) else ""


def _matches(kept: Kept, q: str) -> bool:
    """The few words of the query language that the tests use."""
    places = {"inbox": "INBOX", "sent": "SENT", "drafts": "DRAFT", "chats": "CHAT"}
    for word in q.split():
        wanted = not word.startswith("-")
        name, _, value = word.lstrip("-").partition(":")
        if name == "in":
            holds = places[value] in kept.labels
        elif name == "rfc822msgid":
            holds = field_of(kept.raw, "Message-ID").strip("<>") == value
        elif name == "from":
            holds = value in field_of(kept.raw, "From")
        else:
            holds = word.encode() in kept.raw
        if holds is not wanted:
            return False
    return True


def _error(status: int, reason: str, message: str) -> Reply:
    about = {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}
    return Reply(status, json.dumps({"error": about}).encode(), {"Content-Type": "application/json"})


def error(status: int, reason: str, **headers: str) -> Reply:
    """An error as Google tells it."""
    reply = _error(status, reason, f"about {reason}")
    return Reply(
        status,
        reply.body,
        {**reply.headers, **{name.replace("_", "-"): text for name, text in headers.items()}},
    )


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A service with an empty mailbox; at the end every request and answer must have been in form."""
    box = Mailbox()
    answer: Callable[[Request], Reply] = held_to(contract("gmail.v1"), _Service(box).answer, box.violations)
    with serving(answer) as web:
        box.web = web
        yield box
    assert not box.violations

"""Sending: a draft is made, noted as leaving, and sent; what a crash leaves in doubt, a look tells.

Gmail may give what it sends another Message-ID. So the draft carries the deed's key in a field of its own,
which stays: a draft with it was not sent, a mail among the sent ones with it was.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress

from providers.mail.addresses import addresses
from providers.mail.facts import Facts, item_facts
from providers.mail.gmail.api import Api
from providers.mail.gmail.labels import SENT
from providers.mail.gmail.wire import Json, key, text, thing, things
from providers.mail.headers import Headers, block_end
from providers.mail.naming import name_of
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Effect, Parameter, Undo, Verb
from vfs.closing import Closing
from vfs.errors import BadName, NotFound, Refused, TooLarge, Unsupported, VfsError
from vfs.fan import fan_out
from vfs.node import Value
from vfs.path import Path

MARK = "X-Deed-ID"
SEND = Verb(
    "send",
    "sends a mail",
    Effect.SEND,
    Undo.FINAL,
    (
        Parameter("content", "the mail, as RFC 5322 has it"),
        Parameter("sender", "the address that it comes from", required=False),
        Parameter("recipients", "addresses beside those that the mail itself names", required=False),
    ),
)
LARGEST = 25 * 1024 * 1024
"""Bytes of a mail that Gmail sends."""
LOOKED_AT = 100
"""Newest drafts, and newest sent mails, among which a deed is looked for."""


def prepare(verb: str, arguments: Arguments) -> Prepared:
    """A mail as a deed. Raises Unsupported, BadName, TooLarge."""
    if verb != SEND.name:
        raise Unsupported(None, f"Gmail cannot {verb}")
    given = arguments.get("content")
    if not isinstance(given, str) or not given.strip():
        raise BadName(None, "there is nothing to send")
    content = given.encode("utf-8", "surrogateescape")
    if len(content) > LARGEST:
        raise TooLarge(None, f"Gmail sends mails of up to {LARGEST // 1024**2} MB")
    facts = item_facts(content)
    message_id = facts.message_id
    if not message_id:
        message_id = f"{uuid.uuid4()}@{_domain(facts)}"
        content = _with(content, "Message-ID", f"<{message_id}>")
    visible = _named(content, b"to") + _named(content, b"cc") + _named(content, b"bcc")
    blind = [one for one in _given(arguments.get("recipients")) if one.lower() not in visible]
    if blind:
        # Where a person sees and can change it before it leaves; Gmail shows it to nobody.
        content = _with(content, "Bcc", ", ".join(blind))
    if not visible and not blind:
        raise BadName(None, "it names nobody to send it to")
    summary = f"{facts.title or '(no subject)'} to {', '.join([*visible, *blind][:3])}"
    more = len(visible) + len(blind) - 3
    summary += f" and {more} more" if more > 0 else ""
    return Prepared(name_of(facts), summary, message_id, content, {})


class Sending:
    """What `Performs` of an account is."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def deeds(self) -> Mapping[str, Verb]:
        return {SEND.name: SEND}

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        return prepare(verb, arguments)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        """Sends it, unless an earlier try has: Gmail may have gone on after the connection was cut."""
        if deed.tries and await self._sent(deed):
            return "sent by Gmail"
        raw = _with(content, MARK, deed.key)
        thread = await self._thread(content)
        draft = await self._draft(deed)
        if draft is None:
            draft = (await self._api.create_draft(raw, thread)).id
        else:
            # An earlier try made it; what is to be sent may have been edited since.
            await self._api.update_draft(draft, raw, thread)
        await leaving()
        try:
            await self._api.send_draft(draft)
        except (Refused, TooLarge):
            with suppress(VfsError):
                await self._api.delete_draft(draft)
            raise
        return "sent by Gmail"

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        """Sent, when it is among what was sent; not sent, when its draft is still there."""
        if await self._sent(deed):
            return True
        return None if await self._draft(deed) is None else False

    async def _draft(self, deed: Deed) -> str | None:
        """The id of the draft of a deed."""
        drafts, _ = await self._api.drafts(size=LOOKED_AT)
        of_message = {one.message: one.id for one in drafts}
        found = await self._marked(deed, list(of_message))
        return of_message[found] if found else None

    async def _sent(self, deed: Deed) -> bool:
        listed = await self._api.messages(label=SENT, size=LOOKED_AT)
        if await self._marked(deed, [key(one, "id") for one in listed.items]):
            return True
        found = await self._api.messages(label=SENT, q=f"rfc822msgid:{deed.key}", size=1)
        return bool(found.items)

    async def _marked(self, deed: Deed, ids: Sequence[str]) -> str | None:
        """The first of these messages that is the one of a deed."""

        async def fields(id: str) -> Json:
            try:
                return await self._api.fields(id, (MARK, "Message-ID"))
            except NotFound:
                return {}

        async with Closing(fan_out(ids, fields, self._api.http.parallel)) as answers:
            async for id, said in answers:
                payload = said.get("payload")
                named = things(thing(payload), "headers") if payload is not None else ()
                if any(text(one, "value").strip().strip("<>") == deed.key for one in named):
                    return id
        return None

    async def _thread(self, content: bytes) -> str:
        """The conversation of the mail that this one answers; "" when it answers none that is here."""
        end, _ = block_end(content)
        answered = item_facts(b"Message-ID:" + Headers(content[:end]).raw(b"in-reply-to")).message_id
        if not answered:
            return ""
        listed = await self._api.messages(q=f"rfc822msgid:{answered}", size=1)
        return text(listed.items[0], "threadId") if listed.items else ""


def _with(content: bytes, name: str, value: str) -> bytes:
    """A mail with one more header field, on one line whatever the value is."""
    line = " ".join(value.split())
    end = b"\r\n" if b"\r\n" in content[:1000] else b"\n"
    return f"{name}: {line}".encode("utf-8", "replace") + end + content


def _named(content: bytes, name: bytes) -> list[str]:
    end, _ = block_end(content)
    return [one.address.lower() for one in addresses(Headers(content[:end]).raw(name))]


def _given(value: Value) -> list[str]:
    """Addresses that an argument holds. Raises BadName."""
    given = value if isinstance(value, tuple) else () if value is None else (value,)
    found = [str(one) for one in given]
    for one in found:
        local, _, domain = one.rpartition("@")
        if not local or not domain or not one.isprintable() or set(one) & set(" ,;<>"):
            raise BadName(None, f"{one[:60]!r} is no address")
    return found


def _domain(facts: Facts) -> str:
    domain = facts.sender.address.rpartition("@")[2] if facts.sender else ""
    return domain if domain.isascii() and domain.replace(".", "").replace("-", "").isalnum() else "localhost"

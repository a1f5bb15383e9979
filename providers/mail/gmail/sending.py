"""Sending: a draft is made, noted as leaving, and sent; what a crash leaves in doubt, a look tells.

Gmail may give what it sends another Message-ID. So the draft carries the deed's key in a field of its own,
which stays: a draft with it was not sent, a mail among the sent ones with it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from providers.mail import envelope as envelopes
from providers.mail.facts import item_facts
from providers.mail.gmail.api import Api
from providers.mail.gmail.labels import SENT
from providers.mail.gmail.scopes import Allowed
from providers.mail.gmail.wire import Json, key, text, thing, things
from providers.mail.headers import Headers, block_end
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Verb
from vfs.closing import Closing
from vfs.errors import BadName, NotFound, Refused, TooLarge, VfsError
from vfs.fan import fan_out
from vfs.path import Path

MARK = "X-Deed-ID"
LARGEST = 25 * 1024 * 1024
"""Bytes of a mail that Gmail sends."""
LOOKED_AT = 100
"""Newest drafts, and newest sent mails, among which a deed is looked for."""


def prepare(verb: str, arguments: Arguments) -> Prepared:
    """A mail as a deed. Raises Unsupported, BadName, TooLarge."""
    deed = envelopes.prepare(verb, arguments)
    if len(deed.content) > LARGEST:
        raise TooLarge(None, f"Gmail sends mails of up to {LARGEST // 1024**2} MB")
    return deed


class Sending:
    """What `Performs` of an account is."""

    def __init__(self, api: Api, allowed: Allowed) -> None:
        self._api, self._allowed = api, allowed

    def deeds(self) -> Mapping[str, Verb]:
        return {envelopes.SEND.name: envelopes.SEND}

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        return prepare(verb, arguments)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        """Sends it, unless an earlier try has: Gmail may have gone on after the connection was cut."""
        await self._allowed("send")
        if deed.tries and await self._sent(deed):
            return "sent by Gmail"
        if not envelopes.envelope(content, "").recipients:
            raise BadName(None, "the mail names nobody to send it to")
        raw = _marked(content, deed.key)
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
        found = await self._of(deed, list(of_message))
        return of_message[found] if found else None

    async def _sent(self, deed: Deed) -> bool:
        listed = await self._api.messages(label=SENT, size=LOOKED_AT)
        if await self._of(deed, [key(one, "id") for one in listed.items]):
            return True
        found = await self._api.messages(label=SENT, q=f"rfc822msgid:{deed.key}", size=1)
        return bool(found.items)

    async def _of(self, deed: Deed, ids: Sequence[str]) -> str | None:
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


def _marked(content: bytes, key: str) -> bytes:
    """A mail with the field that it is found by. Its blind recipients stand in it: Gmail takes them out."""
    return f"{MARK}: {key}\r\n".encode("ascii", "replace") + content.replace(b"\r\n", b"\n").replace(
        b"\n", b"\r\n"
    )

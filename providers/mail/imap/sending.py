"""Sending: a mail leaves by SMTP, and a copy of it goes into the folder of sent mail.

What a crash or a cut connection leaves in doubt, a look decides as far as it can: the mail is searched for by
its Message-ID among what was sent, and among what has come. SMTP itself cannot be asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from providers.mail import envelope as envelopes
from providers.mail.imap.login import Address
from providers.mail.imap.pool import Pool
from providers.mail.imap.pushing import appended
from providers.mail.imap.session import Session, searchable
from providers.mail.smtp import Handover
from providers.mirror.remote import Collection
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Verb
from vfs.drive import hop
from vfs.errors import BadName, Unsupported, VfsError
from vfs.path import Path

APPEND, SERVER = "append", "server"
_FILING = ("gmail.com", "googlemail.com", "office365.com", "outlook.com", "hotmail.com", "live.com")
"""Services that file what is sent through them by themselves."""
_LOOKED = ("sent", "inbox")
_UNSENT = ("drafts", "trash")
"""Where a mail with the same Message-ID is the draft that it was."""


def filing(host: str, option: str) -> str:
    """Who puts a copy into the folder of sent mail."""
    if option in (APPEND, SERVER):
        return option
    return SERVER if host.lower().endswith(_FILING) else APPEND


class Sending:
    """What `Performs` of an account is."""

    def __init__(
        self,
        pool: Pool,
        account: Address | None,
        secret: Callable[[], Awaitable[str]],
        collections: Callable[[], Awaitable[Sequence[Collection]]],
        *,
        sender: str = "",
        filing: str = APPEND,
    ) -> None:
        self.pool = pool
        self.account = account
        self.secret = secret
        self.collections = collections
        self.sender = sender
        self.filing = filing
        self._untaken: set[str] = set()
        """Keys of deeds that the server said it took nothing of."""

    def deeds(self) -> Mapping[str, Verb]:
        return {} if self.account is None else {envelopes.SEND.name: envelopes.SEND}

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        if self.account is None:
            raise Unsupported(None, "no server is named that sends mail", hint="set smtp_host of this mount")
        return envelopes.prepare(verb, arguments)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        """Hands it over, unless an earlier try has, as far as that can be told."""
        if self.account is None:
            raise Unsupported(None, "no server is named that sends mail", hint="set smtp_host of this mount")
        if deed.tries and await self._was_sent(deed, content):
            return "found among what was sent"
        sender = str(deed.arguments.get("sender") or "")
        envelope = envelopes.envelope(content, sender)
        envelope = envelope._replace(sender=envelope.sender or self.sender)
        if not envelope.recipients or not envelope.sender:
            what = "nobody to send it to" if envelope.sender else "no sender"
            raise BadName(None, f"the mail names {what}")
        mail = envelopes.stripped(content)
        secret = "" if self.account.auth == "none" else await self.secret()
        handover = Handover(self.account, secret)
        self._untaken.discard(deed.key)
        try:
            await hop(lambda: handover.offer(envelope, mail))
            await leaving()
            try:
                said = await hop(handover.finish)
            except VfsError:
                if handover.answered:
                    self._untaken.add(deed.key)
                raise
        finally:
            handover.drop()
        note = await self._filed(deed.key, mail)
        return f"{self.account.host} took it: {said}{note}"

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        if deed.key in self._untaken:
            return False
        there = await self.collections()
        if await self._any_holds(there, _LOOKED, deed.key):
            return True
        # Among all mails there are drafts, too.
        if await self._any_holds(there, ("all",), deed.key):
            return None if await self._any_holds(there, _UNSENT, deed.key) else True
        return None

    async def _was_sent(self, deed: Deed, content: bytes) -> bool:
        try:
            return bool(await self.look(deed, content))
        except VfsError:
            # What is tried again is known not to have left, or a person wants it sent whatever became of it.
            return False

    async def _any_holds(self, there: Sequence[Collection], roles: Sequence[str], message_id: str) -> bool:
        for collection in there:
            if collection.role in roles and await self._holds(collection, message_id):
                return True
        return False

    async def _filed(self, key: str, mail: bytes) -> str:
        """Puts the copy where sent mail is; what went wrong with it, for a person: the mail has left."""
        if self.filing == SERVER:
            return ""
        try:
            sent = next((one for one in await self.collections() if one.role == "sent"), None)
            if sent is None:
                return " (no copy is kept: there is no folder for sent mail)"
            await self.pool.call(lambda session: _kept(session, sent.key, key, mail), mailbox=sent.key)
        except VfsError as error:
            return f" (no copy is kept: {error.reason})"
        return ""

    async def _holds(self, collection: Collection, message_id: str) -> bool:
        key = collection.key
        return await self.pool.call(lambda session: _held(session, key, message_id), mailbox=key)


def _held(session: Session, mailbox: str, message_id: str) -> bool:
    wanted = searchable(message_id)
    if wanted is None:
        return False
    session.open(mailbox)
    return bool(session.uid_search("HEADER", "Message-ID", wanted))


def _kept(session: Session, mailbox: str, message_id: str, mail: bytes) -> None:
    """Looks and appends in one: after a cut both are done again."""
    if not _held(session, mailbox, message_id):
        appended(session, mailbox, mail, ("\\Seen",))

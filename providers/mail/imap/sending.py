"""Sending: a mail leaves by SMTP, and a copy of it goes into the folder of sent mail.

What a crash or a cut connection leaves in doubt, a look decides as far as it can: the mail is searched for by
its Message-ID among what was sent, and among what has come. SMTP itself cannot be asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from providers.mail import envelope as envelopes
from providers.mail.imap.pool import Pool
from providers.mail.imap.pushing import appended
from providers.mail.imap.session import Session, searchable
from providers.mail.smtp import Account, Handover
from providers.mirror.remote import Collection
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Verb
from vfs.drive import hop
from vfs.errors import BadName, Unsupported, VfsError
from vfs.path import Path

APPEND, SERVER = "append", "server"
_FILING = ("gmail.com", "googlemail.com", "office365.com", "outlook.com", "hotmail.com", "live.com")
"""Services that file what is sent through them by themselves."""
_LOOKED = ("sent", "all", "inbox")


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
        account: Account | None,
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
        if self.account is None:
            raise Unsupported(None, "no server is named that sends mail", hint="set smtp_host of this mount")
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
        for collection in await self.collections():
            if collection.role in _LOOKED and await self._holds(collection, deed.key):
                return True
        return None

    async def _filed(self, key: str, mail: bytes) -> str:
        """Puts the copy where sent mail is; what went wrong with it, for a person: the mail has left."""
        if self.filing == SERVER:
            return ""
        try:
            sent = next((one for one in await self.collections() if one.role == "sent"), None)
            if sent is None:
                return " (no copy is kept: there is no folder for sent mail)"
            if not await self._holds(sent, key):
                await self.pool.call(lambda session: appended(session, sent.key, mail, ("\\Seen",)))
        except VfsError as error:
            return f" (no copy is kept: {error.reason})"
        return ""

    async def _holds(self, collection: Collection, message_id: str) -> bool:
        wanted = searchable(message_id)
        if wanted is None:
            return False

        def found(session: Session) -> bool:
            session.open(collection.key)
            return bool(session.uid_search("HEADER", "Message-ID", wanted))

        return await self.pool.call(found, mailbox=collection.key)

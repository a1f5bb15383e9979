"""ImapRemote: an account at a mail server as a `Remote`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple

from providers.mail import message
from providers.mail.imap import arranging, fetching, folders, pushing
from providers.mail.imap import cursor as cursors
from providers.mail.imap.listing import Listing
from providers.mail.imap.login import Address, Credentials
from providers.mail.imap.pool import Pool
from providers.mail.imap.sending import APPEND, Sending
from providers.mail.imap.waiting import Waiting
from providers.mirror.remote import Collection, Delta, Described, Known, Push, Pushed
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Verb
from vfs.closing import Closing
from vfs.errors import VfsError
from vfs.path import Path

SETTABLE = frozenset({"unread", "flagged", "answered", "forwarded", "labels"})


class Setup(NamedTuple):
    """All that an account is made of, but for what is secret."""

    address: Address
    outgoing: Address | None = None
    folders: tuple[str, ...] = ()
    """Patterns of the folders that are kept; none: all."""
    parallel: int = 4
    sender: str = ""
    filing: str = APPEND
    zone: tzinfo | None = None


class ImapRemote:
    """An account. A folder's key is its name on the wire, an href a UID, a cursor what `Cursor` holds."""

    def __init__(self, setup: Setup, credentials: Credentials, outgoing: Credentials | None = None) -> None:
        self.setup = setup
        self.parallel = setup.parallel
        self.pool = Pool(setup.address, credentials, setup.parallel)
        self._listing = Listing(self.pool, setup.zone)
        self._waiting = Waiting(self.pool)
        self._statuses: dict[str, Mapping[str, int]] = {}
        self._collections: Sequence[Collection] | None = None
        self._sending = Sending(
            *(self.pool, setup.outgoing, (outgoing or credentials).secret, self._known_collections),
            sender=setup.sender,
            filing=setup.filing,
        )

    # -- a Remote

    async def collections(self) -> Sequence[Collection]:
        shelf = await self.pool.call(lambda session: folders.listed(session, self.setup.folders))
        self._statuses = dict(shelf.statuses)
        self._collections = shelf.collections
        return shelf.collections

    async def _known_collections(self) -> Sequence[Collection]:
        return self._collections if self._collections is not None else await self.collections()

    async def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        # What the list of folders said counts once: it is as old as that.
        status = self._statuses.pop(collection.key, None)
        before = cursors.read(cursor) if cursor else None
        same = status is not None and before is not None and before.is_still(status)
        if same and before is not None and await known.count() == before.exists - before.hidden:
            self._note(collection, before)
            yield Delta(cursor=before.written(), total=before.exists, done=True)
            return
        async with Closing(self._listing.changes(collection, cursor, known)) as parts:
            async for part in parts:
                if part.done:
                    self._note(collection, cursors.read(part.cursor))
                yield part

    def _note(self, collection: Collection, seen: cursors.Cursor | None) -> None:
        """What is different from that is news, from here on."""
        if seen is not None:
            self._waiting.note(collection.key, (seen.exists, seen.next, seen.modseq))

    async def fetch(
        self, collection: Collection, hrefs: Sequence[str]
    ) -> AsyncIterator[Sequence[tuple[str, bytes | VfsError]]]:
        async with Closing(fetching.fetched(self.pool, collection, hrefs)) as batches:
            async for batch in batches:
                yield batch

    def describe(self, content: bytes, whole: bool) -> Described:
        return message.describe(content, whole)

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        return await pushing.push(self.pool, changes)

    async def aclose(self) -> None:
        await self.pool.aclose()

    # -- Arranges

    async def make(self, path: Path) -> Collection:
        return await self.pool.call(lambda session: arranging.make(session, path))

    async def rename(self, collection: Collection, path: Path) -> Collection:
        return await self.pool.call(lambda session: arranging.rename(session, collection, path))

    async def drop(self, collection: Collection) -> None:
        await self.pool.call(lambda session: arranging.drop(session, collection))

    # -- Waits

    async def wait(self, collection: Collection, seconds: float) -> bool:
        return await self._waiting.wait(collection, seconds)

    # -- Performs

    def deeds(self) -> Mapping[str, Verb]:
        return self._sending.deeds()

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        return await self._sending.prepare(verb, path, arguments)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        return await self._sending.perform(deed, content, leaving)

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        return await self._sending.look(deed, content)

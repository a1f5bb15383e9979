"""PlaidRemote: the accounts at one bank as a `Remote`, over Plaid's interface."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from providers.banking.plaid.api import Api
from providers.banking.plaid.changes import ACCOUNTS, TRANSACTIONS, Changes, Rules, etag_of
from providers.banking.plaid.describing import described
from providers.banking.plaid.transfers import Transfers
from providers.mirror.remote import Collection, Delta, Described, Known, Push, Pushed
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Verb
from vfs.closing import Closing
from vfs.errors import NotFound, Unsupported, VfsError
from vfs.path import Path


class PlaidRemote:
    """A connection to a bank. An href is an account's id, or the name of a month's file."""

    def __init__(
        self, api: Api, rules: Rules, *, live: bool = False, transfers: Transfers | None = None
    ) -> None:
        """`live`: see Changes. `transfers`: what moves money, where the connection may."""
        self._api = api
        self._changes = Changes(api, rules, live=live)
        self._transfers = transfers
        self.parallel = api.http.parallel

    async def collections(self) -> Sequence[Collection]:
        return [ACCOUNTS, TRANSACTIONS]

    async def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        async with Closing(self._changes.of(collection, cursor, known)) as parts:
            async for part in parts:
                yield part

    async def fetch(
        self, collection: Collection, hrefs: Sequence[str]
    ) -> AsyncIterator[Sequence[tuple[str, bytes | VfsError]]]:
        yield [(href, NotFound(None, "is kept here alone")) for href in hrefs]

    def describe(self, content: bytes, whole: bool) -> Described:
        return described(content)

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        """Takes note: Plaid keeps nothing of what people write, so that what is here counts."""
        return [_noted(change) for change in changes]

    async def aclose(self) -> None:
        await self._api.aclose()

    # -- Performs

    def deeds(self) -> Mapping[str, Verb]:
        return {} if self._transfers is None else self._transfers.deeds()

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        return self._moving().prepare(verb, arguments)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        return await self._moving().perform(deed, content, leaving)

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        return await self._moving().look(deed, content)

    def _moving(self) -> Transfers:
        if self._transfers is None:
            raise Unsupported(
                None, "this connection may not move money", hint="connect plaid --allow transfer"
            )
        return self._transfers


def _noted(change: Push) -> Pushed:
    if change.target is None:
        return Pushed("", "", {})
    etag = change.etag if change.content is None else etag_of(change.content)
    if change.collection is not None:
        return Pushed(change.href, etag, change.state)
    # A file that was renamed keeps its href, which another file may be called by then.
    mark = etag_of(f"{change.name}{etag}".encode())[:8]
    return Pushed(f"{change.name}#{mark}", etag, change.state)

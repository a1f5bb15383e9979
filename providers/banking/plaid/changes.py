"""Changes: what has happened at a bank since a cursor, as files of accounts and of months.

A month's file is built from what is here of it and what is new, so that what people wrote stays. The cursor
goes on once all months are kept: whatever is cut, the same rows come again, and find themselves.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from providers.banking.plaid import accounts as files
from providers.banking.plaid.api import Api
from providers.banking.plaid.faults import NotReady
from providers.banking.plaid.months import Lost, Months, month_of
from providers.banking.plaid.wire import Account, Page, Posted
from providers.banking.rules import Categories, read_rules
from providers.mirror.remote import Accepts, Collection, Delta, Forgotten, Item, Known
from providers.mirror.removing import ACCEPT, Withheld
from vfs.drive import hop
from vfs.errors import VfsError
from vfs.path import Path
from vfs.transactions import month_name

ACCOUNTS = Collection("accounts", Path(("accounts",)))
TRANSACTIONS = Collection("transactions", Path(("transactions",)))
PART = 24
"""Months that are handed on together."""
_WHOLE = ("HISTORICAL_UPDATE_COMPLETE", "TRANSACTIONS_UPDATE_STATUS_UNKNOWN", "")


Rules = Callable[[], Awaitable[bytes]]
"""The file of the person's rules for categories; empty where there is none."""


class Cursor(NamedTuple):
    """Where listing goes on, and what the accounts are called."""

    at: str
    names: dict[str, str]

    def text(self) -> str:
        return json.dumps(self._asdict(), separators=(",", ":"))

    @classmethod
    def parse(cls, text: str | None) -> Cursor:
        value = json.loads(text) if text else {}
        return cls(str(value.get("at", "")), dict(value.get("names", {})))


def etag_of(content: bytes) -> str:
    """Of a content that has no other."""
    return sha256(content).hexdigest()[:32]


class Changes:
    """One connection's."""

    def __init__(
        self, api: Api, rules: Rules, *, live: bool = False, now: Callable[[], datetime] | None = None
    ) -> None:
        """`live`: the bank itself is asked for balances, each time."""
        self._api = api
        self._rules = rules
        self._live = live
        self._now = now or (lambda: datetime.now(UTC))
        self._names: dict[str, str] = {}
        """What the accounts were called when their files were looked at."""

    async def of(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        source = self._accounts if collection.key == ACCOUNTS.key else self._transactions
        async for delta in source(cursor, known):
            yield delta

    # -- accounts

    async def _accounts(self, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        fresh = await self._api.balances() if self._live else None
        found = await self._api.accounts() if fresh is None else fresh
        here = set(await known.hrefs())
        if cursor and here and found and not here & {one.id for one in found}:
            # Another connection to the same bank calls them otherwise.
            raise Forgotten
        item = await self._api.item()
        was = Cursor.parse(cursor)
        names = self._names = files.names_of(found, was.names)
        institution = item.institution or self._api.faults.title
        items = []
        for account in found:
            before = await known.content(account.id)
            asked = None if fresh is not None else item.updated
            content = files.content_of(account, institution, asked or self._now(), before)
            if fresh is None and not (account.updated or item.updated) and files.is_same(content, before):
                continue
            if content != before:
                one = _item(account.id, f"{names[account.id]}.json", content)
                items.append(one if cursor else one._replace(identity=_identity(account)))
        # An account that the bank shows no more was one all the same: its file stays.
        alive = {*here, *(one.href for one in items)}
        yield Delta(items, alive=sorted(alive), cursor=Cursor("", names).text(), total=len(alive), done=True)

    # -- transactions

    async def _transactions(self, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        was = Cursor.parse(cursor)
        pages = await self._api.pages(was.at)
        status = pages[-1].status
        if not was.at and status == "NOT_READY":
            raise NotReady(None, hint="run: sync, in a minute")
        names = {**was.names, **self._names}
        if {one.account for page in pages for one in page.added} - set(names):
            names = files.names_of(await self._api.accounts(), names)
        changed = await self._months(pages, names, known, whole=not was.at)
        here = set(await known.hrefs())
        items = [_item(name, name, content) for name, content in changed.items()]
        for at in range(0, len(items), PART):
            yield Delta(items[at : at + PART], total=len(here | set(changed)))
        alive = sorted(here | set(changed))
        then = Cursor(pages[-1].cursor, names).text()
        wrong = await self._wrong(status)
        yield Delta(alive=alive, cursor=then, total=len(alive), done=wrong is None)
        if wrong is not None:
            raise wrong

    async def _wrong(self, status: str) -> VfsError | None:
        """What keeps this from being all there is."""
        item = await self._api.item()
        if item.error is not None:
            return self._api.faults.error(item.error)
        if status not in _WHOLE:
            reason = "Plaid is still fetching older transactions from the bank"
            return NotReady(None, reason, hint="run: sync, in a minute")
        return None

    async def _months(
        self, pages: Sequence[Page], names: dict[str, str], known: Known, *, whole: bool
    ) -> dict[str, bytes]:
        """The files that change."""
        last: dict[str, Posted] = {}
        links: dict[str, str] = {}
        gone: set[str] = set()
        sought: set[str] = set()
        for page in pages:
            last.update((one.id, one) for one in page.added)
            links.update((one.id, one.pending) for one in page.added if one.pending)
            gone.difference_update(one.id for one in page.added)
            gone.update(page.removed)
            sought |= page.modified
            for id in page.removed:
                last.pop(id, None)
        posted = list(last.values())
        sought |= gone | set(links.values())
        own = {month_name(one.row.date) for one in posted}
        months = await self._read(own, sought, known, whole)
        return await hop(lambda: _merged(months, posted, links, gone, names, whole, _accepts(known)))

    async def _read(self, own: set[str], sought: set[str], known: Known, whole: bool) -> Months:
        """The months that rows go to, and those that rows are in, as far back as it takes to find them."""
        months = Months(Categories(read_rules(await self._rules())[0]))
        late = []
        for href in sorted(await known.hrefs(), reverse=True):
            if (whole and month_of(href)) or month_of(href) in own:
                await self._take_in(months, href, known)
            elif month_of(href):
                late.append(href)
        for href in late:
            if all(id in months for id in sought):
                break
            await self._take_in(months, href, known)
        return months

    async def _take_in(self, months: Months, href: str, known: Known) -> None:
        content = await known.content(href) or b""
        await hop(lambda: months.read(href, content))


def _merged(
    months: Months,
    posted: Sequence[Posted],
    links: Mapping[str, str],
    gone: set[str],
    names: Mapping[str, str],
    whole: bool,
    accept: bool,
) -> dict[str, bytes]:
    """The files that change. Raises Withheld when a whole listing lacks most of what is here."""
    posted = [one._replace(pending=_first(one.pending, links, months)) for one in posted]
    if whole:
        lost = months.adopt(posted, names, accept=accept)
        if lost.is_doubtful and not accept:
            raise _doubtful(lost)
    months.take(posted, names)
    months.drop(gone)
    return months.changed()


def _first(pending: str, links: Mapping[str, str], months: Months) -> str:
    """Which of the rows that became one another is here, where all of that happened since."""
    for _ in range(len(links)):
        if not pending or pending in months:
            break
        pending = links.get(pending, "")
    return pending


def _doubtful(lost: Lost) -> Withheld:
    reason = f"Plaid does not name {lost.lost:,} of {lost.known:,} transactions: nothing was changed here"
    return Withheld(None, reason, hint=ACCEPT)


def _accepts(known: Known) -> bool:
    return isinstance(known, Accepts) and known.accept


def _item(href: str, name: str, content: bytes) -> Item:
    mime = "application/json" if name.endswith(".json") else "text/csv"
    return Item(href, etag_of(content), name, {}, size=len(content), mime=mime, content=content, whole=True)


def _identity(account: Account) -> str:
    """By which an account is known again under another id."""
    return f"{account.type}|{account.subtype}|{account.mask}" if account.mask else ""

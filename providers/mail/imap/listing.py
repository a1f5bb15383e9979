"""Listing: what has changed in a mailbox since a cursor.

    QRESYNC      opening the mailbox says it all: one round trip, one more when there are new messages
    CONDSTORE    changed flags are asked for; when the numbers do not add up, which messages there are
    neither      flags of the newest messages, and of all of them every quarter of an hour

Where the count that a cursor remembers is not the mirror's (a push of our own, a message whose mark of
deletion was taken off), everything that is there is compared once, which mends whatever was missed.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import tzinfo
from typing import NamedTuple, TypeVar

from providers.mail.imap import cursor as cursors
from providers.mail.imap import flags, uids
from providers.mail.imap.cursor import Cursor
from providers.mail.imap.hrefs import href, uid_of, uids_of
from providers.mail.imap.items import asked, items
from providers.mail.imap.pool import Pool
from providers.mail.imap.responses import Fetched
from providers.mail.imap.session import Opened, Session
from providers.mail.imap.wire import ALLOWANCE
from providers.mirror.remote import Collection, Delta, Forgotten, Item, Known, State

T = TypeVar("T")

BATCH = 500
"""Messages that are listed by one request."""
RECHECK = 15 * 60
"""Seconds after which a server that does not say what has changed is asked for all flags."""


class Changed(NamedTuple):
    """What is different among the messages that were known."""

    gone: list[str]
    states: list[tuple[str, str, State]]
    hidden: int
    """How many of them were marked as deleted."""
    checked: int
    """When all flags were compared; 0 when they were not."""


class Listing:
    """Asks a server what has changed in its mailboxes."""

    def __init__(self, pool: Pool, zone: tzinfo | None = None) -> None:
        self.pool = pool
        self.zone = zone

    async def changes(self, collection: Collection, text: str | None, known: Known) -> AsyncIterator[Delta]:
        """See `Remote.changes`."""
        before = cursors.read(text) if text else None
        if text and before is None:
            raise Forgotten
        if before is None or before.low:
            parts = self._whole(collection.key, before)
        else:
            parts = self._since(collection.key, before, known)
        async for delta in parts:
            yield delta

    # -- all there is

    async def _whole(self, key: str, before: Cursor | None) -> AsyncIterator[Delta]:
        opened = await self.pool.call(lambda session: session.open(key), mailbox=key)
        if before is not None and before.validity != opened.validity:
            raise Forgotten
        last = str(before.low - 1) if before is not None else "*"
        alive = await self._ask(key, lambda session: session.alive(1, last)) if opened.exists else []
        if before is None:
            following = max(opened.next, alive[-1] + 1 if alive else 1)
            before = Cursor(
                *(opened.validity, following, opened.modseq, following),
                *(opened.exists, opened.exists - len(alive), int(time.time())),
            )
        while alive:
            batch, alive = alive[-BATCH:], alive[:-BATCH]
            found = await self._listed(key, f"{batch[0]}:{batch[-1]}", opened)
            before = before._replace(low=batch[0] if alive else 0)
            yield Delta(found, cursor=before.written(), total=opened.exists, done=not alive)
        if before.low:
            yield Delta(cursor=before._replace(low=0).written(), total=opened.exists, done=True)

    async def _listed(self, key: str, numbers: str, opened: Opened) -> list[Item]:
        def work(session: Session) -> list[Item]:
            session.at(key)
            told = session.uid_fetch(
                numbers, asked(session.offers, bool(opened.modseq)), allowance=4 * ALLOWANCE
            )
            return items(told, opened.validity, self.zone)

        return await self.pool.call(work, mailbox=key)

    # -- what is new

    async def _since(self, key: str, before: Cursor, known: Known) -> AsyncIterator[Delta]:
        opened, way = await self.pool.call(lambda session: _reopened(session, key, before), mailbox=key)
        if opened.validity != before.validity:
            raise Forgotten
        count = await known.count()
        first, fresh = await self._fresh(key, before, opened)
        changed = await self._changed(key, before, opened, way, known)
        older = opened.exists - len(fresh)
        hidden = before.hidden + changed.hidden
        alive: list[int] | None = None
        strays: list[int] = []
        lost = way != "qresync" and older != before.exists
        if lost or count != before.exists - before.hidden:
            alive = await self._ask(key, lambda session: session.alive())
            had = set(uids_of(await known.hrefs(), before.validity))
            strays = [uid for uid in alive if uid < before.next and uid not in had]
            hidden = max(0, opened.exists - len(alive))
        elif before.hidden and changed.states:
            # A mark of deletion may have been taken off.
            held = set(await known.hrefs())
            strays = [uid_of(one) for one, _, _ in changed.states if one not in held]
            hidden = max(0, hidden - len(strays))
        after = before._replace(
            modseq=opened.modseq, exists=older, hidden=hidden, checked=changed.checked or before.checked
        )
        delta = Delta(
            (), changed.states, changed.gone, _hrefs(alive, before.validity), after.written(), opened.exists
        )
        for batch in uids.chunks(strays, BATCH):
            found = await self._listed(key, uids.compact(batch), opened)
            # The cursor stays: what is cut here is found again by its count.
            yield Delta(found, cursor=before.written(), total=opened.exists)
        end = after._replace(next=max(opened.next, before.next, *(uid + 1 for uid in fresh[-1:])))
        end = end._replace(exists=opened.exists)
        if len(fresh) <= BATCH:
            items = first if first is not None else await self._batch(key, fresh, opened)
            yield delta._replace(items=items, cursor=end.written(), done=True)
            return
        yield delta
        for batch in uids.chunks(fresh, BATCH):
            found = await self._batch(key, batch, opened)
            after = after._replace(next=batch[-1] + 1, exists=after.exists + len(batch))
            last = batch[-1] == fresh[-1]
            yield Delta(found, cursor=(end if last else after).written(), total=opened.exists, done=last)

    async def _fresh(self, key: str, before: Cursor, opened: Opened) -> tuple[list[Item] | None, list[int]]:
        """UIDs of the messages that are new, and they themselves where they are few."""
        if opened.next and opened.next <= before.next:
            return [], []
        if opened.next and opened.next - before.next <= BATCH:
            found = await self._listed(key, f"{before.next}:{opened.next - 1}", opened)
            return found, sorted(uid_of(item.href) for item in found)
        last = str(opened.next - 1) if opened.next else "*"
        return None, await self._ask(key, lambda session: session.alive(before.next, last))

    async def _batch(self, key: str, batch: Sequence[int], opened: Opened) -> list[Item]:
        return await self._listed(key, f"{batch[0]}:{batch[-1]}", opened) if batch else []

    async def _changed(self, key: str, before: Cursor, opened: Opened, way: str, known: Known) -> Changed:
        """Changes among the messages that were known when the cursor was written."""
        checked = 0
        told: Sequence[Fetched] = opened.changed
        if way == "condstore":
            told = ()
            if opened.modseq > before.modseq and before.next > 1:
                told = await self._ask(
                    key,
                    lambda session: session.uid_fetch(
                        *(f"1:{before.next - 1}", "(UID FLAGS)"),
                        more=f"(CHANGEDSINCE {before.modseq})",
                        allowance=4 * ALLOWANCE,
                    ),
                )
        elif way == "poor":
            now = int(time.time())
            if not 0 <= now - before.checked < RECHECK:
                checked = now
            lowest = 1 if checked else max(1, opened.exists - BATCH + 1)
            told = await self._ask(key, lambda session: _flags(session, lowest, opened.exists))
        gone = await _vanished(opened.vanished, before.validity, known)
        states: list[tuple[str, str, State]] = []
        hidden = 0
        for one in told:
            if not one.uid or one.uid >= before.next or one.flags is None:
                continue
            if one.deleted:
                gone.append(href(before.validity, one.uid))
                hidden += 1
            else:
                states.append((href(before.validity, one.uid), "", flags.state(one.flags)))
        # Flags of all, from a server that knows no better, name the same hidden ones each time.
        return Changed(gone, states, hidden if way != "poor" else 0, checked)

    async def _ask(self, key: str, question: Callable[[Session], T]) -> T:
        def work(session: Session) -> T:
            session.at(key)
            return question(session)

        return await self.pool.call(work, mailbox=key)


def _reopened(session: Session, key: str, before: Cursor) -> tuple[Opened, str]:
    """The mailbox, and how the server says what has changed in it."""
    since = (before.validity, before.modseq) if before.modseq and "QRESYNC" in session.offers else None
    opened = session.open(key, since=since)
    if not (before.modseq and opened.modseq):
        return opened, "poor"
    return opened, "qresync" if since is not None else "condstore"


def _flags(session: Session, lowest: int, highest: int) -> list[Fetched]:
    if highest < lowest:
        return []
    return session.fetch(f"{lowest}:{highest}", "(UID FLAGS)", allowance=8 * ALLOWANCE)


async def _vanished(stretches: Sequence[tuple[int, int]], validity: int, known: Known) -> list[str]:
    if uids.spread(stretches) <= 10_000:
        return [href(validity, uid) for low, high in stretches for uid in range(low, high + 1)]
    held = uids_of(await known.hrefs(), validity)
    return [href(validity, uid) for uid in uids.within(stretches, held)]


def _hrefs(numbers: Iterable[int] | None, validity: int) -> list[str] | None:
    return None if numbers is None else [href(validity, uid) for uid in numbers]

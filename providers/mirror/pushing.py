"""Pushing: what was changed here becomes true at the service.

What is asked for is what is here (the node), against what the service had (the item). So what was
changed back asks for nothing, and what was asked for and not noted is asked for again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from providers.mirror import records
from providers.mirror.merging import merged
from providers.mirror.records import ACCOUNT, Folder, ItemRow, state_text
from providers.mirror.remote import Collection, Push, Pushed, State
from providers.mirror.run import Run
from providers.store import contents, rows
from providers.store.rows import NodeRow
from providers.store.unit import Unit
from vfs.errors import Conflict, NotFound, Refused, Unsupported, VfsError

if TYPE_CHECKING:
    from providers.store.store import Connection

BATCH = 200
BYTES = 8 * 1024 * 1024
"""Changes that are pushed together, and bytes of their contents."""

SOON, LATE = 30, 3600
"""Seconds after which a change that failed is tried again: at first, and at most."""

_DUE = (
    "SELECT node, at, tries FROM push WHERE user_id = ? AND mount = ? AND due <= ? AND node > ?"
    " ORDER BY node LIMIT ?"
)
_DONE = "DELETE FROM push WHERE user_id = ? AND node = ? AND at = ?"
_FAILED = "UPDATE push SET due = ?, tries = tries + 1, problem = ? WHERE user_id = ? AND node = ? AND at = ?"


class Waiting(NamedTuple):
    """A node that was changed here, and what the service had of it."""

    node: int
    at: int
    tries: int
    row: NodeRow | None
    """None when it is gone here."""
    item: ItemRow | None
    """None when the service does not know it."""


class Asked(NamedTuple):
    """A change on its way to the service."""

    waiting: Waiting
    push: Push
    folder: Folder | None
    """Where it is to be."""
    digest: bytes | None
    """The content that is told."""


class Pushing:
    """What waits of one account, told to its service."""

    def __init__(self, run: Run, known: Mapping[str, tuple[Collection, Folder]]) -> None:
        """`known` are the account's collections, by key."""
        self.run = run
        self.known = known
        self.by_path = {folder.path: (collection, folder) for collection, folder in known.values()}
        self.pushed = 0
        self.again = 0
        """How many are to be pushed again, once it is known what the service has."""

    async def push(self, *, everything: bool = False) -> int:
        """How many changes the service has taken. `everything`: also what waits to be tried again."""
        last, now = -1, (1 << 62) if everything else time.time_ns() // 1000
        while True:
            found = await self.run.store.read(
                lambda connection, last=last: self._due(connection, now, last)  # type: ignore[misc]
            )
            if not found:
                return self.pushed
            last = found[-1].node
            await self._batch(found)
            self.run.say("pushing", self.pushed, None)

    def _due(self, connection: Connection, now: int, last: int) -> list[Waiting]:
        place = self.run.place
        due = connection.execute(_DUE, (*place, now, last, BATCH)).fetchall()
        numbers = [node for node, _, _ in due]
        there = records.live(connection, place.user, numbers)
        items = records.items_of(connection, place.user, numbers)
        return [Waiting(node, at, tries, there.get(node), items.get(node)) for node, at, tries in due]

    async def _batch(self, found: Sequence[Waiting]) -> None:
        asked: list[Asked] = []
        size = 0
        settled: list[Waiting] = []
        failed: list[tuple[Waiting, VfsError]] = []
        for one in found:
            try:
                ask = await self._ask(one)
            except VfsError as error:
                failed.append((one, error))
                continue
            if ask is None:
                settled.append(one)
                continue
            asked.append(ask)
            size += len(ask.push.content or b"")
            if size > BYTES:
                await self._send(asked)
                asked, size = [], 0
        if settled or failed:
            await self.run.write(lambda unit: self._settle(unit, settled, failed))
        if asked:
            await self._send(asked)

    async def _ask(self, one: Waiting) -> Asked | None:
        """What the service is to do; None when there is nothing to do."""
        row, item = one.row, one.item
        known = None if item is None or item.key == ACCOUNT or item.is_apart else self.known.get(item.key)
        if row is None:
            if known is None or item is None:
                return None
            state = rows.read_attrs(item.state)
            gone = Push(known[0], item.href, item.etag, state, None, state, identity=item.identity)
            return Asked(one, gone, None, None)
        if row.path.startswith("/.") or row.path.split("/", 2)[1] in self.run.settings.here:
            return None
        target = self.by_path.get(row.parent)
        if target is None:
            raise Unsupported(None, "lies in no folder that the service has")
        if item is not None and item.is_apart and item.key == target[1].key:
            raise Conflict(None, "the service has not told yet what it calls it")
        wanted = self._state(row, item)
        if known is None or item is None:
            if item is not None and not item.whole and row.digest == item.digest:
                # One that only has no name yet may be named by the next pull.
                kind = NotFound if item.key in self.known else Refused
                raise kind(None, "is gone at the service, and only its beginning is here")
            content = await self._content(row)
            identity = item.identity if item is not None and item.digest == row.digest else ""
            push = Push(None, "", "", {}, target[0], wanted, content, identity, row.name)
            return Asked(one, push, target[1], row.digest)
        base = rows.read_attrs(item.state)
        changed = row.digest != item.digest
        if changed and known[1].role not in self.run.settings.replaces:
            raise Unsupported(None, "is another one here than at the service, where it does not change")
        if not changed and known[1].key == target[1].key and state_text(wanted) == state_text(base):
            return None
        other = await self._content(row) if changed else None
        push = Push(known[0], item.href, item.etag, base, target[0], wanted, other, item.identity, row.name)
        return Asked(one, push, target[1], row.digest)

    def _state(self, row: NodeRow, item: ItemRow | None) -> State:
        """The state that a node has, of what the service keeps."""
        attrs = rows.read_attrs(row.attrs)
        keys = set(self.run.settings.settable)
        if item is not None:
            keys |= set(rows.read_attrs(item.state))
        return {key: attrs[key] for key in sorted(keys) if key in attrs}

    async def _content(self, row: NodeRow) -> bytes:
        store, path = self.run.store, rows.to_path(row.path)
        content = await store.read(lambda connection: contents.of_node(connection, store.user, row, path))
        return b"".join([block async for block in contents.blocks(store.objects, content, 0, content.size)])

    async def _send(self, asked: Sequence[Asked]) -> None:
        results = await self.run.patiently(lambda: self.run.remote.push([one.push for one in asked]))
        pairs = list(zip(asked, results, strict=True))
        await self.run.write(lambda unit: self._note(unit, pairs))
        self.pushed += sum(1 for _, result in pairs if isinstance(result, Pushed))

    # -- what came of it

    def _settle(
        self, unit: Unit, settled: Sequence[Waiting], failed: Sequence[tuple[Waiting, VfsError]]
    ) -> None:
        self._done(unit, settled)
        for one, error in failed:
            self._failed(unit, one, error)

    def _done(self, unit: Unit, settled: Sequence[Waiting]) -> None:
        unit.connection.executemany(_DONE, [(unit.user, one.node, one.at) for one in settled])

    def _failed(self, unit: Unit, one: Waiting, error: VfsError) -> None:
        never = isinstance(error, (Refused, Unsupported))
        seconds = LATE * 24 if never else min(LATE, SOON * 2**one.tries)
        if isinstance(error, Conflict | NotFound):
            # What the service has instead comes with the next pull, which is at once.
            self.again += 1
            seconds = 0 if one.tries < 3 else seconds
        values = (unit.now + seconds * 1_000_000, str(error.reason), unit.user, one.node, one.at)
        unit.connection.execute(_FAILED, values)
        if not isinstance(error, Conflict | NotFound):
            where = "" if one.row is None else f"{one.row.path}: "
            self.run.problems.append(f"{where}{error.reason}")

    def _note(self, unit: Unit, pairs: Sequence[tuple[Asked, Pushed | VfsError]]) -> None:
        place = self.run.place
        there = records.live(unit.connection, unit.user, [one.waiting.node for one, _ in pairs])
        rows_put: list[ItemRow] = []
        names = {
            one.waiting.node: (one.folder.key, result.href)
            for one, result in pairs
            if isinstance(result, Pushed) and result.href and one.folder is not None
        }
        taken = self._named(unit, pairs)
        # Several files may stand for one item (a mail with two labels) and change places in one batch: who
        # leaves a name does so before anybody takes it.
        items = [one.waiting.item for one, _ in pairs if one.waiting.item is not None]
        leaving = [one for one in items if names.get(one.node, (one.key, one.href)) != (one.key, one.href)]
        records.set_apart(unit.connection, place, leaving)
        given: dict[tuple[str, str], int] = {}
        done: list[Waiting] = []
        for asked, result in pairs:
            one = asked.waiting
            if isinstance(result, VfsError):
                if isinstance(result, Conflict) and one.row is None and not self.run.settings.fixed:
                    self._back(unit, one)
                    done.append(one)
                    continue
                if isinstance(result, NotFound):
                    self._lost(unit, one)
                self._failed(unit, one, result)
                continue
            name = names.get(one.node)
            if name is not None and given.setdefault(name, one.node) != one.node:
                # Two files have become one item.
                self._drop(unit, one.node, one.item)
                done.append(one)
                continue
            twin = taken.get(name) if name is not None else None
            if twin is not None and twin.node not in names:
                # It was pushed before, and not noted; since then it was listed as a new one.
                self._drop(unit, twin.node, twin)
            self._taken(unit, asked, result, there.get(one.node), rows_put)
            done.append(one)
        self._done(unit, done)
        records.put_items(unit.connection, place, rows_put)

    def _named(
        self, unit: Unit, pairs: Sequence[tuple[Asked, Pushed | VfsError]]
    ) -> dict[tuple[str, str], ItemRow]:
        """The items that have the names which changes were answered with, by collection and name."""
        hrefs: dict[str, list[str]] = {}
        for asked, result in pairs:
            if isinstance(result, Pushed) and result.href and asked.folder is not None:
                hrefs.setdefault(asked.folder.key, []).append(result.href)
        return {
            (key, href): row
            for key, some in hrefs.items()
            for href, row in records.items_at(unit.connection, self.run.place, key, some).items()
        }

    def _lost(self, unit: Unit, one: Waiting) -> None:
        """The service has no such item any more: what was edited here is to become new there.

        All else waits for the next pull, which takes it out here, or finds it under another name.
        """
        if one.item is not None and one.row is not None and one.row.digest != one.item.digest:
            records.set_apart(unit.connection, self.run.place, [one.item])

    def _back(self, unit: Unit, one: Waiting) -> None:
        """What was removed here and changed there: the next pull brings it anew."""
        if one.item is None:
            return
        records.set_apart(unit.connection, self.run.place, [one.item])
        gone = records.any_nodes(unit.connection, unit.user, [one.node]).get(one.node)
        where = "" if gone is None else f"{gone.path}: "
        self.run.problems.append(f"{where}removed here, but changed at the service since: it is back")

    def _taken(
        self, unit: Unit, asked: Asked, result: Pushed, node: NodeRow | None, put: list[ItemRow]
    ) -> None:
        """The service has it: what it says is what the next change is compared with."""
        one, place = asked.waiting, self.run.place
        if asked.folder is None:
            if one.item is not None:
                records.set_apart(unit.connection, place, [one.item])
            return
        digest = asked.digest or b""
        if one.item is not None and asked.push.content is None:
            digest = one.item.digest
        whole = one.item.whole if one.item is not None and asked.push.content is None else True
        identity = asked.push.identity if asked.push.content is None else ""
        href = result.href or f"?{one.node}"
        put.append(
            ItemRow(
                one.node, asked.folder.key, href, result.etag, identity, state_text(result.state), digest,
                whole, asked.folder.generation,
            )
        )  # fmt: skip
        if node is not None and state_text(result.state) != state_text(asked.push.state):
            # What was marked here while it was on its way stays, and waits; the rest is as the service says.
            attrs = rows.read_attrs(node.attrs)
            state = merged(asked.push.state, attrs, result.state)
            kept = {key: value for key, value in {**attrs, **state}.items() if value is not None}
            if kept != attrs:
                unit.describe(node, node.mime, rows.write_attrs(kept))

    def _drop(self, unit: Unit, node: int, item: ItemRow | None) -> None:
        """A file that stands for the same item as another one goes."""
        there = records.live(unit.connection, unit.user, [node])
        if item is not None:
            records.set_apart(unit.connection, self.run.place, [item])
        if there:
            unit.remove_all(list(there.values()))

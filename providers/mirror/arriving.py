"""Taking in what a service lists: new items become files, known ones are compared, merged and kept.

All within one unit of work, by few statements, however many items there are. New files have one event
together; another content has an event of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple

from providers.mirror import records
from providers.mirror.described import Arrival, Ready
from providers.mirror.merging import merged
from providers.mirror.records import FLOOR, NEXT, Folder, ItemRow, Place, state_text
from providers.mirror.remote import State
from providers.mirror.settings import MirrorSettings
from providers.store import pushes, rows
from providers.store.index import unpacked
from providers.store.log import Entry
from providers.store.rows import FILE, NodeRow
from providers.store.unit import Put, Unit
from providers.store.wordindex import Document
from vfs.errors import VfsError
from vfs.ids import uuid7
from vfs.names import marked
from vfs.node import Value

MOST = 1 << 24
"""Numbers that a first listing may keep free for itself, whatever the service says it has."""


class Counts(NamedTuple):
    """What a part of a sync did here."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    conflicts: tuple[str, ...] = ()
    """Where files stand that were changed at both ends."""

    def plus(self, other: Counts) -> Counts:
        return Counts(
            self.new + other.new,
            self.changed + other.changed,
            self.gone + other.gone,
            self.conflicts + other.conflicts,
        )


class Arriving:
    """One collection's items on their way into one unit of work."""

    def __init__(
        self, unit: Unit, folder: Folder, settings: MirrorSettings, vanished: frozenset[str] = frozenset()
    ) -> None:
        """`vanished` are collections that are there no more: what has moved from them is moved here."""
        self.unit = unit
        self.folder = folder
        self.place = Place(unit.user, unit.mount)
        self.vanished = vanished
        self.sure = settings.sure
        self.fixed = settings.fixed
        self.built: frozenset[str] = frozenset()
        """Hrefs of items that were built from what is here: they hold it, so that nothing is in conflict."""
        self.conflicts: list[str] = []
        self._items: list[ItemRow] = []

    def take(self, arrivals: Sequence[Arrival]) -> Counts:
        """Items that are new, or have another content, or were named again by a whole listing."""
        arrivals = list({one.item.href: one for one in arrivals}.values())
        known = records.items_at(
            self.unit.connection, self.place, self.folder.key, [one.item.href for one in arrivals]
        )
        others = {one.item.href for one in arrivals if _is_other(known.get(one.item.href), one)}
        missing = [one for one in arrivals if one.item.href in others or one.item.href not in known]
        alike = records.items_like(self.unit.connection, self.place, [one.item.identity for one in missing])
        adopted = self._adopted(
            missing, alike, {row.node for href, row in known.items() if href not in others}
        )
        displaced = [
            known[href] for href in others if known[href].node not in {row.node for row in adopted.values()}
        ]
        records.set_apart(self.unit.connection, self.place, displaced, stays=True)
        pairs = [
            (one, known[one.item.href])
            for one in arrivals
            if one.item.href in known and one.item.href not in others
        ]
        pairs += [(one, adopted[one.item.href]) for one in missing if one.item.href in adopted]
        changed = self._compare(pairs)
        new = [one for one in missing if one.item.href not in adopted]
        self._make(new, alike)
        self._send()
        return Counts(len(new), changed, 0, tuple(self.conflicts))

    def _send(self) -> None:
        records.put_items(self.unit.connection, self.place, self._items)
        self._items = []

    # -- what is known under another name

    def _adopted(
        self, missing: Sequence[Arrival], alike: Mapping[str, Sequence[ItemRow]], taken: set[int]
    ) -> dict[str, ItemRow]:
        """For items under new names: those that they were before, by what the names are now."""
        free: dict[str, list[ItemRow]] = {}
        for identity, twins in alike.items():
            free[identity] = [row for row in twins if row.node not in taken and self._may_be_adopted(row)]
        asked = [row.node for twins in free.values() for row in twins]
        there = records.live(self.unit.connection, self.unit.user, asked)
        adopted: dict[str, ItemRow] = {}
        for one in missing:
            twins = [row for row in free.get(one.item.identity, ()) if row.node in there]
            fitting = [row for row in twins if self.sure or _may_be(there[row.node], one)]
            if fitting:
                # Of twins, one that lies here comes before one of a collection that is gone.
                row = min(fitting, key=lambda row: (row.key != self.folder.key, row.node))
                free[one.item.identity].remove(row)
                adopted[one.item.href] = row
        # Names are free before others take them, and what waited for one waits no longer.
        records.set_apart(self.unit.connection, self.place, adopted.values(), stays=True)
        records.hurry(self.unit.connection, self.place.user, [row.node for row in adopted.values()])
        return adopted

    def _may_be_adopted(self, row: ItemRow) -> bool:
        if row.key == self.folder.key:
            return row.is_apart or row.generation < self.folder.generation
        return row.key in self.vanished

    # -- what is known

    def _compare(self, pairs: Sequence[tuple[Arrival, ItemRow]]) -> int:
        """Known items: most are as they were. How many are not."""
        other = []
        for one, row in pairs:
            state = state_text(one.item.state)
            same = row._replace(
                key=self.folder.key, href=one.item.href, generation=self.folder.generation,
                identity=one.item.identity or row.identity,
            )  # fmt: skip
            if one.item.etag == row.etag and state == row.state and row.key == self.folder.key:
                if same != row:
                    self._items.append(same)
            else:
                other.append((one, row, same))
        numbers = [row.node for _, row, _ in other]
        there = records.live(self.unit.connection, self.unit.user, numbers)
        waiting = records.waiting(self.unit.connection, self.unit.user, numbers)
        for one, row, same in other:
            node = there.get(row.node)
            if node is None:
                # Removed here, and the service is to hear of it.
                self._items.append(same)
                continue
            if row.key != self.folder.key:
                node = self.unit.move(
                    node, self.folder.path, self.unit.free_name(self.folder.path, node.name)
                )
            self._change(one, same, node, row.node in waiting)
        return len(other)

    def _change(self, one: Arrival, row: ItemRow, node: NodeRow, waits: bool) -> None:
        """An item with another state, or another content."""
        content = one.ready.content
        base, remote = rows.read_attrs(row.state), one.item.state
        local = rows.read_attrs(node.attrs)
        state = merged(base, local, remote)
        new = row._replace(etag=one.item.etag, state=state_text(remote))
        other = not self.fixed and one.item.etag != row.etag
        if other and not one.item.whole:
            # What it is, is still to be fetched.
            new = new._replace(whole=False)
        if not other or not one.item.whole or content.digest == row.digest:
            attrs = rows.write_attrs(_without_none({**local, **one.item.attrs, **state}))
            if attrs != node.attrs:
                self.unit.describe(node, node.mime, attrs)
            self._items.append(new)
            return
        if waits and node.digest != row.digest and row.href not in self.built:
            self.conflicts.append(keep_both(self.unit, node))
        text = self.unit.texts([content]).get(content.digest, one.ready.text)
        self.unit.keep([content])
        replace(self.unit, node, one.ready._replace(text=text), {**one.attrs, **state}, one.mtime)
        self.unit.entries.append(
            Entry("write", self.unit.mount, node.path, None, node.id, node.digest, content.digest)
        )
        self._items.append(new._replace(digest=content.digest, whole=True))

    def states(self, states: Sequence[tuple[str, str, State]]) -> Counts:
        """Items of which only the state is another one."""
        last = {href: (etag, state) for href, etag, state in states}
        known = records.items_at(self.unit.connection, self.place, self.folder.key, list(last))
        there = records.live(self.unit.connection, self.unit.user, [row.node for row in known.values()])
        marked_nodes = []
        for href, row in known.items():
            etag, remote = last[href]
            node = there.get(row.node)
            if node is not None:
                local = rows.read_attrs(node.attrs)
                state = merged(rows.read_attrs(row.state), local, remote)
                attrs = rows.write_attrs(_without_none({**local, **state}))
                if attrs != node.attrs:
                    self.unit.describe(node, node.mime, attrs)
                    marked_nodes.append(node.seq)
            self._items.append(
                row._replace(etag=etag, state=state_text(remote), generation=self.folder.generation)
            )
        self._send()
        self._tell("states", marked_nodes)
        return Counts(changed=len(marked_nodes))

    # -- what is new

    def _make(self, new: Sequence[Arrival], alike: Mapping[str, Sequence[ItemRow]]) -> None:
        if not new:
            return
        names = self._names(new)
        sources = self._sources(new, alike) if self.sure else {}
        contents = [one.ready.content for one in new if one.item.href not in sources]
        texts = self.unit.texts(contents)
        self.unit.keep(contents)
        made = []
        numbers = self._numbers(len(new))
        for one, name, number in zip(new, names, numbers, strict=True):
            item, ready = one.item, one.ready
            source = sources.get(item.href)
            content = ready.content
            row = NodeRow(
                number, uuid7(), self.folder.path, name, FILE,
                item.size if item.size is not None and not ready.whole else content.size,
                one.mtime, content.digest, ready.described.mime,
                rows.write_attrs(one.attrs), True,
            )  # fmt: skip
            whole, attrs = ready.whole, one.attrs
            if source is None:
                text = texts.get(content.digest, ready.text)
            else:
                whole, (twin, text) = True, source
                attrs = {**rows.read_attrs(twin.attrs), **item.attrs, **item.state}
                row = row._replace(
                    size=twin.size, digest=twin.digest, mime=twin.mime, attrs=rows.write_attrs(attrs)
                )
            made.append((row, document_of(row, attrs.get("title"), text)))
            assert row.digest is not None
            self._items.append(
                ItemRow(
                    row.seq, self.folder.key, item.href, item.etag, item.identity,
                    state_text(item.state), row.digest, whole, self.folder.generation,
                )
            )  # fmt: skip
        self.unit.add(sorted(made))
        for run in _runs(numbers):
            self._tell("", run)

    def _numbers(self, count: int) -> list[int]:
        """Numbers for new files: later ones are newer, also where a first listing brings the newest first."""
        attrs = rows.read_attrs(self.folder.attrs)
        floor, top = attrs.get(FLOOR), attrs.get(NEXT)
        if self.folder.listing and self.folder.generation == 1 and not isinstance(floor, int):
            floor = self.unit.number(min(max(self.folder.total or 0, count), MOST))
            top = floor + min(max(self.folder.total or 0, count), MOST) - 1
        if not self.folder.listing or not isinstance(floor, int) or not isinstance(top, int):
            first = self.unit.number(count)
            return list(range(first, first + count))
        taken = list(range(top, max(top - count, floor - 1), -1))
        left = rows.write_attrs({**attrs, FLOOR: floor, NEXT: top - len(taken)})
        self.folder = self.folder._replace(attrs=left)
        if len(taken) < count:
            # There are more than the service said.
            first = self.unit.number(count - len(taken))
            taken += range(first, first + count - len(taken))
        return taken

    def _names(self, new: Sequence[Arrival]) -> list[str]:
        """A free name for each, by one question for all, and one more for twins."""
        parent = self.folder.path
        self.unit.look(f"{parent}/{one.name}" for one in new)
        names: list[str] = []
        taken: set[str] = set()
        twins = []
        for at, one in enumerate(new):
            if one.name in taken or self.unit.row(parent, one.name) is not None:
                twins.append(at)
                names.append(marked(one.name, one.item.identity or one.item.href))
            else:
                taken.add(one.name)
                names.append(one.name)
        self.unit.look(f"{parent}/{names[at]}" for at in twins)
        for at in twins:
            name, more = names[at], 0
            while name in taken or self.unit.row(parent, name) is not None:
                more += 1
                name = marked(new[at].name, f"{new[at].item.href}#{more}")
            names[at] = name
            taken.add(name)
        return names

    def _sources(
        self, new: Sequence[Arrival], alike: Mapping[str, Sequence[ItemRow]]
    ) -> dict[str, tuple[NodeRow, str]]:
        """For items whose content is here already, under whatever name: a file that has it, and its text."""
        wanted: dict[str, ItemRow] = {}
        for one in new:
            if not one.ready.whole:
                twins = [row for row in alike.get(one.item.identity, ()) if row.whole]
                if twins:
                    wanted[one.item.href] = twins[0]
        if not wanted:
            return {}
        found = records.any_nodes(self.unit.connection, self.unit.user, [row.node for row in wanted.values()])
        self.unit.look_into(row.digest for row in found.values())
        sources = {}
        for href, row in wanted.items():
            node = found.get(row.node)
            if node is not None and node.digest == row.digest:
                with suppress(VfsError):
                    kept = self.unit.content(node.digest, rows.to_path(node.path))
                    sources[href] = node, unpacked(kept.data, kept.excerpt)
        return sources

    # -- the event of many

    def _tell(self, what: str, nodes: Sequence[int]) -> None:
        tell(self.unit, self.folder.path, what, nodes)


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Numbers in ascending runs without gaps."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def tell(unit: Unit, folder: str, what: str, nodes: Sequence[int]) -> None:
    """One event for many nodes of a folder: new ones, or `states`, or `bodies`."""
    if not nodes:
        return
    detail: dict[str, object] = {"count": len(nodes)}
    if what:
        detail[what] = list(nodes)
    else:
        detail |= {"first": nodes[0], "last": nodes[-1]}
    text = import_module("json").dumps(detail)
    unit.entries.append(Entry("sync", unit.mount, folder, detail=text))


def document_of(row: NodeRow, title: Value, text: str) -> Document:
    """What the index holds of a file, as `index.document` says from its attributes."""
    return Document(row.seq, row.name, f"{row.name} {title}" if isinstance(title, str) else row.name, text)


def replace(unit: Unit, node: NodeRow, ready: Ready, attrs: Mapping[str, Value], mtime: int) -> None:
    """Another content for a file; to keep it and to tell of it is the caller's."""
    content = ready.content
    kept = _without_none(attrs)
    new = node._replace(
        size=content.size, mtime=mtime, digest=content.digest, mime=ready.described.mime,
        attrs=rows.write_attrs(kept), indexed=True,
    )  # fmt: skip
    unit.fill(node, new, document_of(new, kept.get("title"), ready.text))


def keep_both(unit: Unit, node: NodeRow) -> str:
    """What was changed here, too, stays beside it as a new file, which the service is to have; its path."""
    stem, dot, suffix = node.name.rpartition(".")
    name = f"{stem}~conflict.{suffix}" if dot and stem else f"{node.name}~conflict"
    content = unit.content(node.digest, rows.to_path(node.path))
    put = Put(
        node.parent, unit.free_name(node.parent, name), content, node.mime, node.attrs, node.mtime, kept=True
    )
    made = unit.put([put])[0]
    pushes.mark(unit.connection, unit.user, unit.mount, [made.seq], unit.now)
    return made.path


def _without_none(attrs: Mapping[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in attrs.items() if value is not None}


def _is_other(row: ItemRow | None, one: Arrival) -> bool:
    """Whether a name stands for something else than it did."""
    return row is not None and bool(row.identity and one.item.identity) and row.identity != one.item.identity


def _may_be(node: NodeRow, one: Arrival) -> bool:
    return one.item.size is None or node.size == one.item.size

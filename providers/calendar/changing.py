"""Changing: events written, moved and removed by their files or by the days on which they happen.

All of it is a change of stored files, so that undo, history and syncs know nothing of days.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from providers.calendar import days, editing, kept, naming, single
from providers.calendar.days import Happening
from providers.calendar.editing import Edited, Spot
from providers.calendar.given import gathered, given_files, once
from providers.calendar.provider import settled
from providers.calendar.shelf import Shelf
from providers.calendar.together import happenings
from providers.store import nodes, rows
from vfs.action import Change
from vfs.errors import (
    BadName,
    Conflict,
    Exists,
    IsADirectory,
    NotFound,
    ReadOnly,
    Unsupported,
    VfsError,
)
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Blocks, Mode

if TYPE_CHECKING:
    from providers.calendar.provider import Days
    from providers.store.store import Connection

Edit = Callable[[bytes], Edited]
"""What becomes of a file's content."""

TRIES = 20
MANY = 500
FOLDER = Path((naming.CALENDARS,))

_CALENDAR = "run: mkdir /calendar/calendars/NAME"


class Done(NamedTuple):
    """Where the edited instance is: in which file, by which key."""

    file: Path
    key: str


class Changing:
    """What can be done to the events of one mount. Paths are plain: days go by their dates."""

    def __init__(self, lens: Days) -> None:
        self.lens = lens
        self.editor = lens.editing()

    # -- writing

    async def write(self, path: Path, data: Blocks, change: Change, mode: Mode, etag: str | None) -> Node:
        """See Writable.write."""
        if not path.parts or len(path.parts) == 1:
            raise IsADirectory(path) if await self.is_folder(path) else NotFound(path)
        if naming.is_stored(path):
            if path.parts[0] != naming.CALENDARS:
                return await self.editor.write(path, data, change, mode, etag)
            return await self._write_file(path, data, change, mode, etag)
        try:
            one = await self.lens.happening(path)
        except NotFound:
            if len(path.parts) != 2 or naming.day_of(path.parts[0]) is None:
                raise
            return await self._write_new(path, await gathered(path, data), change, etag)
        if mode is Mode.CREATE:
            raise Exists(path)
        if mode is Mode.APPEND:
            raise Unsupported(path, "an event is written whole")
        if etag is not None and etag != one.node.etag:
            raise Conflict(path)
        return await self._write_instance(path, one, await gathered(path, data), change)

    async def is_folder(self, path: Path) -> bool:
        node = await settled(self.lens.stat(path))
        return isinstance(node, Node) and node.is_folder

    async def _write_file(
        self, path: Path, data: Blocks, change: Change, mode: Mode, etag: str | None
    ) -> Node:
        """A file of `/calendars/NAME`; of several events in it each becomes a file of its own."""
        await self.check_place(path)
        given = await gathered(path, data)
        if mode is Mode.APPEND:
            given = await self._before(path) + given
        parts = single.split(path, given)
        await self.need(path.parent, change)
        if len(parts) == 1:
            written = Mode.REPLACE if mode is Mode.APPEND else mode
            return await self.editor.write(path, once(given), change, written, etag)
        first = await self.editor.write(path, once(parts[0].data), change, mode, etag)
        files = await self.places(path.parent, parts[1:])
        async for _ in self.editor.write_many(given_files(files), change):
            pass
        return first

    async def places(self, folder: Path, parts: Sequence[single.Part]) -> list[tuple[Path, bytes]]:
        """Where events go in a folder: over themselves where they are there already, else to free names."""
        shelf, text = self.lens.shelf, rows.path_text(folder)

        def look(connection: Connection) -> tuple[dict[str, str], set[str]]:
            return kept.files_by_uid(connection, shelf, text), kept.names_in(connection, shelf, text)

        known, taken = await self.lens.store.read(look)
        files = []
        for part in parts:
            name = known.get(part.uid, "").rpartition("/")[2]
            name = name or naming.free(naming.stored_name(part.title), part.uid, taken)
            taken.add(name)
            files.append((folder.child(name), part.data))
        return files

    async def _before(self, path: Path) -> bytes:
        try:
            return await self.content(path)
        except NotFound:
            return b""

    async def _write_new(self, path: Path, data: bytes, change: Change, etag: str | None) -> Node:
        """An event that begins, or goes on, on the day to whose folder it is written."""
        if etag is not None:
            raise Conflict(path)
        parts = single.split(path, data)
        if len(parts) > 1:
            raise BadName(path, "holds several events", hint="copy it to /calendar/calendars/NAME")
        day = naming.day_of(path.parts[0])
        assert day is not None
        zone = self.lens.zone()
        first, last = single.span(parts[0], zone)
        if not first <= day <= last:
            raise BadName(
                path, f"the event is on {first}, not on {day}", hint="copy it to /calendar/calendars/NAME"
            )
        return await self.add(parts[0], change, day=day)

    async def write_many(
        self, plain: Callable[[Path], Path], files: AsyncIterator[tuple[Path, bytes]], change: Change
    ) -> AsyncIterator[Sequence[Node]]:
        """See WritableMany.write_many: files of calendars together, what goes to days one by one."""
        batch: dict[Path, bytes] = {}
        async for given, data in files:
            path = plain(given)
            alone = (
                len(path.parts) < 3 or path.parts[0] != naming.CALENDARS or not await self._is_one(path, data)
            )
            if batch and (alone or path in batch or len(batch) >= MANY):
                async for nodes_ in self._written(batch, change):
                    yield nodes_
                batch = {}
            if alone:
                yield [await self.write(path, once(data), change, Mode.REPLACE, None)]
            else:
                batch[path] = data
        if batch:
            async for nodes_ in self._written(batch, change):
                yield nodes_

    async def _is_one(self, path: Path, data: bytes) -> bool:
        """Whether a file is one event, so that it can be written as it is. Raises BadName."""
        await self.check_place(path)
        return len(single.split(path, data)) == 1

    async def _written(self, batch: Mapping[Path, bytes], change: Change) -> AsyncIterator[Sequence[Node]]:
        for folder in dict.fromkeys(path.parent for path in batch):
            await self.need(folder, change)
        async for written in self.editor.write_many(given_files(list(batch.items())), change):
            yield written

    async def add(
        self, part: single.Part, change: Change, *, calendar: str = "", day: date | None = None
    ) -> Node:
        """A new event in a calendar; its node is that of the day on which it begins, or of `day`."""
        folder = await self.folder(calendar)
        await self.need(folder, change)
        shelf, uid = self.lens.shelf, part.uid
        if await self.lens.store.read(lambda connection: kept.has_uid(connection, shelf, uid)):
            part = part.anew()
        name = await self.free_name(folder, naming.stored_name(part.title), part.uid)
        path = folder.child(name)
        await self.editor.write(path, once(part.data), change, Mode.CREATE, None)
        return await self.entry(path, None, day or single.span(part, self.lens.zone())[0])

    async def free_name(self, folder: Path, name: str, key: str = "") -> str:
        """`name`, with a mark when a file of the folder has it."""
        parent, shelf = rows.path_text(folder), self.lens.shelf
        return await self.lens.store.read(
            lambda connection: naming.free(name, key or name, _Taken(connection, shelf, parent))
        )

    async def folder(self, calendar: str) -> Path:
        """The folder of a calendar; of the one that new events go to, for "". Raises NotFound."""
        there = await self.lens.calendars()
        if not calendar:
            calendar = self.lens.default
            if there and calendar not in there and not await self.lens.standing(FOLDER.child(calendar)):
                calendar = there[0]
        path = FOLDER.child(calendar)
        if calendar in there or await self.lens.standing(path):
            return path
        raise NotFound(path, "there is no such calendar", hint=_CALENDAR)

    async def need(self, folder: Path, change: Change) -> None:
        """Makes a folder that counts as being there, and those above it."""
        for depth in range(1, len(folder.parts) + 1):
            above = Path(folder.parts[:depth])
            if await self.lens.standing(above) and not await self._is_kept(above):
                await self.editor.mkdir(above, change)

    async def _is_kept(self, path: Path) -> bool:
        shelf = self.lens.shelf
        spot = rows.split_text(rows.path_text(path))
        found = await self.lens.store.read(lambda c: nodes.lookup(c, shelf.user, shelf.mount, *spot))
        return found is not None

    async def check_place(self, path: Path) -> None:
        """Raises BadName, IsADirectory for a path that cannot be a stored event's."""
        if len(path.parts) < 3:
            raise BadName(path, "an event lies in a calendar", hint=_CALENDAR)
        if not path.name.lower().endswith(naming.SUFFIX) or path.name.startswith("."):
            if await self.is_folder(path):
                raise IsADirectory(path)
            raise BadName(path, f"an event's name ends in {naming.SUFFIX}")

    # -- instances

    async def content(self, file: Path) -> bytes:
        """The stored bytes of a file."""
        async with self.lens.open(file) as blocks:
            return b"".join([block async for block in blocks])

    async def _write_instance(self, path: Path, one: Happening, data: bytes, change: Change) -> Node:
        parts = single.split(path, data)
        if len(parts) > 1:
            raise BadName(path, "holds several events, and this is one")
        if not one.key:
            await self.editor.write(one.file, once(data), change, Mode.REPLACE, one.node.etag)
        else:
            await self.edit(one.file, lambda whole: Edited(single.replaced(path, whole, one, data)), change)
        return await self.entry(one.file, one.key, single.span(parts[0], self.lens.zone())[0])

    def spot(self, one: Happening, scope: str = "this") -> Spot:
        """Which instances an edit is about."""
        now, zone = self.lens.clock(), self.lens.zone()
        return Spot(one.key, scope if one.key else "all", now, zone, str(uuid4()), one.instance.uid)

    async def edit(self, file: Path, edit: Edit, change: Change) -> Done:
        """Changes what a file says, again where it was changed meanwhile."""
        for _ in range(TRIES):
            etag = (await self.lens.stat(file)).etag
            whole = await self.content(file)
            edited = edit(whole)
            # What is split off is there before the rest of its series is cut.
            beside = None if edited.new is None else await self._add_beside(file, edited.new, change)
            try:
                if edited.kept is None:
                    await self.editor.remove(file, change, False)
                elif edited.kept != whole:
                    await self.editor.write(file, once(edited.kept), change, Mode.REPLACE, etag)
            except Conflict:
                if beside is not None:
                    await self.editor.remove(beside, change, False)
                continue
            return Done(beside or file, edited.key)
        raise Conflict(file)

    async def _add_beside(self, file: Path, data: bytes, change: Change) -> Path:
        """A file for what was split off from another."""
        part = single.part_of(data)
        name = await self.free_name(file.parent, naming.stored_name(part.title), part.uid)
        path = file.parent.child(name)
        await self.editor.write(path, once(data), change, Mode.CREATE, None)
        return path

    async def entry(self, file: Path, key: str | None = None, day: date | None = None) -> Node:
        """The node of an instance, as it is on that day; without a day, of the next time or the last.

        Where no day shows it, its file's.
        """
        one = await self.lens.store.read(lambda connection: self._reached(connection, file, key, day))
        return await self.lens.stat(file) if one is None else one.node

    def _reached(
        self, connection: Connection, file: Path, key: str | None, day: date | None
    ) -> Happening | None:
        shelf, zone = self.lens.shelf, self.lens.zone()
        if day is not None:
            return days.entry_of(connection, shelf, file, key, day, zone)
        row = nodes.find(connection, shelf.user, shelf.mount, file)
        return days.reached(connection, shelf, row.seq, self.lens.clock(), zone)

    async def next_of(self, file: Path) -> Happening | None:
        """The instance of a file that is under way or next, else its last. Raises NotFound."""
        return await self.lens.store.read(lambda connection: self._reached(connection, file, None, None))

    # -- removing

    async def remove(
        self, paths: Sequence[Path], change: Change, recursive: bool
    ) -> Sequence[VfsError | None]:
        """See EditableMany.remove_many: every name is read before anything is removed."""
        chosen: list[Happening | Path | VfsError] = []
        found = await happenings(self.lens, paths)
        for path in paths:
            chosen.append(found[path] if path in found else await self._removable(path))
        files = [one for one in chosen if isinstance(one, Path)]
        files += [one.file for one in chosen if isinstance(one, Happening) and not one.key]
        gone: dict[Path, VfsError | None] = {}
        if files:
            answers = await self.editor.remove_many(files, change, recursive)
            gone = dict(zip(files, answers, strict=True))
        results: list[VfsError | None] = []
        for path, one in zip(paths, chosen, strict=True):
            if isinstance(one, VfsError):
                results.append(one)
            elif isinstance(one, Path):
                results.append(gone[one])
            elif not one.key:
                error = gone[one.file]
                results.append(None if error is None else error.at(path))
            else:
                answer = await settled(self._cancel(one, change))
                results.append(answer.at(path) if isinstance(answer, VfsError) else None)
        return results

    async def _removable(self, path: Path) -> Path | VfsError:
        if naming.is_stored(path) and path != FOLDER:
            if await self.lens.standing(path) and not await self._is_kept(path):
                return ReadOnly(path, "the calendar for new events is always there")
            return path
        if await self.is_folder(path):
            what = "the folder of calendars stays" if path == FOLDER else "a day is no folder to be removed"
            return ReadOnly(path, what, hint="remove what is in it")
        return NotFound(path)

    async def _cancel(self, one: Happening, change: Change) -> None:
        spot = self.spot(one)
        await self.edit(one.file, lambda whole: editing.cancelled(whole, spot), change)

    # -- folders

    async def mkdir(self, path: Path, change: Change) -> Node:
        """Makes a calendar."""
        if not path.parts or await self.is_folder(path):
            raise Exists(path)
        if path.parts[0] != naming.CALENDARS:
            raise BadName(path, "only calendars are made here", hint=_CALENDAR)
        await self.need(path.parent, change)
        return await self.editor.mkdir(path, change)

    # -- attributes

    async def set_attrs(self, path: Path, attrs: Mapping[str, Value], change: Change) -> Node:
        """See Attributed.set_attrs: of one instance; by a series' file, of all of them."""
        if not naming.is_stored(path):
            one = await self.lens.happening(path)
            spot = self.spot(one)
            done = await self.edit(one.file, lambda whole: editing.changed(whole, spot, attrs), change)
            start = attrs.get("start", one.instance.start)
            day = days.day_in(start, self.lens.zone()) if isinstance(start, date) else None
            return await self.entry(done.file, done.key, day)
        now, zone = self.lens.clock(), self.lens.zone()
        spot = Spot("", "all", now, zone, str(uuid4()))
        await self.edit(path, lambda whole: editing.changed(whole, spot, attrs), change)
        return await self.lens.stat(path)


class _Taken:
    """The names that a folder has."""

    def __init__(self, connection: Connection, shelf: Shelf, folder: str) -> None:
        self.connection = connection
        self.shelf = shelf
        self.folder = folder

    def __contains__(self, name: object) -> bool:
        user, mount = self.shelf.user, self.shelf.mount
        return nodes.lookup(self.connection, user, mount, self.folder, str(name)) is not None

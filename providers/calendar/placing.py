"""Placing: events moved and copied between days, and between calendars."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from providers.calendar import days, editing, naming, single
from providers.calendar.changing import FOLDER, Changing
from providers.calendar.days import Happening
from providers.calendar.editing import Edited, Spot
from providers.calendar.given import once
from vfs.action import Change
from vfs.errors import BadName, Exists, IsADirectory, NotFound, ReadOnly, Unsupported
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Mode


class Spoken(NamedTuple):
    """What a new name asks of an event."""

    start: datetime | date
    changes: dict[str, Value]

    def applied(self, data: bytes, spot: Spot) -> Edited:
        """The file with the event at its new place, by its new title."""
        edited = editing.moved(data, spot, self.start)
        if not self.changes or edited.kept is None:
            return edited
        return editing.changed(edited.kept, spot._replace(key=edited.key), self.changes)


class Placing:
    """Moves and copies of one mount. Paths are plain."""

    def __init__(self, changing: Changing) -> None:
        self.changing = changing
        self.lens = changing.lens

    async def move(self, source: Path, target: Path, change: Change) -> Node:
        """See Movable.move: between files, from day to day, from a day to another calendar."""
        changing = self.changing
        if naming.is_stored(source) and naming.is_stored(target):
            await self._check_files(source, target)
            await changing.need(target.parent, change)
            return await changing.editor.move(source, target, change)
        one = await self._happening(source)
        if naming.is_stored(target):
            await changing.check_place(target)
            if one.key:
                raise Unsupported(
                    source, "one time of a series stays in it", hint="move the file of all of it"
                )
            await changing.need(target.parent, change)
            await changing.editor.move(one.file, target, change)
            return await changing.entry(target, "", days.first_day(one.instance, self.lens.zone()))
        day = await self._day(target)
        there = days.named(await self.lens.day(day), target.name)
        if there is not None and source == target:
            return there.node
        if there is not None and (there.file, there.key) != (one.file, one.key):
            raise Exists(target)
        asked = self._asked(one, source, target, day)
        spot = changing.spot(one)
        done = await changing.edit(one.file, lambda whole: asked.applied(whole, spot), change)
        return await changing.entry(done.file, done.key, days.day_in(asked.start, self.lens.zone()))

    async def copy(self, source: Path, target: Path, change: Change) -> Node:
        """See Copyable.copy: onto a day as another event, which happens on that day."""
        changing = self.changing
        if naming.is_stored(target):
            await changing.check_place(target)
            await changing.need(target.parent, change)
            if naming.is_stored(source):
                return await changing.editor.copy(source, target, change)
            data = await changing.content(source)
            return await changing.editor.write(target, once(data), change, Mode.REPLACE, None)
        day = await self._day(target)
        one = await self._happening(source)
        if days.named(await self.lens.day(day), target.name) is not None:
            raise Exists(target)
        part = single.part_of(await changing.content(one.path)).anew()
        asked = self._asked(one, source, target, day)
        spot = changing.spot(one)._replace(key="", scope="all", uid=part.uid)
        placed = asked.applied(part.data, spot).kept
        assert placed is not None
        calendar = one.file.parent.name
        return await changing.add(single.part_of(placed), change, calendar=calendar)

    async def _day(self, target: Path) -> date:
        """The day to whose folder a target belongs. Raises NotFound, IsADirectory."""
        day = naming.day_of(target.parts[0]) if len(target.parts) == 2 else None
        if day is None:
            raise IsADirectory(target) if await self.changing.is_folder(target) else NotFound(target)
        return day

    async def _happening(self, source: Path) -> Happening:
        """The instance that a path names. Raises NotFound, ReadOnly, Unsupported for a whole series."""
        if (not naming.is_stored(source) or source == FOLDER) and await self.changing.is_folder(source):
            raise ReadOnly(source, "is no folder to be moved", hint="move what is in it")
        if not naming.is_stored(source):
            return await self.lens.happening(source)
        one = await self.changing.next_of(source)
        if one is None or one.key:
            raise Unsupported(source, "a series has many days", hint="take one time of it, by its day")
        return one

    def _asked(self, one: Happening, source: Path, target: Path, day: date) -> Spoken:
        """The day, the time and the title that a name asks for."""
        old, new = naming.called(source.name), naming.called(target.name)
        zone, start = self.lens.zone(), one.instance.start
        by = day - (naming.day_of(source.parts[0]) or days.first_day(one.instance, zone))
        title = str(one.node.attrs["title"])
        changes: dict[str, Value] = {}
        if new.slug not in (old.slug, naming.slug_of(title)):
            changes["title"] = naming.title_of(new.slug)
        if not naming.is_stored(source) and (new.minute, new.all_day) != (old.minute, old.all_day):
            if new.all_day:
                return Spoken(day, changes)
            if new.minute is not None:
                hour, minute = divmod(new.minute, 60)
                return Spoken(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone), changes)
        if not isinstance(start, datetime):
            return Spoken(start + by, changes)
        there = start.astimezone(zone).replace(tzinfo=None) + timedelta(days=by.days)
        return Spoken(there.replace(tzinfo=zone), changes)

    async def _check_files(self, source: Path, target: Path) -> None:
        """Raises BadName where a stored file, or a calendar, cannot lie."""
        if source.parts[0] != naming.CALENDARS:
            return
        if target.parts[0] != naming.CALENDARS or FOLDER in (source, target):
            raise BadName(target, "calendars lie in /calendars")
        if not (await self.lens.stat(source)).is_folder:
            await self.changing.check_place(target)

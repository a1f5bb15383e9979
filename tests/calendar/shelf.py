"""What the tests of days share: a local calendar by a clock and in a zone of their own."""

from __future__ import annotations

import pathlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from providers.calendar.local import Calendars
from tests.engines import new_user_store
from vfs.action import Change
from vfs.drive import drive
from vfs.ids import uuid7
from vfs.mount import Mount, MountTable
from vfs.node import Node
from vfs.path import Path
from vfs.tree import Tree

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
"""A Saturday; 11:30 in Helsinki."""
MINE = "ada@example.org"


def path(text: str) -> Path:
    return Path.parse(text)


def ics(*events: str, head: str = "") -> bytes:
    """A calendar file; each event is its lines."""
    body = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{head}{body}END:VCALENDAR\r\n"
    return text.encode(errors="replace")


def event(title: str, start: str, end: str = "", uid: str = "", more: str = "") -> str:
    """The lines of an event; `start` and `end` are DTSTART's and DTEND's, from the parameters on."""
    lines = [
        f"UID:{uid or title.lower().replace(' ', '-')}@test",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART{start}",
    ]
    if end:
        lines.append(f"DTEND{end}")
    return "\r\n".join([*lines, f"SUMMARY:{title}", *more.split()])


async def blocks(data: bytes) -> AsyncIterator[bytes]:
    yield data


class Shelf:
    """A calendar of one's own, seen by a tree at `/calendar`."""

    def __init__(
        self,
        folder: pathlib.Path,
        zone: str = "Europe/Helsinki",
        now: datetime = NOW,
        store: Any = None,
        mount: str = "calendar",
    ) -> None:
        self.store = store if store is not None else new_user_store(folder)
        self.lens = Calendars(self.store, mount, mine=(MINE,))
        self.home = ZoneInfo(zone)
        self.now = now
        self.lens.clock = lambda: self.now
        self.lens.zone = lambda: self.home
        mounts = MountTable()
        mounts.add(Mount(path("/calendar"), "calendar", lambda: self.lens))
        self.tree = Tree(mounts)

    def mkdir(self, where: str) -> Node:
        return drive(self.lens.mkdir(path(where), self.change()))

    def put(self, name: str, *events: str, calendar: str = "personal", head: str = "") -> Node:
        return self.write(f"/calendars/{calendar}/{name}.ics", ics(*events, head=head))

    def write(self, where: str, data: bytes, **how: Any) -> Node:
        return drive(self.lens.write(path(where), blocks(data), self.change(), **how))

    def change(self) -> Change:
        return Change(uuid7(), "test")

    def nodes(self, where: str) -> Sequence[Node]:
        async def listed() -> list[Node]:
            return [node async for page in self.lens.list(path(where)) for node in page]

        return drive(listed())

    def names(self, where: str) -> list[str]:
        return [node.name for node in self.nodes(where)]

    def stat(self, where: str) -> Node:
        return drive(self.lens.stat(path(where)))

    def read(self, where: str) -> bytes:
        async def whole() -> bytes:
            async with self.lens.open(path(where)) as some:
                return b"".join([block async for block in some])

        return drive(whole())

    def text(self, where: str) -> str:
        async def whole() -> bytes:
            async with self.lens.text(path(where)) as some:
                return b"".join([block async for block in some])

        return drive(whole()).decode()

    def remove(self, *where: str, recursive: bool = False) -> list[Any]:
        return list(
            drive(self.lens.remove_many([path(one) for one in where], self.change(), recursive=recursive))
        )

    def move(self, source: str, target: str) -> Node:
        return drive(self.lens.move(path(source), path(target), self.change()))

    def copy(self, source: str, target: str) -> Node:
        return drive(self.lens.copy(path(source), path(target), self.change()))

    def act(self, where: str, verb: str, **arguments: Any) -> Node:
        return drive(self.lens.act(path(where), verb, arguments, self.change()))

    def below(self, where: str) -> list[str]:
        async def walked() -> list[str]:
            return [str(at) async for page in self.lens.walk(path(where)) for at, _ in page]

        return drive(walked())

    def between(self, where: str, start: datetime, end: datetime) -> list[tuple[str, Node]]:
        async def found() -> list[tuple[str, Node]]:
            return [
                (str(at), node)
                async for page in self.lens.between(path(where), start, end)
                for at, node in page
            ]

        return drive(found())

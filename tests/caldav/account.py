"""What the tests of calendar servers share: an account at one, its mirror, events."""

from __future__ import annotations

import asyncio
import pathlib
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from providers.calendar.caldav.account import open_account
from providers.calendar.caldav.remote import CalDavRemote
from providers.http import Bounds
from providers.mirror.mirror import Mirror
from providers.mirror.run import Report
from providers.mirror.settings import MirrorSettings
from providers.spec import Reach
from tests.engines import new_user_store
from tests.servers.dav import PASSWORD, DavUser
from vfs.action import Change
from vfs.ids import uuid7
from vfs.node import Node
from vfs.path import Path

T = TypeVar("T")

QUICK = Bounds(connect=5.0, read=5.0, total=10.0, patience=0.5, tries=3, pause=0.01)
HURRIED = QUICK._replace(read=0.3, tries=1)


def event(
    uid: str, title: str = "", start: str = "20261121T140000Z", *more: str, end: str = "20261121T150000Z"
) -> bytes:
    """A file with one event."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tests//EN", "BEGIN:VEVENT", f"UID:{uid}",
        "DTSTAMP:20260101T000000Z", f"DTSTART:{start}", f"DTEND:{end}", f"SUMMARY:{title or uid}", *more,
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(f"{line}\r\n" for line in lines).encode()


def remote_of(
    user: DavUser, path: str = "/", password: str = PASSWORD, bounds: Bounds = QUICK, **options: str
) -> CalDavRemote:
    said = {"url": user.origin + path, "user": user.user, **options}
    return open_account(said, lambda name: password, bounds=bounds)


def change() -> Change:
    return Change(uuid7(), "test")


async def _blocks(data: bytes) -> Any:
    yield data


class Account:
    """A user's calendars and the mirror of them."""

    def __init__(
        self, folder: pathlib.Path, remote: Callable[[], Any], *, store: Any = None, mount: str = "calendar"
    ) -> None:
        self.store = store if store is not None else new_user_store(folder)
        settings = MirrorSettings(
            "ada",
            replaces=frozenset({""}),
            fixed=False,
            arranges=True,
            emptied=5,
            reach=lambda: Reach.BACKGROUND,
        )
        self.mirror = Mirror(self.store, mount, remote, settings)
        self._runner = asyncio.Runner()

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        """What somebody does, all under one event loop, which the connections belong to."""
        return self._runner.run(doing)

    def sync(self, *, fine: bool = True, **how: Any) -> Report:
        report = self.run(self.mirror.engine.sync(**how))
        self.mirror.freshness.forget()
        assert not fine or not report.problems, report.problems
        return report

    def nodes(self, folder: str) -> dict[str, Node]:
        async def listed() -> dict[str, Node]:
            pages = self.mirror.list(Path.parse(folder))
            return {node.name: node async for page in pages for node in page}

        return self.run(listed())

    def names(self, folder: str) -> list[str]:
        return sorted(self.nodes(folder))

    def read(self, text: str) -> bytes:
        async def whole() -> bytes:
            async with self.mirror.open(Path.parse(text)) as found:
                return b"".join([block async for block in found])

        return self.run(whole())

    def write(self, text: str, data: bytes) -> None:
        self.run(self.mirror.write(Path.parse(text), _blocks(data), change()))

    def move(self, source: str, target: str) -> None:
        self.run(self.mirror.move(Path.parse(source), Path.parse(target), change()))

    def remove(self, text: str, *, recursive: bool = False) -> None:
        self.run(self.mirror.remove(Path.parse(text), change(), recursive=recursive))

    def mkdir(self, text: str) -> None:
        self.run(self.mirror.mkdir(Path.parse(text), change()))

    def rows(self, sql: str) -> list[Any]:
        return self.run(self.store.read(lambda connection: connection.execute(sql).fetchall()))

    def close(self) -> None:
        async def both() -> None:
            await self.mirror.aclose()
            await self.store.aclose()

        self.run(both())
        self._runner.close()

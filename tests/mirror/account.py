"""What the tests of mirrors share: an account at a service in memory, its mirror, a look at both ends."""

from __future__ import annotations

import pathlib
from typing import Any

from providers.mirror.memory import MemoryRemote, MemoryService
from providers.mirror.mirror import Mirror
from providers.mirror.run import Report
from providers.mirror.settings import MirrorSettings
from providers.spec import Reach
from tests.engines import new_user_store
from vfs.action import Change
from vfs.coverage import Gap, gathered
from vfs.drive import drive
from vfs.ids import uuid7
from vfs.node import Node
from vfs.path import Path


def path(text: str) -> Path:
    return Path.parse(text)


def change(actor: str = "user") -> Change:
    return Change(uuid7(), "test", actor)


def mail(number: int, body: str = "") -> bytes:
    """A small message, different for each number."""
    return f"Subject: mail {number}\nX-Number: {number}\n\nbody of {number}\n{body}".encode()


async def blocks(data: bytes) -> Any:
    yield data


class Account:
    """A service, and a mirror of it. `reach` may be changed at any time."""

    def __init__(
        self, folder: pathlib.Path, service: MemoryService, *, store: Any = None, **settings: Any
    ) -> None:
        self.service = service
        self.store = store if store is not None else new_user_store(folder)
        self.reach = Reach.BACKGROUND
        settings.setdefault("settable", frozenset({"unread", "flagged", "labels"}))
        self.settings = MirrorSettings("ada@example.org", reach=lambda: self.reach, **settings)
        self.mirror = Mirror(self.store, "mail", lambda: MemoryRemote(service), self.settings)

    def sync(self, *paths: str, **options: Any) -> Report:
        report = drive(self.mirror.engine.sync([path(one) for one in paths], **options))
        self.mirror.freshness.forget()
        return report

    def nodes(self, folder: str) -> dict[str, Node]:
        async def listed() -> dict[str, Node]:
            return {node.name: node async for page in self.mirror.list(path(folder)) for node in page}

        return drive(listed())

    def names(self, folder: str) -> list[str]:
        return list(self.nodes(folder))

    def read(self, text: str) -> bytes:
        async def whole() -> bytes:
            async with self.mirror.open(path(text)) as found:
                return b"".join([block async for block in found])

        return drive(whole())

    def shown(self, text: str) -> str:
        async def whole() -> bytes:
            async with self.mirror.text(path(text)) as found:
                return b"".join([block async for block in found])

        return drive(whole()).decode()

    def mark(self, text: str, **attrs: Any) -> None:
        drive(self.mirror.set_attrs(path(text), attrs, change()))

    def move(self, source: str, target: str) -> None:
        drive(self.mirror.move(path(source), path(target), change()))

    def remove(self, text: str) -> None:
        drive(self.mirror.remove(path(text), change()))

    def write(self, text: str, data: bytes) -> None:
        drive(self.mirror.write(path(text), blocks(data), change()))

    def rows(self, sql: str) -> list[Any]:
        return drive(self.store.read(lambda connection: connection.execute(sql).fetchall()))  # type: ignore[no-any-return]

    def contents(self) -> dict[str, list[bytes]]:
        """What is here, by folder: contents, sorted."""
        return {
            name: sorted(self.read(f"/{name}/{one}") for one in self.names(f"/{name}"))
            for name in self.names("/")
        }

    def there(self) -> dict[str, list[bytes]]:
        """What is at the service."""
        return {
            box.path.strip("/"): sorted(thing.content for thing in box.things.values())
            for box in self.service.boxes.values()
        }

    def gaps(self, folder: str) -> list[Gap]:
        """What is said of a listing."""
        self.mirror.freshness.forget()

        async def listed() -> list[Gap]:
            with gathered() as gaps:
                async for _ in self.mirror.list(path(folder)):
                    pass
                return list(gaps)

        return drive(listed())

    def close(self) -> None:
        async def both() -> None:
            await self.mirror.aclose()
            await self.store.aclose()

        drive(both())


def filled(count: int = 5, **options: Any) -> MemoryService:
    """A service with an inbox of so many mails, an archive and a trash."""
    service = MemoryService(**options)
    service.box("I", "/inbox", "inbox")
    service.box("A", "/archive", "archive")
    service.box("T", "/trash", "trash")
    for number in range(count):
        service.add("I", f"mail-{number}", mail(number), {"unread": True})
    return service

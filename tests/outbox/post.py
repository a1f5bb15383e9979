"""A post office in memory, and a workspace's outbox in front of it."""

from __future__ import annotations

import pathlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.outbox.deed import Deed, Leaving, Prepared
from providers.outbox.performing import Performing
from providers.outbox.provider import Outbox
from providers.outbox.queue import queue
from providers.outbox.table import DeedRow
from providers.store.history import StoreHistory
from tests.engines import new_user_store
from vfs.action import Arguments, Change, Effect, Verb
from vfs.ids import uuid7
from vfs.mount import Mount, MountTable
from vfs.node import Node
from vfs.path import Path
from vfs.tree import Tree

OUTBOX = Path(("outbox",))
MESSAGE = (
    "From: nora@example.org\nTo: Ada <ada@example.org>\nSubject: {subject}\nMessage-ID: {key}\n\n{text}\n"
)


def letter(subject: str = "Notes", text: str = "The notes of today.", key: str = "") -> Prepared:
    key = key or f"<{uuid7()}@example.org>"
    content = MESSAGE.format(subject=subject, text=text, key=key).encode()
    return Prepared(subject.lower(), f"to ada@example.org: {subject}", key, content, {})


@dataclass
class Office:
    """Takes letters; `before` and `after` happen around the step that cannot be taken back."""

    taken: list[tuple[str, bytes]] = field(default_factory=list)
    before: Callable[[Deed], Awaitable[None]] | None = None
    after: Callable[[Deed], Awaitable[None]] | None = None
    looked: list[str] = field(default_factory=list)
    knows: bool = True
    """Whether it can say what arrived."""

    def deeds(self) -> Mapping[str, Verb]:
        return {"send": Verb("send", "sends it", Effect.SEND)}

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        return letter(str(arguments.get("subject", "Notes")))

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        if self.before is not None:
            await self.before(deed)
        await leaving()
        self.taken.append((deed.key, content))
        if self.after is not None:
            await self.after(deed)
        return "taken"

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        self.looked.append(deed.key)
        return any(key == deed.key for key, _ in self.taken) if self.knows else None


class Desk:
    """The outbox of one store, its worker, and the tree that a person sees."""

    def __init__(self, folder: pathlib.Path, office: Office | None = None) -> None:
        self.store: Any = new_user_store(folder)
        self.office = office or Office()
        self.told: list[DeedRow] = []
        self.outbox = Outbox(self.store, "outbox")
        mounts = MountTable()
        mounts.add(Mount(Path(("outbox",)), "outbox", lambda: self.outbox))
        self.history = StoreHistory(self.store, mounts)
        self.mounts = mounts
        self.performing = self.worker()

    def worker(self) -> Performing:
        async def told(row: DeedRow) -> None:
            self.told.append(row)

        return Performing(self.store, lambda account: self.office if account == "mail" else None, told)

    def tree(self, actor: str = "user", line: str = "mail send") -> Tree:
        return Tree(self.mounts, change=Change(uuid7(), line, actor))

    async def queue(
        self, prepared: Prepared | None = None, *, actor: str = "user", countdown: float | None = None
    ) -> Node:
        change = Change(uuid7(), "mail send", actor)
        return await queue(self.store, "mail", "send", prepared or letter(), change, countdown)

    async def names(self) -> list[str]:
        return [node.name async for page in self.outbox.list(Path()) for node in page]

    async def text(self, name: str) -> str:
        async with self.tree().text(OUTBOX.child(name)) as blocks:
            return b"".join([block async for block in blocks]).decode()

    async def attrs(self, name: str) -> Mapping[str, Any]:
        return dict((await self.outbox.stat(Path((name,)))).attrs)


def states(told: list[DeedRow]) -> list[str]:
    return [row.state for row in told]

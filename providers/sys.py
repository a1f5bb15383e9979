"""`/sys`: what the program knows of itself, as read-only files of JSON Lines.

events      the audit log, oldest first
usage       what agents used, by day, agent and model
commands, mounts, jobs    what there is at this moment; of an account, what is known of it and how old that is
store       which database, which objects, whose part of them
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from providers.spec import Facts, Opening, ProviderSpec
from providers.view import View, json_lines
from vfs.closing import Closing
from vfs.errors import NotADirectory, NotFound
from vfs.node import Kind, Node
from vfs.path import Path
from vfs.provider import Blocks

if TYPE_CHECKING:
    from providers.store.store import Store

NAMES = ("commands", "events", "jobs", "mounts", "store", "usage")
JSON_LINES = "application/x-ndjson"


class SystemFiles:
    """The shelf of `/sys`."""

    def __init__(self, store: Callable[[], Store], facts: Facts | None) -> None:
        self._store = store
        self._facts = facts

    async def entry(self, path: Path) -> Node:
        if path.parts[0] not in NAMES:
            raise NotFound(path)
        if len(path.parts) > 1:
            raise NotADirectory(path)
        return _node(path.name)

    async def entries(self, folder: Path) -> AsyncIterator[Sequence[Node]]:
        yield [_node(name) for name in NAMES]

    async def content(self, path: Path) -> AsyncIterator[bytes]:
        facts = self._facts
        if path.name == "events":
            async with Closing(self._events()) as blocks:
                async for block in blocks:
                    yield block
        elif path.name == "usage":
            runs = import_module("providers.store.runs").StoreRuns(self._store())
            yield json_lines([row._asdict() for row in await runs.usage()])
        elif facts is not None:
            if path.name == "mounts":
                known = await facts.replicas()
                yield json_lines([{**row, **known.get(row["path"], {})} for row in facts.mounts()])
                return
            told = {"commands": facts.commands, "jobs": facts.jobs}
            yield json_lines([facts.store()] if path.name == "store" else told[path.name]())

    async def _events(self) -> Blocks:
        history = import_module("providers.store.history").StoreHistory(self._store())
        async with Closing(history.events(newest_first=False)) as pages:
            async for page in pages:
                yield json_lines([event._asdict() | {"at": event.at.isoformat()} for event in page])


def _node(name: str) -> Node:
    return Node(name, Kind.FILE, mime=JSON_LINES)


def _open(opening: Opening) -> View:
    return View(SystemFiles(opening.store, opening.facts))


PROVIDER = ProviderSpec("sys", "the audit log, usage, commands, mounts and jobs, to be read", _open)

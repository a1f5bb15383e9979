"""A session small enough for tests of single commands: a tree in memory, a fixed time, lines in words."""

from __future__ import annotations

import json
import pathlib
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from commands import registry
from commands.command import Command, Failure, Usage
from commands.parse import parse
from commands.render import Terminal
from commands.report import report
from commands.stream import Collected, Given, Io, Item, NotRecords, Record, Sink, Source
from providers.files import PROVIDER as FILES
from providers.memory import Memory
from providers.notes import PROVIDER as NOTES
from providers.spec import Opening
from providers.tasks import PROVIDER as TASKS
from tests.engines import new_user_store
from vfs.action import Change
from vfs.drive import drive
from vfs.errors import VfsError
from vfs.mount import Mount, MountTable
from vfs.path import ROOT, Path
from vfs.tree import Guard, Tree

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
"""A Wednesday."""


class Ran(NamedTuple):
    """What a line did."""

    status: int
    out: str
    err: str
    records: Sequence[Record]


class Desk:
    """A Context over mounts in memory."""

    def __init__(
        self,
        *mounts: str,
        services: Any = None,
        guard: Guard | None = None,
        interactive: bool = False,
        openers: Mapping[str, Callable[[], Any]] | None = None,
    ) -> None:
        table = MountTable()
        for path in mounts or (() if openers else ("/",)):
            table.add(Mount(Path.parse(path), "memory", Memory))
        for path, opener in (openers or {}).items():
            table.add(Mount(Path.parse(path), path.strip("/"), opener))
        self.tree = Tree(table, guard=guard, change=Change("0" * 32, "test"))
        self.cwd = ROOT
        self.env: Mapping[str, str] = {}
        self.interactive = interactive
        self.services = services if services is not None else Registered()
        self.answers: list[bool] = []
        self.asked: list[str] = []

    def resolve(self, word: str) -> Path:
        return Path.parse(word, self.cwd)

    def now(self) -> datetime:
        return NOW

    async def ask(self, question: str) -> bool:
        self.asked.append(question)
        return bool(self.answers) and self.answers.pop(0)

    async def call(self, argv: Sequence[str], io: Io) -> int:
        command = self.services.commands.find(argv[0])
        if command is None:
            return await report(io, argv[0], Failure("no such command", status=127))
        try:
            part: Command[Any]
            part, words = registry.narrowed(command, argv[1:])
            context: Any = self
            return await part.run(context, parse(part, words), io)
        except NotRecords:
            return await report(io, argv[0], Failure("needs records, but was given text"))
        except (Usage, Failure, VfsError) as error:
            return await report(io, argv[0], error)

    def write(self, path: str, text: str | bytes) -> None:
        place = Path.parse(path)

        async def make() -> None:
            if not await self.tree.exists(place.parent):
                await self.tree.mkdir(place.parent, parents=True)
            await self.tree.write(place, text.encode() if isinstance(text, str) else text)

        drive(make())

    def read(self, path: str) -> str:
        return drive(self.tree.read(Path.parse(path))).decode()

    def run(self, line: str, *given: Item, tty: int = 0, source: Source | None = None) -> Ran:
        """Runs one command on what it is given; `tty` is the width of a terminal to write to."""
        out, err = Collected(), Collected()
        sink: Sink = Terminal(out, env={}, width=tty) if tty else out
        io = Io(source if source is not None else Given(*given), sink, err)

        async def call() -> int:
            status = await self.call(shlex.split(line), io)
            await sink.flush()
            return status

        status = drive(call())
        return Ran(status, out.data.decode(), err.data.decode(), out.records)

    def pipe(self, *lines: str, given: Sequence[Item] = (), tty: int = 0) -> Ran:
        """Runs lines one after the other, each on what the one before gave."""
        ran = Ran(0, "", "", ())
        items = list(given)
        for at, line in enumerate(lines, 1):
            ran = self.run(line, *items, tty=tty if at == len(lines) else 0)
            items = [ran.records] if ran.records else [ran.out.encode()]
        return ran


def stored(folder: pathlib.Path, services: Any = None) -> tuple[Desk, Any]:
    """A desk over notes, tasks and files as the workspace keeps them, in a database of its own."""
    store = new_user_store(folder)
    opening = Opening({}, lambda: store)
    specs = {"/notes": NOTES, "/tasks": TASKS, "/files": FILES}
    openers = {path: (lambda spec=spec: spec.open(opening)) for path, spec in specs.items()}
    return Desk(openers=openers, services=services), store


class Registered:
    """The registry as the only service."""

    @property
    def commands(self) -> Registered:
        return self

    def find(self, name: str) -> Command[Any] | None:
        return registry.find(name)

    def names(self) -> Sequence[str]:
        return registry.names()

    def nearest(self, name: str) -> str | None:
        return registry.nearest(name)


def records(*fields: Mapping[str, Any]) -> list[Record]:
    """Records with these fields, each with a line of its values."""
    return [Record("\t".join(map(str, one.values())), dict(one)) for one in fields]


def objects(ran: Ran) -> list[Any]:
    """Lines of JSON as what they mean."""
    return [json.loads(line) for line in ran.out.splitlines()]

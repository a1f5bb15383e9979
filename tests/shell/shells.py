"""Shells for tests: a session over memory, and its streams collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from commands import registry
from commands.stream import Collected, Given, Io
from providers.memory import Memory
from spatio.devices import Devices
from spatio.session import Session
from vfs.drive import drive
from vfs.mount import Mount, MountTable
from vfs.path import Path


class Registry:
    """The services that the shell itself needs."""

    commands: Any = registry


class Done(NamedTuple):
    status: int
    out: str
    err: str


def make(**settings: Any) -> Session:
    """A session with a root in memory, `/dev` and nothing else."""
    mounts = MountTable()
    mounts.add(Mount(Path(), "memory", Memory))
    mounts.add(Mount(Path(("dev",)), "devices", Devices))
    services: Any = Registry()
    return Session(mounts, services, **settings)


class Shell:
    """Runs lines in one session, one after the other."""

    def __init__(self, files: Mapping[str, str] | None = None, **settings: Any) -> None:
        self.session = make(**settings)
        for name, content in (files or {}).items():
            drive(self._write(Path.parse(name), content))

    async def _write(self, path: Path, content: str) -> None:
        await self.session.tree.mkdir(path.parent, parents=True)
        await self.session.tree.write(path, content.encode())

    def __call__(self, text: str, stdin: str = "", *args: str) -> Done:
        out, err = Collected(), Collected()
        result = drive(self.session.run(text, Io(Given(stdin.encode()), out, err), args=args))
        return Done(result.status, out.data.decode(), err.data.decode())

    def read(self, path: str) -> str:
        return drive(self.session.tree.read(Path.parse(path))).decode()


def run(text: str, stdin: str = "", **files: str) -> Done:
    """One text in a shell of its own; `files` are names in `/`."""
    return Shell(files)(text, stdin)


def out(text: str, stdin: str = "", **files: str) -> str:
    """What a text prints."""
    return run(text, stdin, **files).out

"""Demo workspaces for tests: one is filled, the others are copies of it."""

from __future__ import annotations

import atexit
import functools
import os
import pathlib
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import NamedTuple

from commands.stream import Collected, Given, Io
from spatio.demo.run import make_demo
from spatio.workspace import open_workspace
from vfs.drive import drive

TODAY = date(2026, 11, 20)
MORNING = datetime.combine(TODAY, time(9, 30)).astimezone()


class Answer(NamedTuple):
    """What a line did."""

    status: int
    out: str
    err: str


@functools.cache
def filled() -> pathlib.Path:
    """A demo workspace that nobody changes."""
    folder = tempfile.mkdtemp(prefix="spatio-test-demo-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_demo(folder, TODAY)
    return pathlib.Path(folder)


def copy_of_demo(target: pathlib.Path) -> pathlib.Path:
    shutil.copytree(filled(), target)
    return target


def run_in(
    home: pathlib.Path, *lines: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> Answer:
    """Runs lines one after the other in one session of the workspace in `home`."""
    return drive(_run(home, lines, stdin, {"HOME": "/", "USER": "nora", **(env or {})}))


class Home:
    """A workspace in a folder, empty at first; its sessions stand still at MORNING."""

    def __init__(self, place: pathlib.Path) -> None:
        self.place = place

    def run(self, *lines: str) -> Answer:
        return run_in(self.place, *lines)

    def out(self, *lines: str) -> str:
        """What lines print that must not fail."""
        ran = self.run(*lines)
        assert ran.status == 0, ran.err
        return ran.out


async def _run(home: pathlib.Path, lines: tuple[str, ...], stdin: bytes, env: Mapping[str, str]) -> Answer:
    workspace = open_workspace(home)
    session = workspace.session(env=env, clock=lambda: MORNING)
    out, errors = Collected(), Collected()
    status = 0
    try:
        for line in lines:
            status = (await session.run(line, Io(Given(stdin), out, errors), last=False)).status
    finally:
        await session.aclose()
        await workspace.aclose()
    return Answer(status, out.data.decode(), errors.data.decode())


def outside_env(home: pathlib.Path) -> dict[str, str]:
    """The environment of a process that works on `home` and on nothing else of this machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI", "SPATIO"))}
    return {**kept, "SPATIO_HOME": str(home)}

"""The same call here and by this machine's own tools: what both print, and the files they leave."""

from __future__ import annotations

import os
import pathlib
import random
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import pytest

from commands.registry import find
from commands.stream import Collected, Given, Io
from spatio.invoke import invoke
from tests.commands.desk import Desk
from vfs.drive import drive
from vfs.path import ROOT, Path

Files = Mapping[str, bytes]


class Outcome(NamedTuple):
    """What a call came to."""

    status: int
    out: bytes
    files: Files
    err: bytes = b""


def ours(argv: Sequence[str], given: bytes = b"", files: Files | None = None, piece: int = 0) -> Outcome:
    """The call here; `piece` cuts standard input into pieces of so many bytes."""
    desk = Desk()
    for name, data in (files or {}).items():
        desk.write(f"/{name}", data)
    pieces = [given[at : at + piece] for at in range(0, len(given), piece)] if piece else [given]
    out, err = Collected(), Collected()

    async def call() -> Outcome:
        command = find(argv[0])
        assert command is not None
        status = int(await invoke(command, list(argv[1:]), desk, Io(Given(*pieces), out, err)))
        left: dict[str, bytes] = {}
        async for page in desk.tree.list(ROOT):
            for node in page:
                if not node.is_folder:
                    left[node.name] = await desk.tree.read(Path((node.name,)))
        return Outcome(status, out.data, left, err.data)

    return drive(call())


def real(argv: Sequence[str], given: bytes = b"", files: Files | None = None) -> Outcome:
    """The call by the tool itself, or by bash for what is built into it."""
    words = ["bash", "-c", '"$@"', "x", *argv] if argv[0] in BUILT_IN else list(argv)
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for inner, data in (files or {}).items():
            (folder / inner).parent.mkdir(parents=True, exist_ok=True)
            (folder / inner).write_bytes(data)
        done = subprocess.run(words, cwd=folder, env=env, input=given, capture_output=True, check=False)
        left = {place.name: place.read_bytes() for place in folder.iterdir() if place.is_file()}
    return Outcome(done.returncode, done.stdout, left, done.stderr)


BUILT_IN = frozenset(("echo", "printf", "test", "["))


def agree(argv: Sequence[str], given: bytes = b"", files: Files | None = None, piece: int = 0) -> None:
    """Both print the same bytes, end with the same status and leave the same files."""
    needs(argv[0])
    wanted = real(argv, given, files)
    got = ours(argv, given, files, piece)
    assert got[:3] == wanted[:3], (list(argv), given, files, wanted.err, got.err)


@cache
def _is_here(tool: str) -> bool:
    if shutil.which(tool) is None:
        return False
    if tool in ("rev", "jq"):
        return True
    return b"GNU" in subprocess.run([tool, "--version"], capture_output=True, check=False).stdout


def needs(name: str) -> None:
    """Skips the test where the tool is missing, or is not GNU's."""
    tool = "bash" if name in BUILT_IN else name
    if not _is_here(tool):
        pytest.skip(f"GNU's {tool} is not here")


def lines(
    chance: random.Random, alphabet: str, *, most: int = 6, longest: int = 7, ended: bool = False
) -> bytes:
    """Some random lines, the last one sometimes without its newline."""
    text = "".join(
        "".join(chance.choice(alphabet) for _ in range(chance.randint(0, longest))) + "\n"
        for _ in range(chance.randint(0, most))
    )
    return (text if ended or chance.random() < 0.7 else text + "x").encode()


def words_of(table: str) -> list[list[str]]:
    """The calls of a table, one a line, their words between blanks."""
    return [line.split() for line in table.strip().splitlines()]

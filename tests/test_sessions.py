"""The transcripts in `examples/` are what happens, line by line, on the demo's workspace.

`> ` begins a line that is typed, `… ` one that goes on with it; what follows is all that appears, standard
output and standard error as they come. `...` stands for any lines. `SPATIO_RECORD=1` writes what happens
into the files instead.
"""

from __future__ import annotations

import os
import pathlib
from typing import NamedTuple

import pytest

from commands.stream import Collected, Io, Nothing
from spatio.workspace import open_workspace
from tests.workspaces import MORNING, copy_of_demo
from vfs.drive import drive

FOLDER = pathlib.Path(__file__).parents[1] / "examples"
SESSIONS = sorted(FOLDER.glob("*.session"))


class Step(NamedTuple):
    """A line that is typed, and what appears."""

    line: str
    expected: list[str]


def parse(text: str) -> tuple[list[str], list[Step]]:
    """The remarks at the top, and the steps."""
    top: list[str] = []
    steps: list[Step] = []
    for line in text.split("\n"):
        if line.startswith("> "):
            steps.append(Step(line[2:], []))
        elif line.startswith("… ") and steps and not steps[-1].expected:
            steps[-1] = Step(f"{steps[-1].line}\n{line[2:]}", [])
        elif steps:
            steps[-1].expected.append(line)
        else:
            top.append(line)
    return top, steps


def fits(expected: list[str], seen: list[str]) -> bool:
    """Whether the lines match, `...` standing for any number of them."""
    if not expected:
        return not seen
    if expected[0] == "...":
        return any(fits(expected[1:], seen[at:]) for at in range(len(seen) + 1))
    return bool(seen) and expected[0] == seen[0] and fits(expected[1:], seen[1:])


async def perform(home: pathlib.Path, steps: list[Step]) -> list[list[str]]:
    workspace = open_workspace(home)
    session = workspace.session(env={"HOME": "/", "USER": "nora"}, clock=lambda: MORNING)
    seen = []
    try:
        for step in steps:
            screen = Collected()
            await session.run(step.line, Io(Nothing(), screen, screen), last=False)
            seen.append(screen.data.decode().rstrip("\n").split("\n") if screen.data else [])
    finally:
        await session.aclose()
        await workspace.aclose()
    return seen


def written(top: list[str], steps: list[Step], seen: list[list[str]]) -> str:
    parts = ["\n".join(top)] if any(top) else []
    for step, lines in zip(steps, seen, strict=True):
        typed = "> " + step.line.replace("\n", "\n… ")
        parts.append("\n".join([typed, *lines]))
    return "\n".join(parts) + "\n"


@pytest.mark.parametrize("file", SESSIONS, ids=lambda file: file.stem)
def test_a_transcript_is_what_happens(file: pathlib.Path, tmp_path: pathlib.Path) -> None:
    top, steps = parse(file.read_text("utf-8").rstrip("\n"))
    seen = drive(perform(copy_of_demo(tmp_path / "home"), steps))
    if os.environ.get("SPATIO_RECORD"):
        file.write_text(written(top, steps, seen), "utf-8")
    for step, lines in zip(steps, seen, strict=True):
        assert fits(step.expected, lines) or os.environ.get("SPATIO_RECORD"), (step.line, lines)


def test_there_are_transcripts() -> None:
    assert len(SESSIONS) >= 5


def promised() -> list[str]:
    """The lines that the README shows at the prompt, remarks cut off."""
    text = (FOLDER.parent / "README.md").read_text("utf-8")
    lines = [line[2:] for line in text.split("\n") if line.startswith("> ")]
    return [line.partition("   #")[0].rstrip() for line in lines]


NOT_HERE = (
    "mount /photos",
    "cp -r /photos",
    "cat /notes/house/boiler.md | !less",
    "@ask",
    "connect imap",
    "connect caldav",
    "connect plaid",
    "bank import",
    "plan diff",
    "plan apply",
    "mail reply",
)
"""What needs a folder or a file of the reader's, a terminal, or an account."""


@pytest.mark.parametrize("line", [line for line in promised() if not line.startswith(NOT_HERE)])
def test_a_line_of_the_readme_works_on_the_demo(line: str, tmp_path: pathlib.Path) -> None:
    home = copy_of_demo(tmp_path / "home")
    drive(perform(home, [Step("echo new > /notes/changed.md", [])]))
    (seen,) = drive(perform(home, [Step(f"{line}; echo status $?", [])]))
    assert seen[-1] == "status 0", seen

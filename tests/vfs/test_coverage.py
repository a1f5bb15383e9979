"""Gaps: told by providers, shown once a line, with the status 3 where entries are missing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from commands.stream import Collected, Given, Io
from providers.memory import Memory
from spatio.workspace import open_workspace
from vfs import coverage
from vfs.action import Change
from vfs.coverage import Gap
from vfs.drive import drive
from vfs.mount import Mount
from vfs.node import Node
from vfs.path import Path

OLD = Gap("/post", "as of two hours ago: the server does not answer", "run: sync /post")
LESS = Gap("/post", "4,200 of 10,000 entries are known", missing=True)


class Patchy(Memory):
    """Entries of which some are known to be missing."""

    def __init__(self, *gaps: Gap) -> None:
        super().__init__()
        self.gaps = gaps

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        for gap in self.gaps:
            coverage.tell(gap)
        async for page in super().list(path):
            yield page


async def _run(gaps: Sequence[Gap], line: str) -> tuple[int, str, str]:
    patchy = Patchy(*gaps)
    for name in "ab":
        await patchy.write(Path((name,)), _one(name.encode()), Change("c"))
    workspace = open_workspace()
    workspace.mounts.add(Mount(Path(("post",)), "memory", lambda: patchy))
    out, errors = Collected(), Collected()
    session = workspace.session(env={"HOME": "/"})
    result = await session.run(line, Io(Given(b""), out, errors))
    await workspace.aclose()
    return result.status, out.data.decode(), errors.data.decode()


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data


def run(line: str, *gaps: Gap) -> tuple[int, str, str]:
    return drive(_run(gaps, line))


def test_an_old_answer_is_said_to_be_old_and_is_a_whole_one() -> None:
    assert run("ls /post", OLD) == (0, "a\nb\n", f"ls: {OLD.place}: {OLD.reason}\n  {OLD.hint}\n")


def test_an_answer_that_lacks_entries_has_the_status_3() -> None:
    assert run("ls /post", LESS) == (3, "a\nb\n", f"ls: {LESS.place}: {LESS.reason}\n")


def test_another_failure_keeps_its_status() -> None:
    assert run("grep -r none /post", LESS)[0] == 1


def test_what_a_pattern_could_not_see_is_said_by_its_command() -> None:
    assert run("echo /post/*", LESS) == (3, "/post/a /post/b\n", f"echo: {LESS.place}: {LESS.reason}\n")


def test_a_gap_is_shown_once_a_line() -> None:
    status, _, errors = run("for at in 1 2 3; do ls /post; done; ls /post", OLD, LESS)
    assert status == 3
    assert errors.count("/post:") == 2


def test_a_stage_says_what_it_could_not_see() -> None:
    status, out, errors = run("ls /post | head -1", OLD)
    assert (status, out) == (0, "a\n")
    assert errors.startswith("ls: /post: as of two hours ago")


def test_what_nobody_collects_is_lost() -> None:
    coverage.tell(OLD)
    with coverage.gathered() as gaps:
        pass
    assert not gaps


def test_control_characters_in_a_reason_are_made_visible() -> None:
    assert "\x1b" not in run("ls /post", Gap("/post", "\x1b]2;x\x07"))[2]

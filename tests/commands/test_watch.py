"""watch: what changes is said as it changes, by whomever; where it ends."""

import asyncio
import pathlib
import shlex
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from commands.stream import Collected, Given, Io, Pipe, ReaderGone
from providers.notes import PROVIDER as NOTES
from providers.spec import Opening
from providers.tasks import PROVIDER as TASKS
from tests.commands.desk import Desk
from tests.engines import BOTH, new_store
from vfs.action import Arguments, Effect
from vfs.drive import drive
from vfs.errors import Refused
from vfs.path import Path

ENGINES = BOTH


class Watched(Collected):
    """Standard error that says when the watching has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def write(self, data: bytes) -> None:
        await super().write(data)
        if b"watching" in data:
            self.begun.set()


def watched(desk: Desk, line: str, meanwhile: Callable[[], Any]) -> tuple[int, list[str], str]:
    """The status and the operations and paths that the command says while `meanwhile` runs."""

    async def run() -> tuple[int, list[str], str]:
        out, err = Collected(), Watched()
        call = asyncio.ensure_future(desk.call(shlex.split(line), Io(Given(), out, err)))
        begun = asyncio.ensure_future(err.begun.wait())
        await asyncio.wait({call, begun}, return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():
            begun.cancel()
        else:
            await meanwhile()
        status = await asyncio.wait_for(call, 30)
        return status, [record.text.partition("\t")[2] for record in out.records], err.data.decode()

    return asyncio.run(run())


@pytest.fixture
def stored(tmp_path: pathlib.Path) -> Iterator[Callable[..., Desk]]:
    """Desks over one workspace, each with a store of its own, as two devices have."""
    stores: list[Any] = []

    def make(guard: Any = None) -> Desk:
        store = new_store(tmp_path)
        stores.append(store)
        opening = Opening({}, lambda: store)
        specs = {"/notes": NOTES, "/tasks": TASKS}
        return Desk(
            openers={p: (lambda spec=spec: spec.open(opening)) for p, spec in specs.items()}, guard=guard
        )

    yield make
    for store in stores:
        drive(store.aclose())


def test_what_is_done_is_said_in_order(stored: Callable[..., Desk]) -> None:
    desk = stored()

    other = stored()

    async def meanwhile() -> None:
        tree = other.tree
        await tree.mkdir(Path.parse("/notes/a"))
        await tree.write(Path.parse("/notes/a/x.md"), b"one")
        await tree.write(Path.parse("/tasks/t.md"), b"Elsewhere")
        await tree.move(Path.parse("/notes/a/x.md"), Path.parse("/notes/y.md"))
        await tree.remove(Path.parse("/notes/y.md"))

    status, said, err = watched(desk, "watch /notes --count 4", meanwhile)
    assert said == [
        "mkdir\t/notes/a",
        "write\t/notes/a/x.md",
        "move\t/notes/a/x.md -> /notes/y.md",
        "remove\t/notes/y.md",
    ]
    assert (status, err) == (0, "watching /notes\n")


def test_a_folder_inside_shows_what_crosses_its_border(stored: Callable[..., Desk]) -> None:
    desk = stored()
    desk.write("/notes/in/a.md", "a")
    desk.write("/notes/out/b.md", "b")

    async def meanwhile() -> None:
        await desk.tree.move(Path.parse("/notes/out/b.md"), Path.parse("/notes/in/b.md"))
        await desk.tree.move(Path.parse("/notes/in/a.md"), Path.parse("/notes/out/a.md"))
        await desk.tree.write(Path.parse("/notes/out/c.md"), b"not seen")
        await desk.tree.write(Path.parse("/notes/in/c.md"), b"seen")

    _, said, _ = watched(desk, "watch /notes/in /notes/in/a.md -n 3", meanwhile)
    assert said == ["write\t/notes/in/b.md", "remove\t/notes/in/a.md", "write\t/notes/in/c.md"]


def test_it_ends_after_the_time_that_was_asked_for(stored: Callable[..., Desk]) -> None:
    desk = stored()

    async def nothing() -> None:
        pass

    assert watched(desk, "watch /notes --for 0.3s", nothing) == (0, [], "watching /notes\n")


def test_a_reader_that_leaves_ends_it_though_nothing_more_comes(stored: Callable[..., Desk]) -> None:
    desk, other = stored(), stored()

    async def run() -> None:
        pipe, err = Pipe(), Watched()
        call = asyncio.ensure_future(desk.call(["watch", "/notes"], Io(Given(), pipe, err)))
        await err.begun.wait()
        await other.tree.write(Path.parse("/notes/a.md"), b"a")
        assert await pipe.next() is not None
        await pipe.leave()
        with pytest.raises(ReaderGone):
            await asyncio.wait_for(call, 30)

    asyncio.run(run())


def test_what_is_missing_or_cannot_be_watched_is_told(stored: Callable[..., Desk]) -> None:
    desk = stored()
    ran = desk.run("watch /notes/none.md")
    assert (ran.status, ran.err) == (1, "watch: /notes/none.md: no such file or directory\n")
    memory = Desk("/")
    ran = memory.run("watch /")
    assert (ran.status, ran.err) == (1, "watch: /: cannot be watched\n")


def test_a_folder_of_this_computer_is_watched_by_looking(tmp_path: pathlib.Path) -> None:
    from providers.local.folder import Local

    (tmp_path / "old").write_text("old")
    (tmp_path / "kept").write_text("kept")
    desk = Desk(openers={"/here": lambda: Local(str(tmp_path))})

    async def meanwhile() -> None:
        (tmp_path / "old").unlink()
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "new").write_text("new")
        (tmp_path / "kept").write_text("changed")

    _, said, _ = watched(desk, "watch /here -n 4", meanwhile)
    assert sorted(said) == [
        "mkdir\t/here/sub",
        "remove\t/here/old",
        "write\t/here/kept",
        "write\t/here/sub/new",
    ]


class Half:
    """A guard that hides one folder."""

    def sees(self, path: Path) -> bool:
        return not path.is_under(Path.parse("/notes/secret"))

    async def check(self, effect: Effect, path: Path, deed: Arguments | None = None) -> None:
        if not self.sees(path):
            raise Refused(path)


def test_what_the_guard_hides_is_not_said(stored: Callable[..., Desk]) -> None:
    owner = stored()
    owner.write("/notes/secret/a.md", "a")
    owner.write("/notes/b.md", "b")
    agent = stored(Half())

    other = stored()

    async def meanwhile() -> None:
        await other.tree.write(Path.parse("/notes/secret/c.md"), b"c")
        await other.tree.move(Path.parse("/notes/secret/a.md"), Path.parse("/notes/a.md"))
        await other.tree.move(Path.parse("/notes/b.md"), Path.parse("/notes/secret/b.md"))

    _, said, _ = watched(agent, "watch /notes -n 2", meanwhile)
    assert said == ["write\t/notes/a.md", "remove\t/notes/b.md"]
    assert agent.run("watch /notes/secret").status == 1

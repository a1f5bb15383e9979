"""How few statements and transactions a command takes, however many entries it is about.

On a server that is far away each of them waits for the network. A bound that fails here says that
somebody asks for one entry after the other again.
"""

from __future__ import annotations

import pathlib
import shlex
from collections.abc import Callable
from typing import NamedTuple

import pytest

from providers.files import PROVIDER as FILES
from providers.notes import PROVIDER as NOTES
from providers.spec import Opening
from providers.store.history import StoreHistory
from providers.store.runs import StoreRuns
from tests.commands.desk import Desk
from tests.engines import BOTH, new_store
from tests.store.counting import Counting, Tally
from vfs.action import Change
from vfs.drive import drive
from vfs.ids import uuid7
from vfs.path import Path

ENGINES = BOTH
MANY = 1000


class Cost(NamedTuple):
    """What a line may take at most."""

    transactions: int
    statements: int


class Counted:
    """A desk over notes and files on a store that counts."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.store = Counting(new_store(folder))
        opening = Opening({}, lambda: self.store)  # type: ignore[arg-type,return-value]
        specs = {"/notes": NOTES, "/files": FILES}
        openers: dict[str, Callable[[], object]] = {
            path: (lambda spec=spec: spec.open(opening))
            for path, spec in specs.items()  # type: ignore[misc]
        }
        self.desk = Desk(openers=openers)  # type: ignore[arg-type]
        self.history = StoreHistory(self.store, self.desk.tree.mounts)  # type: ignore[arg-type]

    def fill(self, folder: str, count: int, *, each: str = "") -> None:
        """Files in a folder, or each in a folder of its own."""

        async def files():  # type: ignore[no-untyped-def]
            for number in range(count):
                inner = f"{each}{number:04}/" if each else ""
                yield Path.parse(f"{folder}/{inner}note-{number:04}.md"), b"a word\n"

        async def write() -> None:
            await self.desk.tree.mkdir(Path.parse(folder), parents=True)
            if each:
                await self.desk.tree.mkdir_many(
                    [Path.parse(f"{folder}/{each}{number:04}") for number in range(count)]
                )
            async for _ in self.desk.tree.write_many(files()):
                pass

        drive(write())

    def run(self, line: str) -> Tally:
        """What a line costs. It is a command of its own, and must go well."""
        self.desk.tree.change = Change(uuid7(), line)
        self.store.tally = Tally()
        ran = self.desk.run(line)
        assert ran.status == 0, ran.err
        self.out = ran.out
        return self.store.tally

    def undo(self) -> Tally:
        self.store.tally = Tally()
        undone = drive(self.history.undo())
        assert undone.skipped == []
        return self.store.tally


@pytest.fixture
def counted(tmp_path: pathlib.Path) -> Counted:
    made = Counted(tmp_path)
    made.desk.write("/notes/first.md", "the first note of all\n")
    made.desk.write("/files/first", "the first file of all\n")
    return made


def within(tally: Tally, most: Cost) -> None:
    told = "\n".join(statement[:110] for statement in tally.statements[:40])
    assert tally.transactions <= most.transactions, told
    assert len(tally.statements) <= most.statements, told


def test_one_entry_is_one_statement_in_one_transaction(counted: Counted) -> None:
    within(counted.run("stat /notes/first.md"), Cost(1, 1))
    within(counted.run("ls /notes"), Cost(2, 2))
    counted.store.tally = Tally()
    assert counted.desk.read("/notes/first.md") == "the first note of all\n"
    within(counted.store.tally, Cost(1, 1))
    assert counted.store.tally.writes == 0


def test_cat_and_search_ask_for_little(counted: Counted) -> None:
    within(counted.run("cat /notes/first.md"), Cost(2, 2))
    within(counted.run("search first"), Cost(4, 16))


def test_a_write_is_one_transaction(counted: Counted) -> None:
    counted.store.tally = Tally()
    counted.desk.write("/notes/second.md", "the second")
    within(counted.store.tally, Cost(2, 12))
    assert counted.store.tally.writes == 1


def test_a_page_of_a_long_folder_is_one_statement(counted: Counted) -> None:
    counted.fill("/notes/long", MANY)
    within(counted.run("ls /notes/long"), Cost(5, 5))


def test_a_folder_of_many_files_is_copied_by_few_statements(counted: Counted) -> None:
    counted.fill("/notes/many", MANY)
    within(counted.run("cp -r /notes/many /files/copy"), Cost(20, 60))
    within(counted.undo(), Cost(10, 70))


def test_a_tree_of_many_folders_is_copied_by_few_statements(counted: Counted) -> None:
    counted.fill("/notes/tree", 300, each="folder-")
    within(counted.run("cp -r /notes/tree /files/tree"), Cost(30, 100))


def test_a_tree_is_walked_read_and_removed_by_few_statements(counted: Counted) -> None:
    counted.fill("/notes/tree", 300, each="folder-")
    within(counted.run("find /notes/tree"), Cost(8, 20))
    assert len(counted.out.splitlines()) == 601
    within(counted.run("grep -rc word /notes/tree"), Cost(12, 25))
    assert len(counted.out.splitlines()) == 300
    within(counted.run("rm -r /notes/tree"), Cost(4, 14))
    within(counted.undo(), Cost(10, 60))
    within(counted.run("find /notes/tree"), Cost(8, 20))
    assert len(counted.out.splitlines()) == 601


def test_many_files_are_searched_by_few_statements(counted: Counted) -> None:
    counted.fill("/notes/many", MANY)
    within(counted.run("grep -rc word /notes/many"), Cost(6, 6))
    within(counted.run("search word"), Cost(6, 24))


def test_many_operands_are_removed_moved_and_copied_by_few_statements(counted: Counted) -> None:
    counted.fill("/notes/many", MANY)
    words = shlex.join(f"/notes/many/note-{number:04}.md" for number in range(MANY))
    drive(counted.desk.tree.mkdir(Path.parse("/notes/other")))
    within(counted.run(f"cp {words} /notes/other"), Cost(10, 60))
    within(counted.run(f"mv {words} /notes"), Cost(10, 60))
    within(counted.undo(), Cost(10, 60))
    within(counted.run(f"rm {words}"), Cost(10, 40))
    within(counted.undo(), Cost(10, 60))
    assert counted.desk.read("/notes/many/note-0999.md") == "a word\n"


def test_few_operands_are_asked_for_together(counted: Counted) -> None:
    counted.fill("/notes/few", 10)
    words = shlex.join(f"/notes/few/note-{number:04}.md" for number in range(10))
    within(counted.run(f"rm {words}"), Cost(2, 12))


def test_folders_above_are_made_in_one_transaction(counted: Counted) -> None:
    within(counted.run("mkdir -p /files/a/b/c/d/e/f"), Cost(2, 9))
    within(counted.run("mkdir -p /files/a/b/c/d/e/f"), Cost(1, 1))
    within(counted.undo(), Cost(10, 40))


def test_history_is_read_by_pages(counted: Counted) -> None:
    counted.fill("/notes/many", MANY)
    counted.store.tally = Tally()

    async def all_of_it() -> int:
        return len(
            [
                event
                async for page in counted.history.events(under=Path.parse("/notes/many"))
                for event in page
            ]
        )

    assert drive(all_of_it()) == MANY + 1
    within(counted.store.tally, Cost(5, 16))


def test_purging_many_takes_few_statements(counted: Counted) -> None:
    counted.fill("/notes/many", MANY)
    counted.store.tally = Tally()
    assert drive(counted.history.forget(Path.parse("/notes/many"))) == MANY + 1
    within(counted.store.tally, Cost(4, 40))


def test_runs_are_listed_and_read_by_pages(counted: Counted) -> None:
    runs = StoreRuns(counted.store)  # type: ignore[arg-type]

    async def fill() -> None:
        for number in range(20):
            key = f"run-{number:03}"
            await runs.start_run(key, agent="a", actor="agent:a", line="x", model="m", input="")
            await runs.step_before(key, "model", "m", "")

    async def all_of_it() -> int:
        listed = [run async for page in runs.runs() for run in page]
        read = [run async for page in runs.by_id() for run in page]
        return len(listed) + len(read)

    drive(fill())
    counted.store.tally = Tally()
    assert drive(all_of_it()) == 40
    within(counted.store.tally, Cost(2, 4))

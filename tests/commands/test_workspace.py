"""Commands about the workspace itself: history and undo, trash, mounts, export, forgetting, help."""

from __future__ import annotations

import json
import os
import pathlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from commands.command import Command
from commands.export import COMMAND as EXPORT
from commands.stream import Given
from providers.files import PROVIDER as FILES
from providers.notes import PROVIDER as NOTES
from providers.spec import Opening
from providers.store.history import StoreHistory
from providers.store.index import StoreIndexing
from providers.store.sqlite import SqliteStore
from providers.tasks import PROVIDER as TASKS
from tests.commands.desk import Desk, Ran, Registered
from tests.commands.render.screen import ESCAPES, findings
from vfs.action import Change
from vfs.drive import drive
from vfs.errors import Exists, NotFound
from vfs.ids import uuid7
from vfs.path import Path


class Services(Registered):
    """The workspace's services over a store, with mounts kept in memory and settings made up."""

    def __init__(self, store: SqliteStore) -> None:
        self.history = StoreHistory(store)
        self.indexing = StoreIndexing(store)
        self.mounted: list[Any] = []

    def find(self, name: str) -> Command[Any] | None:
        """A shell's own `export` hands over to this one where a folder is named."""
        return EXPORT if name == "export" else super().find(name)

    @property
    def mounting(self) -> Services:
        return self

    @property
    def settings(self) -> Services:
        return self

    async def mount(self, path: Path, provider: str, options: Mapping[str, str], *, read_only: bool) -> None:
        if path == Path(("notes",)):
            raise Exists(path, "something is mounted here already", hint=f"run: umount {path}")
        self.mounted.append((str(path), provider, dict(options), read_only))

    async def umount(self, path: Path) -> None:
        raise NotFound(path, "nothing is mounted here", hint="run: mounts")

    file = "/home/ada/.config/spatio/config.toml"

    def values(self) -> Sequence[tuple[str, str]]:
        return [("shell.host_commands", "false"), ('mounts."/notes".provider', "notes")]

    async def condition(self) -> Sequence[tuple[str, str]]:
        return [("database", "/home/ada/spatio.db (0.1 MB)"), ("secrets", "the environment only")]


class Place:
    """A desk whose every line is a command of its own, as in a session."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.store = SqliteStore(folder / "spatio.db", folder / "objects")
        opening = Opening({}, lambda: self.store)
        self.services = Services(self.store)
        self.desk = Desk(
            openers={
                "/notes": lambda: NOTES.open(opening),
                "/tasks": lambda: TASKS.open(opening),
                "/files": lambda: FILES.open(opening),
            },
            services=self.services,
        )

    def write(self, path: str, text: str | bytes) -> None:
        self.desk.tree.change = Change(uuid7(), f"echo > {path}")
        self.desk.write(path, text)

    def run(self, line: str, *given: bytes, tty: int = 0) -> Ran:
        self.desk.tree.change = Change(uuid7(), line)
        return self.desk.run(line, *given, tty=tty)

    def pipe(self, *lines: str) -> list[str]:
        """What a pipeline prints, line by line."""
        return self.desk.pipe(*lines).out.splitlines()

    def read(self, path: str) -> str:
        return self.desk.read(path)


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    drive(made.store.aclose())


def test_history_tells_what_was_changed_newest_first(place: Place) -> None:
    place.write("/notes/a.md", "one")
    place.write("/notes/a.md", "two")
    place.write("/files/b.txt", "three")
    place.run("rm /notes/a.md")
    ran = place.run("history")
    assert [(record.fields["op"], record.fields["path"]) for record in ran.records] == [
        ("remove", "/notes/a.md"), ("write", "/files/b.txt"),
        ("write", "/notes/a.md"), ("write", "/notes/a.md"),
    ]  # fmt: skip
    assert ran.records[0].fields["command"] == "rm /notes/a.md"
    assert len(place.run("history /notes").records) == 3
    assert len(place.run("history -n 1").records) == 1
    command = ran.records[0].fields["command_id"]
    assert len(place.run(f"history --command {command}").records) == 1
    assert place.run("history /tasks").err == "nothing has changed at /tasks\n"


def test_history_on_a_terminal_says_that_there_is_more(place: Place) -> None:
    for at in range(25):
        place.write(f"/notes/{at}.md", "x")
    ran = place.run("history", tty=120)
    assert len(ran.out.splitlines()) == 21
    assert ran.err == "the last 20 changes are shown; -n N shows more\n"
    assert place.run("history -n 5", tty=120).err == ""


def test_undo_takes_back_a_command_and_redo_does_it_again(place: Place) -> None:
    place.write("/notes/a.md", "one")
    place.write("/notes/a.md", "two")
    ran = place.run("undo")
    assert (ran.status, ran.err) == (0, "Undone: echo > /notes/a.md (1 entry)\n")
    assert place.read("/notes/a.md") == "one"
    assert place.run("redo").err == "Done again: echo > /notes/a.md (1 entry)\n"
    assert place.read("/notes/a.md") == "two"
    place.run("undo")
    place.run("undo")
    assert place.run("undo").status == 1
    assert "there is nothing to undo" in place.run("undo").err


def test_undo_of_what_has_changed_since_leaves_it_and_says_so(place: Place) -> None:
    place.write("/notes/a.md", "one")
    event = place.run("history -n 1").records[0].fields["event"]
    place.write("/notes/a.md", "two")
    ran = place.run(f"undo --event {event}")
    assert ran.status == 1
    assert "undo: /notes/a.md: left as it is: " in ran.err
    assert place.read("/notes/a.md") == "two"
    assert place.run("undo --event 999").status == 1


def test_what_was_removed_lies_in_the_trash_until_it_is_restored(place: Place) -> None:
    place.write("/notes/a.md", "one")
    place.write("/files/b.txt", "b")
    assert place.run("trash").err == "the trash is empty\n"
    place.run("rm /notes/a.md /files/b.txt")
    assert {str(record.path) for record in place.run("trash").records} == {"/notes/a.md", "/files/b.txt"}
    assert [str(record.path) for record in place.run("trash list /notes").records] == ["/notes/a.md"]
    assert place.run("trash restore /notes/a.md").err == "Restored /notes/a.md\n"
    assert place.read("/notes/a.md") == "one"
    ran = place.run("trash restore /notes/a.md /files/b.txt")
    assert (ran.status, ran.err) == (
        1,
        "trash: /notes/a.md: not in the trash\n  run: trash list\nRestored /files/b.txt\n",
    )
    assert place.run("trash restore").status == 2


def test_audit_finds_an_event_that_was_changed_from_outside(place: Place, tmp_path: pathlib.Path) -> None:
    for text in ("one", "two", "three"):
        place.write("/notes/a.md", text)
    assert place.run("audit verify").status == 0
    assert place.run("audit").status == 2
    drive(place.store.aclose())
    with sqlite3.connect(tmp_path / "spatio.db") as outside:
        outside.execute("DROP TRIGGER event_kept")
        outside.execute("UPDATE event SET actor = 'somebody' WHERE seq = 2")
    outside.close()
    ran = place.run("audit verify")
    assert ran.status == 1
    assert "audit: the log was changed from outside: event 2 does not follow" in ran.err


def test_a_name_or_a_line_cannot_forge_a_row_of_the_log(place: Place) -> None:
    forged = 'x\n{"event": 99, "op": "remove"}'
    assert place.run(f"mkdir '/notes/{forged}'").status == 1
    place.write("/notes/a.md", "x")
    place.desk.tree.change = Change(uuid7(), f"rm '{forged}'")
    place.desk.run("rm /notes/a.md")
    assert len(place.run("history").out.splitlines()) == 2
    assert [json.loads(line)["op"] for line in place.pipe("history", "to jsonl")] == ["remove", "write"]


def test_the_index_is_checked_and_built_anew(place: Place) -> None:
    place.write("/notes/a.md", "one")
    assert place.run("index check") == (0, "", "the index agrees with the data\n", [])
    assert place.run("index rebuild").out == "indexed 1 entry\n"


def test_mounts_are_records(place: Place) -> None:
    ran = place.run("mounts")
    assert [record.fields["path"] for record in ran.records] == ["/files", "/notes", "/tasks"]
    assert place.run("mount -r /photos local folder=/home/ada/x=y").err == "Mounted local at /photos\n"
    assert place.services.mounted == [("/photos", "local", {"folder": "/home/ada/x=y"}, True)]
    assert "a setting is KEY=VALUE" in place.run("mount /x local folder").err
    assert place.run("mount /notes local").err == (
        "mount: /notes: something is mounted here already\n  run: umount /notes\n"
    )
    assert place.run("umount /x").err == "umount: /x: nothing is mounted here\n  run: mounts\n"


def test_everything_is_exported_as_plain_files_and_json(place: Place, tmp_path: pathlib.Path) -> None:
    big = bytes(range(256)) * 2000
    place.write("/notes/trips/lisbon.md", "---\ntitle: Lisbon\n---\nSee Rita.\n")
    place.write("/files/big.bin", big)
    place.write("/files/=x\n.txt".replace("\n", " "), "odd")
    target = tmp_path / "out"
    ran = place.run(f"export {target}")
    assert (ran.status, ran.err) == (0, f"Exported 3 files to {target}\n")
    assert (target / "tree/notes/trips/lisbon.md").read_text() == "---\ntitle: Lisbon\n---\nSee Rita.\n"
    assert (target / "tree/files/big.bin").read_bytes() == big
    entries = {
        one["path"]: one for one in map(json.loads, (target / "entries.jsonl").read_text().splitlines())
    }
    assert entries["/notes/trips/lisbon.md"]["title"] == "Lisbon"
    assert [json.loads(line)["op"] for line in (target / "events.jsonl").read_text().splitlines()].count(
        "write"
    ) == 3
    assert oct(os.stat(target / "tree/files/big.bin").st_mode & 0o777) == "0o600"
    assert oct(os.stat(target).st_mode & 0o777) == "0o700"
    assert not [name for name in os.listdir(tmp_path) if ".part-" in name]
    again = place.run(f"export {target}")
    assert (again.status, again.err) == (
        1,
        f"export: {target} is there already\n  choose a folder that is new or empty\n",
    )


def test_a_part_is_exported_and_a_failure_leaves_nothing_half_there(
    place: Place, tmp_path: pathlib.Path
) -> None:
    place.write("/notes/a.md", "one")
    assert place.run(f"export {tmp_path}/part /notes").status == 0
    assert (tmp_path / "part/tree/notes/a.md").read_text() == "one"
    assert place.run(f"export {tmp_path}/none /notes/none").status == 1
    assert not (tmp_path / "none").exists()
    assert place.run(f"export {tmp_path}/no/such/parent").status == 1


def test_forgetting_needs_the_very_words(place: Place) -> None:
    place.write("/notes/diary/a.md", "a secret canary")
    place.write("/notes/b.md", "kept")
    ran = place.run("forget /notes/diary")
    assert ran.status == 126
    assert "needs a typed confirmation" in ran.err
    ran = place.run("forget /notes/diary --confirm yes")
    assert ran.status == 126
    assert place.read("/notes/diary/a.md") == "a secret canary"
    ran = place.run("forget /notes/diary --confirm 'forget /notes/diary'")
    assert ran.status == 0
    assert ran.err.startswith("Forgotten for good: ")
    assert place.run("search canary").status == 1
    assert place.read("/notes/b.md") == "kept"
    assert "canary" not in place.run("history").out
    assert place.run("audit verify").status == 0


def test_forgetting_at_a_terminal_asks_for_the_words(place: Place) -> None:
    place.write("/notes/a.md", "x")
    place.desk.interactive = True
    typed = Given(b"forget /notes/a.md\n")
    typed.tty = True
    ran = place.desk.run("forget /notes/a.md", source=typed)
    assert ran.status == 0
    assert "No undo brings it back. Type `forget /notes/a.md` to go on: " in ran.err
    place.write("/notes/b.md", "x")
    typed = Given(b"yes\n")
    typed.tty = True
    assert place.desk.run("forget /notes/b.md", source=typed).status == 126


def test_settings_and_condition_are_shown(place: Place) -> None:
    assert place.run("config path").out == "/home/ada/.config/spatio/config.toml\n"
    ran = place.run("config shell")
    assert (ran.out, ran.err) == ("shell.host_commands = false\n", "")
    assert place.run("config shell.host_comands").err == (
        "config: no setting 'shell.host_comands'\n  did you mean shell.host_commands?\n"
    )
    assert place.run("status").out.splitlines()[1] == "secrets: the environment only"
    assert place.run("status", tty=80).out.splitlines()[1] == "secrets   the environment only"


def test_help_knows_every_command_and_the_nearest_to_a_wrong_one(place: Place) -> None:
    assert "Usage: where EXPRESSION..." in place.run("help where").out
    ran = place.run("help wher first")
    assert (ran.status, ran.err) == (1, "help: wher: no such command\n  did you mean where?\n")
    assert "first - " in ran.out


def test_whoami_names_the_actor(place: Place) -> None:
    assert place.run("whoami").out.strip()
    place.desk.tree.change = Change(uuid7(), "whoami", "agent:triage/1")
    assert place.desk.run("whoami").out == "agent:triage/1\n"


def test_time_runs_the_command_and_reports_on_standard_error(place: Place) -> None:
    place.write("/notes/a.md", "one")
    ran = place.run("time cat /notes/a.md")
    assert (ran.status, ran.out) == (0, "one")
    assert [line.split("\t")[0] for line in ran.err.splitlines()] == ["real", "user", "sys"]
    assert place.run("time cat -n /notes/none").status == 1
    assert place.run("time").status == 2


def test_clear_empties_a_terminal_and_nothing_else(place: Place) -> None:
    assert place.run("clear").out == ""
    assert place.run("clear", tty=80).out == ""


def test_no_name_in_a_message_acts_on_the_terminal(place: Place) -> None:
    for text in ESCAPES:
        name = text.encode("utf-8", "replace").decode().replace("'", "").replace("\0", "").replace("/", "")
        for line in (
            f"trash restore '/notes/{name}'",
            f"umount '/{name}'",
            f"history '/{name}'",
            f"help '{name}'",
            f"forget '/{name}'",
        ):
            assert findings(place.run(line).err.encode()) == [], line

"""History, undo, redo, the trash, past contents, forgetting; also over a folder of the host."""

import pathlib
from collections.abc import Sequence
from typing import Any

import pytest

from providers.files import Bytes
from providers.local import Local
from providers.memory import Memory
from providers.notes import Markdown
from providers.store import contents
from providers.store.history import StoreHistory
from providers.store.index import StoreIndexing
from providers.store.journal import StoreJournal
from providers.store.objects import LocalObjects
from providers.store.provider import StoreProvider
from providers.store.purge import sweep
from providers.store.store import Connection, Store
from tests.engines import BOTH
from tests.store.desk import FULL, make_store
from vfs.action import Change
from vfs.drive import drive
from vfs.errors import Conflict, Exists, NotFound, VfsError
from vfs.ids import uuid7
from vfs.logged import Event
from vfs.mount import Mount, MountTable
from vfs.path import Path
from vfs.tree import Tree

ENGINES = BOTH


class Desk:
    """A workspace in small: notes and files in a store, a folder of the host, a mount in memory."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.store: Store = make_store(folder / "home")
        self.host = folder / "host"
        self.host.mkdir()
        self.mounts = MountTable()
        self.add("notes", lambda: StoreProvider(self.store, "notes", Markdown()))
        self.add("files", lambda: StoreProvider(self.store, "files", Bytes()))
        self.add("host", lambda: Local(str(self.host)))
        self.add("scratch", Memory)
        self.history = StoreHistory(self.store, self.mounts)

    def add(self, name: str, opener) -> None:  # type: ignore[no-untyped-def]
        self.mounts.add(Mount(Path((name,)), name, opener))

    def tree(self, line: str, actor: str = "user") -> Tree:
        """The tree as one command sees it."""
        return Tree(self.mounts, change=Change(uuid7(), line, actor), journal=StoreJournal(self.store))

    def write(self, text: str, data: str | bytes, line: str = "write") -> None:
        content = data.encode() if isinstance(data, str) else data
        drive(self.tree(line).write(p(text), content))

    def read(self, text: str) -> bytes:
        return drive(self.tree("read").read(p(text)))

    def paths(self, text: str) -> list[str]:
        async def walk() -> list[str]:
            return [str(path) async for page in self.tree("find").walk(p(text)) for path, _ in page]

        return drive(walk())

    def events(self, under: str = "/", **more: str) -> list[Event]:
        async def gather() -> list[Event]:
            return [event async for page in self.history.events(under=p(under), **more) for event in page]  # type: ignore[arg-type]

        return drive(gather())

    def sound(self) -> None:
        """The log proves itself, and the index says what the data says."""
        assert drive(self.history.verify()) is None
        assert drive(StoreIndexing(self.store).check()) == []


def p(text: str) -> Path:
    return Path.parse(text)


@pytest.fixture
def desk(tmp_path: pathlib.Path):  # type: ignore[no-untyped-def]
    made = Desk(tmp_path)
    yield made
    made.sound()
    drive(made.store.aclose())


# -- history


def test_history_tells_the_newest_first_in_the_paths_of_the_tree(desk: Desk) -> None:
    desk.write("/notes/a.md", "one", "echo one > /notes/a.md")
    desk.write("/files/b", "two", "echo two > /files/b")
    assert [(event.command, str(event.path), event.op) for event in desk.events()] == [
        ("echo two > /files/b", "/files/b", "write"),
        ("echo one > /notes/a.md", "/notes/a.md", "write"),
    ]


def test_history_of_a_path_leaves_its_neighbours_out(desk: Desk) -> None:
    for name in ("/notes/a.md", "/notes/ab.md", "/notes/a.md", "/files/a.md"):
        desk.write(name, name)
    assert len(desk.events("/notes/a.md")) == 2
    assert len(desk.events("/notes")) == 3
    assert desk.events("/nowhere") == []


def test_history_knows_an_entry_under_the_name_that_it_was_given(desk: Desk) -> None:
    desk.write("/notes/a.md", "x")
    drive(desk.tree("mv").move(p("/notes/a.md"), p("/notes/b.md")))
    assert [event.op for event in desk.events("/notes/b.md")] == ["move"]


def test_history_of_one_command_holds_all_that_it_did(desk: Desk) -> None:
    tree = desk.tree("touch all")
    for number in range(5):
        drive(tree.write(p(f"/notes/{number}.md"), b"x"))
    desk.write("/notes/other.md", "x")
    assert tree.change is not None
    assert len(desk.events(command_id=tree.change.command_id)) == 5


def test_long_histories_come_in_pages(desk: Desk) -> None:
    tree = desk.tree("many")

    async def many():  # type: ignore[no-untyped-def]
        for number in range(2500):
            yield p(f"/notes/{number:05}.md"), b"x"

    async def write() -> None:
        async for _ in tree.write_many(many()):
            pass

    drive(write())
    numbers = [event.seq for event in desk.events()]
    assert numbers == list(range(2500, 0, -1))
    assert [event.seq for event in desk.events("/notes")] == numbers


# -- undo and redo


def test_undo_takes_back_a_creation(desk: Desk) -> None:
    desk.write("/notes/a.md", "x", "echo x > /notes/a.md")
    undone = drive(desk.history.undo())
    assert undone.command == "echo x > /notes/a.md"
    assert undone.paths == [p("/notes/a.md")]
    assert undone.skipped == []
    assert desk.paths("/notes") == []


def test_undo_brings_the_former_content_and_attributes_back(desk: Desk) -> None:
    desk.write("/notes/a.md", "---\ntitle: First\n---\nfirst words")
    before = drive(desk.tree("stat").stat(p("/notes/a.md")))
    desk.write("/notes/a.md", "second words")
    drive(desk.history.undo())
    after = drive(desk.tree("stat").stat(p("/notes/a.md")))
    assert desk.read("/notes/a.md").endswith(b"first words")
    assert (after.mtime, dict(after.attrs), after.etag) == (before.mtime, {"title": "First"}, before.etag)


def test_undo_brings_a_removed_folder_back_whole(desk: Desk) -> None:
    tree = desk.tree("fill")
    drive(tree.mkdir(p("/notes/a/b/c"), parents=True))
    for name in ("/notes/a/1.md", "/notes/a/b/2.md", "/notes/a/b/c/3.md"):
        drive(tree.write(p(name), name.encode()))
    whole = desk.paths("/notes")
    drive(desk.tree("rm -r /notes/a").remove(p("/notes/a"), recursive=True))
    assert desk.paths("/notes") == []
    undone = drive(desk.history.undo())
    assert desk.paths("/notes") == whole
    assert len(undone.paths) == 6
    assert desk.read("/notes/a/b/c/3.md") == b"/notes/a/b/c/3.md"


def test_undo_moves_back_and_restores_what_was_replaced(desk: Desk) -> None:
    desk.write("/notes/a.md", "moved")
    desk.write("/notes/b.md", "replaced")
    drive(desk.tree("mv").move(p("/notes/a.md"), p("/notes/b.md")))
    assert desk.paths("/notes") == ["/notes/b.md"]
    drive(desk.history.undo())
    assert desk.read("/notes/a.md") == b"moved"
    assert desk.read("/notes/b.md") == b"replaced"


def test_undo_moves_a_folder_back(desk: Desk) -> None:
    tree = desk.tree("fill")
    drive(tree.mkdir(p("/notes/a/b"), parents=True))
    drive(tree.write(p("/notes/a/b/x.md"), b"x"))
    drive(desk.tree("mv").move(p("/notes/a"), p("/notes/z")))
    drive(desk.history.undo())
    assert desk.paths("/notes") == ["/notes/a", "/notes/a/b", "/notes/a/b/x.md"]


def test_undo_takes_back_attributes_and_times(desk: Desk) -> None:
    from datetime import UTC, datetime

    desk.write("/notes/a.md", "text")
    before = drive(desk.tree("stat").stat(p("/notes/a.md")))
    drive(desk.tree("tag").set_attrs(p("/notes/a.md"), {"tags": ("home",)}))
    drive(desk.tree("touch").set_mtime(p("/notes/a.md"), datetime(2001, 2, 3, tzinfo=UTC)))
    drive(desk.history.undo())
    drive(desk.history.undo())
    after = drive(desk.tree("stat").stat(p("/notes/a.md")))
    assert desk.read("/notes/a.md") == b"text"
    assert (after.mtime, dict(after.attrs)) == (before.mtime, {})


def test_undo_takes_a_whole_command_back_and_goes_further_each_time(desk: Desk) -> None:
    tree = desk.tree("many")
    for number in range(3):
        drive(tree.write(p(f"/notes/{number}.md"), b"x"))
    desk.write("/notes/last.md", "x", "last")
    assert drive(desk.history.undo()).command == "last"
    assert drive(desk.history.undo()).command == "many"
    assert desk.paths("/notes") == []
    with pytest.raises(NotFound, match="nothing to undo"):
        drive(desk.history.undo())


def test_undo_leaves_what_was_changed_since_and_names_it(desk: Desk) -> None:
    tree = desk.tree("two")
    drive(tree.write(p("/notes/a.md"), b"a"))
    drive(tree.write(p("/notes/b.md"), b"b"))
    event = desk.events("/notes/a.md")[0].seq
    desk.write("/notes/a.md", "changed since")
    undone = drive(desk.history.undo(event=event))
    assert undone.paths == []
    assert undone.skipped == [(p("/notes/a.md"), "was changed since")]
    assert desk.read("/notes/a.md") == b"changed since"


def test_undo_of_a_removal_does_not_overwrite_a_new_file(desk: Desk) -> None:
    desk.write("/notes/a.md", "old")
    drive(desk.tree("rm").remove(p("/notes/a.md")))
    event = desk.events("/notes/a.md")[0].seq
    desk.write("/notes/a.md", "new")
    undone = drive(desk.history.undo(event=event))
    assert undone.skipped == [(p("/notes/a.md"), "something else has this name now")]
    assert desk.read("/notes/a.md") == b"new"


def test_undo_of_an_unknown_event_is_told(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no event 7"):
        drive(desk.history.undo(event=7))


def test_redo_does_it_again_and_can_be_undone_again(desk: Desk) -> None:
    desk.write("/notes/a.md", "one", "first")
    desk.write("/notes/a.md", "two", "second")
    drive(desk.history.undo())
    drive(desk.history.undo())
    assert desk.paths("/notes") == []
    assert drive(desk.history.redo()).command == "first"
    assert desk.read("/notes/a.md") == b"one"
    assert drive(desk.history.redo()).command == "second"
    assert desk.read("/notes/a.md") == b"two"
    with pytest.raises(NotFound, match="nothing to redo"):
        drive(desk.history.redo())
    assert drive(desk.history.undo()).command == "second"
    assert desk.read("/notes/a.md") == b"one"


def test_after_another_change_there_is_nothing_to_redo(desk: Desk) -> None:
    desk.write("/notes/a.md", "one")
    drive(desk.history.undo())
    desk.write("/notes/b.md", "two")
    with pytest.raises(NotFound, match="nothing to redo"):
        drive(desk.history.redo())


def test_what_the_program_founded_is_not_undone(desk: Desk) -> None:
    drive(desk.tree("a new workspace", "spatio").write(p("/notes/welcome.md"), b"x"))
    with pytest.raises(NotFound):
        drive(desk.history.undo())


# -- a folder of the host, and memory


def host_files(desk: Desk) -> dict[str, str]:
    return {str(f.relative_to(desk.host)): f.read_text() for f in desk.host.rglob("*") if f.is_file()}


@pytest.mark.parametrize("mount", ["/host", "/scratch"])
def test_undo_and_redo_reach_mounts_that_keep_no_history(desk: Desk, mount: str) -> None:
    desk.write(f"{mount}/a", "one", "first")
    desk.write(f"{mount}/a", "two", "second")
    drive(desk.tree("rm").remove(p(f"{mount}/a")))
    drive(desk.history.undo())
    assert desk.read(f"{mount}/a") == b"two"
    drive(desk.history.undo())
    assert desk.read(f"{mount}/a") == b"one"
    drive(desk.history.undo())
    assert desk.paths(mount) == []
    drive(desk.history.redo())
    drive(desk.history.redo())
    assert desk.read(f"{mount}/a") == b"two"


def test_undo_on_the_host_leaves_what_an_editor_has_changed(desk: Desk) -> None:
    desk.write("/host/a", "one")
    desk.write("/host/a", "two")
    (desk.host / "a").write_text("by an editor")
    undone = drive(desk.history.undo())
    assert undone.skipped == [(p("/host/a"), "was changed since")]
    assert host_files(desk) == {"a": "by an editor"}


def test_a_removed_folder_of_the_host_comes_back(desk: Desk) -> None:
    (desk.host / "d" / "e").mkdir(parents=True)
    (desk.host / "d" / "e" / "f").write_text("kept")
    drive(desk.tree("rm -r").remove(p("/host/d"), recursive=True))
    assert not (desk.host / "d").exists()
    drive(desk.history.undo())
    assert host_files(desk) == {"d/e/f": "kept"}


def test_a_change_that_failed_leaves_no_event(desk: Desk) -> None:
    desk.write("/host/a", "x")
    with pytest.raises(Exists):
        drive(desk.tree("mkdir").mkdir(p("/host/a")))
    assert [event.op for event in desk.events("/host")] == ["write"]


# -- the trash


def trash(desk: Desk) -> list[str]:
    async def gather() -> list[str]:
        return [str(path) async for page in desk.history.trash() for _, path in page]

    return drive(gather())


def test_the_trash_holds_what_was_removed_until_it_is_back(desk: Desk) -> None:
    desk.write("/notes/a.md", "a")
    desk.write("/host/b", "b")
    drive(desk.tree("rm").remove(p("/notes/a.md")))
    drive(desk.tree("rm").remove(p("/host/b")))
    assert trash(desk) == ["/host/b", "/notes/a.md"]
    drive(desk.history.undo())
    assert trash(desk) == ["/notes/a.md"]
    drive(desk.history.undo())
    assert trash(desk) == []


def test_what_was_removed_twice_is_in_the_trash_once_for_each_life(desk: Desk) -> None:
    for _ in range(2):
        desk.write("/notes/a.md", "a")
        drive(desk.tree("rm").remove(p("/notes/a.md")))
    assert trash(desk) == ["/notes/a.md", "/notes/a.md"]


# -- past contents, forgetting


def test_every_version_can_be_read_back(desk: Desk) -> None:
    large = b"large " * 50_000
    desk.write("/files/a", "small")
    desk.write("/files/a", large)
    newest, oldest = desk.events("/files/a")
    assert oldest.after is not None
    assert newest.after is not None
    assert drive(desk.history.content(oldest.after)) == b"small"
    assert drive(desk.history.content(newest.after)) == large
    assert drive(desk.history.content("no digest")) is None


def test_forgetting_leaves_no_trace_of_contents_and_names_but_the_chain(
    desk: Desk, tmp_path: pathlib.Path
) -> None:
    secret = "zyxsecretword"
    desk.write(f"/notes/{secret}-name.md", f"body {secret}-body", f"echo {secret}-line")
    desk.write(f"/notes/{secret}-name.md", f"again {secret}-body2")
    drive(desk.tree("rm").remove(p(f"/notes/{secret}-name.md")))
    desk.write(f"/files/{secret}-large", f"{secret} large\n".encode() * 20_000)
    desk.write("/notes/other.md", "stays")
    drive(desk.store.aclose())
    home = tmp_path / "home"
    assert any(secret.encode() in found.read_bytes() for found in home.rglob("*") if found.is_file())
    assert drive(desk.history.forget(p(f"/notes/{secret}-name.md"))) == 1
    assert drive(desk.history.forget(p(f"/files/{secret}-large"))) == 1
    drive(desk.store.aclose())
    traces = [f for f in home.rglob("*") if f.is_file() and secret.encode() in f.read_bytes().lower()]
    assert traces == []
    assert desk.read("/notes/other.md") == b"stays"
    assert drive(desk.history.verify()) is None


def test_forgetting_everything_leaves_hashes_alone(desk: Desk) -> None:
    desk.write("/notes/a.md", "x")
    desk.write("/files/b", b"y" * 100_000)
    desk.write("/host/c", "one")
    desk.write("/host/c", "two")
    assert drive(desk.history.forget(Path())) == 2
    assert desk.paths("/notes") == []
    assert [event.op for event in desk.events()] == ["purge"]
    with pytest.raises(NotFound):
        drive(desk.history.undo())


def replicated(desk: Desk) -> dict[str, list[Any]]:
    """What is known of a mailbox: which folders, and which files of them."""
    queries = {
        "replica": "SELECT key FROM replica ORDER BY key",
        **{
            table: f"SELECT n.name FROM {table} t LEFT JOIN node n ON n.seq = t.node ORDER BY n.name"
            for table in ("item", "push", "deed")
        },
    }
    return {
        name: [value for (value,) in desk.store.read_here(lambda c, sql=sql: c.execute(sql).fetchall())]
        for name, sql in queries.items()
    }


def replicate(connection: Connection, user: str) -> None:
    """Makes a replica of the notes: their folders, and all that can be known of a file."""
    for key, folder in (("", ""), ("A", "/a"), ("AB", "/a/b"), ("C", "/a.c")):
        row = (user, "notes", key, folder, "", "{}", None, 1, False, None, None, None, "", 0, None, None)
        connection.execute(f"INSERT INTO replica VALUES ({', '.join('?' * len(row))})", row)
    files = connection.execute("SELECT seq, name FROM node WHERE kind = 'file'").fetchall()
    for seq, name in files:
        for table, row in {
            "item": (user, seq, "notes", "A", name, "", "", "{}", b"", False, 1),
            "push": (user, seq, "notes", 1, 1, 0, ""),
            "deed": (user, seq, "mail", "send", "waiting", name, *[""] * 4, *[1] * 4, "", "", None, None),
        }.items():
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def known(*files: str, folders: list[str]) -> dict[str, list[Any]]:
    return {"replica": folders, **{table: list(files) for table in ("item", "push", "deed")}}


def test_forgetting_lets_go_of_what_a_service_said_and_of_what_was_to_leave(desk: Desk) -> None:
    for folder in ("/notes/a", "/notes/a/b", "/notes/a.c"):
        drive(desk.tree("mkdir").mkdir(p(folder)))
    for place in ("/notes/a/one", "/notes/a/two", "/notes/a/b/three", "/notes/a.c/four"):
        desk.write(place, place)
    desk.store.write_here(lambda connection: replicate(connection, desk.store.user))
    drive(desk.history.forget(p("/notes/a/one")))
    assert replicated(desk) == known("four", "three", "two", folders=["", "A", "AB", "C"])
    drive(desk.history.forget(p("/notes/a")))
    assert replicated(desk) == known("four", folders=["", "C"])
    drive(desk.history.forget(Path()))
    assert replicated(desk) == known(folders=[])


def test_forgetting_keeps_a_content_that_another_file_holds(desk: Desk) -> None:
    desk.write("/notes/a.md", "the same words")
    desk.write("/notes/b.md", "the same words")
    drive(desk.history.forget(p("/notes/a.md")))
    assert desk.read("/notes/b.md") == b"the same words"


def test_what_was_forgotten_can_be_written_again(desk: Desk) -> None:
    desk.write("/notes/a.md", "words")
    drive(desk.history.forget(p("/notes/a.md")))
    desk.write("/notes/a.md", "words")
    assert desk.read("/notes/a.md") == b"words"


def test_a_large_content_comes_back_only_when_it_is_surely_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = b"large " * 50_000
    desk.write("/files/a", large)
    drive(desk.history.forget(p("/files/a")))
    with pytest.raises(Conflict, match="being forgotten"):
        desk.write("/files/b", large)
    assert desk.paths("/files") == []
    monkeypatch.setattr(contents, "SETTLING", 0)
    desk.write("/files/b", large)
    assert desk.read("/files/b") == large


def test_a_large_content_that_cannot_be_removed_is_told_and_swept_later(desk: Desk) -> None:
    desk.write("/files/large", b"large " * 20_000)
    objects = desk.store.objects
    assert isinstance(objects, LocalObjects)
    (file,) = [place for place in pathlib.Path(objects.folder).glob("*/*") if place.is_file()]
    file.unlink()
    file.mkdir()
    with pytest.raises(VfsError, match="all else is forgotten, but a large content lies there still"):
        drive(desk.history.forget(p("/files/large")))
    with pytest.raises(NotFound):
        desk.read("/files/large")
    file.rmdir()
    file.write_bytes(b"large " * 20_000)
    assert drive(sweep(desk.store, age=-1)) == 1
    assert not file.exists()


def test_forgetting_what_never_was_is_told(desk: Desk) -> None:
    with pytest.raises(NotFound):
        drive(desk.history.forget(p("/notes/none.md")))


def test_what_was_forgotten_cannot_be_undone(desk: Desk) -> None:
    desk.write("/notes/a.md", "x", "first")
    drive(desk.history.forget(p("/notes/a.md")))
    with pytest.raises(NotFound):
        drive(desk.history.undo())


# -- many at once


def test_a_large_command_is_undone_as_one(desk: Desk) -> None:
    count = 10_000 if FULL else 1_000
    tree = desk.tree("cp -r")

    async def many():  # type: ignore[no-untyped-def]
        for number in range(count):
            yield p(f"/notes/{number:05}.md"), f"note {number}".encode()

    async def write() -> Sequence[int]:
        return [len(nodes) async for nodes in tree.write_many(many())]

    assert sum(drive(write())) == count
    assert len(drive(desk.history.undo()).paths) == count
    assert desk.paths("/notes") == []

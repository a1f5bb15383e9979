"""ls: what is listed, in which order, and what a pipe, a terminal and a record reader see of it."""

from __future__ import annotations

import pathlib

import pytest

from commands.stream import LINE_ONLY
from tests.commands.desk import NOW, Desk
from tests.commands.gnu import Twin, has_gnu
from vfs.mount import Mount
from vfs.path import Path


def desk() -> Desk:
    made = Desk()
    for name in ("b.md", "a.md", ".hidden", "Z.md"):
        made.write(f"/notes/{name}", name)
    made.write("/notes/sub/deep.md", "deep")
    return made


def test_entries_come_by_name_and_hidden_ones_stay_hidden() -> None:
    ran = desk().run("ls /notes")
    assert (ran.out, ran.err, ran.status) == ("Z.md\na.md\nb.md\nsub\n", "", 0)


def test_each_entry_is_a_record_with_its_fields() -> None:
    first = desk().run("ls /notes").records[1]
    assert first.text == "a.md"
    assert first.path == Path.parse("/notes/a.md")
    assert {key: first.fields[key] for key in ("name", "kind", "size", "path")} == {
        "name": "a.md",
        "kind": "file",
        "size": 4,
        "path": "/notes/a.md",
    }


def test_headings_are_lines_but_no_records() -> None:
    ran = desk().run("ls -R /notes")
    assert ran.out == "/notes:\nZ.md\na.md\nb.md\nsub\n\n/notes/sub:\ndeep.md\n"
    assert [r.text for r in ran.records if r.fields is LINE_ONLY] == ["/notes:", "", "/notes/sub:"]


def test_what_is_missing_is_named_and_the_rest_is_listed() -> None:
    ran = desk().run("ls /none /notes/a.md")
    assert ran.out == "/notes/a.md\n"
    assert ran.err == "ls: /none: no such file or directory\n"
    assert ran.status == 2


def test_the_empty_word_names_nothing() -> None:
    ran = desk().run("ls ''")
    assert (ran.out, ran.status) == ("", 2)


def test_a_long_line_has_kind_size_time_and_name() -> None:
    made = desk()
    made.run(f"touch -d {NOW.isoformat()} /notes/a.md")
    assert made.run("ls -l /notes/a.md").out == "-rw          4 2026-11-18 09:30 /notes/a.md\n"
    assert made.run("ls -ld /notes").out.startswith("drw          - ")


def test_listing_mount_points_opens_none_of_them() -> None:
    made = Desk("/notes", "/files")
    assert made.run("ls -l /").out.split() == ["drw", "-", "-", "files", "drw", "-", "-", "notes"]
    assert all(mount.opened is None for mount in made.tree.mounts)


def test_a_terminal_gets_columns_with_names_made_visible() -> None:
    made = desk()
    made.write("/notes/umlaut-\u202e.md", "x")
    ran = made.run("ls /notes", tty=80)
    assert ran.out == "Z.md  a.md  b.md  sub  umlaut-<U+202E>.md\n"


def test_folders_are_painted_on_a_terminal_that_has_colours() -> None:
    from commands.render import Terminal
    from commands.stream import Collected, Io, Nothing
    from vfs.drive import drive

    out = Collected()
    io = Io(Nothing(), Terminal(out, env={"TERM": "xterm"}, width=80), Collected())
    drive(desk().call(["ls", "/notes"], io))
    assert out.data == b"Z.md  a.md  b.md  \x1b[34;1msub\x1b[0m\n"


def test_a_long_listing_on_a_terminal_is_a_table() -> None:
    ran = desk().run("ls -l /notes", tty=80)
    assert ran.out.splitlines()[0].split() == ["mode", "size", "mtime", "name"]


def test_a_reader_that_leaves_stops_the_listing() -> None:
    from collections.abc import AsyncIterator, Sequence

    from commands.stream import Io, Nothing, ReaderGone, Record, Sink
    from providers.memory import Memory
    from vfs.drive import drive
    from vfs.node import Kind, Node

    pages = 0

    class Endless(Memory):
        async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
            nonlocal pages
            while True:
                pages += 1
                yield [Node(f"{pages:09}-{at}", Kind.FILE) for at in range(10)]

    class Leaving(Sink):
        async def put(self, records: Sequence[Record]) -> None:
            raise ReaderGone

    made = Desk("/big")
    made.tree.mounts.take(Path.parse("/big"))
    made.tree.mounts.add(Mount(Path.parse("/big"), "endless", Endless))
    with pytest.raises(ReaderGone):
        drive(made.call(["ls", "/big"], Io(Nothing(), Leaving(), Leaving())))
    assert pages == 1


def test_many_operands_in_one_folder_are_found_by_listing_it() -> None:
    made = Desk()
    for at in range(100):
        made.write(f"/n/{at:03}", "x")
    words = " ".join(f"/n/{at:03}" for at in range(100))
    ran = made.run(f"ls {words} /n/gone")
    assert len(ran.out.splitlines()) == 100
    assert ran.err == "ls: /n/gone: no such file or directory\n"


@pytest.mark.skipif(not has_gnu("ls"), reason="needs GNU ls to compare with")
@pytest.mark.parametrize(
    "line",
    [
        "ls", "ls -a", "ls -A", "ls -1", "ls -r", "ls -t", "ls -tr", "ls -S f1 f2.txt empty",
        "ls -Sr f1 empty", "ls -d", "ls -d .", "ls -d d1 f1", "ls d1", "ls d1/", "ls ./d1", "ls d1 d2",
        "ls d2 f1 d1 B", "ls -R", "ls -R d1", "ls -R d1/", "ls -F", "ls -p", "ls -aF", "ls -RF .",
        "ls nofile", "ls f1 nofile d1", "ls f1/", "ls -1a d1", "ls -Rr d1", "ls -dp d1 f1", "ls -- f1",
        "ls d1/s/..", "ls --all", "ls --color=never", "ls d1/a/x", "ls .hid",
    ],
)  # fmt: skip
def test_it_prints_what_gnu_prints(tmp_path: pathlib.Path, line: str) -> None:
    Twin(tmp_path).same(line)

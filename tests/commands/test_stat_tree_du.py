"""stat, tree and du: what is known about entries, drawn and summed up."""

from __future__ import annotations

import pathlib
from collections.abc import AsyncIterator, Sequence

import pytest

from providers.memory import Memory
from tests.commands.desk import Desk
from tests.commands.gnu import Twin, has_gnu
from vfs.drive import drive
from vfs.errors import Unavailable
from vfs.mount import Mount
from vfs.node import Node
from vfs.path import Path


def desk() -> Desk:
    made = Desk()
    made.write("/files/a.txt", "x" * 1500)
    made.write("/files/sub/b.txt", "y" * 10)
    made.write("/files/sub/.hidden", "z")
    made.run("touch -d 2020-02-03 /files/a.txt")
    return made


def test_stat_tells_all_that_is_known() -> None:
    made = desk()
    drive(made.tree.set_attrs(Path.parse("/files/a.txt"), {"tags": ("home", "work")}))
    made.run("touch -d 2020-02-03 /files/a.txt")
    lines = [line.strip() for line in made.run("stat /files/a.txt").out.splitlines()]
    assert lines[:4] == ["File: /files/a.txt", "Kind: regular file", "Size: 1500 bytes", "Access: -rw"]
    assert "Modified: 2020-02-03 00:00:00.000000000 +0000" in lines
    assert "Mount: / (memory)" in lines
    assert lines[-1] == "tags: home, work"


def test_stat_fills_in_a_format() -> None:
    made = desk()
    assert made.run("stat -c '%n %s %F %y %m %%' /files/a.txt").out == (
        "/files/a.txt 1500 regular file 2020-02-03 00:00:00.000000000 +0000 / %\n"
    )
    assert made.run("stat --printf '%s\\t%n\\n' /files/a.txt").out == "1500\t/files/a.txt\n"
    assert made.run("stat -c %Q /files/a.txt").err == "stat: unknown directive %Q\n  run: stat --help\n"


def test_a_name_with_a_backslash_is_no_escape() -> None:
    made = Desk()
    made.write("/back\\nslash", "x")
    assert made.run("stat --printf '%n\\n' '/back\\nslash'").out == "/back\\nslash\n"


def test_a_tree_is_drawn_plainly_into_a_pipe() -> None:
    made = desk()
    assert made.run("tree /files").out == (
        "/files\n|-- a.txt\n`-- sub\n    `-- b.txt\n\n1 directory, 2 files\n"
    )
    assert made.run("tree -ad /files").out == "/files\n`-- sub\n\n1 directory\n"
    assert made.run("tree -aL 1 /files").out == "/files\n|-- a.txt\n`-- sub\n\n1 directory, 1 file\n"
    assert made.run("tree -afF /files/sub").out == (
        "/files/sub\n|-- /files/sub/.hidden\n`-- /files/sub/b.txt\n\n0 directories, 2 files\n"
    )


def test_a_tree_has_lines_on_a_terminal_and_no_escapes_in_names() -> None:
    made = desk()
    made.write("/files/sub/\u202etxt", "x")
    assert made.run("tree /files", tty=80).out == (
        "/files\n├── a.txt\n└── sub\n    ├── b.txt\n    └── <U+202E>txt\n\n1 directory, 3 files\n"
    )


def test_a_tree_of_what_is_no_folder_is_refused() -> None:
    ran = desk().run("tree /files/a.txt /none")
    assert ran.status == 1
    assert ran.err == "tree: /files/a.txt: not a directory\ntree: /none: no such file or directory\n"
    assert desk().run("tree -L 0 /files").err.startswith("tree: -L: must be 1 or more, but is 0\n")


def test_sums_go_up_to_every_folder_above() -> None:
    made = desk()
    assert made.run("du -b /files").out == "11\t/files/sub\n1511\t/files\n"
    assert made.run("du /files").out == "1\t/files/sub\n2\t/files\n"
    assert made.run("du -h /files").out == "11\t/files/sub\n1.5K\t/files\n"
    assert made.run("du -ab /files").out.splitlines()[0] == "1500\t/files/a.txt"
    assert made.run("du -bs /files /files/a.txt").out == "1511\t/files\n1500\t/files/a.txt\n"
    assert made.run("du -bc -d 0 /files").out == "1511\t/files\n1511\ttotal\n"


def test_each_sum_is_a_record() -> None:
    record = desk().run("du /files").records[-1]
    assert (record.fields["size"], record.fields["path"]) == (1511, "/files")


def test_sizes_that_are_unknown_are_not_passed_over_in_silence() -> None:
    class Silent(Memory):
        async def stat(self, path: Path) -> Node:
            return (await super().stat(path))._replace(size=None)

    made = Desk("/other")
    made.tree.mounts.add(Mount(Path.parse("/s"), "silent", Silent))
    made.write("/s/a", "x")
    ran = made.run("du -b /s/a")
    assert (ran.out, ran.status) == ("0\t/s/a\n", 3)
    assert ran.err == "du: 1 entries do not say how large they are\n"


@pytest.mark.skipif(not has_gnu("stat"), reason="needs GNU stat to compare with")
@pytest.mark.parametrize(
    "line",
    [
        "stat -c %s f1", "stat -c '%n %F' f1 d1 empty", "stat -c %Y f1", "stat -c %y f1",
        "stat -c %n nofile f1", "stat --printf '%n:%s\\n' f1 B", "stat", "stat -c %n d1/",
    ],
)  # fmt: skip
def test_stat_prints_what_gnu_prints(tmp_path: pathlib.Path, line: str) -> None:
    Twin(tmp_path).same(line)


def test_a_mount_that_cannot_be_read_is_said_after_the_sums() -> None:
    class Broken(Memory):
        def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
            raise Unavailable(path)

        def walk(self, path: Path) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
            raise Unavailable(path)

    made = Desk("/notes")
    made.write("/notes/a", "abc")
    made.tree.mounts.add(Mount(Path.parse("/bad"), "broken", Broken))
    ran = made.run("du -b /")
    assert (ran.out, ran.status) == ("0\t/bad\n3\t/notes\n3\t/\n", 3)
    assert ran.err == "du: /: not all could be read: /bad: temporarily unavailable\n"
    assert made.run("find /").out == "/\n/bad\n/notes\n/notes/a\n"

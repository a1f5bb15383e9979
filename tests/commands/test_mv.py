"""mv: entries under new names, the source intact whenever it cannot be done."""

from __future__ import annotations

import pathlib

import pytest

from tests.commands.desk import Desk
from tests.commands.gnu import Twin, has_gnu


def desk() -> Desk:
    made = Desk()
    made.write("/a", "A")
    made.write("/b", "B")
    made.write("/d/x", "X")
    return made


def test_a_folder_is_not_moved_into_itself() -> None:
    made = desk()
    ran = made.run("mv /d /d/e")
    assert (ran.status, ran.err) == (1, "mv: cannot move '/d' to a subdirectory of itself, '/d/e'\n")
    assert made.read("/d/x") == "X"


def test_a_mount_point_and_the_root_stay_where_they_are() -> None:
    made = Desk("/", "/notes")
    made.write("/notes/a", "x")
    assert made.run("mv /notes /elsewhere").err == "mv: cannot move '/notes': something is mounted here\n"
    assert made.run("mv / /notes").status == 1
    assert made.read("/notes/a") == "x"


def test_a_folder_that_holds_a_mount_stays_where_it_is() -> None:
    made = Desk("/", "/deep/notes")
    ran = made.run("mv /deep /other")
    assert (ran.status, ran.err) == (1, "mv: cannot move '/deep': /deep/notes is mounted inside\n")


def test_moving_across_mounts_leaves_nothing_behind() -> None:
    made = Desk("/notes", "/files")
    made.write("/notes/d/x", "X")
    assert made.run("mv /notes/d /files").status == 0
    assert made.read("/files/d/x") == "X"
    assert made.run("ls -A /notes").out == ""


def test_a_folder_does_not_replace_one_that_holds_something() -> None:
    made = desk()
    made.write("/e/d/y", "Y")
    ran = made.run("mv /d /e")
    assert (ran.status, ran.err) == (1, "mv: /e/d: directory not empty\n")
    assert (made.read("/d/x"), made.read("/e/d/y")) == ("X", "Y")


@pytest.mark.skipif(not has_gnu("mv"), reason="needs GNU mv to compare with")
@pytest.mark.parametrize(
    "line",
    [
        "mv f1 new", "mv f1 B", "mv f1 d1", "mv f1 B d1", "mv d1 new", "mv d1 d2", "mv d1/s d2/",
        "mv nofile x", "mv f1", "mv f1 nodir/", "mv f1 nodir/x", "mv d1 f1", "mv f1 f1", "mv -n f1 B",
        "mv -f f1 B", "mv -v f1 new", "mv -t d1 f1 B", "mv -T d1 new", "mv -T f1 d1", "mv d1 d1/s",
        "mv f1 d1/a d2/c d1", "mv d1/a f1 d1/b.txt f1 d2", "mv d1/ new/", "mv -u f1 B", "mv f1 B f2.txt",
        "mv .hid seen", "mv f1/ x", "mv -T d1 d2", "mv --bogus a b",
    ],
)  # fmt: skip
def test_it_does_what_gnu_does(tmp_path: pathlib.Path, line: str) -> None:
    Twin(tmp_path).same(line)

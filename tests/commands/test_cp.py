"""cp: files and folders copied, refused in GNU's words, and never at the cost of what was there."""

from __future__ import annotations

import pathlib

import pytest

from tests.commands.desk import Desk
from tests.commands.gnu import Twin, has_gnu
from vfs.drive import drive
from vfs.path import Path


def desk() -> Desk:
    made = Desk()
    made.write("/a", "A")
    made.write("/b", "B")
    made.write("/d/x", "X")
    return made


def test_a_file_is_not_copied_onto_itself() -> None:
    made = desk()
    ran = made.run("cp /a /a")
    assert (ran.status, ran.err) == (1, "cp: '/a' and '/a' are the same file\n")
    assert made.read("/a") == "A"


def test_a_folder_needs_the_option_for_it() -> None:
    ran = desk().run("cp /d /e")
    assert (ran.status, ran.err) == (1, "cp: -r not specified; omitting directory '/d'\n")


def test_a_folder_is_not_copied_into_itself() -> None:
    made = desk()
    ran = made.run("cp -r /d /d/e")
    assert (ran.status, ran.err) == (1, "cp: cannot copy a directory, '/d', into itself, '/d/e'\n")
    assert made.read("/d/x") == "X"
    assert made.run("ls /d").out == "x\n"


def test_several_sources_need_a_folder() -> None:
    ran = desk().run("cp /a /b /none")
    assert (ran.status, ran.err) == (1, "cp: /none: no such folder for several sources\n")


def test_one_bad_source_does_not_keep_the_others_back() -> None:
    made = desk()
    ran = made.run("cp /a /none /b /d")
    assert (ran.status, ran.err) == (1, "cp: /none: no such file or directory\n")
    assert made.run("ls /d").out == "a\nb\nx\n"


def test_ten_thousand_notes_are_copied_across_mounts_in_batches() -> None:
    made = Desk("/notes", "/files")
    drive(_fill(made, 10_000))
    ran = made.run("cp -r /notes /files/copy")
    assert (ran.status, ran.err) == (0, "")
    assert len(made.run("ls /files/copy").records) == 10_000
    assert made.read("/files/copy/00042") == "note 42"


async def _fill(made: Desk, count: int) -> None:
    for at in range(count):
        await made.tree.write(Path.parse(f"/notes/{at:05}"), f"note {at}".encode())


def test_who_is_asked_may_keep_what_is_there() -> None:
    made = desk()
    made.interactive = True
    made.answers = [False, True]
    made.run("cp -i /a /b")
    assert made.read("/b") == "B"
    made.run("cp -i /a /b")
    assert (made.read("/b"), made.asked[0]) == ("A", "cp: overwrite '/b'?")


def test_without_a_person_the_answer_is_a_line_of_standard_input() -> None:
    made = desk()
    assert made.run("cp -i /a /b", b"n\n").err == "cp: overwrite '/b'? "
    assert made.read("/b") == "B"
    made.run("cp -i /a /b", b"y\n")
    assert made.read("/b") == "A"


def test_the_time_of_change_comes_along_when_asked() -> None:
    made = desk()
    made.run("touch -d 2020-01-02 /a")
    made.run("cp -p /a /c")
    assert made.run("stat -c %Y /c").out == made.run("stat -c %Y /a").out


def test_only_newer_files_replace_with_update() -> None:
    made = desk()
    made.run("touch -d 2020-01-02 /a")
    made.run("cp -u /a /b")
    assert made.read("/b") == "B"
    made.run("cp -u /b /a")
    assert made.read("/a") == "B"


@pytest.mark.skipif(not has_gnu("cp"), reason="needs GNU cp to compare with")
@pytest.mark.parametrize(
    "line",
    [
        "cp f1 new", "cp f1 B", "cp f1 d1", "cp f1 d1/", "cp f1 d1/new", "cp f1 f2.txt d1", "cp -r d1 new",
        "cp -r d1 d2", "cp -r d1/. d2", "cp -r d1/s d2/", "cp -a d1 new", "cp d1 new", "cp f1 nodir/",
        "cp f1 nodir/x", "cp f1", "cp", "cp nofile x", "cp f1 f1", "cp -n f1 B", "cp -f f1 B",
        "cp -v f1 new", "cp -rv d1/s new", "cp -t d1 f1 B", "cp -T d1 d2", "cp -rT d1 d2", "cp -T f1 d1",
        "cp -r d1 f1", "cp --parents d1/s/z.txt d2", "cp --parents -r d1/s d1/a d2", "cp f1 d1/a d2/c d1",
        "cp -rn d1 d2", "cp 'sp ace' '[b]' d1", "cp d1/a f1 d1/b.txt f1 d2", "cp -p f1 new",
        "cp f1 B f2.txt", "cp f1/x new", "cp -ni f1 B", "cp -Z9 f1 x", "cp -u f1 B",
        "cp -r d1/s/z.txt d2/c",
    ],
)  # fmt: skip
def test_it_does_what_gnu_does(tmp_path: pathlib.Path, line: str) -> None:
    Twin(tmp_path).same(line)

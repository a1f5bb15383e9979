"""rm: what is removed, and what never is."""

from __future__ import annotations

import pathlib

import pytest

from tests.commands.desk import Desk
from tests.commands.gnu import Twin, has_gnu


def desk() -> Desk:
    made = Desk("/", "/notes", "/deep/mount")
    made.write("/a", "A")
    made.write("/d/x", "X")
    made.write("/notes/n", "N")
    return made


@pytest.mark.parametrize("line", ["rm -r /", "rm -rf /", "rm -rf /d/..", "rm -rf /../"])
def test_the_root_is_never_removed(line: str) -> None:
    made = desk()
    ran = made.run(line)
    assert ran.status == 1
    assert ran.err.startswith(("rm: it is dangerous", "rm: refusing to remove"))
    assert made.read("/d/x") == "X"


@pytest.mark.parametrize("word", ["/notes", "/notes/", "/deep", "/deep/mount"])
def test_a_mount_point_is_never_removed(word: str) -> None:
    made = desk()
    ran = made.run(f"rm -rf {word}")
    assert ran.status == 1
    assert "mounted" in ran.err
    assert made.read("/notes/n") == "N"


def test_a_folder_needs_the_option_for_it() -> None:
    made = desk()
    assert made.run("rm /d").err == "rm: /d: is a directory\n"
    assert made.run("rm -d /d").err == "rm: /d: directory not empty\n"
    assert made.run("rm -r /d").status == 0
    assert made.run("ls /d").status == 2


def test_asking_before_each_keeps_what_is_refused() -> None:
    made = desk()
    made.write("/d/y", "Y")
    made.interactive = True
    made.answers = [True, True, False]
    assert made.run("rm -ri /d").status == 0
    assert made.asked == [
        "rm: descend into directory '/d'?",
        "rm: remove '/d/x'?",
        "rm: remove '/d/y'?",
    ]
    assert made.run("ls /d").out == "y\n"


def test_what_was_removed_is_said_when_asked() -> None:
    assert desk().run("rm -rv /d /a").out == "removed '/d/x'\nremoved directory '/d'\nremoved '/a'\n"


@pytest.mark.skipif(not has_gnu("rm"), reason="needs GNU rm to compare with")
@pytest.mark.parametrize(
    "line",
    [
        "rm f1", "rm f1 B", "rm nofile", "rm -f nofile", "rm f1 nofile B", "rm d1", "rm -d d1", "rm -r d1",
        "rm -R d1 d2 f1", "rm -rf d1 nofile", "rm", "rm -f", "rm -rv d1/s", "rm .", "rm -r .", "rm -r ..",
        "rm -r d1/.", "rm -- f1", "rm f1/", "rm -v f1", "rm ''", "rm f1/x", "rm -f f1/x", "rm -r d1/",
        "rm '[b]' 'sp ace'", "rm -k f1", "rm d1/s/../a",
    ],
)  # fmt: skip
def test_it_does_what_gnu_does(tmp_path: pathlib.Path, line: str) -> None:
    Twin(tmp_path).same(line)


@pytest.mark.skipif(not has_gnu("rm"), reason="needs GNU rm to compare with")
def test_answers_come_from_standard_input_as_with_gnu(tmp_path: pathlib.Path) -> None:
    Twin(tmp_path).same("rm -i f1", given=b"n\n")
    twin = Twin(tmp_path / "again")
    twin.same("rm -i f1", given=b"yes\n")

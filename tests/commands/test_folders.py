"""mkdir, rmdir and touch: what they make, take away and mark."""

from __future__ import annotations

import pathlib

import pytest

from tests.commands.desk import NOW, Desk
from tests.commands.gnu import Twin, has_gnu


def modified(made: Desk, path: str) -> str:
    return made.run(f"stat -c %y {path}").out


def test_mkdir_says_which_folder_it_could_not_make() -> None:
    made = Desk()
    made.write("/f", "x")
    ran = made.run("mkdir /a/b /ok /f /f/x")
    assert ran.status == 1
    assert ran.err.splitlines() == [
        "mkdir: /a/b: no such file or directory",
        "mkdir: /f: file exists",
        "mkdir: /f/x: not a directory",
    ]
    assert made.run("ls /").out == "f\nok\n"


def test_mkdir_refuses_names_that_cannot_be() -> None:
    ran = Desk().run("mkdir '/x\x1b[2J'")
    assert ran.status == 1
    assert "\x1b" not in ran.err
    assert "U+001B" in ran.err
    assert Desk().run(f"mkdir /{'n' * 300}").err.endswith("at most 255 bytes, but this one has 300\n")


def test_rmdir_leaves_mount_points_alone() -> None:
    ran = Desk("/", "/notes").run("rmdir /notes")
    assert (ran.status, ran.err) == (1, "rmdir: /notes: something is mounted here\n")


def test_touch_makes_an_empty_file_or_marks_one_as_changed_now() -> None:
    made = Desk()
    made.write("/f", "x")
    assert made.run("touch /f /new").status == 0
    assert (made.read("/f"), made.read("/new")) == ("x", "")
    assert modified(made, "/f") == "2026-11-18 09:30:00.000000000 +0000\n"


@pytest.mark.parametrize(
    ("option", "shown"),
    [
        ("-d 2020-02-03", "2020-02-03 00:00:00"),
        ("-d '2020-02-03 14:05'", "2020-02-03 14:05:00"),
        ("-d @86400", "1970-01-02 00:00:00"),
        ("-d yesterday", "2026-11-17 09:30:00"),
        ("-d '3 days ago'", "2026-11-15 09:30:00"),
        ("-d '2 hours'", "2026-11-18 11:30:00"),
        ("-t 202001021530.45", "2020-01-02 15:30:45"),
        ("-t 01021530", "2026-01-02 15:30:00"),
        ("-t 9901021530", "1999-01-02 15:30:00"),
    ],
)
def test_touch_understands_times(option: str, shown: str) -> None:
    made = Desk()
    assert made.run(f"touch {option} /f").err == ""
    assert modified(made, "/f").startswith(shown)


@pytest.mark.parametrize("option", ["-d whenever", "-t 1", "-t 20201399", "-d ''", "-d @x"])
def test_touch_refuses_what_is_no_time(option: str) -> None:
    made = Desk()
    ran = made.run(f"touch {option} /f")
    assert ran.status == 1
    assert ran.err.startswith("touch: ")
    assert made.run("ls /").out == ""


def test_touch_takes_the_time_of_another_entry() -> None:
    made = Desk()
    made.run("touch -d 2020-02-03 /old")
    made.run("touch -r /old /new")
    assert modified(made, "/new") == modified(made, "/old")
    assert made.run("touch -r /none /x").err == "touch: /none: no such file or directory\n"


def test_now_is_the_users_now() -> None:
    made = Desk()
    made.write("/f", "x")
    made.run("touch /f")
    assert made.run("stat -c %Y /f").out == f"{int(NOW.timestamp())}\n"


@pytest.mark.skipif(not has_gnu("mkdir", "rmdir", "touch"), reason="needs GNU coreutils to compare with")
@pytest.mark.parametrize(
    "line",
    [
        "mkdir new", "mkdir new d1", "mkdir f1", "mkdir a/b/c", "mkdir -p a/b/c", "mkdir -p d1",
        "mkdir -p f1", "mkdir -p f1/x", "mkdir -pv a/b", "mkdir -v new", "mkdir", "mkdir new/",
        "mkdir -m 700 new", "mkdir ''", "mkdir -p d1/../e", "rmdir d1", "rmdir nofile", "rmdir f1", "rmdir",
        "rmdir ''", "rmdir --ignore-fail-on-non-empty d1", "touch new", "touch f1 new", "touch nodir/x",
        "touch -c new", "touch d1", "touch d1/", "touch new/", "touch f1/", "touch", "touch ''",
        "touch -am f1", "mkdir -Y x",
    ],
)  # fmt: skip
def test_they_do_what_gnu_does(tmp_path: pathlib.Path, line: str) -> None:
    Twin(tmp_path).same(line)


@pytest.mark.skipif(not has_gnu("mkdir", "rmdir"), reason="needs GNU coreutils to compare with")
@pytest.mark.parametrize(
    "line", ["rmdir e", "rmdir e/f", "rmdir -p e/f", "rmdir -pv e/f", "rmdir e/f/", "rmdir e/f d1"]
)
def test_empty_folders_go_as_with_gnu(tmp_path: pathlib.Path, line: str) -> None:
    Twin(tmp_path).same("mkdir -p e/f", line)

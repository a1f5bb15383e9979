"""find: what an expression finds, does, and refuses."""

from __future__ import annotations

import pathlib

import pytest

from tests.commands.desk import Desk
from tests.commands.gnu import Twin, has_gnu
from vfs.drive import drive
from vfs.path import Path


def desk() -> Desk:
    made = Desk()
    made.write("/notes/plan.md", "plan")
    made.write("/notes/Old Plan.md", "")
    made.write("/notes/sub/deep/x.txt", "x" * 3000)
    return made


def test_every_entry_found_is_a_record() -> None:
    ran = desk().run("find /notes -type f")
    assert ran.out == "/notes/Old Plan.md\n/notes/plan.md\n/notes/sub/deep/x.txt\n"
    assert [record.path for record in ran.records][1] == Path.parse("/notes/plan.md")
    assert ran.records[2].fields["size"] == 3000


def test_commands_run_for_each_entry_and_for_all_at_once() -> None:
    made = desk()
    assert made.run("find /notes -name '*.md' -exec cat {} ';'").out == "plan"
    assert made.run("find /notes -type f -exec ls -d {} +").out.count("\n") == 3
    ran = made.run("find /notes -name plan.md -exec nonesuch {} +")
    assert (ran.status, ran.err) == (1, "nonesuch: no such command\n")


def test_a_command_that_fails_is_a_test_that_does_not_hold() -> None:
    made = desk()
    assert made.run("find /notes/plan.md -exec cat /none ';' -print").out == ""
    assert made.run("find /notes/plan.md -exec ls -d {} ';' -print").out == "/notes/plan.md\n" * 2


def test_removed_entries_go_deepest_first() -> None:
    made = desk()
    ran = made.run("find /notes/sub -delete")
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    assert made.run("ls /notes").out == "Old Plan.md\nplan.md\n"


def test_attributes_are_tested() -> None:
    made = desk()
    drive(made.tree.set_attrs(Path.parse("/notes/plan.md"), {"tags": ("home", "work"), "unread": True}))
    assert made.run("find /notes -attr tags=Work").out == "/notes/plan.md\n"
    assert made.run("find /notes -attr unread").out == "/notes/plan.md\n"
    assert made.run("find /notes -attr unread=no -o -attr tags=none").out == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("/notes -nmae x", "find: unknown predicate -nmae\n  did you mean -name?\n"),
        ("/notes -name", "find: missing argument to -name\n"),
        ("/notes '(' -name x", "find: missing argument to (\n"),
        ("/notes -name x ')'", "find: unexpected )\n"),
        ("/notes -exec cat {}", "find: missing argument to -exec\n"),
        ("/notes -type q", "find: unknown type q: f is a file, d a folder\n"),
        ("/notes -size x", "find: -size must be N, +N or -N, but is x\n"),
        ("/notes -maxdepth -1", "find: -maxdepth must be 0 or more, but is -1\n"),
        ("/notes -newer /none", "find: /none: no such file or directory\n"),
    ],
)
def test_a_wrong_expression_is_refused(words: str, message: str) -> None:
    ran = desk().run(f"find {words}")
    assert (ran.status, ran.out, ran.err) == (1, "", message)


def test_a_pattern_full_of_stars_takes_no_longer_than_others() -> None:
    made = Desk()
    made.write("/" + "a" * 200, "x")
    assert made.run(f"find / -name '{'*a' * 60}*b'").out == ""


TESTS = [
    "find", "find .", "find d1", "find d1/", "find ./d1", "find d1 d2", "find f1", "find nofile",
    "find d1 nofile d2", "find . -name '*.txt'", "find . -name 'f?*'", "find . -iname 'B*'",
    "find . -name '\\[b]'", "find . -type d", "find . -type f", "find . -type f,d -name 'd*'",
    "find . -path './d1/*'", "find . -ipath './D1/S*'", "find . -not -name '*.txt'", "find . ! -type d",
    "find . -name a -o -name c", "find . -type f -a -name c", "find . '(' -name a -o -name c ')' -type f",
    "find . -maxdepth 1", "find . -mindepth 2", "find . -maxdepth 0",
    "find . -mindepth 1 -maxdepth 2 -type d", "find . -type f -empty", "find d1 -name s -prune -o -print",
    "find . -type f -size 0", "find . -type f -size -2", "find . -type f -size +5c",
    "find . -type f -size 1k", "find . -type f -name f1 -print0", "find d1 -name b.txt -delete",
    "find d1 -depth", "find . -name s -printf '%p %f %h %P %d %y\\n'", "find d2 -printf '%f %d\\n'",
    "find . -newer f2.txt -type f", "find . -type f -name a -exec cat {} ';'", "find . -true -name a",
    "find . -false", "find d1 -quit", "find d1 -type f -exec cat {} +", "find -name a", "find . -bogus",
    "find d1 -name '*.txt' -print -print", "find . -wholename ./f1", "find d1 -delete",
    "find . -type d -empty", "find .hid", "find . -name '.*'", "find d1 -name d1", "find d1/ -name d1",
    "find . -name .",
]  # fmt: skip


@pytest.mark.skipif(not has_gnu("find"), reason="needs GNU find to compare with")
@pytest.mark.parametrize("line", TESTS)
def test_it_finds_what_gnu_finds(tmp_path: pathlib.Path, line: str) -> None:
    twin = Twin(tmp_path)
    status, out = twin.gnu(line)
    ran = twin.ours(line)
    if "-quit" in line:
        assert (ran.out.encode(), ran.status) == (out, status)
    assert sorted(ran.out.encode().splitlines()) == sorted(out.splitlines())
    assert ran.status == status
    assert twin.entries() == twin.real_entries()


@pytest.mark.skipif(not has_gnu("find"), reason="needs GNU find to compare with")
def test_ages_are_counted_as_gnu_counts_them(tmp_path: pathlib.Path) -> None:
    import os
    import time

    twin = Twin(tmp_path, {"a": "", "b": "", "c": "", "d": ""})
    from datetime import timedelta

    from tests.commands.desk import NOW

    for name, hours in (("a", 1), ("b", 23), ("c", 25), ("d", 80)):
        when = time.time() - hours * 3600 + 30
        os.utime(tmp_path / name, (when, when))
        drive(
            twin.desk.tree.set_mtime(
                Path.parse(f"/{name}"), NOW - timedelta(hours=hours) + timedelta(seconds=30)
            )
        )
    for test in (
        "-mtime 0",
        "-mtime 1",
        "-mtime +0",
        "-mtime -2",
        "-mtime 3",
        "-mmin -60",
        "-mmin +1379",
        "-mmin 60",
    ):
        line = f"find . -type f {test}"
        assert sorted(twin.ours(line).out.split()) == sorted(twin.gnu(line)[1].decode().split()), test

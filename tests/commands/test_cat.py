"""cat: contents joined, numbered and made visible, and what it says of what it cannot read."""

from __future__ import annotations

import pathlib

import pytest

from commands.stream import Collected, Given, Io
from tests.commands.desk import Desk
from tests.commands.gnu import Twin, has_gnu
from vfs.drive import drive
from vfs.path import Path


def test_contents_come_one_after_the_other() -> None:
    desk = Desk()
    desk.write("/a", "one\n")
    desk.write("/b", "two\n")
    assert desk.run("cat /a /b /a").out == "one\ntwo\none\n"


def test_standard_input_stands_where_the_dash_stands() -> None:
    desk = Desk()
    desk.write("/a", "one\n")
    assert desk.run("cat /a - /a", b"in\n").out == "one\nin\none\n"


def test_a_missing_file_is_named_and_the_rest_is_shown() -> None:
    desk = Desk()
    desk.write("/a", "one\n")
    ran = desk.run("cat /none /a /x/y")
    assert (ran.out, ran.status) == ("one\n", 1)
    assert ran.err.splitlines() == [
        "cat: /none: no such file or directory",
        "cat: /x/y: no such file or directory",
    ]


def test_a_folder_is_no_content() -> None:
    desk = Desk()
    desk.write("/d/a", "one\n")
    ran = desk.run("cat /d /d/a/")
    assert ran.err.splitlines() == ["cat: /d: is a directory", "cat: /d/a: not a directory"] or (
        sorted(ran.err.splitlines()) == ["cat: /d/a: not a directory", "cat: /d: is a directory"]
    )
    assert ran.status == 1


def test_an_unknown_option_is_answered_with_gnus_status() -> None:
    ran = Desk().run("cat --nmber")
    assert (ran.status, ran.err) == (1, "cat: unknown option --nmber\n  did you mean --number?\n")


def test_what_is_appended_to_is_not_read_without_end() -> None:
    desk = Desk()
    desk.write("/f", "x\n")

    class Appending(Collected):
        path = Path.parse("/f")
        appending = True

    err = Collected()
    status = drive(desk.call(["cat", "/f"], Io(Given(), Appending(), err)))
    assert (status, err.data) == (1, b"cat: /f: input file is output file\n")


def test_a_terminal_is_shown_no_control_characters() -> None:
    desk = Desk()
    desk.write("/a", "\x1b]0;title\x07 \u009b2J\n")
    assert desk.run("cat /a", tty=80).out == "^[]0;title^G \\x9b2J\n"
    assert desk.run("cat /a").out == "\x1b]0;title\x07 \u009b2J\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.skipif(not has_gnu("cat"), reason="needs GNU cat to compare with")
def test_shaping_does_not_depend_on_the_borders_of_blocks(tmp_path: pathlib.Path, size: int) -> None:
    text = b"\n\n\na\tb\n\n\n\nlast\x00\xff\xc3\xa9\n\n\nend"
    twin = Twin(tmp_path, {})
    for options in ("-n", "-b", "-s", "-ns", "-bs", "-E", "-T", "-v", "-A", "-An", "-e", "-t"):
        blocks = [text[at : at + size] for at in range(0, len(text), size)]
        out = Collected()
        drive(twin.desk.call(["cat", options], Io(Given(*blocks), out, Collected())))
        assert out.data == twin.gnu(f"cat {options}", text)[1], options


@pytest.mark.skipif(not has_gnu("cat"), reason="needs GNU cat to compare with")
@pytest.mark.parametrize(
    "line",
    [
        "cat f1", "cat f1 f2.txt d1/a", "cat -n f2.txt f1", "cat -b d2/c f2.txt d2/c", "cat -s d2/c",
        "cat -A 'sp ace'", "cat -vET 'sp ace' umlaut-é", "cat -e f1", "cat -t 'sp ace'", "cat empty",
        "cat nofile", "cat f1 nofile f1", "cat d1", "cat d1 f1", "cat f1/", "cat -u f1", "cat -- f1",
        "cat ''", "cat '[b]'", "cat f1/x", "cat --show-all f1", "cat -Q f1", "cat --numb f1",
    ],
)  # fmt: skip
def test_it_prints_what_gnu_prints(tmp_path: pathlib.Path, line: str) -> None:
    Twin(tmp_path).same(line)

"""The prompt at a real pseudo-terminal."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator

import pytest

from tests.spatio.pty import SPATIO, Person


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "home"


@pytest.fixture
def person(home: pathlib.Path) -> Iterator[Person]:
    someone = Person(SPATIO, env={"SPATIO_HOME": str(home)})
    someone.sees(r"^> $|^>$")
    yield someone
    someone.gone()


def test_lines_run_in_one_session(person: Person) -> None:
    person.says("cd /tmp")
    person.sees(r"^/tmp >")
    person.says("x='one two'; echo [$x] > note")
    person.says("cat note")
    person.sees(r"^\[one two\]")


def test_an_incomplete_line_goes_on_below(person: Person) -> None:
    person.says("for i in a b")
    person.sees("…")
    person.says("do echo got-$i")
    person.says("done")
    person.sees(r"^got-b")


def test_ctrl_c_drops_what_is_typed_and_ends_what_runs(person: Person) -> None:
    person.types("echo never")
    person.sees("echo never")
    person.types("\x03")
    person.says("sleep 60")
    person.sees(r"sleep 60\s*$")
    person.types("\x03")
    person.says("echo status-$?")
    seen = person.sees(r"^status-130")
    assert "\nnever" not in seen


def test_ctrl_c_ends_a_loop_that_never_waits(person: Person) -> None:
    person.says("while true; do :; done")
    person.sees("done")
    person.types("\x03")
    person.says("echo alive")
    person.sees(r"^alive")


def test_ctrl_d_leaves_with_the_last_status(person: Person) -> None:
    person.says("false")
    person.says("echo said")
    person.sees(r"^said")
    person.says("(exit 7)")
    person.types("\x04")
    assert person.leaves() == 7


def test_exit_leaves_with_its_status(person: Person) -> None:
    person.says("exit 3")
    assert person.leaves() == 3


def test_a_name_with_spaces_is_completed_in_quotes(person: Person) -> None:
    person.says("cd /tmp; echo inside > 'a name with spaces'")
    person.sees(r"^/tmp >")
    person.types("cat a\t")
    person.sees("cat 'a name with spaces'")
    person.says("")
    person.sees(r"^inside")


def test_a_command_and_an_option_are_completed(person: Person) -> None:
    person.types("basen\t")
    person.sees(r"> basename$")
    person.types("\x15ls --rec\t")
    person.sees("> ls --recursive")


def test_an_unknown_command_names_the_nearest(person: Person) -> None:
    person.says("lss")
    person.sees("lss: command not found")
    person.sees("did you mean ls")


def test_history_is_private_and_keeps_no_secret(person: Person, home: pathlib.Path) -> None:
    person.says("export API_KEY=canary-51d2; echo kept")
    person.sees(r"^kept")
    person.says(" echo not-kept-line")
    person.sees(r"^not-kept-line")
    person.types("\x04")
    assert person.leaves() == 0
    file = home / "data" / "prompt-history"
    assert os.stat(file).st_mode & 0o777 == 0o600
    text = file.read_text()
    assert "canary-51d2" not in text
    assert "not-kept-line" not in text
    assert "echo kept" in text


def test_history_comes_back_in_the_next_prompt(home: pathlib.Path, person: Person) -> None:
    person.says("echo first-prompt")
    person.sees(r"^first-prompt")
    person.types("\x04")
    person.leaves()
    again = Person(SPATIO, env={"SPATIO_HOME": str(home)})
    again.sees(r"^>")
    again.types("\x1b[A")
    again.sees("> echo first-prompt")
    again.gone()


def test_hostile_names_reach_neither_prompt_nor_menu(person: Person, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "outside"
    for name in ("z\x1b]0;title\x07one", "z\u202etwo", "z\x9b2Jthree"):
        (folder / name).mkdir(parents=True)
    person.says(f"mount /odd local path={folder}")
    person.says("cd /odd; echo there")
    person.sees(r"^there")
    person.types("cd z\t\t")
    person.sees("U\\+202E|u202e")
    person.types("\x15cd z*one\r")
    person.sees(r"/odd/z\^\[\]0;title\^Gone >")
    assert b"\x1b]0;title" not in person.raw
    assert "\u202e".encode() not in person.raw
    assert "\x9b".encode() not in person.raw
    assert person.screen.title == ""


@pytest.mark.parametrize(("term", "rows", "columns"), [("dumb", 24, 80), ("xterm", 5, 20), ("linux", 24, 80)])
def test_poor_terminals_work(home: pathlib.Path, term: str, rows: int, columns: int) -> None:
    someone = Person(
        SPATIO, env={"SPATIO_HOME": str(home), "LANG": "C"}, term=term, rows=rows, columns=columns
    )
    someone.sees(">")
    someone.says("echo w''orks")
    someone.sees(r"^works")
    someone.types("\x04")
    assert someone.leaves() == 0


def test_a_read_only_home_still_gives_a_prompt(tmp_path: pathlib.Path) -> None:
    someone = Person(SPATIO, env={"SPATIO_HOME": "/proc/nowhere"})
    someone.sees(">")
    someone.says("echo w''orks")
    someone.sees(r"^works")
    someone.gone()

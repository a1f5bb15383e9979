"""The worker inside an open prompt, at a real pseudo-terminal."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from tests.outbox.house import make_house, sent
from tests.spatio.pty import SPATIO, Person


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "home"


@pytest.fixture
def person(home: pathlib.Path) -> Iterator[Person]:
    make_house(home)
    someone = Person(SPATIO, env={"SPATIO_HOME": str(home)})
    someone.sees(r"^> $|^>$")
    yield someone
    someone.gone()


def test_what_waits_leaves_while_a_line_is_being_typed_and_is_told_above_it(
    person: Person, home: pathlib.Path
) -> None:
    person.says("mail send --yes --to ada@example.org -s Lunch --in 2s noon")
    person.sees("Leaves at")
    person.types("echo half-typed")
    person.sees(r"(?s)spatio: sent: Lunch to ada@example.org.*\n+> echo half-typed")
    person.says(" line")
    person.sees(r"^half-typed line")
    assert sent(home.parent / "maildir") == ["Lunch"]


def test_a_mail_that_the_person_waits_for_is_told_once(person: Person, home: pathlib.Path) -> None:
    person.says("mail send --yes --to ada@example.org -s Lunch noon")
    person.sees("Sent: Lunch")
    person.says("mail send --yes --to ada@example.org -s Dinner eight")
    person.sees("Sent: Dinner")
    person.says("ls /outbox; echo done-$?")
    screen = person.sees(r"^done-0")
    assert screen.lower().count("sent: lunch") == screen.lower().count("sent: dinner") == 1
    person.types("\x04")
    assert person.leaves() == 0
    assert sent(home.parent / "maildir") == ["Dinner", "Lunch"]


def test_leaving_the_prompt_leaves_what_waits_where_it_is(person: Person, home: pathlib.Path) -> None:
    person.says("mail send --yes --to ada@example.org -s Later --in 1h noon")
    person.sees("Leaves at")
    person.types("\x04")
    assert person.leaves() == 0
    assert sent(home.parent / "maildir") == []

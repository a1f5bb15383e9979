"""choose: a person picks by number, by value, or types an answer; nobody else is asked."""

from __future__ import annotations

from typing import Any

import pytest

from commands.choice import choose
from commands.stream import Collected, Given, Io
from tests.commands.desk import Desk
from tests.commands.render.screen import ESCAPES, findings
from vfs.drive import drive

OPTIONS = (("dmy", "the third of April"), ("mdy", "the fourth of March"))


class Typed(Given):
    """A terminal at which something was typed."""

    tty = True


def asked(typed: str, options: Any = OPTIONS, *, person: bool = True, **how: Any) -> tuple[str | None, str]:
    desk: Any = Desk(interactive=person)
    errors = Collected()
    source = Typed(typed.encode()) if person else Given(typed.encode())
    answer = drive(choose(desk, Io(source, Collected(), errors), "Which?", options, **how))
    return answer, errors.data.decode()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("1\n", "dmy"), ("2", "mdy"), (" mdy \n", "mdy"), ("\n", None), ("", None), ("3\nx\n2\n", "mdy")],
)
def test_an_option_is_chosen_by_number_or_value(typed: str, answer: str | None) -> None:
    found, shown = asked(typed)
    assert found == answer
    assert "Which?\n  1) the third of April\n  2) the fourth of March\n  1-2; Enter for none: " in shown


def test_three_answers_that_fit_nothing_are_none() -> None:
    found, shown = asked("a\nb\nc\n1\n")
    assert found is None
    assert "'c' is none of them" in shown


def test_any_text_is_an_answer_where_that_was_said() -> None:
    assert asked("savings\n", free=True)[0] == "savings"
    assert asked("9\n2\n", free=True)[0] == "mdy"
    assert asked("anything\n", ())[0] == "anything"
    assert "1-2, or type another; Enter for none: " in asked("\n", free=True)[1]


def test_nobody_is_asked_where_nobody_is() -> None:
    assert asked("1\n", person=False) == (None, "")


def test_what_a_file_says_cannot_act_on_the_terminal() -> None:
    for text in ESCAPES:
        _, shown = asked("1\n", [("a", text)], sample=[text])
        assert findings(shown.encode()) == []

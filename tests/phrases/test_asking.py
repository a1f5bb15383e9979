"""Which date is meant: asked at a terminal, refused with its readings in a script."""

from __future__ import annotations

from typing import Any

import pytest

from commands.command import Usage
from commands.phrases.asking import ask_when
from commands.phrases.when import When
from commands.stream import Collected, Given, Io
from tests.commands.desk import Desk
from vfs.drive import drive


class Typed(Given):
    """A terminal at which something was typed."""

    tty = True


def asked(text: str, typed: str = "", *, person: bool = False) -> tuple[When, str]:
    desk: Any = Desk(interactive=person)
    errors = Collected()
    source = Typed(typed.encode()) if person else Given(typed.encode())
    when = drive(ask_when(desk, Io(source, Collected(), errors), text))
    return when, errors.data.decode()


def test_one_meaning_is_not_asked_about() -> None:
    when, shown = asked("tomorrow at 3pm", person=True)
    assert (when.understood, shown) == ("Thu 2026-11-19 15:00 UTC", "")


def test_a_person_chooses_by_number() -> None:
    when, shown = asked("next friday", "2\n", person=True)
    assert str(when.start) == "2026-11-27"
    assert (
        "'next friday' may be several dates. Which one?\n  1) Fri 2026-11-20\n  2) Fri 2026-11-27\n" in shown
    )


def test_an_empty_answer_and_a_script_are_refused_with_how_to_say_each() -> None:
    for typed, person in (("\n", True), ("1\n", False)):
        with pytest.raises(Usage, match="'next friday' may be Fri 2026-11-20 or Fri 2026-11-27") as caught:
            asked("next friday", typed, person=person)
        assert caught.value.hint == "write '2026-11-20'; or write '2026-11-27'"
        assert caught.value.status == 2


def test_why_a_time_is_none_is_said_with_the_question() -> None:
    with pytest.raises(Usage, match="does not exist: the clock is put forward"):
        asked("march 28 2027 3:30am in helsinki")


def test_what_is_no_date_is_a_wrong_use() -> None:
    with pytest.raises(Usage, match="did you mean 'tomorrow'"):
        asked("tomorow")

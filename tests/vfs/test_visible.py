"""vfs.visible: no text controls a terminal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vfs.visible import MARKS, visible, visible_line

CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)


@given(st.text(st.characters()))
def test_no_control_survives_in_any_text(text: str) -> None:
    assert not CONTROL.search(visible(text))
    assert not re.search("[\n\t]", visible_line(text))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b]0;owned\x07", "^[]0;owned^G"),
        ("\x9b2J", "\\x9b2J"),
        ("Mallory\rAlice", "Mallory^MAlice"),
        ("a\u202eb", "a<U+202E>b"),
        ("x\U000e0041y", "x<U+E0041>y"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("caf\udce9", "caf\\udce9"),
        ("del\x7f", "del^?"),
    ],
)
def test_what_would_act_on_a_terminal_is_spelt_out(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@pytest.mark.parametrize(
    "text", ["plain", "日本語 ελληνικά", "naïve — “quoted”", "👩‍👩‍👧 family", "tab\tand\nline", ""]
)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_a_joiner_between_letters_is_shown() -> None:
    assert visible("pay\u200dpal") == "pay<U+200D>pal"


def test_a_flood_of_combining_marks_is_cut() -> None:
    assert visible("e" + "\u0301" * 500) == "e" + "\u0301" * MARKS

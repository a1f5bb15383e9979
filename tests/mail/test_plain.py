from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.plain import enriched, paragraphs, unflowed


def test_text_that_is_not_flowed_stays_as_it_is() -> None:
    assert paragraphs("a \r\n b\r\n", {}) == "a \n b\n"


def test_flowed_lines_are_joined() -> None:
    text = "One paragraph \r\nthat goes on.\r\n From the start\r\n-- \r\nAda\r\n"
    assert paragraphs(text, {"format": "Flowed"}) == "One paragraph that goes on.\nFrom the start\n-- \nAda\n"


def test_spaces_of_joined_lines_can_be_dropped() -> None:
    assert unflowed("日本 \n語", drops_space=True) == "日本語"


def test_quotes_are_joined_by_level() -> None:
    assert unflowed("> a \n> b\n>> c \nd", drops_space=False) == "> a b\n> > c\nd"


def test_enriched_marks_are_dropped() -> None:
    text = "<bold>Hi</bold>\nthere\n\n<color><param>red</param>you</color> << 3"
    assert enriched(text) == "Hi there\nyou < 3"


@settings(deadline=None)
@given(st.text(alphabet="> ab\n\r-", max_size=80))
def test_no_word_of_a_flowed_text_is_lost(text: str) -> None:
    shown = unflowed(text, drops_space=False)
    assert "".join(shown.split()).replace(">", "") == "".join(text.split()).replace(">", "")

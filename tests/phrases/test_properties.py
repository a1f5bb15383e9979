"""What holds for every phrase: nothing is passed over, each reading can be said, nothing hangs or crashes."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from commands.phrases.when import Ambiguous, When, read_when
from commands.phrases.words import KNOWN
from commands.phrases.zones import known
from tests.phrases import said

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=ZoneInfo("Europe/Helsinki"))
PHRASES = [
    "tomorrow at 3pm",
    "friday from 14:00 to 15:30",
    "december 24 to december 26",
    "in 36 hours",
    "next tuesday",
    "2027-03-03 10:00",
    "every weekday at 9",
    "first monday of december at 10am",
    "the 30th",
    "tomorrow morning",
    "3pm berlin time tomorrow",
    "24.12.2026",
    "every 2 weeks on friday until june",
    "a week from friday",
    "tomorrow 2pm for 90 minutes",
    "last monday",
    "03/04/2027",
    "at 5",
    "25 october 2026 at 03:30",
    "march 28 2027 at 3:30",
    "tomorrow at midnight",
    "end of week",
    "tomorrow 9am CST",
    "every second tuesday",
    "the 1st and 15th of every month",
    "every weekday at 5",
    "10.12",
    "next weekend",
    "eod tomorrow",
    "friday 2-4",
    "every monday from 9 to 10am for 6 weeks",
    "every 3rd of march",
    "the last day of every month at 17:00",
]
WORDS = sorted(
    KNOWN | {"3", "15:30", "3pm", "2026-12-24", "24.", "1430", "+3d", "é", "12/24/2026", "utc", "berlin"}
)


def readings(text: str) -> tuple[When, ...]:
    try:
        return (read_when(text, NOW),)
    except Ambiguous as several:
        return several.readings
    except ValueError:
        return ()


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(PHRASES), st.integers(0, 12), st.from_regex(r"[a-z]{3,12}", fullmatch=True))
@example("tomorrow at 3pm", 1, "pl")
def test_a_strange_word_anywhere_is_never_passed_over(phrase: str, at: int, word: str) -> None:
    words = phrase.split()
    words.insert(min(at, len(words)), word)
    before = {(when.start, when.end, when.rule) for when in readings(phrase)}
    after = {(when.start, when.end, when.rule) for when in readings(" ".join(words))}
    assert word in KNOWN or not before & after or known(word)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(PHRASES),
    st.integers(0, 60),
    st.characters(exclude_categories=["Zs", "Cc", "Cf", "Zl", "Zp"]),
)
def test_a_strange_sign_anywhere_is_never_passed_over(phrase: str, at: int, sign: str) -> None:
    broken = phrase[:at] + sign + phrase[at:]
    if sign in ",-–—‐‑−+@/.:'’&" or sign.isalnum():
        return
    assert readings(broken) == ()


def test_every_reading_has_a_phrase_that_means_it_alone() -> None:
    some = [phrase.text for now in said.NOWS[:1] for phrase in said.moments(now, random.Random(1))][::40]
    for phrase in (*PHRASES, *some):
        found = readings(phrase)
        assert found, phrase
        for when in found:
            again = read_when(when.plain, NOW)
            assert (str(again.start), str(again.end), again.rule) == (
                str(when.start),
                str(when.end),
                when.rule,
            ), (
                phrase,
                when.plain,
            )


def test_every_reading_is_told_apart_from_the_others() -> None:
    for phrase in PHRASES:
        told = [when.understood for when in readings(phrase)]
        assert len(set(told)) == len(told)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_any_words_are_read_or_refused_soon(words: list[str]) -> None:
    readings(" ".join(words))


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    readings(text)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="0123456789:/.- apmTZW+,", max_size=16))
def test_any_digits_are_read_or_refused(text: str) -> None:
    readings(text)


@given(
    st.sampled_from(PHRASES),
    st.sampled_from([str.upper, str.title, lambda text: f"  {text.replace(' ', '   ')} "]),
)
def test_case_and_spaces_make_no_difference(phrase: str, change: Callable[[str], str]) -> None:
    plain = [(when.start, when.end, when.rule) for when in readings(phrase)]
    assert [(when.start, when.end, when.rule) for when in readings(change(phrase))] == plain

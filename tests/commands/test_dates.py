"""Dates as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from commands.dates import day_text, read_day, read_period

WEDNESDAY = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-18"), ("tomorrow", "2026-11-19"), ("Yesterday", "2026-11-17"),
        ("friday", "2026-11-20"), ("fri", "2026-11-20"),
        ("wednesday", "2026-11-25"), ("monday", "2026-11-23"),
        ("next monday", "2026-11-23"), ("this friday", "2026-11-20"),
        ("last friday", "2026-11-13"),
        ("2026-12-24", "2026-12-24"), ("+3d", "2026-11-21"), ("-1w", "2026-11-11"), ("+1mo", "2026-12-18"),
        ("in 3 days", "2026-11-21"), ("in a week", "2026-11-25"), ("2 days ago", "2026-11-16"),
        ("in 2 months", "2027-01-18"), ("today+10d", "2026-11-28"), ("in 1 year", "2027-11-18"),
        ("12/24/2026", "2026-12-24"), ("in five days", "2026-11-23"), ("2026-1-1", "2026-01-01"),
        ("the 24th of december", "2026-12-24"), ("end of month", "2026-11-30"),
        ("nov 17", "2027-11-17"),
    ],
)  # fmt: skip
def test_a_day_is_understood(text: str, day: str) -> None:
    assert read_day(text, WEDNESDAY).isoformat() == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "someday",
        "12/11/2026",
        "2026-02-30",
        "next friday",
        "last monday",
        "3",
        "+3x",
        "every friday",
        "at 5",
        "99999999999",
        "in 9999999999 days",
        "+99999y",
        "next",
        "mo",
        "friday please",
        "friday at 3pm",
        "\x1b[2J",
    ],
)
def test_what_is_not_known_or_may_be_two_things_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_day(text, WEDNESDAY)


def test_months_end_where_they_end() -> None:
    assert read_day("in a month", datetime(2026, 1, 31, tzinfo=UTC)) == date(2026, 2, 28)
    assert read_day("in 1 year", datetime(2028, 2, 29, tzinfo=UTC)) == date(2029, 2, 28)


def test_more_than_a_day_is_no_day_but_a_period() -> None:
    with pytest.raises(ValueError, match="more than one day"):
        read_day("next week", WEDNESDAY)
    period = read_period("2026-12", WEDNESDAY)
    assert (period.start.isoformat(), period.end.isoformat()) == (
        "2026-12-01T00:00:00+00:00",
        "2027-01-01T00:00:00+00:00",
    )


def test_a_day_is_shown_with_its_weekday() -> None:
    assert day_text(date(2026, 11, 20)) == "Fri 2026-11-20"

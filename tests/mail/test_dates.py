from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.dates import moment, shown, written

EAST = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("value", "when"),
    [
        ("Mon, 15 Jan 2024 14:03:11 +0100", datetime(2024, 1, 15, 14, 3, 11, tzinfo=EAST)),
        ("15 Jan 2024 14:03 +0100 (CET)", datetime(2024, 1, 15, 14, 3, tzinfo=EAST)),
        ("Mon,15 Jan 24 14:03:11 GMT", datetime(2024, 1, 15, 14, 3, 11, tzinfo=UTC)),
        (
            "Monday, 15-Jan-99 14:03:11 EST",
            datetime(1999, 1, 15, 14, 3, 11, tzinfo=timezone(timedelta(hours=-5))),
        ),
        ("Mon, 15 Jan 2024 14:03:60 -0000", datetime(2024, 1, 15, 14, 3, 59, tzinfo=UTC)),
        ("Mon Jan 15 14:03:11 2024", datetime(2024, 1, 15, 14, 3, 11, tzinfo=UTC)),
        ("2024-01-15T14:03:11Z", datetime(2024, 1, 15, 14, 3, 11, tzinfo=UTC)),
        ("Thu, 32 Foo 20266 25:61:61 +9999", None),
        ("Thu, 31 Feb 2024 10:00:00 +0000", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("yesterday", None),
        ("", None),
        ("1" * 100_000, None),
    ],
)
def test_a_date_is_read_or_is_none(value: str, when: datetime | None) -> None:
    found = moment(value)
    assert found == when
    assert found is None or when is None or found.utcoffset() == when.utcoffset()


def test_a_date_is_shown_in_the_senders_own_time() -> None:
    assert shown(datetime(2024, 1, 15, 14, 3, 11, tzinfo=EAST)) == "Mon, 15 Jan 2024 14:03 +0100"


@pytest.mark.parametrize("minutes", [0, -30, -570, 345, 840, -1439, 1439])
def test_a_date_is_shown_in_any_zone_as_strftime_says(minutes: int) -> None:
    when = datetime(2024, 3, 5, 4, 7, tzinfo=timezone(timedelta(minutes=minutes)))
    assert shown(when) == f"Tue, 5 Mar 2024 {when:%H:%M %z}"


@settings(deadline=None)
@given(
    st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2049, 1, 1)),
    st.integers(-12 * 60, 14 * 60),
)
def test_what_is_written_is_read_again(when: datetime, minutes: int) -> None:
    at = when.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert moment(written(at)) == at


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    moment(text)

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from spatio.api import read_when

NOW = "2026-11-18T09:30:00"
HOME = "Europe/Helsinki"


def test_one_meaning_is_told_as_plain_values() -> None:
    found = read_when("tomorrow at 15:00 UTC", NOW, HOME)
    assert found["start"] == "2026-11-19T17:00:00+02:00"
    assert (found["end"], found["kind"], found["granularity"], found["zone"]) == (
        None,
        "datetime",
        "minute",
        "UTC",
    )
    assert found["understood"].startswith("Thu 2026-11-19 17:00 Europe/Helsinki")
    assert len(found["readings"]) == 1


def test_days_are_told_with_both_ends() -> None:
    found = read_when("friday to sunday", NOW, HOME)
    assert (found["start"], found["end"], found["all_day"]) == ("2026-11-20", "2026-11-22", True)


def test_several_meanings_are_told_without_choosing_one() -> None:
    found = read_when("next friday", NOW, HOME)
    assert (found["kind"], found["start"], found["rule"]) == ("ambiguous", None, "")
    assert [one["start"] for one in found["readings"]] == ["2026-11-20", "2026-11-27"]
    assert "may be Fri 2026-11-20 or Fri 2026-11-27" in found["reason"]


def test_a_rule_comes_with_its_first_instance() -> None:
    found = read_when("every weekday at 9", NOW, HOME)
    assert (found["rule"], found["start"]) == (
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "2026-11-19T09:00:00+02:00",
    )


def test_the_moment_may_be_aware_and_in_another_zone() -> None:
    found = read_when("today", datetime(2026, 11, 18, 23, 30, tzinfo=UTC), HOME)
    assert found["start"] == "2026-11-19"


def test_what_is_no_date_and_what_is_no_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="is no date"):
        read_when("soonish", NOW, HOME)
    with pytest.raises(ValueError, match="Helsinky"):
        read_when("today", NOW, "Europe/Helsinky")

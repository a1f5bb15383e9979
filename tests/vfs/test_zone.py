"""vfs.zone: zones by the names that people and files use."""

from __future__ import annotations

import pathlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from vfs.zone import all_zones, home_zone, zone_of


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Europe/Helsinki", "Europe/Helsinki"),
        ("europe/helsinki", "Europe/Helsinki"),
        ("america/new york", "America/New_York"),
        ("FLE Standard Time", "Europe/Kyiv"),
        ("w. europe standard time", "Europe/Berlin"),
        ("UTC-02", "Etc/GMT+2"),
        ("Etc/GMT-3", "Etc/GMT-3"),
        ("utc", "UTC"),
        ("Etc/UTC", "UTC"),
    ],
)
def test_a_zone_is_found_by_iana_in_any_case_and_by_windows(name: str, found: str) -> None:
    assert zone_of(name).key == found


@pytest.mark.parametrize(
    "name", ["", " ", "../../etc/passwd", "Europe", "a\0b", "x" * 5000, "Mars/Phobos", "/"]
)
def test_what_is_no_zone_is_said_to_be_none(name: str) -> None:
    with pytest.raises(ValueError, match="there is no time zone") as raised:
        zone_of(name)
    assert len(str(raised.value)) < 150
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Helsinki", "Europe/Helsinki"),
        ("Europe/Helsinky", "Europe/Helsinki"),
        ("new york", "America/New_York"),
    ],
)
def test_the_nearest_name_is_proposed(name: str, near: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean {near}"):
        zone_of(name)


def test_every_name_of_windows_means_what_unicode_says() -> None:
    """Compared by what the clocks show, since the same place has had several names."""
    for name, iana in WINDOWS_TO_OLSON.items():
        ours, theirs = zone_of(name), ZoneInfo(iana)
        for moment in zone_moments():
            assert moment.astimezone(ours).utcoffset() == moment.astimezone(theirs).utcoffset(), name


def zone_moments() -> list[datetime]:
    return [datetime(2026, month, 15, tzinfo=UTC) for month in (1, 4, 7, 10)]


def test_every_listed_zone_is_found_by_its_name() -> None:
    assert len(all_zones()) > 400
    assert all(zone_of(name) for name in all_zones())


def test_home_is_what_tz_says() -> None:
    assert home_zone({"TZ": "Europe/Helsinki"}).key == "Europe/Helsinki"
    assert home_zone({"TZ": ":Asia/Tokyo"}).key == "Asia/Tokyo"
    assert home_zone({"TZ": "/usr/share/zoneinfo/Asia/Tokyo"}).key == "Asia/Tokyo"


def test_a_tz_that_names_nothing_is_utc() -> None:
    assert home_zone({"TZ": "nonsense"}).key == "UTC"


def test_home_is_the_systems_zone_without_tz(tmp_path: pathlib.Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Oslo")
    assert home_zone({}, str(tmp_path)).key == "Europe/Oslo"


def test_a_system_may_name_its_zone_in_a_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/localtime").write_bytes(b"TZif")
    (tmp_path / "etc/timezone").write_text("Europe/Rome\n")
    assert home_zone({}, str(tmp_path)).key == "Europe/Rome"


def test_a_system_without_a_zone_lives_by_utc(tmp_path: pathlib.Path) -> None:
    assert home_zone({}, str(tmp_path)).key == "UTC"

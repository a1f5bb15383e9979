"""Series, as both ends have them: what is shown here by days is what the servers make of them themselves."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from providers.calendar.mirrored import CalendarMirror
from providers.mirror.settings import MirrorSettings
from providers.spec import Reach
from tests.caldav.account import Account, event, remote_of
from tests.servers.radicale import Radicale
from vfs.path import ROOT

WORK = "/calendars/work"
HELSINKI = "TZID=Europe/Helsinki"
ZONE = b"""BEGIN:VTIMEZONE\r
TZID:Europe/Helsinki\r
BEGIN:STANDARD\r
DTSTART:19961027T040000\r
TZOFFSETFROM:+0300\r
TZOFFSETTO:+0200\r
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r
END:STANDARD\r
BEGIN:DAYLIGHT\r
DTSTART:19810329T030000\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0300\r
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r
END:DAYLIGHT\r
END:VTIMEZONE\r
"""


def series(uid: str, *more: str, start: str = "20260914T090000", end: str = "20260914T100000") -> bytes:
    """A series in Helsinki, which leaves summer time on 2026-10-25."""
    made = event(uid, uid, start, *more, end=end)
    made = made.replace(b"DTSTART:", f"DTSTART;{HELSINKI}:".encode()).replace(
        b"DTEND:", f"DTEND;{HELSINKI}:".encode()
    )
    return made.replace(b"BEGIN:VEVENT", ZONE + b"BEGIN:VEVENT", 1)


def override(uid: str, instance: str, start: str, end: str, title: str) -> bytes:
    lines = (
        "BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"RECURRENCE-ID;{HELSINKI}:{instance}",
        f"DTSTART;{HELSINKI}:{start}", f"DTEND;{HELSINKI}:{end}", f"SUMMARY:{title}", "END:VEVENT",
    )  # fmt: skip
    return "".join(f"{line}\r\n" for line in lines).encode()


def with_override(data: bytes, more: bytes) -> bytes:
    return data.replace(b"END:VCALENDAR", more + b"END:VCALENDAR")


SERIES = {
    "weekly": series("weekly", "RRULE:FREQ=WEEKLY;BYDAY=MO"),
    "counted": series("counted", "RRULE:FREQ=WEEKLY;COUNT=8"),
    "until": series("until", "RRULE:FREQ=WEEKLY;UNTIL=20261102T070000Z"),
    "gaps": series("gaps", "RRULE:FREQ=WEEKLY", f"EXDATE;{HELSINKI}:20261005T090000,20261026T090000"),
    "extra": series("extra", "RRULE:FREQ=WEEKLY;COUNT=3", f"RDATE;{HELSINKI}:20261028T090000"),
    "moved": with_override(
        series("moved", "RRULE:FREQ=WEEKLY"),
        override("moved", "20261026T090000", "20261027T110000", "20261027T120000", "Moved across the change"),
    ),
    "second": series(
        "second", "RRULE:FREQ=MONTHLY;BYDAY=2TU", start="20260908T090000", end="20260908T100000"
    ),
}
FROM, TO = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)


def by_server(said: bytes) -> list[tuple[str, str]]:
    """Starts in UTC with their titles, as the server has expanded them."""
    found = []
    for one in re.findall(rb"BEGIN:VEVENT.*?END:VEVENT", said, re.DOTALL):
        start = re.search(rb"^DTSTART[^:]*:(\d{8}T\d{6}Z)", one, re.MULTILINE)
        title = re.search(rb"^SUMMARY:([^\r\n&]*)", one, re.MULTILINE)
        assert start is not None, one
        assert title is not None, one
        found.append((start.group(1).decode(), title.group(1).decode().strip()))
    return sorted(found)


class Days(Account):
    """An account whose mount shows days."""

    def __init__(self, folder: pathlib.Path, remote: object) -> None:
        super().__init__(folder, remote)  # type: ignore[arg-type]
        settings = MirrorSettings(
            "ada", replaces=frozenset({""}), fixed=False, arranges=True, reach=lambda: Reach.BACKGROUND
        )
        self.mirror = CalendarMirror(self.store, "calendar", remote, settings)  # type: ignore[arg-type]

    def shown(self, start: datetime, end: datetime) -> list[tuple[str, str]]:
        async def listed() -> Sequence[tuple[str, str]]:
            found = []
            async for some in self.mirror.between(ROOT, start, end):
                for _, node in some:
                    at = node.attrs["start"]
                    assert isinstance(at, datetime)
                    found.append((f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}", str(node.attrs["title"])))
            return found

        return sorted(self.run(listed()))


@pytest.mark.parametrize("name", SERIES)
def test_a_series_is_what_the_server_makes_of_it(
    radicale: Radicale, tmp_path: pathlib.Path, name: str
) -> None:
    user = radicale.user()
    calendar = user.make("work")
    account = Days(tmp_path, lambda: remote_of(user))
    account.sync()
    account.write(f"{WORK}/{name}.ics", SERIES[name])
    account.sync()
    expanded = by_server(user.expanded(calendar, f"{FROM:%Y%m%dT%H%M%SZ}", f"{TO:%Y%m%dT%H%M%SZ}"))
    assert account.shown(FROM, TO) == expanded
    assert len(expanded) >= 1
    account.close()


def test_an_edited_instance_is_what_the_server_makes_of_it(
    radicale: Radicale, tmp_path: pathlib.Path
) -> None:
    user = radicale.user()
    calendar = user.make("work")
    user.put(f"{calendar}weekly.ics", SERIES["weekly"])
    account = Days(tmp_path, lambda: remote_of(user))
    account.sync()
    asked = f"{FROM:%Y%m%dT%H%M%SZ}", f"{TO:%Y%m%dT%H%M%SZ}"
    whole = account.shown(FROM, TO)
    assert whole == by_server(user.expanded(calendar, *asked))
    # In Helsinki it is nine, whatever the change of October makes of that.
    before, after = "20261019", "20261026"
    day = {at[:8]: at for at, _ in whole}
    assert (day[before][9:], day[after][9:]) == ("060000Z", "070000Z")
    account.remove("/2026-10-26/0700-weekly.ics")
    account.sync()
    less = account.shown(FROM, TO)
    assert less == [one for one in whole if not one[0].startswith(after)]
    assert less == by_server(user.expanded(calendar, *asked))
    account.move("/2026-10-19/0600-weekly.ics", "/2026-10-20/1200-weekly.ics")
    account.sync()
    moved = account.shown(FROM, TO)
    assert ("20261020T120000Z", "weekly") in moved
    assert len(moved) == len(less)
    assert moved == by_server(user.expanded(calendar, *asked))
    assert timedelta(days=30) < TO - FROM
    account.close()

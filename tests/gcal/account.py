"""What the tests of Google Calendar share: the service's account, its mirror, events."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from providers.calendar.google.remote import GoogleCalendarRemote
from providers.http import Bounds, Pace
from tests.caldav.account import Account as Mirrored
from tests.servers.googlecalendar import ME, ZONE, calendars
from tests.servers.googlecalendar import Account as Service
from vfs.zone import zone_of

QUICK = Bounds(connect=2.0, read=5.0, total=10.0, patience=0.5, pause=0.001, tries=4)
HOME = zone_of(ZONE)
MINE = "/calendars/me-example.org"


class Login:
    """Tokens that are always good."""

    async def access(self) -> str:
        return "token"

    async def renewed(self, stale: str) -> str:
        return "another"


def remote_of(url: str, token: Any = None, mine: str = ME, **how: Any) -> GoogleCalendarRemote:
    return GoogleCalendarRemote(
        token or Login(), base=url, bounds=QUICK, pace=Pace(1e9, 1e9), mine=(mine,), home=HOME, **how
    )


@contextmanager
def account(folder: pathlib.Path) -> Iterator[tuple[Service, Mirrored]]:
    """A service and the mirror of it."""
    with calendars() as service:
        mirror = Mirrored(folder, lambda: remote_of(service.web.url))
        yield service, mirror
        mirror.close()


def timed(day: str, hour: int, minute: int = 0, zone: str = ZONE) -> dict[str, str]:
    return {"dateTime": f"{day}T{hour:02}:{minute:02}:00{offset_of(day, zone)}", "timeZone": zone}


def offset_of(day: str, zone: str) -> str:
    text = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=zone_of(zone)).strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def meeting(
    title: str = "Team meeting", day: str = "2026-11-21", hour: int = 14, **more: Any
) -> dict[str, Any]:
    """An event as Google has it."""
    return {"summary": title, "start": timed(day, hour), "end": timed(day, hour + 1), **more}


def weekly(title: str = "Standup", day: str = "2026-11-02", **more: Any) -> dict[str, Any]:
    return meeting(title, day, 9, recurrence=["RRULE:FREQ=WEEKLY;COUNT=6"], **more)

"""What plans in the tests are made of."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from commands.planning.rules import read_rules
from commands.planning.terms import Busy, Todo
from spatio.settings import PLAN
from vfs.path import Path

ZONE = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 8, 2, tzinfo=ZONE)
RULES = read_rules({**PLAN, "lunch": "none"})


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


def todo(name: str, minutes: int = 30, **more: object) -> Todo:
    return Todo(Path(("tasks", f"{name}.md")), name, minutes, **more)  # type: ignore[arg-type]


def event(start: datetime, end: datetime, *, all_day: bool = False) -> Busy:
    return Busy(start, end, "Meeting", Path(("calendar", "2026-11-24", "meeting.ics")), all_day)

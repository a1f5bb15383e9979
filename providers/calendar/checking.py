"""Checking: whether a file may be written as an event, and why not."""

from __future__ import annotations

from collections.abc import Sequence

from providers.calendar.event import Calendar, Event
from providers.calendar.reading import read_calendar
from providers.calendar.rule import read_rule


def problem_of(data: bytes) -> str:
    """Why these bytes are no event that can be kept, for a person; "" when they are one, or several."""
    if not data.strip():
        return "the file is empty, and an event begins with BEGIN:VCALENDAR"
    return problem_in(read_calendar(data))


def problem_in(calendar: Calendar) -> str:
    """The same, of a calendar that is read already."""
    if not calendar.series:
        if calendar.problems:
            return calendar.problems[0]
        return "it holds tasks only, no event" if calendar.tasks else "it holds no event (VEVENT)"
    for series in calendar.series:
        for event in (series.master, *series.overrides):
            wrong = wrong_in(event) if event is not None else ""
            if wrong:
                return wrong
    return next(iter(unread(calendar)), "")


def unread(calendar: Calendar) -> Sequence[str]:
    """What is said of events that no day can show, since they have no beginning."""
    return [problem for problem in calendar.problems if "when it begins" in problem]


def wrong_in(event: Event) -> str:
    """What is wrong with an event; "" for nothing."""
    problem = event.said.problem.replace("; it is shown without a length", "")
    if problem:
        return problem.replace("; its times are taken as they stand", "")
    for rule in (*event.rules, *event.exrules):
        try:
            read_rule(rule)
        except ValueError as error:
            return f"it recurs by no rule: {error}"
    return ""

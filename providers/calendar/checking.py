"""Checking: whether a file may be written as an event, and why not."""

from __future__ import annotations

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
            wrong = _wrong(event) if event is not None else ""
            if wrong:
                return wrong
    return next((problem for problem in calendar.problems if "when it begins" in problem), "")


def _wrong(event: Event) -> str:
    problem = event.said.problem.replace("; it is shown without a length", "")
    if problem:
        return problem.replace("; its times are taken as they stand", "")
    for rule in (*event.rules, *event.exrules):
        try:
            read_rule(rule)
        except ValueError as error:
            return f"it recurs by no rule: {error}"
    return ""

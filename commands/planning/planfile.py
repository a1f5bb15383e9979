"""A plan as Markdown that people read and edit, and what they left of it.

Under a heading for each day stand its lines, `- 09:00-10:30 [Title](/tasks/title.md)`; a line that names no
task is a note. Only these lines are read again, with bullets, dashes and spaces as people leave them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from commands.dates import DAYS, day_text
from commands.planning.terms import Block, Busy, Plan, Rules, spoken
from commands.values import one_line
from vfs.errors import BadName
from vfs.path import Path

_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*\s*\Z")
_DATE = re.compile(r"\b(\d{4}-\d\d-\d\d)\b")
_MARK = r"\s*[-*+]\s+(?:\[[ xX]?\]\s+)?"
_CLOCK = r"(\d{1,2})[:.](\d\d)"
_LINE = re.compile(rf"{_MARK}{_CLOCK}\s*(?:-|–|—|to|until)\s*{_CLOCK}\s+(.*?)\s*\Z")
_BULLET = re.compile(rf"{_MARK}(?=\d)")
_LINK = re.compile(r"\]\((?:<([^<>\n]*)>|([^()\s]*))\)")
_SPECIAL = re.compile(r"([\\\[\]<>*_`#~])")


class Line(NamedTuple):
    """A line of a plan that somebody may have edited."""

    number: int
    start: datetime
    end: datetime
    path: Path | None
    """The task or event that it names; None for a note."""
    text: str


class Read(NamedTuple):
    """What a plan's file says."""

    days: Sequence[date]
    lines: Sequence[Line]
    wrong: Sequence[tuple[int, str]]
    """Lines that cannot be meant, with the reason."""


def written(plan: Plan, rules: Rules, now: datetime, *, ordered_by: str = "") -> str:
    """The file of a plan."""
    first, last = plan.days[0], plan.days[-1]
    title = day_text(first) if first == last else f"{day_text(first)} to {day_text(last)}"
    lines = [
        f"# Plan: {title}",
        "",
        f"Made {now:%Y-%m-%d %H:%M} ({_zone(now)}) for {rules.opens:%H:%M}-{rules.closes:%H:%M}, at most "
        f"{spoken(int(rules.focus.total_seconds()) // 60)} of focus a day."
        + (f" Ordered by {one_line(ordered_by)}." if ordered_by else ""),
        "Move lines, change times, delete what you do not want; then: plan diff FILE, plan apply FILE",
    ]
    for day in plan.days:
        entries = _of_day(plan, day, rules, now)
        lines += ["", f"## {day_text(day)}", "", *(entries or ["Nothing is planned."])]
    if plan.warnings:
        lines += ["", "## Look at", "", *[f"- {_escaped(one)}" for one in plan.warnings]]
    if plan.left:
        lines += ["", "## Not planned", ""]
        lines += [f"- {_link(one.todo.title, one.todo.path)}: {one.reason}" for one in plan.left]
    return "\n".join([*lines, ""])


def _of_day(plan: Plan, day: date, rules: Rules, now: datetime) -> list[str]:
    rows: list[tuple[datetime, int, str]] = []
    for busy in plan.busy:
        start, end = busy.start.astimezone(now.tzinfo), busy.end.astimezone(now.tzinfo)
        if start.date() <= day <= (end - timedelta(microseconds=1)).date():
            rows.append((max(start, _midnight(day, now)), 0, _event(busy, start, end, day)))
    if rules.lunch_from < rules.lunch_to:
        lunch = datetime.combine(day, rules.lunch_from, now.tzinfo)
        rows.append((lunch, 2, f"- {rules.lunch_from:%H:%M}-{rules.lunch_to:%H:%M} lunch"))
    rows += [
        (block.start, 1, _block(block, plan.blocks)) for block in plan.blocks if block.start.date() == day
    ]
    return [text for _, _, text in sorted(rows)]


def _event(busy: Busy, start: datetime, end: datetime, day: date) -> str:
    if busy.all_day:
        return f"- all day: {_link(busy.title, busy.path)}"
    first = f"{start:%H:%M}" if start.date() == day else "00:00"
    last = f"{end:%H:%M}" if end.date() == day else "24:00"
    return f"- {first}-{last} {_link(busy.title, busy.path)}"


def _block(block: Block, blocks: Sequence[Block]) -> str:
    todo = block.todo
    parts = [one for one in blocks if one.todo.path == todo.path]
    marks = [f"part {parts.index(block) + 1} of {len(parts)}"] if len(parts) > 1 else []
    if todo.due is not None:
        marks.append(f"due {day_text(todo.due)}")
    if todo.guessed:
        marks.append("a guess, it has no estimate")
    tail = f" ({', '.join(marks)})" if marks else ""
    return f"- {block.start:%H:%M}-{block.end:%H:%M} {_link(todo.title, todo.path)}{tail}"


def _link(title: str, path: Path) -> str:
    where = str(path)
    plain = re.fullmatch(r"[\w/.,@+-]+", where, re.ASCII) is not None
    return f"[{_escaped(title)}]({where if plain else f'<{where}>'})"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(text))


def _zone(now: datetime) -> str:
    return str(getattr(now.tzinfo, "key", "") or now.tzname() or "")


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo)


def read(text: str, now: datetime) -> Read:
    """What a plan's file says, in the zone of `now`. Never raises: what is wrong is told with its line."""
    days: list[date] = []
    lines: list[Line] = []
    wrong: list[tuple[int, str]] = []
    day: date | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        heading = _HEADING.match(raw)
        if heading is not None:
            day = _day_of(heading[1], raw)
            if day is not None and day not in days:
                days.append(day)
            continue
        if day is None or "~~" in raw:
            continue
        found = _LINE.match(raw)
        if found is None:
            if _BULLET.match(raw):
                wrong.append((number, "needs two times, such as 09:00-10:30"))
            continue
        line = _line(number, found, day, now)
        if isinstance(line, str):
            wrong.append((number, line))
        else:
            lines.append(line)
    return Read(days, lines, wrong)


def _day_of(heading: str, raw: str) -> date | None:
    """The day of a section's heading; that of the whole plan is none."""
    found = _DATE.search(heading)
    if found is None or raw.startswith("# "):
        return None
    try:
        return date.fromisoformat(found[1])
    except ValueError:
        return None


def _line(number: int, found: re.Match[str], day: date, now: datetime) -> Line | str:
    """A line, or what is wrong with it."""
    start = _at(day, int(found[1]), int(found[2]), now)
    end = _at(day, int(found[3]), int(found[4]), now)
    if start is None or end is None:
        return "has a time that no clock shows"
    if end <= start:
        return "ends before it begins"
    links = _LINK.findall(found[5])
    try:
        path = Path.parse(links[-1][0] or links[-1][1]) if links else None
    except BadName as error:
        return f"names no path: {error.reason}"
    return Line(number, start, end, path, found[5])


def _at(day: date, hour: int, minute: int, now: datetime) -> datetime | None:
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return None
    if hour == 24:
        return _midnight(day + timedelta(1), now)
    return datetime.combine(day, time(hour, minute), now.tzinfo)


def weekday(name: str) -> int | None:
    """The number of a weekday by its name or its first letters, Monday 0."""
    word = name.strip().lower()
    fitting = [at for at, one in enumerate(DAYS) if len(word) >= 2 and one.startswith(word)]
    return fitting[0] if len(fitting) == 1 else None

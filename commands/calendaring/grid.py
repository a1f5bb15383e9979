"""Grid: a month or a week as a table of days, each with as many of its events as there is room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from commands.calendaring.agenda import hours_on
from commands.calendaring.events import Event
from commands.dates import DAYS
from commands.render import fit, pad
from commands.stream import Io
from vfs.visible import visible_line

NARROW = 8
"""Columns of a day in which a title still says something."""

Styled = tuple[str, str]


async def draw_weeks(
    io: Io,
    mondays: Sequence[date],
    found: Mapping[date, Sequence[Event]],
    now: datetime,
    *,
    rows: int,
    month: int = 0,
) -> None:
    """Weeks below each other, each day with at most `rows` events; days outside of `month` are dim."""
    room = max((io.stdout.width - 1) // 7 - 1, 4)
    head = [pad(name.capitalize()[: 3 if room < 11 else 9], room) for name in DAYS]
    await io.stdout.paint([(" " + " ".join(head) + "\n", "bold")])
    for monday in mondays:
        days = [monday + timedelta(at) for at in range(7)]
        cells = [_cell(day, found.get(day, ()), now, room, rows, month) for day in days]
        for line in range(max(map(len, cells))):
            spans: list[Styled] = []
            for cell in cells:
                text, style = cell[line] if line < len(cell) else ("", "")
                spans += [(" ", ""), (pad(text, room), style)]
            await io.stdout.paint([*spans, ("\n", "")])


def _cell(
    day: date, events: Sequence[Event], now: datetime, room: int, rows: int, month: int
) -> list[Styled]:
    """A day: its number, then its events, then how many more there are."""
    away = bool(month) and day.month != month
    today = day == now.date()
    number = f"{day.day:>2}" + (f" {day:%b}" if day.day == 1 and room >= 7 else "")
    lines: list[Styled] = [(number, "reverse" if today else "dim" if away else "bold")]
    if room < NARROW:
        marks = "•" * min(len(events), room)
        return [*lines, (marks, "dim" if away else "cyan")]
    shown = events if len(events) <= rows else events[: rows - 1]
    for event in shown:
        lines.append((_short(event, day, now, room), "dim" if away or not event.busy else ""))
    if len(shown) < len(events):
        lines.append((fit(f"+{len(events) - len(shown)} more", room), "dim"))
    return lines


def _short(event: Event, day: date, now: datetime, room: int) -> str:
    """An event in a cell: its hour where there is room for it, and its title."""
    title = visible_line(event.title)
    hours = hours_on(event, day, now).partition("-")[0]
    if event.all_day or not hours or room < 14:
        return fit(("" if event.all_day or room < 14 else "-> ") + title, room)
    return fit(f"{hours} {title}", room)

"""Weeks, months, quarters, years and weekends, and where they begin and end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from commands.phrases.parts import DayPart, Days, Sentence, Ways
from commands.phrases.words import MONTH_NUMBERS
from commands.phrases.written import JUST_PASSED, is_year, month_moved, written_days, years, years_after

_STEPS = {
    "this": 0, "current": 0, "next": 1, "coming": 1, "upcoming": 1, "following": 1, "last": -1,
    "previous": -1,
    "prior": -1,
}  # fmt: skip
_ENDS = {"eom": "month", "eoy": "year", "eow": "week", "eoq": "quarter"}
_EDGES = {"end": "end", "start": "start", "beginning": "start", "middle": "middle"}


def periods(said: Sentence, at: int, *, bare: bool = False) -> Ways[DayPart]:
    """Every period that is named from `at` on; with `bare`, `month` is this month."""
    start = said.past(at, "the")
    yield from _stepped(said, start, bare=bare or start > at)
    yield from _weeks(said, start)
    yield from _months(said, start)
    yield from _quarters(said, start)
    if is_year(said, start):
        yield year_of(said.value(start)), start + 1
    if not bare:
        yield from _edges(said, start)


def week_steps(said: Sentence, at: int) -> Iterable[tuple[int, int]]:
    """How many weeks from this one: `next week`, `the week after next`; and the place after it."""
    at = said.past(at, "the")
    if said.text(at) in _STEPS and said.text(at + 1) == "week":
        yield _STEPS[said.text(at)], at + 2
        if said.text(at) == "following":
            return
    for words, step in (("week after next", 2), ("week before last", -2)):
        place = said.says(at, words)
        if place > 0:
            yield step, place


def _stepped(said: Sentence, at: int, *, bare: bool) -> Ways[DayPart]:
    step, place, units = 0, at, ("week", "month", "quarter", "year", "weekend")
    if said.text(at) in _STEPS:
        step, place = _STEPS[said.text(at)], at + 1
    unit = said.text(place)
    if unit in units and (place > at or bare or unit == "weekend"):
        yield _period(said, unit, step, named=place > at), place + 1
    if said.text(at) in units:
        for words, far in (("after next", 2), ("before last", -2)):
            end = said.says(at + 1, words)
            if end > 0:
                yield _period(said, said.text(at), far, named=False), end


def _period(said: Sentence, unit: str, step: int, *, named: bool) -> DayPart:
    today = said.today
    if unit == "week":
        monday = today + timedelta(7 * step - today.weekday())
        return DayPart((Days(monday, monday + timedelta(6), "week", True),))
    if unit == "weekend":
        saturday = today + timedelta(5 - today.weekday())
        weekends = [saturday + timedelta(7 * step)]
        if step == 1 and named and today.weekday() < 5:
            weekends.insert(0, saturday)
        return DayPart(tuple(Days(day, day + timedelta(1), "weekend", True) for day in weekends))
    if unit == "year":
        return year_of(today.year + step, relative=True)
    if unit == "quarter":
        first = month_moved(today, 3 * step - (today.month - 1) % 3)
        return DayPart((_months_from(first, 3, "quarter", relative=True),))
    return DayPart((_months_from(month_moved(today, step), 1, "month", relative=True),))


def _months_from(first: date, count: int, grain: str, *, relative: bool = False) -> Days:
    return Days(first, month_moved(first, count) - timedelta(1), grain, relative)


def year_of(year: int, *, relative: bool = False) -> DayPart:
    """A whole year."""
    return DayPart((Days(date(year, 1, 1), date(year, 12, 31), "year", relative),))


def _weeks(said: Sentence, at: int) -> Ways[DayPart]:
    if said.text(at) != "week":
        return
    if said.kind(at + 1) == "number" and said.value(at + 1) <= 53:
        for year, place in years_after(said, at + 2):
            found = _week(said, year, said.value(at + 1))
            if found is not None:
                yield DayPart((found,)), place
    place = said.past(at + 1, "of", "beginning", "starting")
    if place > at + 1:
        for day, end in written_days(said, said.past(place, "the")):
            mondays = [choice.first - timedelta(choice.first.weekday()) for choice in day.choices]
            yield DayPart(tuple(Days(monday, monday + timedelta(6), "week") for monday in mondays)), end


def _week(said: Sentence, year: int | None, week: int) -> Days | None:
    own = said.today.isocalendar()
    try:
        monday = date.fromisocalendar(year or own.year, week, 1)
        if year is None and said.lean < 0:
            monday = date.fromisocalendar(own.year - (week > own.week), week, 1)
        elif year is None and week < own.week:
            monday = date.fromisocalendar(own.year + 1, week, 1)
    except ValueError:
        said.refused(f"{year or own.year} has no week {week}")
        return None
    return Days(monday, monday + timedelta(6), "week")


def _months(said: Sentence, at: int) -> Ways[DayPart]:
    word, place = said.text(at), at
    if word in ("this", "next", "last", "coming", "past"):
        place = at + 1
    month = MONTH_NUMBERS.get(said.text(place), 0)
    if said.kind(at) == "month":
        first, last = said.text(at).replace("/", "-").split("-")
        year, number = (int(first), int(last)) if len(first) == 4 else (int(last), int(first))
        if 1 <= year < 9998:
            yield DayPart((_months_from(date(year, number, 1), 1, "month"),)), at + 1
        return
    for given, after in years(said, at):
        named = MONTH_NUMBERS.get(said.text(said.past(said.past(after, ","), "in")), 0)
        if named and given is not None:
            yield (
                DayPart((_months_from(date(given, named, 1), 1, "month"),)),
                said.past(said.past(after, ","), "in") + 1,
            )
    if not month:
        return
    if place > at:
        near = _years_of(said.today, word, month)
        yield (
            DayPart(tuple(_months_from(date(year, month, 1), 1, "month", relative=True) for year in near)),
            place + 1,
        )
        return
    for said_year, end in years_after(said, place + 1):
        if said_year is not None:
            yield DayPart((_months_from(date(said_year, month, 1), 1, "month"),)), end
            continue
        year = said.today.year + (month < said.today.month)
        if said.lean < 0:
            year = said.today.year - (month > said.today.month)
        found = [_months_from(date(year, month, 1), 1, "month")]
        passed = _months_from(date(year - 1, month, 1), 1, "month")
        if 0 < (said.today - passed.last).days <= JUST_PASSED and not said.lean:
            found.append(passed)
        yield DayPart(tuple(found), month), end


def _years_of(today: date, word: str, month: int) -> list[int]:
    """The years whose month may be meant by `next december`, the nearest first."""
    if word == "this":
        return [today.year]
    if word in ("next", "coming"):
        if month <= today.month:
            return [today.year + 1]
        return [today.year, today.year + 1] if word == "next" else [today.year]
    if month >= today.month:
        return [today.year - 1]
    return [today.year, today.year - 1] if word == "last" else [today.year]


def _quarters(said: Sentence, at: int) -> Ways[DayPart]:
    number, place = 0, at
    if said.text(at) == "q" and said.kind(at + 1) == "number" and said.tokens[at + 1].glued:
        number, place = said.value(at + 1), at + 2
    elif said.kind(at) == "ordinal" and said.text(at + 1) == "quarter":
        number, place = said.value(at), at + 2
    if not 1 <= number <= 4:
        return
    for year, end in years_after(said, place):
        near = (3 * number < said.today.month) if said.lean >= 0 else -(3 * number - 2 > said.today.month)
        own = year or said.today.year + near
        yield DayPart((_months_from(date(own, 3 * number - 2, 1), 3, "quarter"),)), end


def _edges(said: Sentence, at: int) -> Ways[DayPart]:
    """`end of month`, `beginning of next week`, `mid december`, `eom`."""
    if said.text(at) in _ENDS:
        yield _edge(_period(said, _ENDS[said.text(at)], 0, named=False), "end"), at + 1
    if said.text(at) == "mid":
        for period, place in periods(said, said.past(at + 1, "-"), bare=True):
            if period.choices[0].grain == "month":
                yield _edge(period, "middle"), place
    if said.text(at) in _EDGES and said.text(at + 1) == "of":
        for period, place in periods(said, said.past(at + 2, "the"), bare=True):
            yield _edge(period, _EDGES[said.text(at)]), place
    for unit in ("month", "year", "quarter"):
        place = said.says(at, f"{unit} end")
        if place < 0:
            place = said.says(at, f"{unit} - end")
        if place > 0:
            yield _edge(_period(said, unit, 0, named=False), "end"), place


def _edge(period: DayPart, edge: str) -> DayPart:
    """The first, middle or last day; a week may end on Friday or on Sunday."""
    found: list[date] = []
    for choice in period.choices:
        if edge == "start":
            found.append(choice.first)
        elif edge == "middle":
            found.append(
                choice.first + timedelta((choice.last - choice.first).days // 2 - (choice.grain == "month"))
            )
        elif choice.grain == "week":
            found.extend((choice.last - timedelta(2), choice.last))
        else:
            found.append(choice.last)
    return DayPart(tuple(Days(day, day, "day", choice.relative) for day in found))

"""Days that are written out: `24 december`, `dec 24th, 2026`, `2026-W47-3`, `24.12.2026`, `the 30th`.

A date without a year is the next one, today included; where it has just passed, both are meant. Dots are
written after the day; with slashes or dashes, both orders are read.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from commands.phrases.parts import DayPart, Days, Sentence, Ways
from commands.phrases.words import DAYS, FIXED_FEASTS, MONTH_NUMBERS, MONTHS, MOVABLE_FEASTS, WEEKDAYS

JUST_PASSED = 31
"""Days in which a date that is over may still be meant by one without a year."""

_STEPS = {"next": 1, "this": 0, "current": 0, "last": -1, "previous": -1}


def written_days(said: Sentence, at: int) -> Ways[DayPart]:
    """Every day that is written out from `at` on, with its weekday where that is said, too."""
    weekday = WEEKDAYS.get(said.text(at), -1)
    if weekday >= 0:
        after = said.past(said.past(at + 1, ","), "the")
        for day, place in _bare(said, after):
            yield from _checked(said, day, weekday, place)
        return
    for day, place in _bare(said, at):
        yield day, place
        trailing = said.past(place, ",")
        alone = day.day and not day.month
        if (
            said.text(trailing) in WEEKDAYS
            and not alone
            and said.text(trailing + 1) not in ("to", "-", "week")
        ):
            yield from _checked(said, day, WEEKDAYS[said.text(trailing)], trailing + 1)


def _bare(said: Sentence, at: int) -> Ways[DayPart]:
    yield from _standard(said, at)
    yield from _named(said, at)
    yield from _feasts(said, at)
    yield from _of_month(said, at)


def _checked(said: Sentence, day: DayPart, weekday: int, place: int) -> Ways[DayPart]:
    """A date with its weekday: a wrong one is refused; one that fits another year only is shown with that."""
    fitting = tuple(choice for choice in day.choices if choice.first.weekday() == weekday)
    if fitting and len(day.choices) == 1:
        yield day, place
    elif fitting and not day.month:
        yield DayPart(fitting), place
    elif day.month and day.day:
        near = [_this_year(said.today.year + step, day.month, day.day) for step in (0, 1, -1)]
        others = [Days(found, found) for found in near if found is not None and found.weekday() == weekday]
        close = [found for found in others if abs((found.first - said.today).days) < 370]
        if len(day.choices) == 1 and not close:
            _refuse_weekday(said, day.choices[0].first, weekday)
        else:
            yield DayPart(tuple(dict.fromkeys((*close, *day.choices)))), place
    elif day.choices:
        _refuse_weekday(said, day.choices[0].first, weekday)


def _refuse_weekday(said: Sentence, day: date, weekday: int) -> None:
    said.refused(
        f"{day.isoformat()} is a {DAYS[day.weekday()].capitalize()}, not a {DAYS[weekday].capitalize()}"
    )


def exact(said: Sentence, year: int, month: int, day: int) -> Iterable[date]:
    """The day, or none with the reason noted."""
    if 1 <= month <= 12 and 1 <= year <= 9998:
        most = monthrange(year, month)[1]
        if 1 <= day <= most:
            yield date(year, month, day)
        else:
            said.refused(f"{MONTHS[month - 1].capitalize()} {year} has {most} days, not {day}")
    else:
        said.refused(f"{month} is no month" if 1 <= year <= 9998 else f"{year} is no year")


def yearless(said: Sentence, month: int, day: int) -> DayPart:
    """A month and day without a year; nothing to choose from where no year has it."""
    years = range(said.today.year - 9, said.today.year + 9)
    found = [this for this in (_this_year(year, month, day) for year in years) if this is not None]
    ahead = [this for this in found if this >= said.today][:1]
    passed = [this for this in found if 0 < (said.today - this).days <= JUST_PASSED and not said.lean]
    if said.lean < 0:
        ahead = [this for this in found if this <= said.today][-1:]
    if not ahead:
        said.refused(f"{MONTHS[month - 1].capitalize()} never has {day} days")
    return DayPart(tuple(Days(this, this) for this in (*ahead, *passed)), month, day)


def _this_year(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _standard(said: Sentence, at: int) -> Ways[DayPart]:
    """ISO 8601 and the like, and dates of digits."""
    kind, text = said.kind(at), said.text(at)
    if kind == "decimal" and "." in text and said.text(at - 1) not in ("at", "@"):
        numbers = [int(part) for part in text.split(".")]
        if max(map(len, text.split("."))) < 3 and numbers[0] and 1 <= numbers[1] <= 12:
            part = yearless(said, numbers[1], numbers[0])
            if part.choices:
                yield part, at + 1
        return
    if kind == "numeric":
        yield from _numeric(said, text, at)
        return
    numbers = [int(part) for part in re.findall(r"\d+", text)] if kind in ("day", "ordinalday") else []
    if kind == "day":
        year, month, day = (
            (int(text[:4]), int(text[4:6]), int(text[6:]))
            if len(numbers) == 1
            else (numbers[0], numbers[1], numbers[2])
        )
        for found in exact(said, year, month, day):
            yield _single(found), at + 1
    elif kind == "ordinalday":
        found = date(numbers[0], 1, 1) + timedelta(numbers[1] - 1) if 0 < numbers[0] < 9998 else date.max
        if numbers[1] and found.year == numbers[0]:
            yield _single(found), at + 1
        else:
            said.refused(f"{numbers[0]} has no day {numbers[1]}")
    elif kind == "week":
        year, week, weekday = int(text[:4]), int(text.split("w")[1][:2]), text.split("w")[1][2:].strip("-")
        try:
            monday = date.fromisocalendar(year, week, int(weekday or 1))
        except ValueError:
            said.refused(f"{year} has no week {week}")
            return
        yield (
            (_single(monday) if weekday else DayPart((Days(monday, monday + timedelta(6), "week"),))),
            at + 1,
        )


def _numeric(said: Sentence, text: str, at: int) -> Ways[DayPart]:
    sign = next(char for char in text if not char.isdigit())
    numbers = [int(part) for part in text.split(sign) if part]
    orders = [(numbers[0], numbers[1])]
    if sign != "." and numbers[0] != numbers[1]:
        orders.append((numbers[1], numbers[0]))
    orders = [(day, month) for day, month in orders if month <= 12] or [(numbers[1], numbers[0])]
    if len(numbers) == 2:
        parts = [yearless(said, month, day) for day, month in orders if 1 <= month <= 12]
        if len(parts) == 1:
            yield parts[0], at + 1
        elif parts:
            yield DayPart(tuple(dict.fromkeys(choice for part in parts for choice in part.choices))), at + 1
        else:
            said.refused(f"'{text}' is no date")
        return
    year = numbers[2] if numbers[2] > 99 else 2000 + numbers[2]
    days = [found for day, month in orders for found in exact(said, year, month, day)]
    if days:
        yield DayPart(tuple(Days(found, found) for found in days)), at + 1


def _single(day: date) -> DayPart:
    return DayPart((Days(day, day),))


def _named(said: Sentence, at: int) -> Ways[DayPart]:
    """A day and a month by name, in either order, with a year or without."""
    for year, place in years(said, at):
        if year is not None:
            for month, day, end in _month_and_day(
                said, said.past(said.past(_hyphen(said, place), "on", ","), "the")
            ):
                for found in exact(said, year, month, day):
                    yield _single(found), end
    for month, day, place in _month_and_day(said, at):
        for year, end in years_after(said, place):
            if year is None:
                part = yearless(said, month, day)
                if part.choices:
                    yield part, end
            else:
                for found in exact(said, year, month, day):
                    yield _single(found), end


def _month_and_day(said: Sentence, at: int) -> Iterable[tuple[int, int, int]]:
    """The month, the day, and the place after them."""
    at = said.past(at, "the")
    month = MONTH_NUMBERS.get(said.text(at), 0)
    if month:
        place = _hyphen(said, said.past(at + 1, "the"))
        if _is_day(said, place):
            yield month, said.value(place), place + 1
    elif _is_day(said, at):
        place = _hyphen(said, said.past(at + 1, "of"))
        month = MONTH_NUMBERS.get(said.text(place), 0)
        if month:
            yield month, said.value(at), place + 1


def _is_day(said: Sentence, at: int) -> bool:
    number = said.kind(at) == "ordinal" or (said.kind(at) == "number" and len(said.text(at).lstrip("0")) < 3)
    spelled = said.kind(at) in ("number", "ordinal") and said.text(at)[0].isalpha()
    return (number or spelled) and 1 <= said.value(at) <= 31


def _hyphen(said: Sentence, at: int) -> int:
    return (
        at + 1
        if said.text(at) in ("-", "/") and said.tokens[at].glued and said.kind(at + 1) != "sign"
        else at
    )


def is_year(said: Sentence, at: int) -> bool:
    """Whether a number of four digits stands there that can be a year."""
    return said.kind(at) == "number" and len(said.text(at)) == 4 and 1900 <= said.value(at) <= 2199


def years(said: Sentence, at: int) -> Ways[int | None]:
    """A year: `2027`, `next year`."""
    if is_year(said, at):
        yield said.value(at), at + 1
    elif said.text(at) in _STEPS and said.text(at + 1) == "year":
        yield said.today.year + _STEPS[said.text(at)], at + 2


def years_after(said: Sentence, at: int) -> Ways[int | None]:
    """The year that follows a month or day; None where none does."""
    place = said.past(_hyphen(said, at), ",", "of", "in")
    found = list(years(said, place))
    yield from found
    if not found or place > at + 1:
        yield None, at


def _feasts(said: Sentence, at: int) -> Ways[DayPart]:
    for count in (3, 2, 1):
        name = " ".join(said.text(place) for place in range(at, at + count))
        fixed, moved = FIXED_FEASTS.get(name), MOVABLE_FEASTS.get(name)
        if fixed is None and moved is None:
            continue
        for year, place in years_after(said, at + count):
            if fixed is not None and year is None:
                yield yearless(said, *fixed), place
            elif fixed is not None and year is not None:
                yield _single(date(year, *fixed)), place
            elif moved is not None:
                yield _single(_feast(said, year, moved)), place
        return


def _feast(said: Sentence, year: int | None, moved: int) -> date:
    if year is not None:
        return easter(year) + timedelta(moved)
    this = easter(said.today.year) + timedelta(moved)
    if said.lean < 0 and this > said.today:
        return easter(said.today.year - 1) + timedelta(moved)
    return this if this >= said.today or said.lean < 0 else easter(said.today.year + 1) + timedelta(moved)


def easter(year: int) -> date:
    """Easter Sunday of the western churches, by the rule of the Gregorian calendar."""
    golden, century = year % 19, year // 100
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = epact - (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    sunday = moon - (year + year // 4 + moon + 2 - century + century // 4) % 7
    month = 3 + (sunday + 40) // 44
    return date(year, month, sunday + 28 - 31 * (month // 4))


def _of_month(said: Sentence, at: int) -> Ways[DayPart]:
    """`the 30th`, `the 3rd of next month`, `next month on the 3rd`."""
    for first, place in _months(said, at):
        place = said.past(said.past(place, "on", ","), "the")
        if said.kind(place) == "ordinal" and 1 <= said.value(place) <= 31:
            for found in exact(said, first.year, first.month, said.value(place)):
                yield _single(found), place + 1
    place = said.past(at, "the")
    if said.kind(place) != "ordinal" or not 1 <= said.value(place) <= 31:
        return
    for first, end in _months(said, said.past(place + 1, "of", "in")):
        for found in exact(said, first.year, first.month, said.value(place)):
            yield _single(found), end
    yield DayPart(_next_of_month(said, said.value(place)), 0, said.value(place)), place + 1


def _months(said: Sentence, at: int) -> Iterable[tuple[date, int]]:
    place = said.past(at, "the")
    if said.text(place) in _STEPS and said.text(place + 1) == "month":
        yield month_moved(said.today, _STEPS[said.text(place)]), place + 2
    elif said.says(place, "month after next") > 0:
        yield month_moved(said.today, 2), place + 3
    elif place > at and said.text(place) == "month":
        yield said.today.replace(day=1), place + 1


def month_moved(day: date, months: int) -> date:
    """The first day of a month so many months on."""
    count = day.year * 12 + day.month - 1 + months
    return date(min(max(count // 12, 1), 9998), count % 12 + 1, 1)


def _next_of_month(said: Sentence, number: int) -> tuple[Days, ...]:
    found: list[Days] = []
    back = said.lean < 0
    for step in range(13):
        day = _this_year(*_year_and_month(month_moved(said.today, -step if back else step)), number)
        if day is not None and (day <= said.today if back else day >= said.today):
            found.append(Days(day, day))
            if day > said.today or said.lean:
                break
    return tuple(found)


def _year_and_month(day: date) -> tuple[int, int]:
    return day.year, day.month

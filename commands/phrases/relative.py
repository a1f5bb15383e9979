"""Days that are counted from another: `tomorrow`, `next friday`, `in 3 days`, `a week from friday`, `+3d`.

Where people mean different days by the same words, all of them are read: `next friday` on a Wednesday is
the day after tomorrow, or a week later. A week begins on Monday.
"""

from __future__ import annotations

from datetime import date, timedelta

from commands.phrases.lengths import day_moved, lengths
from commands.phrases.parts import DayPart, Days, Length, Sentence, Ways
from commands.phrases.periods import periods, week_steps
from commands.phrases.words import TODAY, UNITS, WEEKDAYS
from commands.phrases.written import JUST_PASSED, month_moved, written_days


def days(said: Sentence, at: int) -> Ways[DayPart]:
    """Every day or period that is named from `at` on."""
    yield from written_days(said, at)
    yield from periods(said, at)
    yield from _near(said, at)
    yield from _weekdays(said, at)
    yield from _in_so_long(said, at)
    yield from _from_another(said, at)
    yield from _numbered(said, at)


def one(day: date, *, relative: bool = True) -> DayPart:
    """One day, counted from today."""
    return DayPart((Days(day, day, "day", relative),))


def some(*found: date) -> DayPart:
    """Any of these days, in their order and once each."""
    return DayPart(tuple(Days(day, day, "day", True) for day in dict.fromkeys(found)))


def _near(said: Sentence, at: int) -> Ways[DayPart]:
    for words, step in (("day after tomorrow", 2), ("day before yesterday", -2)):
        place = said.says(said.past(at, "the"), words)
        if place > 0:
            yield one(said.today + timedelta(step)), place
    if said.text(at) not in TODAY and said.text(at) != "now":
        return
    day = said.today + timedelta(TODAY.get(said.text(at), 0))
    if said.text(at) != "now":
        yield one(day), at + 1
        for word, step in (("week", 7), ("fortnight", 14)):
            if said.text(at + 1) == word:
                yield one(day + timedelta(step)), at + 2
    for length, sign, place in signed(said, at + 1):
        if not length.is_exact and (said.text(at) != "now"):
            yield one(day_moved(day, length, sign)), place


def signed(said: Sentence, at: int) -> list[tuple[Length, int, int]]:
    """`+3d`, `-2w`: the length, its sign, and the place after it."""
    if said.text(at) not in ("+", "-") or said.kind(at + 1) not in ("number", "decimal"):
        return []
    if not said.tokens[at + 1].glued or said.text(at + 2) not in UNITS:
        return []
    sign = 1 if said.text(at) == "+" else -1
    return [(length, sign, place) for length, place in lengths(said, at + 1)]


def _weekdays(said: Sentence, at: int) -> Ways[DayPart]:
    """A weekday, alone or with the words that say which."""
    at = said.past(at, "the")
    for step, place in week_steps(said, at):
        day = said.past(said.past(place, ","), "on")
        if said.text(day) in WEEKDAYS:
            yield one(_in_week(said.today, step, WEEKDAYS[said.text(day)])), day + 1
    if said.text(at) == "in":
        for length, place in lengths(said, at + 1):
            day = said.past(said.past(place, ","), "on")
            if length.grain in ("week", "fortnight") and said.text(day) in WEEKDAYS:
                yield _so_many_weeks_on(said, length, WEEKDAYS[said.text(day)]), day + 1
        return
    word, place = _which(said, at)
    weekday = WEEKDAYS.get(said.text(place), -1)
    if weekday < 0:
        return
    choices = _chosen(said, word, weekday)
    if choices:
        part = some(*choices)
        yield part._replace(weekday=weekday if not word else -1), place + 1
    after = place + 1
    if word == "":
        for step, end in week_steps(said, said.past(said.past(after, ","), "of", "in")):
            yield one(_in_week(said.today, step, weekday)), end
    if word == "":
        coming = _coming(said.today, weekday)
        for name, step in (("week", 7), ("fortnight", 14), ("after next", 7)):
            end = said.says(after, name)
            if end > 0 and name == "after next":
                yield some(coming + timedelta(7), coming + timedelta(14)), end
            elif end > 0:
                yield one(coming + timedelta(step)), end
        if said.text(after) == "in":
            for length, end in lengths(said, after + 1):
                if length.grain in ("week", "fortnight"):
                    yield _so_many_weeks_on(said, length, weekday), end


def _so_many_weeks_on(said: Sentence, length: Length, weekday: int) -> DayPart:
    """The weekday of the week that is so far away, or so long after the coming one."""
    coming = _coming(said.today, weekday) + timedelta(length.days)
    return some(_in_week(said.today, length.days // 7, weekday), coming)


def _which(said: Sentence, at: int) -> tuple[str, int]:
    for words, meaning in (
        ("this coming", "coming"), ("this past", "past"), ("this next", "coming"), ("this", "this"),
        ("next", "next"), ("last", "last"), ("previous", "last"), ("coming", "coming"), ("past", "past"),
        ("upcoming", "coming"), ("following", "coming"),
    ):  # fmt: skip
        place = said.says(at, words)
        if place > 0:
            return meaning, place
    return "", at


def _coming(today: date, weekday: int) -> date:
    """The first such weekday after today."""
    return today + timedelta((weekday - today.weekday() - 1) % 7 + 1)


def _in_week(today: date, step: int, weekday: int) -> date:
    return today + timedelta(7 * step + weekday - today.weekday())


def _chosen(said: Sentence, word: str, weekday: int) -> list[date]:
    """The days that may be meant by a weekday with such a word, the usual one first."""
    today = said.today
    here, coming = _in_week(today, 0, weekday), _coming(today, weekday)
    passed = coming - timedelta(7) if coming - timedelta(7) < today else coming - timedelta(14)
    if word == "coming":
        return [coming]
    if word == "past":
        return [passed]
    if word == "this":
        return [here] if here >= today or said.lean else [here, here + timedelta(7)]
    if word == "next":
        in_next_week = here + timedelta(7)
        return [in_next_week] if coming == in_next_week and (coming - today).days > 1 else _either(coming)
    if word == "last":
        in_last_week = here - timedelta(7)
        return (
            [passed]
            if passed == in_last_week and (today - passed).days > 1
            else [passed, passed - timedelta(7)]
        )
    if said.lean < 0:
        return [coming - timedelta(7)]
    return [coming] if weekday != today.weekday() or said.lean else [today, coming]


def _either(coming: date) -> list[date]:
    return [coming, coming + timedelta(7)]


def _in_so_long(said: Sentence, at: int) -> Ways[DayPart]:
    """`in 3 days`, `3 weeks from now`, `2 days ago`, `+3d`, in days or longer units."""
    counted = signed(said, at) if said.text(at - 1) not in ("in", "on", "at", "of", "for") else []
    for length, sign, place in (*counted, *from_now(said, at)):
        if not length.is_exact:
            yield one(day_moved(said.today, length, sign)), place


def from_now(said: Sentence, at: int) -> list[tuple[Length, int, int]]:
    """A length that is counted from this moment: the length, its sign, and the place after it."""
    found: list[tuple[Length, int, int]] = []
    if said.text(at) in ("in", "within"):
        if said.text(at) == "in":
            for length, place in lengths(said, said.past(at + 1, "another")):
                found.append((length, 1, place))
                if said.says(place, "from now") > 0:
                    found.append((length, 1, place + 2))
        return found
    for length, place in lengths(said, at):
        for words in ("from now", "hence", "later", "from today"):
            end = said.says(place, words)
            if end > 0 and not (words == "from today" and length.is_exact):
                found.append((length, 1, end))
        if said.text(place) == "ago":
            found.append((length, -1, place + 1))
    return found


def _from_another(said: Sentence, at: int) -> Ways[DayPart]:
    """`a week from friday`, `3 days before christmas`, `the monday after 24 december`."""
    start = said.past(at, "the")
    alone = [(Length(days=7, grain="week"), at + 1)] if said.text(at) == "week" else []
    for length, place in (*lengths(said, at), *alone):
        if not length.is_exact and said.text(place) in ("after", "before", "from", "on", "today", "tomorrow"):
            sign = -1 if said.text(place) == "before" else 1
            if said.text(place) == "on" and (length.grain not in ("week", "fortnight")):
                continue
            plain = place if said.text(place) in TODAY else place + 1
            yield from _moved(said, plain, length, sign)
    for word, sign in (("after", 1), ("before", -1)):
        if said.text(start) == "day" and said.text(start + 1) == word and said.text(start + 2) not in TODAY:
            yield from _moved(said, start + 2, Length(days=1), sign)
        weekday = WEEKDAYS.get(said.text(start), -1)
        if weekday >= 0 and said.text(start + 1) == word and said.text(start + 2) != "next":
            for other, place in days(said, start + 2):
                yield some(*(_beside(choice, weekday, sign) for choice in other.choices)), place


def _moved(said: Sentence, at: int, length: Length, sign: int) -> Ways[DayPart]:
    for other, place in days(said, at):
        if all(choice.first == choice.last for choice in other.choices):
            choices = tuple(day_moved(choice.first, length, sign) for choice in other.choices)
            yield some(*choices), place


def _beside(choice: Days, weekday: int, sign: int) -> date:
    if sign > 0:
        return _coming(choice.last, weekday)
    return choice.first - timedelta((choice.first.weekday() - weekday - 1) % 7 + 1)


def _numbered(said: Sentence, at: int) -> Ways[DayPart]:
    """`first monday of december`, `last day of next month`, `the 2nd to last`-less: one day of a period."""
    start = said.past(at, "the")
    if said.kind(start) != "ordinal" and said.text(start) != "last":
        return
    number = -1 if said.text(start) == "last" else said.value(start)
    what, place = nth_kind(said, start + 1)
    if not what or said.text(place) not in ("of", "in"):
        return
    for period, end in periods(said, said.past(place + 1, "the"), bare=True):
        found = [nth(choice, number, what) for choice in period.choices]
        days_found = [day for day in found if day is not None]
        if days_found and period.month and days_found[0] < said.today and said.lean >= 0:
            year, month = said.today.year + 1, period.month
            later = nth(
                Days(date(year, month, 1), month_moved(date(year, month, 1), 1) - timedelta(1)), number, what
            )
            just = [day for day in days_found if (said.today - day).days <= JUST_PASSED and not said.lean]
            days_found = [*([later] if later is not None else []), *just]
        if days_found:
            yield some(*days_found), end
        elif period.choices:
            said.refused(f"there is no such day: {period.choices[0].first:%B %Y} has fewer")


def nth_kind(said: Sentence, at: int) -> tuple[tuple[int, ...], int]:
    """The weekdays that `monday`, `day`, `workday` or `weekend day` stand for, and the place after them."""
    word = said.text(at)
    if word in WEEKDAYS:
        return (WEEKDAYS[word],), at + 1
    if word == "day":
        return tuple(range(7)), at + 1
    if word in ("weekday", "workday"):
        return tuple(range(5)), at + 1
    if word in ("business", "working", "work") and said.text(at + 1) == "day":
        return tuple(range(5)), at + 2
    return (), at


def nth(period: Days, number: int, weekdays: tuple[int, ...]) -> date | None:
    """The first, second … or last (-1) such weekday of a period; None where it has no so many."""
    count = (period.last - period.first).days + 1
    ordered = range(count) if number > 0 else range(count - 1, -1, -1)
    left = abs(number)
    for step in ordered:
        day = period.first + timedelta(step)
        left -= day.weekday() in weekdays
        if not left:
            return day
    return None

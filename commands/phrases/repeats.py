"""Rules of recurrence as they are said, and as RFC 5545 writes them: `every 2 weeks on monday and friday`."""

from __future__ import annotations

from typing import NamedTuple

from commands.phrases.parts import Sentence, Ways
from commands.phrases.relative import nth_kind
from commands.phrases.words import DAYS, MONTH_NUMBERS, MONTHS, PLURAL_WEEKDAYS, UNITS, WEEKDAYS

_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORKDAYS = (0, 1, 2, 3, 4)
_FREQUENCIES = {
    "minute": ("MINUTELY", 1), "hour": ("HOURLY", 1), "day": ("DAILY", 1), "week": ("WEEKLY", 1),
    "fortnight": ("WEEKLY", 2), "month": ("MONTHLY", 1), "quarter": ("MONTHLY", 3), "year": ("YEARLY", 1),
}  # fmt: skip
_ADVERBS = {
    "hourly": ("hour", 1), "daily": ("day", 1), "weekly": ("week", 1), "biweekly": ("week", 2),
    "fortnightly": ("week", 2), "monthly": ("month", 1), "quarterly": ("month", 3), "yearly": ("year", 1),
    "annually": ("year", 1),
}  # fmt: skip
STARTERS = frozenset({"every", "each", "weekdays", "weekends", "workdays", *_ADVERBS})
"""Words that make a phrase one of a series."""


class Repeat(NamedTuple):
    """A rule: RFC 5545's parts of the same names."""

    freq: str
    interval: int = 1
    byday: tuple[int, ...] = ()
    number: int = 0
    """Which of the month's (or year's) such days; 0: all of them."""
    monthdays: tuple[int, ...] = ()
    months: tuple[int, ...] = ()

    def rule(self) -> str:
        """The value of the RRULE."""
        parts = [f"FREQ={self.freq}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.months:
            parts.append("BYMONTH=" + ",".join(map(str, self.months)))
        if self.monthdays:
            parts.append("BYMONTHDAY=" + ",".join(map(str, self.monthdays)))
        if self.byday:
            one = str(self.number) if self.number and len(self.byday) == 1 else ""
            parts.append("BYDAY=" + ",".join(one + _CODES[day] for day in self.byday))
            if self.number and not one:
                parts.append(f"BYSETPOS={self.number}")
        return ";".join(parts)

    def words(self) -> str:
        """The rule in words, which are read back as the same rule."""
        unit = {"MINUTELY": "minute", "HOURLY": "hour", "DAILY": "day", "WEEKLY": "week", "MONTHLY": "month",
                "YEARLY": "year"}[self.freq]  # fmt: skip
        text = f"every {unit}" if self.interval == 1 else f"every {self.interval} {unit}s"
        named = " and ".join(DAYS[day].capitalize() for day in self.byday)
        months = " and ".join(MONTHS[month - 1].capitalize() for month in self.months)
        if self.number:
            which = "last" if self.number < 0 else _ordinal(self.number)
            kind = named if len(self.byday) == 1 else "workday" if len(self.byday) == 5 else "day"
            text += f" on the {which} {kind}"
        elif self.monthdays:
            text += " on the " + " and ".join(
                "last day" if day < 0 else _ordinal(day) for day in self.monthdays
            )
        elif self.byday:
            text = text if self.byday != _WORKDAYS or self.interval > 1 else "every weekday"
            text += f" on {named}" if text != "every weekday" else ""
        if months:
            text += f" of {months}" if self.number or self.monthdays else f" in {months}"
        return text


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def repeats(said: Sentence, at: int) -> Ways[Repeat]:
    """Every rule that is named from `at` on."""
    for repeat, place in _rules(said, at):
        yield from _narrowed(said, repeat, place)


def _rules(said: Sentence, at: int) -> Ways[Repeat]:
    word = said.text(at)
    if word in ("every", "each"):
        yield from _every(said, at + 1)
    elif word in _ADVERBS:
        yield from _adverb(said, at)
    elif word == "once":
        place = said.past(at + 1, "a", "per", "every", "each")
        if place > at + 1 and said.text(place) in UNITS:
            yield from _with_tail(said, UNITS[said.text(place)], 1, place + 1)
    start = said.past(at, "on")
    if said.text(start) in PLURAL_WEEKDAYS or said.text(start) in ("weekdays", "weekends", "workdays"):
        for byday, place in _weekdays(said, start):
            yield Repeat("WEEKLY", byday=byday), place
    yield from _of_each(said, said.past(said.past(at, "on"), "the"))
    for repeat, place in _yearly(said, said.past(said.past(at, "on"), "the")):
        end = max(said.says(place, "every year"), said.says(place, "each year"))
        if end < 0 and said.text(place) in ("yearly", "annually"):
            end = place + 1
        if end > 0:
            yield repeat, end
    for byday, place in _weekdays(said, start):
        each = place + 1 if said.text(place) in ("every", "each") else place
        for repeat, end in _units(said, each) if each > place else _adverb(said, place):
            if repeat.freq == "WEEKLY" and not repeat.byday:
                yield repeat._replace(byday=byday), end


def _adverb(said: Sentence, at: int) -> Ways[Repeat]:
    if said.text(at) in _ADVERBS:
        unit, interval = _ADVERBS[said.text(at)]
        yield from _with_tail(said, unit, interval, at + 1)


def _every(said: Sentence, at: int) -> Ways[Repeat]:
    yield from _units(said, at)
    for byday, place in _weekdays(said, at):
        yield Repeat("WEEKLY", byday=byday), place
        yield from _without(said, byday, place)
    number, place = _every_so_many(said, at)
    if number:
        yield from _sparse(said, number, at, place)
    if said.text(at) in ("morning", "afternoon", "evening", "night"):
        yield Repeat("DAILY"), at
    yield from _yearly(said, at)
    yield from _numbered(said, said.past(at, "the"))
    if said.kind(at) == "ordinal" and 1 <= said.value(at) <= 31:
        end = max(said.says(at + 1, "of the month"), said.says(at + 1, "day of the month"))
        if end > 0:
            yield Repeat("MONTHLY", monthdays=(said.value(at),)), end
        elif said.text(at)[0].isdigit():
            yield Repeat("MONTHLY", monthdays=(said.value(at),)), at + 1


def _every_so_many(said: Sentence, at: int) -> tuple[int, int]:
    """The interval in `every other …`, `every second …`, `every 3rd …`."""
    if said.text(at) in ("other", "alternate"):
        return 2, at + 1
    if said.kind(at) == "ordinal" and 2 <= said.value(at) <= 99:
        return said.value(at), at + 1
    return 0, at


def _units(said: Sentence, at: int) -> Ways[Repeat]:
    interval, place = 1, at
    if said.kind(at) == "number" and 1 <= said.value(at) <= 1000:
        interval, place = said.value(at), at + 1
    else:
        number, after = _every_so_many(said, at)
        if number:
            interval, place = number, after
    for words in ("business day", "working day", "work day"):
        end = said.says(place, words)
        if end > 0 and interval == 1:
            yield Repeat("WEEKLY", byday=_WORKDAYS), end
    if said.text(at) == "half" and said.text(at + 1) in ("hour", "year"):
        yield Repeat("MINUTELY", 30) if said.text(at + 1) == "hour" else Repeat("MONTHLY", 6), at + 2
    unit = UNITS.get(said.text(place), "")
    if unit in _FREQUENCIES and len(said.text(place)) > 1:
        yield from _with_tail(said, unit, interval, place + 1)


def _sparse(said: Sentence, number: int, at: int, place: int) -> Ways[Repeat]:
    """`every other tuesday`; `every second tuesday`, which may be the month's second one, too."""
    weekday = WEEKDAYS.get(said.text(place), PLURAL_WEEKDAYS.get(said.text(place), -1))
    if weekday >= 0 and said.text(place + 1) not in ("of", "in") and number < 10:
        yield Repeat("WEEKLY", number, (weekday,)), place + 1


def _with_tail(said: Sentence, unit: str, interval: int, at: int) -> Ways[Repeat]:
    """`… week on monday`, `… month on the 15th`, `… year on march 3`."""
    if unit not in _FREQUENCIES:
        return
    freq, times = _FREQUENCIES[unit]
    repeat = Repeat(freq, interval * times)
    yield repeat, at
    place = said.past(said.past(at, ","), "on")
    if freq == "WEEKLY":
        for byday, end in _weekdays(said, said.past(place, "from")):
            yield repeat._replace(byday=byday), end
    elif freq == "MONTHLY":
        for found, end in (
            *_numbered(said, said.past(place, "the")),
            *_month_days(said, said.past(place, "the")),
        ):
            yield found._replace(interval=repeat.interval), end
    elif freq == "YEARLY":
        for found, end in _yearly(said, said.past(said.past(place, "in"), "the")):
            yield found._replace(interval=repeat.interval), end
    elif freq == "DAILY" and interval == 1:
        yield from _without(said, tuple(range(7)), at)


def _without(said: Sentence, byday: tuple[int, ...], at: int) -> Ways[Repeat]:
    """`… except sundays`."""
    if said.text(at) not in ("except", "excluding", "but"):
        return
    for left_out, end in _weekdays(said, said.past(said.past(at + 1, "for", "not"), "on")):
        kept = tuple(day for day in byday if day not in left_out)
        if kept and len(kept) < len(byday):
            yield Repeat("WEEKLY", byday=kept), end


def _weekdays(said: Sentence, at: int) -> Ways[tuple[int, ...]]:
    """`monday`, `tue and thu`, `mon, wed, fri`, `mondays`, `monday to friday`, `weekends`."""
    found: set[int] = set()
    while True:
        days, place = _weekday(said, at)
        if not days:
            return
        if len(days) == 1 and said.text(place) in ("to", "-", "through", "thru"):
            last, end = _weekday(said, place + 1)
            if len(last) == 1 and last[0] > days[0]:
                days, place = tuple(range(days[0], last[0] + 1)), end
        found.update(days)
        yield tuple(sorted(found)), place
        at = said.past(said.past(place, ","), "and", "&", "/")
        at = said.past(said.past(at, "on"), "every")
        if at == place and not len(days) == len(_weekday(said, at)[0]) == 1:
            return


def _weekday(said: Sentence, at: int) -> tuple[tuple[int, ...], int]:
    word = said.text(at)
    if word in ("weekday", "weekdays", "workday", "workdays"):
        return _WORKDAYS, at + 1
    if word in ("weekend", "weekends"):
        return (5, 6), at + 1
    number = WEEKDAYS.get(word, PLURAL_WEEKDAYS.get(word, -1))
    return ((number,), at + 1) if number >= 0 else ((), at)


def _month_days(said: Sentence, at: int) -> Ways[Repeat]:
    """`15th`, `1st and 15th`, `last day`."""
    found: list[int] = []
    while True:
        at = said.past(at, "day") if said.kind(at + 1) == "number" else at
        if said.kind(at) not in ("ordinal", "number") or not 1 <= said.value(at) <= 31:
            return
        if said.kind(at) == "number" and said.text(at - 1) != "day":
            return
        found.append(said.value(at))
        yield Repeat("MONTHLY", monthdays=tuple(sorted(set(found)))), at + 1
        place = said.past(said.past(at + 1, ","), "and", "&")
        if place == at + 1:
            return
        at = said.past(said.past(place, "on"), "the")


def _numbered(said: Sentence, at: int) -> Ways[Repeat]:
    """`first monday`, `last day`, `last workday`, with `of the month` or without."""
    number = -1 if said.text(at) == "last" else said.value(at) if said.kind(at) == "ordinal" else 0
    what, place = nth_kind(said, at + 1)
    if not what and said.text(at + 1) in PLURAL_WEEKDAYS:
        what, place = (PLURAL_WEEKDAYS[said.text(at + 1)],), at + 2
    if not number or not what or (len(what) == 1 and number > 5) or number > 31:
        return
    if len(what) == 7:
        repeat = Repeat("MONTHLY", monthdays=(number,))
        if said.text(at) != "last" and said.text(place) != "of":
            return
    else:
        repeat = Repeat("MONTHLY", byday=what, number=number)
    ends = [
        said.says(place, words)
        for words in ("of the month", "in the month", "of every month", "of each month")
    ]
    yield repeat, max(*ends, place)


def _of_each(said: Sentence, at: int) -> Ways[Repeat]:
    """`first monday of each month`, `the 1st and 15th of every month`, `last day of every other month`."""
    for repeat, place in (*_numbered(said, at), *_month_days(said, at)):
        monthly = max(said.says(place, "of the month"), place)
        for words in ("every month", "each month", "monthly"):
            if said.says(monthly, words) > 0:
                yield repeat, said.says(monthly, words)
        if said.text(place - 1) == "month" and said.text(place - 2) in ("every", "each"):
            yield repeat, place
        if said.text(place) not in ("of", "in") or said.text(place + 1) not in ("every", "each"):
            continue
        if said.text(place + 2) == "month":
            yield repeat, place + 3
        elif said.text(place + 2) == "quarter" and not repeat.monthdays:
            continue
        elif said.text(place + 2) in ("other", "second") and said.text(place + 3) == "month":
            yield repeat._replace(interval=2), place + 4
        elif said.kind(place + 2) == "number" and said.text(place + 3) == "months":
            yield repeat._replace(interval=max(1, min(said.value(place + 2), 1000))), place + 4
        elif said.text(place + 2) in MONTH_NUMBERS:
            month = MONTH_NUMBERS[said.text(place + 2)]
            yield repeat._replace(freq="YEARLY", months=(month,)), place + 3


def _yearly(said: Sentence, at: int) -> Ways[Repeat]:
    """`march 3`, `the 24th of december`, `january`, `first monday of september`."""
    month = MONTH_NUMBERS.get(said.text(at), 0)
    if month:
        place = said.past(at + 1, "the")
        yield Repeat("YEARLY", months=(month,)), at + 1
        if (
            said.kind(place) in ("number", "ordinal")
            and 1 <= said.value(place) <= 31
            and len(said.text(place)) < 12
        ):
            yield Repeat("YEARLY", monthdays=(said.value(place),), months=(month,)), place + 1
        return
    if said.kind(at) in ("number", "ordinal") and 1 <= said.value(at) <= 31:
        place = said.past(at + 1, "of")
        month = MONTH_NUMBERS.get(said.text(place), 0)
        if month:
            yield Repeat("YEARLY", monthdays=(said.value(at),), months=(month,)), place + 1
    for repeat, place in _numbered(said, at):
        month = MONTH_NUMBERS.get(said.text(said.past(place, "of", "in")), 0)
        if month and said.text(place) in ("of", "in"):
            yield repeat._replace(freq="YEARLY", months=(month,)), place + 2


def _narrowed(said: Sentence, repeat: Repeat, at: int) -> Ways[Repeat]:
    """A rule that holds in some months only: `every monday in december and january`."""
    yield repeat, at
    if said.text(at) != "in" or repeat.months or repeat.number or repeat.freq == "YEARLY":
        return
    months: list[int] = []
    place = at + 1
    while said.text(place) in MONTH_NUMBERS:
        months.append(MONTH_NUMBERS[said.text(place)])
        yield repeat._replace(months=tuple(sorted(set(months)))), place + 1
        after = said.past(said.past(place + 1, ","), "and")
        if after == place + 1:
            return
        place = after

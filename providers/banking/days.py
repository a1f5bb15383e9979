"""Days as statements write them: which order day, month and year have is decided by all of them together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBERS = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})(?!\d)")
_SOLID = re.compile(r"(\d{8})(?!\d)")
_NAMED = (
    re.compile(r"(?P<day>\d{1,2})[-. /]*(?P<month>[^\W\d_]{3,10})[-., /]*(?P<year>\d{4}|\d{2})(?!\d)"),
    re.compile(r"(?P<month>[^\W\d_]{3,10})[. ]+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?[ ]+(?P<year>\d{4})(?!\d)"),
)
_WEEKDAY = re.compile(r"^[^\W\d_]{2,10}[.,]* +(?=\d)")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janv janvier ene enero gen gennaio januari tammi",
            "feb february februar févr février fev febrero febbraio februari helmi",
            "mar march mär märz mrz mars marzo maart maalis",
            "apr april avr avril abr abril aprile huhti",
            "may mai mayo mag maggio mei maj touko",
            "jun june juni juin junio giu giugno kesä",
            "jul july juli juil juillet julio lug luglio heinä",
            "aug august août ago agosto augustus elo",
            "sep sept september septembre septiembre set settembre syys",
            "oct october okt oktober octobre octubre ott ottobre loka",
            "nov november novembre noviembre marras",
            "dec december dez dezember déc décembre dic diciembre dicembre joulu",
        ),
        1,
    )
    for name in names.split()
}

ORDERS = ("ymd", "dmy", "mdy")
IN_WORDS = {"ymd": "year, month, day", "dmy": "day, month, year", "mdy": "month, day, year"}

Reading = Mapping[str, date]
"""The days that a text can be, by order; one that no order changes has all orders."""


@lru_cache(maxsize=20_000)
def readings(text: str) -> Reading:
    """The days that a text can be; none when it is no day."""
    if _ISO.fullmatch(text):
        day = _day(int(text[:4]), int(text[5:7]), int(text[8:]))
        return dict.fromkeys(ORDERS, day) if day is not None else {}
    word = text.strip()
    found = _NUMBERS.match(word)
    if found is None:
        found = _NUMBERS.match(_WEEKDAY.sub("", word, count=1))
    if found is not None:
        return _numbers(found.group(1), found.group(3), found.group(4), found.group(2))
    solid = _SOLID.match(word)
    if solid is not None:
        return _solid(solid.group(1))
    for pattern in _NAMED:
        named = pattern.match(word) or pattern.match(_WEEKDAY.sub("", word, count=1))
        month = _MONTHS.get(named["month"].lower(), 0) if named is not None else 0
        if named is not None and month:
            day = _day(_year(named["year"]), month, int(named["day"]))
            return dict.fromkeys(ORDERS, day) if day is not None else {}
    return {}


def _numbers(first: str, middle: str, last: str, mark: str) -> Reading:
    a, b, c = int(first), int(middle), int(last)
    if len(first) == 4:
        found = _day(a, b, c) if len(last) <= 2 else None
        return dict.fromkeys(ORDERS, found) if found is not None else {}
    if len(first) > 2 or len(last) == 3 or len(last) == 1:
        return {}
    choices = {"dmy": (_year(last), b, a)}
    if mark != ".":
        choices["mdy"] = (_year(last), a, b)
        if len(last) == 2 and len(first) == 2:
            choices["ymd"] = (_year(first), b, c)
    found_days = {order: _day(*parts) for order, parts in choices.items()}
    return {order: day for order, day in found_days.items() if day is not None}


def _solid(digits: str) -> Reading:
    choices = {
        "ymd": (int(digits[:4]), int(digits[4:6]), int(digits[6:])),
        "dmy": (int(digits[4:]), int(digits[2:4]), int(digits[:2])),
        "mdy": (int(digits[4:]), int(digits[:2]), int(digits[2:4])),
    }
    days = {order: _day(*parts) for order, parts in choices.items() if 1900 <= parts[0] < 2200}
    return {order: day for order, day in days.items() if day is not None}


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else 2000 + year if year < 70 else 1900 + year


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def is_day(text: str) -> bool:
    """Whether a text can be a day at all."""
    return 6 <= len(text) <= 40 and bool(readings(text))


def orders_of(texts: Iterable[str]) -> list[str]:
    """The orders in which these texts are days: one when it is decided, several when it is not.

    An order that more of them are days in is the one, so that a single mistyped day decides nothing.
    """
    counts = dict.fromkeys(ORDERS, 0)
    apart = False
    for text in set(texts):
        found = readings(text)
        for order in found:
            counts[order] += 1
        apart = apart or len(set(found.values())) > 1
    most = max(counts.values())
    best = [order for order in ORDERS if most and counts[order] == most]
    return best if apart else best[:1]


def example(texts: Sequence[str], orders: Sequence[str]) -> str:
    """A text that is another day in each of these orders."""
    return next((text for text in texts if len({readings(text).get(order) for order in orders}) > 1), "")

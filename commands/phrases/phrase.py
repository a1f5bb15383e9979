"""A phrase that happens once: one side, a range, `for 2 hours`, `the next 3 days`, `until friday`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from commands.phrases.lengths import day_moved, length_of, lengths, moment_moved
from commands.phrases.parts import Length, Sentence
from commands.phrases.ranges import between
from commands.phrases.relative import signed
from commands.phrases.sides import sides
from commands.phrases.spans import Span, single
from commands.phrases.words import RANGE_WORDS, TODAY, UNITS
from commands.phrases.written import is_year

_ROLLING = {
    "next": 1, "coming": 1, "following": 1, "last": -1, "past": -1, "previous": -1, "within": 1,
}  # fmt: skip
_STANDARD = frozenset({"day", "instant", "month", "week", "ordinalday", "clock"})
_BESIDE_YEARS = frozenset({*RANGE_WORDS, "from", "in", "between", "and", "since"})


def spans(said: Sentence) -> Iterator[Span]:
    """Every span that the whole phrase may stand for; numbers that can be years alone are years."""
    found = _spans(said)
    if all(is_year(said, at) or said.text(at) in _BESIDE_YEARS for at in range(len(said))):
        found = (span for span in found if span.is_days)
    yield from found


def _spans(said: Sentence) -> Iterator[Span]:
    for side in sides(said):
        yield from single(said, side)
    for at in range(1, len(said) - 1):
        yield from _range(said, at)
    yield from _lasting(said)
    yield from _rolling(said)
    yield from _open(said)
    yield from _apart(said)


def separated(said: Sentence, at: int) -> int:
    """The place after the word at `at` that may part the two ends of a range; -1 where there is none."""
    if said.says(at, "up to") > 0:
        return at + 2
    if said.text(at) == "-" and said.text(at - 1) in ("utc", "gmt") and said.tokens[at].glued:
        return -1
    counted = said.text(at - 1) in TODAY or said.text(at - 1) == "now"
    if said.text(at) == "-" and counted and signed(said, at):
        return -1
    if said.text(at) == "/" and said.kind(at - 1) in _STANDARD and said.kind(at + 1) in _STANDARD:
        return at + 1
    if said.text(at) == said.text(at + 1) == "." and said.tokens[at + 1].glued:
        return at + 2
    if said.text(at) in RANGE_WORDS or said.text(at) == "and":
        return said.past(at + 1, "and") if said.text(at) == "until" else at + 1
    return -1


def _range(said: Sentence, at: int) -> Iterator[Span]:
    place = separated(said, at)
    if not 0 < place < len(said):
        return
    rights = list(sides(said.slice(place, len(said))))
    if not rights:
        return
    for left in sides(said.slice(0, at)):
        if (said.text(at) == "and") != (left.opened == "between") and said.text(at) == "and":
            continue
        for right in rights:
            yield from between(said, left, right)


def _lasting(said: Sentence) -> Iterator[Span]:
    """`tomorrow 3pm for 2 hours`, `friday for 3 days`, `tomorrow 2pm 90 minutes`."""
    for at in range(len(said)):
        spoken = said.text(at) in ("for", "lasting")
        for length, place in lengths(said, said.past(at, "for", "lasting")):
            rest = said.with_tokens([*said.tokens[:at], *said.tokens[place:]])
            if not spoken and (
                place < len(said) or not length.is_exact or said.text(at - 1) in ("in", "-", "+")
            ):
                continue
            yield from _lengthened(rest, length, spoken=spoken)


def _lengthened(rest: Sentence, length: Length, *, spoken: bool) -> Iterator[Span]:
    for side in sides(rest):
        if not spoken and side.clock is None:
            continue
        for span in single(rest, side):
            if span.end is not None:
                continue
            if isinstance(span.start, datetime):
                yield span._replace(end=moment_moved(span.start, length))
            elif length.is_exact or not spoken:
                rest.refused("a length in hours needs a time of day")
            else:
                last = day_moved(span.start, length) - timedelta(1)
                yield span._replace(end=last if last > span.start else None)


def _rolling(said: Sentence) -> Iterator[Span]:
    """`the next 3 days`, `last 24 hours`, `within the next hour`: from this moment, or up to it."""
    at = said.past(said.past(said.past(0, "in", "over", "for", "during"), "within"), "the")
    sign = _ROLLING.get(said.text(at), 0)
    place = at + 1
    if said.text(0) == "within" and not sign:
        sign, place = 1, at
    if not sign:
        return
    for length, end in (*lengths(said, place), *_unit(said, at)):
        if end == len(said):
            other = moment_moved(said.now, length, sign)
            yield Span(said.now, other) if sign > 0 else Span(other, said.now)


def _unit(said: Sentence, at: int) -> list[tuple[Length, int]]:
    """`the next hour`, `the past week`: one unit without a number."""
    unit = UNITS.get(said.text(at + 1), "")
    length = length_of(Decimal(1), unit) if unit else None
    if length is None or not (length.is_exact or said.text(at) == "past"):
        return []
    return [(length, at + 2)]


def _open(said: Sentence) -> Iterator[Span]:
    """`until friday`, `since monday`: from today on, or up to today."""
    word = said.text(0)
    if word not in ("until", "till", "til", "since"):
        return
    rest = said.slice(1, len(said))
    for side in sides(rest):
        for span in single(rest, side):
            yield from _until(said, span) if word != "since" else _since(said, span)


def _until(said: Sentence, span: Span) -> Iterator[Span]:
    last = span.end if span.end is not None else span.start
    if isinstance(last, datetime):
        if span.end is None and last > said.now:
            yield Span(said.now, last, zone=span.zone)
    elif last >= said.today:
        yield Span(said.today, last if last > said.today else None, "day")


def _since(said: Sentence, span: Span) -> Iterator[Span]:
    start = span.start
    if isinstance(start, datetime):
        while span.end is None and start > said.now:
            start -= timedelta(1)
        yield Span(start, said.now, zone=span.zone)
        return
    for first in dict.fromkeys((start, start - timedelta(7)) if start > said.today else (start,)):
        if first <= said.today:
            yield Span(first, said.today if first < said.today else None, "day")


def _apart(said: Sentence) -> Iterator[Span]:
    """`2 hours before noon tomorrow`, `90 minutes after friday 3pm`: hours from another moment."""
    for length, place in lengths(said, 0):
        word = said.text(place)
        if not length.is_exact or word not in ("before", "after", "from"):
            continue
        rest = said.slice(place + 1, len(said))
        for side in sides(rest):
            if side.moment is not None:
                continue
            for span in single(rest, side):
                if isinstance(span.start, datetime) and span.end is None:
                    moved = moment_moved(span.start, length, -1 if word == "before" else 1)
                    yield span._replace(start=moved)

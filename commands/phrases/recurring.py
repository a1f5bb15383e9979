"""What happens again and again: `every weekday at 9`, `the first monday of each month until june`.

A rule, a time, and from when, until when or how often it goes; in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from commands.phrases.clocks import on_day
from commands.phrases.firstday import first_day
from commands.phrases.lengths import day_moved, lengths
from commands.phrases.parts import Clock, Length, Sentence
from commands.phrases.phrase import spans
from commands.phrases.relative import days
from commands.phrases.repeats import STARTERS, Repeat, repeats
from commands.phrases.spans import Span, home
from commands.phrases.told import day_text, span_text, zone_name
from commands.phrases.words import PLURAL_WEEKDAYS, TODAY

_FROM = ("starting", "beginning", "starts", "from", "since", "start")
_DAY_WORDS = frozenset({*TODAY, "now", "this", "tonight", "tonite"})
_UNTIL = ("until", "till", "til", "through", "thru", "to", "ending", "ends", "-")


class Series(NamedTuple):
    """Its first instance, its rule, and how it is told and said."""

    span: Span
    rule: str
    text: str
    plain: str


class Limits(NamedTuple):
    """From when, until when, or how often."""

    start: date | None = None
    until: date | None = None
    times_over: int = 0
    length: Length | None = None
    times: tuple[int, int] = (0, 0)
    """Where the words for the time of day stand."""


def is_recurring(said: Sentence) -> bool:
    """Whether a word says that it happens again and again."""
    return any(token.text in STARTERS or token.text in PLURAL_WEEKDAYS for token in said.tokens) or any(
        said.says(at, words) > 0
        for at in range(len(said))
        for words in ("once a", "once per", "once every", "of each", "of every")
    )


def series(said: Sentence) -> Iterator[Series]:
    """Every series that the whole phrase may stand for."""
    for at in range(len(said)):
        for repeat, place in repeats(said, at):
            rest = said.with_tokens([*said.tokens[:at], *said.tokens[place:]])
            for limits in _limits(rest, 0, Limits()):
                yield from _series(rest, repeat, limits)


def _limits(rest: Sentence, at: int, limits: Limits) -> Iterator[Limits]:
    """Every way to read what stands beside the rule."""
    if at >= len(rest):
        yield limits
        return
    if rest.text(at) in (",", "and") and at + 1 < len(rest) and (at or rest.text(at) == ","):
        yield from _limits(rest, at + 1, limits)
    for grown, place in _bounds(rest, at, limits):
        yield from _limits(rest, place, grown)
    if limits.times == (0, 0):
        for end in range(at + 1, len(rest) + 1):
            yield from _limits(rest, end, limits._replace(times=(at, end)))


def _bounds(rest: Sentence, at: int, limits: Limits) -> Iterator[tuple[Limits, int]]:
    if limits.start is None and rest.text(at) in _FROM:
        for day, place in days(rest, rest.past(at + 1, "on", "from", "in")):
            yield from ((limits._replace(start=choice.first), place) for choice in day.choices)
    ended = limits.until or limits.times_over or limits.length
    if ended:
        return
    after = rest.says(at, "up to") if rest.text(at) == "up" else at + 1 if rest.text(at) in _UNTIL else -1
    if after > 0:
        for day, place in days(rest, rest.past(after, "on", "the", "in")):
            yield from ((limits._replace(until=choice.last), place) for choice in day.choices)
    place = rest.past(rest.past(rest.past(at, "for"), "the"), "next")
    if (
        rest.kind(place) == "number"
        and rest.text(place + 1)
        in (
            "times",
            "occurrences",
            "x",
            "time",
            "occurrence",
        )
        and rest.value(place) > 0
    ):
        yield limits._replace(times_over=min(rest.value(place), 10**6)), place + 2
    if place > at and rest.text(at) == "for":
        for length, end in lengths(rest, place):
            if not length.is_exact:
                yield limits._replace(length=length), end


def _series(rest: Sentence, repeat: Repeat, limits: Limits) -> Iterator[Series]:
    begins, ends = limits.times
    base = limits.start or rest.today
    if begins == ends:
        if repeat.freq in ("HOURLY", "MINUTELY"):
            if limits.start is None:
                yield from _made(rest, repeat, limits, Span(rest.now))
            return
        first = first_day(repeat, base)
        if first is None:
            rest.refused("that never happens")
        else:
            yield from _made(rest, repeat, limits, Span(first, grain="day"))
        return
    words = rest.slice(begins, ends)
    if any(token.kind in ("day", "instant", "month", "week", "numeric") for token in words.tokens):
        return
    for span in _times(words, repeat, base, fixed=limits.start is not None):
        yield from _made(rest, repeat, limits, span)


def _times(words: Sentence, repeat: Repeat, base: date, *, fixed: bool) -> Iterator[Span]:
    """The first instance with the time of day that the words name; nothing where they name a day."""
    one, other = _steady_days(words.now)
    told: set[time] = set()
    later = {
        _apart(span, other.date())
        for span in spans(Sentence(words.tokens, other, lean=words.lean, reasons=words.reasons))
    }
    for span in spans(Sentence(words.tokens, one, lean=words.lean)):
        if not isinstance(span.start, datetime) or _has_day(words) or _apart(span, one.date()) not in later:
            continue
        if isinstance(span.end, datetime) and span.end - span.start > timedelta(1):
            continue
        if repeat == Repeat("DAILY") and span.start.timetz() in told:
            continue
        told.add(span.start.timetz())
        day = first_day(repeat, base)
        if day is None:
            words.refused("that never happens")
            continue
        found = _on(span, day, one.date())
        if not fixed and day == words.today and found.start < words.now:
            after = first_day(repeat, base, after=day)
            if repeat.freq == "DAILY" and not repeat.byday:
                after = base + timedelta(1)
            day = after or day
            found = _on(span, day, one.date())
        if _is_skipped(span, found):
            after = first_day(repeat, base, after=day)
            found = _on(span, after, one.date()) if after is not None else found
        yield found


def _is_skipped(span: Span, found: Span) -> bool:
    """Whether the clock leaves out its times on that day: all the others would be shifted like these."""
    zone = span.zone or span.start.tzinfo if isinstance(span.start, datetime) else None
    pairs = ((span.start, found.start), (span.end, found.end))
    return any(
        was.astimezone(zone).time() != now.astimezone(zone).time()
        for was, now in pairs
        if isinstance(was, datetime) and isinstance(now, datetime)
    )


def _steady_days(now: datetime) -> list[datetime]:
    """The midnights before two days without a change of the clock, further apart than any two zones are."""
    found: list[datetime] = []
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    while len(found) < 2:
        if (midnight + timedelta(1)).utcoffset() == midnight.utcoffset():
            found.append(midnight)
            midnight += timedelta(2)
        midnight += timedelta(1)
    return found


def _has_day(words: Sentence) -> bool:
    return any(token.text in _DAY_WORDS for token in words.tokens)


def _apart(span: Span, today: date) -> tuple[timedelta, timedelta | None]:
    """How far a span is from midnight, on the wall clock: equal on every day where the words name no day."""
    if not isinstance(span.start, datetime):
        return timedelta.max, None
    start = span.start.replace(tzinfo=None) - datetime(today.year, today.month, today.day)
    length = span.end - span.start if isinstance(span.end, datetime) else None
    return start, length


def _on(span: Span, day: date, today: date) -> Span:
    """The span as it is on another day, which is one of the zone that was said; by the wall clock."""
    assert isinstance(span.start, datetime)
    zone = span.zone or span.start.tzinfo
    here = span.start.tzinfo
    step = day - (span.start.astimezone(span.zone).date() if span.zone is not None else today)

    def moved(moment: datetime) -> datetime:
        return (moment.astimezone(zone) + step).astimezone(UTC).astimezone(here)

    end = moved(span.end) if isinstance(span.end, datetime) else None
    return span._replace(start=moved(span.start), end=end)


def _made(rest: Sentence, repeat: Repeat, limits: Limits, span: Span) -> Iterator[Series]:
    first = span.start
    if isinstance(first, datetime):
        first = (first.astimezone(span.zone) if span.zone is not None else first).date()
    until = limits.until
    if limits.length is not None:
        until = day_moved(first, limits.length) - timedelta(1)
    if until is not None and until < first:
        rest.refused("it ends before it begins")
        return
    rule = repeat.rule()
    ending = ""
    if limits.times_over:
        rule += f";COUNT={limits.times_over}"
        ending = f", {limits.times_over} times"
    elif until is not None:
        rule += f";UNTIL={_until(rest, span, until)}"
        ending = f", until {day_text(until)}"
    told = f"{repeat.words()}{_there(span)}, first {span_text(span)}{ending}"
    yield Series(span, rule, told, _plainly(repeat, limits.times_over, until, span))


def _there(span: Span) -> str:
    """Where the days of the rule are counted, when these are other days here."""
    if not isinstance(span.start, datetime) or span.zone is None:
        return ""
    is_other = span.start.astimezone(span.zone).date() != span.start.date()
    return f" in {zone_name(span.zone)}" if is_other else ""


def _until(rest: Sentence, span: Span, until: date) -> str:
    if not isinstance(span.start, datetime):
        return f"{until:%Y%m%d}"
    last = on_day(until, Clock(23, 59, 59)).replace(tzinfo=span.zone or home(rest))
    return f"{last.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _plainly(repeat: Repeat, count: int, until: date | None, span: Span) -> str:
    text = repeat.words()
    start = span.start
    if isinstance(start, datetime):
        start = start.astimezone(span.zone or start.tzinfo)
        text += f" at {start:%H:%M}"
        if isinstance(span.end, datetime):
            text = f"{repeat.words()} from {start:%H:%M} to {span.end.astimezone(start.tzinfo):%H:%M}"
        if span.zone is not None:
            text += f" {zone_name(span.zone)}"
        start = start.date()
    text += f" starting {start.isoformat()}"
    return text + (f" for {count} times" if count else f" until {until.isoformat()}" if until else "")

"""When: what a phrase means. `read_when("tomorrow at 3pm", now)`; nothing in the phrase is passed over.

Unknown (ValueError): a word or the whole is not understood. Ambiguous (ValueError): it may mean several
dates; all of them are in `readings`, each with a phrase that means only that one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from commands.nearest import nearest
from commands.phrases.parts import Sentence, Unknown
from commands.phrases.phrase import spans
from commands.phrases.recurring import is_recurring, series
from commands.phrases.spans import Span
from commands.phrases.tokens import LONGEST, tokens
from commands.phrases.told import said_plainly, span_text, zone_name
from commands.phrases.words import DAYS, KNOWN, MONTHS
from commands.phrases.zones import known

_MOST_TOKENS = 40
_SUCH_AS = "known are such as tomorrow 3pm, next monday, 2026-12-24 14:00, +3d, in 3 days, every friday"


class When(NamedTuple):
    """A day, days, a moment or a range, once or again and again.

    Of days, `start` and `end` are dates, both included; `end` is None for one day. Of times they are aware
    moments in the user's zone; `end` is None for a moment. `zone` is the zone that was said, else the
    user's. `rule` is the value of an RRULE, of which `start` is the first instance; empty for what happens
    once. `granularity`: minute, second, part (of a day), day, weekend, week, month, quarter, year.
    """

    start: date | datetime
    end: date | datetime | None
    all_day: bool
    zone: str
    rule: str
    granularity: str
    understood: str
    """The full text to show before anything is written: weekday, date, time, zone."""
    plain: str = ""
    """A phrase that means only this."""

    @property
    def kind(self) -> str:
        """`date`, `daterange`, `datetime` or `range`."""
        if self.all_day:
            return "date" if self.end is None else "daterange"
        return "datetime" if self.end is None else "range"

    def period(self, now: datetime) -> tuple[datetime, datetime]:
        """From the first moment up to the end, which is not included; for a moment both are the same."""
        if isinstance(self.start, datetime):
            return self.start, self.end if isinstance(self.end, datetime) else self.start
        last = self.end or self.start
        return (
            datetime.combine(self.start, time(), now.tzinfo),
            datetime.combine(last + timedelta(1), time(), now.tzinfo),
        )


class Ambiguous(ValueError):
    """The phrase may mean several dates."""

    def __init__(self, text: str, readings: tuple[When, ...], reason: str = "") -> None:
        self.text = text
        self.readings = readings
        self.reason = reason
        shown = " or ".join(reading.understood for reading in readings[:4])
        more = f" or {len(readings) - 4} more" if len(readings) > 4 else ""
        because = f" ({reason})" if reason else ""
        super().__init__(
            f"'{text}' may be {shown}{more}{because}: write which, such as '{readings[0].plain}'"
        )


def read_when(text: str, now: datetime, *, lean: int = 0, exact: bool = False) -> When:
    """What `text` means, said at `now`, whose zone (a ZoneInfo) is the user's. Raises Ambiguous, Unknown.

    With `lean`, a weekday or a date without a year is the next (1) or the last one (-1), as filters and
    searches have it. With `exact`, moments counted from `now` keep their seconds; else they are cut to the
    minute.
    """
    shown = " ".join(text.split())
    said = _sentence(shown, now if exact else now.replace(second=0, microsecond=0), lean=lean)
    found: list[When] = []
    if is_recurring(said):
        found = [_when(one.span, one.rule, one.text, one.plain) for one in series(said)]
    else:
        found = [_when(span) for span in spans(said)]
    found = _distinct(found)
    if not found:
        why = f": {said.reasons[0]}" if said.reasons else f" that is known here; {_SUCH_AS}"
        raise Unknown(f"'{shown}' is no date{why}")
    if len(found) > 1:
        raise Ambiguous(shown, tuple(found), next((why for why in said.reasons if "not exist" in why), ""))
    gap = next((why for why in said.reasons if "does not exist" in why), "")
    if gap:
        raise Unknown(gap)
    return found[0]


def _sentence(shown: str, now: datetime, *, lean: int) -> Sentence:
    if not shown:
        raise Unknown("a date or time is missing")
    if len(shown) > LONGEST:
        raise Unknown("that is too long for a date")
    found = tokens(shown)
    if len(found) > _MOST_TOKENS:
        raise Unknown("that is too long for a date")
    for token in found:
        if token.kind == "word" and token.text not in KNOWN and not known(token.text):
            raise Unknown(_not_known(token.text, shown))
        if token.kind in ("unknown", "?"):
            raise Unknown(f"'{token.text}' is not understood in a date")
    return Sentence(found, now, lean=lean)


def _not_known(word: str, shown: str) -> str:
    near = nearest(word, (*DAYS, *MONTHS, *sorted(KNOWN)))
    what = (
        f"'{word}' is not understood in '{shown}'"
        if len(shown) > len(word)
        else f"'{word}' is no date that is known here"
    )
    return f"{what}; did you mean '{near}'?" if near is not None and len(near) > 2 else f"{what}; {_SUCH_AS}"


def _when(span: Span, rule: str = "", text: str = "", plain: str = "") -> When:
    grain = span.grain
    if (
        isinstance(span.start, datetime)
        and grain == "minute"
        and (span.start.second or span.start.microsecond)
    ):
        grain = "second"
    zone = span.zone or (span.start.tzinfo if isinstance(span.start, datetime) else None)
    return When(
        span.start, span.end, span.is_days, zone_name(zone) if zone is not None else "", rule, grain,
        text or span_text(span), plain or said_plainly(span),
    )  # fmt: skip


def _distinct(found: Iterable[When]) -> list[When]:
    """Each meaning once: a whole week that two rules read is one."""
    kept: dict[tuple[str, str, str], When] = {}
    for when in found:
        kept.setdefault((when.start.isoformat(), str(when.end), when.rule), when)
    return sorted(kept.values(), key=_order)


def _order(when: When) -> tuple[str, bool, str]:
    start = when.start.astimezone(UTC) if isinstance(when.start, datetime) else when.start
    return str(start), when.end is not None, str(when.end)

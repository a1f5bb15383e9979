"""Durations as people say them: `1h`, `45m`, `an hour and a half`, `2 days`."""

from __future__ import annotations

from datetime import datetime, timedelta

from commands.phrases.lengths import lengths
from commands.phrases.parts import Sentence, Unknown
from commands.phrases.tokens import LONGEST, tokens


def read_length(text: str) -> timedelta:
    """How long `text` says. Raises Unknown, also for months, whose length differs, and for no time at all."""
    shown = " ".join(text.split())
    if not shown or len(shown) > LONGEST:
        raise Unknown("a length of time is missing, such as 45m or 2h")
    said = Sentence(tokens(shown), datetime.min)
    for length, end in lengths(said, 0):
        if end == len(said) and not (length.months or length.workdays):
            found = timedelta(days=length.days, seconds=float(length.seconds))
            if found > timedelta():
                return found
    raise Unknown(
        f"'{shown}' is no length of time; known are such as 45m, 1h 30m, 2 hours, an hour and a half"
    )

"""moment: the times that touch, find and stat understand and show."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from commands.dates import read_period

_UNITS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86400, "week": 604800}


def moment(text: str, now: datetime) -> datetime:
    """The time that `text` means: ISO 8601, `@SECONDS`, `now`, `yesterday`, `tomorrow`, `3 days ago`.

    Without a zone it is in that of `now`. Raises ValueError with the reason.
    """
    words = text.strip().lower().split()
    if not words:
        raise ValueError("a time is missing")
    if words[0][0] == "@" and len(words) == 1:
        return _from_epoch(words[0][1:], now.tzinfo)
    if words == ["now"]:
        return now
    if len(words) == 1 and words[0] in ("today", "yesterday", "tomorrow"):
        return now + timedelta(days=("yesterday", "today", "tomorrow").index(words[0]) - 1)
    apart = _relative(words)
    if apart is not None:
        try:
            return now + apart
        except OverflowError:
            raise ValueError(f"'{text}' is too far away") from None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return read_period(text, now).start
    return found if found.tzinfo is not None else found.replace(tzinfo=now.tzinfo)


def _from_epoch(text: str, zone: tzinfo | None) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), zone)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"'@{text}' is no number of seconds") from None


def _relative(words: list[str]) -> timedelta | None:
    """`3 days ago`, `2 weeks`, `-1 hour`; None for anything else."""
    ago = words[-1] == "ago"
    if ago:
        words = words[:-1]
    if len(words) != 2 or not words[0].lstrip("+-").isdecimal():
        return None
    unit = _UNITS.get(words[1].removesuffix("s")) or _UNITS.get(words[1])
    if unit is None:
        return None
    try:
        apart = timedelta(seconds=int(words[0]) * unit)
    except OverflowError:
        return None
    return -apart if ago else apart


def stamp(text: str, now: datetime) -> datetime:
    """The time of `touch -t [[CC]YY]MMDDhhmm[.ss]`. Raises ValueError with the reason."""
    digits, dot, seconds = text.partition(".")
    problem = ValueError(f"'{text}' is not [[CC]YY]MMDDhhmm[.ss]")
    if not digits.isdecimal() or len(digits) not in (8, 10, 12) or (dot and len(seconds) != 2):
        raise problem
    if len(digits) == 8:
        digits = f"{now.year:04}{digits}"
    elif len(digits) == 10:
        digits = ("20" if int(digits[:2]) < 69 else "19") + digits
    try:
        found = datetime.strptime(digits + (seconds or "00"), "%Y%m%d%H%M%S")
    except ValueError:
        raise problem from None
    return found.replace(tzinfo=now.tzinfo)


def precise(time: datetime, zone: tzinfo | None) -> str:
    """A time as GNU stat and diff show it: `2024-01-31 14:00:00.000000000 +0100`."""
    local = time.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond:06}000 {local:%z}"

"""date: the time, in any format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Usage,
    operand,
    option,
    switch,
)
from commands.dates import read_period
from commands.stream import Io
from commands.text.timeformat import formatted
from vfs.action import Effect

_DEFAULT = "%a %b %e %H:%M:%S %Z %Y"
_ISO = {
    "date": "%Y-%m-%d", "hours": "%Y-%m-%dT%H%:z", "minutes": "%Y-%m-%dT%H:%M%:z",
    "seconds": "%Y-%m-%dT%H:%M:%S%:z", "ns": "%Y-%m-%dT%H:%M:%S,%N%:z",
}  # fmt: skip
_RFC = {"date": "%Y-%m-%d", "seconds": "%Y-%m-%d %H:%M:%S%:z", "ns": "%Y-%m-%d %H:%M:%S.%N%:z"}
_STAMP = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d?)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?|(?<=T\d\d)))?"
    r"\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?\Z"
)
_TIME = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?\Z")
_SHIFT = re.compile(
    r"([+-]?)\s*(\d+)?\s*(second|sec|minute|min|hour|day|week|fortnight|month|year)s?(\s+ago)?\b"
    r"|\b(yesterday|tomorrow|today|now)\b"
)
_SECONDS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600}
_DAYS = {"day": 1, "week": 7, "fortnight": 14}


class Args(Arguments):
    form: str | None = operand("+FORMAT", required=False, help="such as +%Y-%m-%d", complete=Complete.NOTHING)
    date: str | None = option("-d", "--date", metavar="WHEN", help="that time instead of now")
    reference: str | None = option(
        "-r", "--reference", metavar="PATH", help="the time an entry was changed", complete=Complete.PATH
    )
    utc: bool = switch("-u", "--utc", "--universal", help="in UTC")
    iso: str | None = option(
        "-I", "--iso-8601", bare="date", choices=tuple(_ISO), metavar="UNIT", help="as ISO 8601"
    )
    rfc_email: bool = switch("-R", "--rfc-email", help="as in mail")
    rfc: str | None = option("--rfc-3339", choices=tuple(_RFC), metavar="UNIT", help="as RFC 3339")


async def run(ctx: Context, args: Args, io: Io) -> int:
    form = _DEFAULT
    if args.form is not None:
        if not args.form.startswith("+"):
            raise Usage(f"invalid date '{args.form}'", hint="formats begin with +; the clock cannot be set")
        form = args.form[1:]
    elif args.iso is not None:
        form = _ISO[args.iso]
    elif args.rfc is not None:
        form = _RFC[args.rfc]
    elif args.rfc_email:
        form = "%a, %d %b %Y %H:%M:%S %z"
    zone = UTC if args.utc else _zone(ctx.env)
    now = ctx.now()
    if zone is not None:
        now = now.astimezone(zone)
    when = now
    if args.reference is not None:
        mtime = (await ctx.tree.stat(ctx.resolve(args.reference))).mtime
        if mtime is None:
            raise Failure(f"{args.reference}: has no time of change")
        when = mtime.astimezone(now.tzinfo)
    elif args.date is not None:
        when = _read(args.date, now, local=zone is None)
    await io.stdout.line(formatted(form, when))
    return 0


def _zone(env: Mapping[str, str]) -> tzinfo | None:
    name = env.get("TZ")
    if not name:
        return None
    try:
        return ZoneInfo(name.removeprefix(":"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _read(text: str, now: datetime, *, local: bool) -> datetime:
    """The time that `text` names. Raises Failure."""
    words = text.strip()
    try:
        if words.startswith("@"):
            return datetime.fromtimestamp(0, UTC).astimezone(now.tzinfo) + timedelta(seconds=float(words[1:]))
        base, rest = _absolute(words, now)
        when = _shifted(base, rest)
        if when is None:
            when = read_period(words.lower(), now).start
        return when.astimezone() if local and when.tzinfo is None else when
    except (ValueError, OverflowError):
        raise Failure(f"invalid date '{text}'") from None


def _absolute(text: str, now: datetime) -> tuple[datetime, str]:
    """A date and time at the start of `text`, or now, and what is left. Raises ValueError."""
    words = text.split()
    for count in range(min(len(words), 3), 0, -1):
        found = _STAMP.match(" ".join(words[:count]))
        if found:
            year, month, day, hour, minute, second = [int(part or 0) for part in found.groups()[:6]]
            micro = int((found[7] or "0").ljust(6, "0")[:6])
            when = datetime(year, month, day, hour, minute, second, micro, now.tzinfo)
            if found[8]:
                when = when.replace(tzinfo=_offset(found[8])).astimezone(now.tzinfo)
            elif now.tzinfo is not None and not isinstance(now.tzinfo, ZoneInfo) and now.tzinfo is not UTC:
                when = when.replace(tzinfo=None).astimezone()
            return when, " ".join(words[count:])
    for at, word in enumerate(words):
        found = _TIME.match(word)
        if found:
            when = now.replace(
                hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0), microsecond=0
            )
            return when, " ".join(words[:at] + words[at + 1 :])
    return now, text


def _offset(text: str) -> tzinfo | None:
    if text in ("Z", "UTC", "GMT"):
        return UTC
    return datetime.strptime(text.ljust(3, "0") if ":" in text or len(text) > 3 else text + "00", "%z").tzinfo


def _shifted(base: datetime, text: str) -> datetime | None:
    """`base` moved by `3 days ago`, `+1 month`, `tomorrow`; None for other words."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _SHIFT.match(text, at)
        if not found:
            return None
        at = found.end()
        if found[5]:
            base += timedelta({"yesterday": -1, "tomorrow": 1}.get(found[5], 0))
            continue
        count = int(found[2] or 1) * (-1 if (found[1] == "-") is not bool(found[4]) else 1)
        base = _moved(base, count, found[3])
    return base


def _moved(base: datetime, count: int, unit: str) -> datetime:
    if unit in _SECONDS:
        moved = base.astimezone(UTC) + timedelta(seconds=count * _SECONDS[unit])
        return moved.astimezone(base.tzinfo)
    if unit in _DAYS:
        return base + timedelta(days=count * _DAYS[unit])
    months = base.year * 12 + base.month - 1 + count * (12 if unit == "year" else 1)
    first = base.replace(year=months // 12, month=months % 12 + 1, day=1)
    return first + timedelta(days=base.day - 1)


COMMAND = Command(
    "date",
    "print the time",
    Args,
    run,
    effects=Effect.READ,
    group="Text",
    misuse=1,
    description="TZ is the zone; -d takes @SECONDS, 2026-12-24 14:00, yesterday, 3 days ago, next monday.",
    examples=[
        Example("date -u -d @0 +%F", "a day in a format", "1970-01-01\n"),
        Example("date -d tomorrow +%A", "which day tomorrow is"),
    ],
)

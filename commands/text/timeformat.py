"""Times printed in a format, as `date` does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

_DIRECTIVE = re.compile(r"%([-_0^#]*)(\d*)(:{0,3}z|[EO]?.)", re.DOTALL)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_WHOLE = {
    "D": "%m/%d/%y", "F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "r": "%I:%M:%S %p", "h": "%b",
    "c": "%a %b %e %H:%M:%S %Y", "x": "%m/%d/%y", "X": "%H:%M:%S", "+": "%a %b %e %H:%M:%S %Z %Y",
}  # fmt: skip
_NUMBERS: dict[str, tuple[Callable[[datetime], int], int, str]] = {
    "d": (lambda t: t.day, 2, "0"),
    "e": (lambda t: t.day, 2, " "),
    "H": (lambda t: t.hour, 2, "0"),
    "k": (lambda t: t.hour, 2, " "),
    "I": (lambda t: t.hour % 12 or 12, 2, "0"),
    "l": (lambda t: t.hour % 12 or 12, 2, " "),
    "m": (lambda t: t.month, 2, "0"),
    "M": (lambda t: t.minute, 2, "0"),
    "S": (lambda t: t.second, 2, "0"),
    "N": (lambda t: t.microsecond * 1000, 9, "0"),
    "Y": (lambda t: t.year, 4, "0"),
    "y": (lambda t: t.year % 100, 2, "0"),
    "C": (lambda t: t.year // 100, 2, "0"),
    "G": (lambda t: t.isocalendar().year, 4, "0"),
    "g": (lambda t: t.isocalendar().year % 100, 2, "0"),
    "V": (lambda t: t.isocalendar().week, 2, "0"),
    "U": (lambda t: (t.timetuple().tm_yday + 6 - (t.weekday() + 1) % 7) // 7, 2, "0"),
    "W": (lambda t: (t.timetuple().tm_yday + 6 - t.weekday()) // 7, 2, "0"),
    "j": (lambda t: t.timetuple().tm_yday, 3, "0"),
    "u": (lambda t: t.weekday() + 1, 1, "0"),
    "w": (lambda t: (t.weekday() + 1) % 7, 1, "0"),
    "q": (lambda t: (t.month + 2) // 3, 1, "0"),
    "s": (lambda t: int((t - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 1), 1, "0"),
}
_TEXTS: dict[str, Callable[[datetime], str]] = {
    "a": lambda t: _DAYS[t.weekday()][:3],
    "A": lambda t: _DAYS[t.weekday()],
    "b": lambda t: _MONTHS[t.month - 1][:3],
    "B": lambda t: _MONTHS[t.month - 1],
    "p": lambda t: "AM" if t.hour < 12 else "PM",
    "P": lambda t: "am" if t.hour < 12 else "pm",
    "Z": lambda t: t.tzname() or "UTC",
    "n": lambda t: "\n",
    "t": lambda t: "\t",
    "%": lambda t: "%",
}


def formatted(form: str, when: datetime) -> str:
    """The format with its directives filled in; what is no directive stays."""
    return _DIRECTIVE.sub(lambda found: _directive(found, when), form)


def _directive(found: re.Match[str], when: datetime) -> str:
    flags, width, letter = found[1], int(found[2][:4] or 0), found[3]
    if letter.endswith("z"):
        text = _zone(when, letter.count(":"))
    else:
        letter = letter[-1]
        if letter in _NUMBERS:
            return _number(letter, flags, width, when)
        if letter in _WHOLE:
            text = formatted(_WHOLE[letter], when)
        elif letter in _TEXTS:
            text = _TEXTS[letter](when)
        else:
            return found[0]
    if "^" in flags:
        text = text.upper()
    if "#" in flags:
        text = text.lower() if letter in "pZ" else text.upper()
    return text.rjust(width, "0" if "0" in flags else " ")


def _number(letter: str, flags: str, width: int, when: datetime) -> str:
    function, digits, filling = _NUMBERS[letter]
    value = function(when)
    if letter == "N":
        text = f"{value:09d}"
        return text[:width] if 0 < width < 9 else text.ljust(width, "0")
    for flag in flags:
        if flag in "-_0":
            filling = {"-": "", "_": " ", "0": "0"}[flag]
    wide = width or digits
    text = str(abs(value))
    sign = "-" if value < 0 else ""
    if not filling:
        return sign + text
    if filling == " ":
        return (sign + text).rjust(wide)
    return sign + text.rjust(wide - len(sign), "0")


def _zone(when: datetime, colons: int) -> str:
    offset = when.utcoffset()
    seconds = int(offset.total_seconds()) if offset is not None else 0
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    if colons == 0:
        return f"{sign}{hours:02d}{minutes:02d}"
    if colons == 1:
        return f"{sign}{hours:02d}:{minutes:02d}"
    if colons == 2 or rest:
        return f"{sign}{hours:02d}:{minutes:02d}:{rest:02d}"
    return f"{sign}{hours:02d}:{minutes:02d}" if minutes else f"{sign}{hours:02d}"

"""Extras: lines of an event that Google has no place for, kept with it as private properties of its.

Whatever another program does with the event there, they stay; who reads it here gets them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from providers.calendar.google.wire import Json, inner, text

LINES = "spatioLines"
UID = "spatioUid"
TOLD = "spatioTold"
"""The key of the last deed that told guests of the event."""
MOST = 12_000
"""Characters that are kept of one event."""
PIECE, WIDE_PIECE = 1000, 300
"""Characters of one property: Google takes 1,024 octets."""


def lines(event: Json) -> list[str]:
    """The lines that are kept with an event, unfolded."""
    private = inner(inner(event, "extendedProperties"), "private")
    names = sorted(name for name in private if name.startswith(LINES))
    whole = "".join(text(private, name) for name in names)
    return [line for line in whole.split("\n") if line]


def uid(event: Json) -> str:
    """The UID that an event had before it came to Google; "" for one that began there."""
    return text(inner(inner(event, "extendedProperties"), "private"), UID)


def told(event: Json) -> str:
    return text(inner(inner(event, "extendedProperties"), "private"), TOLD)


def kept(event: Json, wanted: Iterable[str], mine: Mapping[str, str]) -> dict[str, Any]:
    """`extendedProperties` of an event with other lines, and with own properties `mine`."""
    before = inner(event, "extendedProperties")
    private = {name: value for name, value in inner(before, "private").items() if not name.startswith(LINES)}
    private.update(mine)
    whole = "\n".join(_fitting(wanted))
    size = PIECE if whole.isascii() else WIDE_PIECE
    for number, at in enumerate(range(0, len(whole), size)):
        private[f"{LINES}{number:02}"] = whole[at : at + size]
    made: dict[str, Any] = dict(before)
    made.pop("private", None)
    return {**made, "private": private} if private else made


def _fitting(wanted: Iterable[str]) -> Iterable[str]:
    """The lines that there is room for: what is attached within the file mostly has none."""
    left = MOST
    for line in wanted:
        if len(line) < left:
            left -= len(line) + 1
            yield line

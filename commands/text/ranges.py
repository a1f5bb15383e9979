"""Lists of ranges as cut takes them: `1,3-5,-2,7-`."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Usage

Ranges = Sequence[tuple[int, int | None]]
"""Merged and in order, as (start, stop) counted from 0; None for the end."""


def ranges(text: str, what: str) -> Ranges:
    """The ranges that `text` lists; messages call their members `what`. Raises Usage."""
    found: list[tuple[int, int | None]] = []
    for part in text.replace(" ", ",").replace("\t", ",").split(","):
        low, dash, high = part.partition("-")
        if not all(end.isdecimal() or not end for end in (low, high)) or part == "":
            raise Usage(f"invalid {what} range '{part}'" if part else f"{what}s are numbered from 1")
        if dash and not low and not high:
            raise Usage("invalid range with no endpoint: -")
        start = int(low or 1)
        stop = (int(high) if high else None) if dash else start
        if start == 0 or stop == 0:
            raise Usage(f"{what}s are numbered from 1")
        if stop is not None and stop < start:
            raise Usage("invalid decreasing range")
        found.append((start - 1, stop))
    return _merged(found)


def complement(listed: Ranges) -> Ranges:
    """All that `listed` leaves out."""
    rest: list[tuple[int, int | None]] = []
    at = 0
    for start, stop in listed:
        if start > at:
            rest.append((at, start))
        if stop is None:
            return rest
        at = stop
    return [*rest, (at, None)]


def _merged(found: list[tuple[int, int | None]]) -> Ranges:
    """Overlapping ranges as one; ranges that only touch stay apart."""
    merged: list[tuple[int, int | None]] = []
    for start, stop in sorted(found, key=lambda pair: pair[0]):
        last = merged[-1] if merged else None
        if last is None or (last[1] is not None and start >= last[1]):
            merged.append((start, stop))
        elif last[1] is not None:
            merged[-1] = (last[0], None if stop is None else max(last[1], stop))
    return merged

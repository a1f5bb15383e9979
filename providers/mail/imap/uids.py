"""Sets of message numbers, as the protocol writes them: `1:3,7,9:12`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

HIGHEST = 0xFFFFFFFF


def compact(numbers: Iterable[int]) -> str:
    """The shortest set of these numbers, in ascending order; "" of none."""
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in runs(numbers))


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ascending stretches without a gap."""
    low = high = -1
    for number in sorted(set(numbers)):
        if number != high + 1 or low < 0:
            if low >= 0:
                yield low, high
            low = number
        high = number
    if low >= 0:
        yield low, high


def ranges(text: str) -> list[tuple[int, int]]:
    """The stretches that a set names. Raises ValueError for what is no set."""
    found = []
    for part in text.split(","):
        low, _, high = part.partition(":")
        first, last = _number(low), _number(high or low)
        found.append((min(first, last), max(first, last)))
    return found


def spread(stretches: Sequence[tuple[int, int]]) -> int:
    """How many numbers stretches hold."""
    return sum(high - low + 1 for low, high in stretches)


def numbers(text: str, most: int) -> list[int]:
    """The numbers of a set, in its order. Raises ValueError when there are more than `most`."""
    stretches = ranges(text)
    if spread(stretches) > most:
        raise ValueError("the set names more messages than there can be")
    return [number for low, high in stretches for number in range(low, high + 1)]


def within(stretches: Sequence[tuple[int, int]], known: Iterable[int]) -> list[int]:
    """Those of `known` that lie in the stretches."""
    if spread(stretches) <= 10_000:
        named = {number for low, high in stretches for number in range(low, high + 1)}
        return [number for number in known if number in named]
    return [number for number in known if any(low <= number <= high for low, high in stretches)]


def chunks(texts: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Parts of at most `size` numbers."""
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


def _number(text: str) -> int:
    if text == "*":
        return HIGHEST
    if not (text.isascii() and text.isdigit() and len(text) <= 10) or int(text) > HIGHEST:
        raise ValueError(f"{text[:20]!r} is no message number")
    return int(text)

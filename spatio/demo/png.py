"""Pictures as PNG bytes: a lighthouse by the sea at some hour, a row of colour plates, a bar chart."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from functools import cache

Colour = tuple[int, int, int]
_SKIES: Sequence[tuple[Colour, Colour]] = (
    ((28, 37, 65), (244, 162, 97)),
    ((69, 123, 157), (241, 250, 238)),
    ((38, 70, 83), (233, 196, 106)),
    ((11, 19, 43), (91, 192, 190)),
)


def picture(width: int, height: int, at: Callable[[int, int], Colour]) -> bytes:
    """A PNG of which `at(x, y)` gives every point."""
    rows = b"".join(b"\0" + b"".join(bytes(at(x, y)) for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(rows, 6))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _between(one: Colour, two: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, two, strict=True))
    return red, green, blue


@cache
def lighthouse(hour: int, width: int = 160, height: int = 106) -> bytes:
    """The sea, the sky of that hour, and a red and white tower."""
    top, low = _SKIES[hour % len(_SKIES)]
    horizon, foot, tower = height * 2 // 3, height * 3 // 4, width * 2 // 3

    def at(x: int, y: int) -> Colour:
        if abs(x - tower) <= 5 + (y - 24) // 16 and 24 <= y <= foot:
            return (252, 236, 160) if y < 32 else (200, 54, 48) if (y // 9) % 2 else (240, 240, 236)
        if y < horizon:
            return _between(top, low, y / horizon)
        wave = ((x * 7 + y * 13) % 29) / 116
        return _between(_between(low, top, 0.6), top, (y - horizon) / (height - horizon) * 0.8 + wave)

    return picture(width, height, at)


def plates(colours: Sequence[Colour], size: int = 48) -> bytes:
    """Colours side by side."""
    return picture(size * len(colours), size, lambda x, y: colours[x // size])


def bars(values: Sequence[float], height: int = 96, width: int = 8) -> bytes:
    """Values as bars from the floor up."""
    most = max(values)

    def at(x: int, y: int) -> Colour:
        value = values[x // width]
        inside = x % width > 1 and height - y <= value / most * (height - 6)
        return (222, 142, 38) if inside else (250, 248, 243)

    return picture(width * len(values), height, at)

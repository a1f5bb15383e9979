"""UUIDs of version 7: unique, and in the order in which this process made them."""

from __future__ import annotations

import os
import time

_last = 0


def uuid7() -> str:
    """A new UUIDv7 as text. Later ones sort after earlier ones, even when the clock jumps back."""
    global _last
    stamp = max(time.time_ns() // 1_000_000 << 12, _last + 1)
    _last = stamp
    number = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62
    text = f"{number | int.from_bytes(os.urandom(8), 'big') >> 2:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

"""Blocks of bytes cut where characters end, so that each can be decoded by itself."""

from __future__ import annotations


def whole_characters(block: bytes) -> int:
    """How many bytes of `block` there are before a UTF-8 character that is not complete."""
    for back in range(1, min(4, len(block)) + 1):
        byte = block[-back]
        if byte < 0x80:
            return len(block)
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(block) - back if needed > back else len(block)
    return len(block)

"""The zones that calendar files name: by IANA, by others' names for them, or by rules of their own.

A zone is text everywhere, so that an index can keep it: an IANA name, or `=` and the rules of the
file's own VTIMEZONE (`spelt`), from which `zone_named` makes the same zone again.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import lru_cache

from vfs.zone import zone_of


@lru_cache(1024)
def zone_named(text: str) -> tzinfo:
    """The zone that a `Moment.zone` stands for. UTC for what is none."""
    try:
        return zone_of(text)
    except ValueError:
        return UTC

"""Coverage: what an answer could not see, told once, by whoever notices, to whoever asked.

A provider calls `tell` where it finds that it serves less, or older, than there is. Whoever runs a
command collects within `gathered()`; tasks that are started inside tell the same collector. What is told
where nobody collects is lost, and harms nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Gap(NamedTuple):
    """What is missing from an answer, or how old it is."""

    place: str
    """What it is about, for a person: a path of the tree, an account."""
    reason: str
    hint: str | None = None
    """The next step."""
    missing: bool = False
    """Entries are known to be missing (exit status 3); False: complete as of some time ago."""


_GAPS: ContextVar[dict[Gap, None] | None] = ContextVar("gaps", default=None)


def tell(gap: Gap) -> None:
    """Says once what is missing from the answer that is being given."""
    gaps = _GAPS.get()
    if gaps is not None:
        gaps[gap] = None


@contextmanager
def gathered() -> Iterator[dict[Gap, None]]:
    """Collects what is told within, in order, each once."""
    gaps: dict[Gap, None] = {}
    token = _GAPS.set(gaps)
    try:
        yield gaps
    finally:
        _GAPS.reset(token)

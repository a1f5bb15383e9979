"""Coverage: what an answer could not see, told once, by whoever notices, to whoever asked.

A provider calls `tell` where it finds that it serves less, or older, than there is. Whoever runs a
command collects within `gathered()`; tasks that are started inside tell the same collector. What is told
where nobody collects is lost, and harms nobody. Within one `line()` nothing is shown twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
_SHOWN: ContextVar[set[Gap] | None] = ContextVar("shown", default=None)


def tell(gap: Gap) -> None:
    """Says once what is missing from the answer that is being given."""
    gaps = _GAPS.get()
    if gaps is not None:
        gaps[gap] = None


@contextmanager
def gathered(*, inherit: bool = False) -> Iterator[dict[Gap, None]]:
    """Collects what is told within, in order, each once; with `inherit` also what was told just before."""
    outer = _GAPS.get()
    gaps: dict[Gap, None] = {}
    if inherit and outer:
        gaps.update(outer)
        outer.clear()
    _GAPS.set(gaps)
    try:
        yield gaps
    finally:
        # Not by a token: an event loop that starts within goes on in a copy of the context.
        _GAPS.set(outer)


@contextmanager
def line() -> Iterator[None]:
    """What a person asked for at once, within which nothing is shown twice."""
    outer = _SHOWN.get()
    _SHOWN.set(set())
    try:
        yield
    finally:
        _SHOWN.set(outer)


def unshown(gaps: Iterable[Gap]) -> list[Gap]:
    """Those of `gaps` that were not shown yet within this line; they are from here on."""
    shown = _SHOWN.get()
    if shown is None:
        return list(gaps)
    fresh = [gap for gap in gaps if gap not in shown]
    shown.update(fresh)
    return fresh

"""The form of a calendar file: what its instances are computed from, as JSON, made once when it is written.

Times are clock times of the series' zone (`recurrence`), lengths and moves are seconds on its clock. Fields
that hold nothing at the end of a series are left out.

On the way of every listing of a day, so that annotations are no texts here: each field's would be compiled.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

VERSION = 1
"""Of the form; what was made by another version is made anew (`spatio doctor`)."""

_decoder = json.JSONDecoder()

EndingRule = tuple[str, int | None]
"""An RRULE without COUNT and UNTIL, and the last clock time that it names; None when it never ends."""

Date = tuple[int, int | None]
"""A clock time, and how long that instance takes where that is its own."""


class Override(NamedTuple):
    """An instance that differs from what its series says."""

    key: int
    """The clock time that the rule names."""
    following: int
    """Whether it stands for all later ones, too."""
    zone: str
    is_date: int
    start: int
    length: int
    move: int
    """By how much those that follow are moved."""
    said: Sequence[object]
    """As `facts.packed` packs it."""


class Form(NamedTuple):
    """A series."""

    uid: str
    zone: str = ""
    is_date: int = 0
    start: int | None = None
    """From where the rules count; None where the file has single instances of a series alone."""
    length: int = 0
    rules: Sequence[EndingRule] = ()
    dates: Sequence[Date] = ()
    """RDATE, and the start."""
    excluded: Sequence[int] = ()
    days: Sequence[int] = ()
    """Days that are excluded whole, by their numbers."""
    overrides: Sequence[Override] = ()
    """In order of their keys."""
    said: Sequence[object] | None = None
    """Where that is not what the file says of itself."""
    exrules: Sequence[EndingRule] = ()
    longest: int = 0
    """The longest of the dates' own lengths."""
    cut: int = 0
    """The last instance that was counted, where a COUNT is too large to count them all."""

    @property
    def recurs(self) -> bool:
        return bool(self.rules or self.overrides or len(self.dates) > 1)


def written(series: Iterable[Form]) -> str:
    """The form of a file."""
    made = []
    for one in series:
        fields = list(one)
        while not fields[-1]:
            fields.pop()
        made.append(fields)
    return json.dumps([VERSION, made], ensure_ascii=False, separators=(",", ":"))


@lru_cache(4096)
def series_of(form: str) -> Sequence[Form]:
    """The series of a file; none where the form is of another version."""
    (version, made), _ = _decoder.raw_decode(form)
    if version != VERSION:
        return ()
    return [_form(Form(*fields)) for fields in made]


def _form(read: Form) -> Form:
    if not read.overrides:
        return read
    return read._replace(overrides=[Override._make(one) for one in read.overrides])

"""Finding: one thing that the doctor says."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """What a check says: `ok`, `note` (works, but less), or `bad`; and what to do about it."""

    state: str
    subject: str
    text: str
    step: str = ""

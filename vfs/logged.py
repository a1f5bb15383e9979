"""What the logs tell: events and undone commands, the runs of agents and their steps.

Pure values: the store makes them, commands show them, and neither knows the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from vfs.path import Path


class Event(NamedTuple):
    """One row of the event log as a person sees it, in the paths of the tree."""

    seq: int
    at: datetime
    command_id: str
    command: str
    actor: str
    op: str
    """write, mkdir, remove, move, touch, attrs, undo."""
    path: Path
    target: Path | None
    before: str | None
    """Content hash, None where there was nothing."""
    after: str | None


class Undone(NamedTuple):
    """What an undo or redo did."""

    command: str
    """The line that was taken back."""
    paths: Sequence[Path]
    skipped: Sequence[tuple[Path, str]]
    """What could not be restored, and why (changed since, purged)."""


class RunInfo(NamedTuple):
    """A run of an agent as a list shows it."""

    id: str
    agent: str
    started: datetime
    ended: datetime | None
    status: str
    model: str
    tokens: int
    cost: Decimal


class Step(NamedTuple):
    """One thing that a run did. `status` is `begun` until it has ended."""

    seq: int
    kind: str
    """`model`, `tool` or `effect`."""
    name: str
    """The model, the tool, or the effect: `write`, `delete`, …"""
    before: str
    """What was asked: the last message, the tool's arguments, the path."""
    after: str
    """What came of it."""
    status: str
    """`begun`, `done`, `failed`, `refused`."""
    started: datetime
    ended: datetime | None
    tokens_in: int
    tokens_out: int
    cost: Decimal

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


class RunRecord(NamedTuple):
    """A run with all that is known of it."""

    info: RunInfo
    line: str
    """How it was called."""
    input: str
    """The names of its material, one a line."""
    output: str
    steps: Sequence[Step]

"""What commands need of the replicas of accounts, typed as a protocol; the session hands it out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from vfs.errors import VfsError
from vfs.path import Path


class Synced(NamedTuple):
    """What the sync of one account did."""

    path: Path
    new: int = 0
    changed: int = 0
    gone: int = 0
    bodies: int = 0
    """Contents that were fetched."""
    pushed: int = 0
    """Changes that the service has taken."""
    problems: Sequence[str] = ()
    """What is wrong with some of it, each in a line."""
    error: VfsError | None = None
    """What ended it."""
    withheld: bool = False
    """Most of it would have gone, and did not: `accept` lets it."""
    rules: Sequence[str] = ()
    """What rules did to what is new, each in a line."""


class Standing(NamedTuple):
    """What is known of one account, without asking its service."""

    path: Path
    provider: str
    items: int
    bodies: int
    """Items whose whole content is here."""
    total: int | None
    """How many there are at the service, if it said so."""
    age: float | None
    """Seconds since both ends were the same; None when they never were."""
    waiting: int
    """Changes that the service does not know yet."""
    problem: str
    """Why the last sync, or what it did not do, came to nothing."""
    listing: bool
    """Not all that there is, is known yet."""


class Syncing(Protocol):
    """Keeping replicas of accounts in step with their services."""

    def replicas(self) -> Sequence[Path]:
        """Where replicas are mounted; opens nothing."""
        ...

    async def sync(
        self,
        paths: Sequence[Path] = (),
        *,
        full: bool = False,
        accept: bool = False,
        shown: bool = False,
    ) -> Sequence[Synced]:
        """Syncs the accounts at, above or below `paths`, or all, at once; `shown` draws how far it is.

        What is wrong with one stands in its answer; the others go on. `full` lists everything again;
        `accept` lets go what a service says is gone, however much. Raises NotFound for a path that is in
        no replica.
        """
        ...

    async def standing(self) -> Sequence[Standing]:
        """What is known of each account."""
        ...

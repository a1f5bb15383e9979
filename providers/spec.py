"""ProviderSpec: what a provider says of itself, and what it is given when a mount opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from vfs.provider import Provider

if TYPE_CHECKING:
    from providers.store.store import Store


class Option(NamedTuple):
    """One setting of a mount, as it stands in the config."""

    name: str
    help: str
    required: bool = False
    default: str = ""
    secret: bool = False
    """Kept in the keyring, never in the config."""


class Facts(Protocol):
    """What `/sys` shows of the running program, as lines of JSON or plain text."""

    def mounts(self) -> Sequence[Mapping[str, str]]: ...
    def commands(self) -> Sequence[Mapping[str, str]]: ...
    def jobs(self) -> Sequence[Mapping[str, str]]: ...
    async def replicas(self) -> Mapping[str, Mapping[str, Any]]:
        """What is known of each account, by the path of its mount."""
        ...

    def store(self) -> Mapping[str, str]:
        """Which store keeps the workspace; no password."""
        ...


def no_secret(name: str) -> str | None:
    """What an app answers that keeps no secrets."""
    return None


class Keeper(Protocol):
    """Secrets that a provider has to replace: tokens that a service renews. All calls block."""

    def read(self, name: str) -> str | None:
        """The secret as it lies there at this moment. Raises LoginNeeded where it cannot be unlocked."""
        ...

    def keep_text(self, name: str, text: str) -> None:
        """Keeps it; on disk when it returns. Raises Unavailable."""
        ...

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Inside, no other program that uses this workspace is inside for the same name."""
        ...


class Reach(Enum):
    """How far a read of a replica goes for what its service has."""

    OFFLINE = "offline"
    """Nowhere: what is here is the answer."""
    WAIT = "wait"
    """To the service when the replica is too old, for a moment: then what is here is the answer."""
    FRESH = "fresh"
    """To the service, however long it takes; no answer where it cannot be reached."""
    BACKGROUND = "background"
    """What is here is the answer; a program that stays keeps it in step meanwhile."""


def always_wait() -> Reach:
    """How far an app goes that was not told."""
    return Reach.WAIT


def now() -> datetime:
    """The time, for an app that keeps no clock of its own."""
    return datetime.now(UTC)


class Opening(NamedTuple):
    """What a mount's opener hands to its provider."""

    options: Mapping[str, str]
    store: Callable[[], Store]
    """The workspace's store, opened by the first call that uses it."""
    facts: Facts | None = None
    secret: Callable[[str], str | None] = no_secret
    """The secret of a name, from where the app keeps such. Blocks."""
    reach: Callable[[], Reach] = always_wait
    """Asked at each read of a replica."""
    keeper: Callable[[], Keeper] | None = None
    """Where secrets are kept; None: what is renewed lives as long as the program."""
    below: Callable[[], Sequence[tuple[str, Provider]]] = tuple
    """What is mounted directly below this mount, by name."""
    home: str = ""
    """The folder of the workspace's own data."""
    now: Callable[[], datetime] = now
    """What time it is, aware."""


class ProviderSpec(NamedTuple):
    """A kind of mount: `PROVIDER` of a provider's module."""

    name: str
    summary: str
    open: Callable[[Opening], Provider]
    """Builds the provider without waiting; it connects in its first call."""
    options: tuple[Option, ...] = ()

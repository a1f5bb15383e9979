"""ProviderSpec: what a provider says of itself, and what it is given when a mount opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

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
    def store(self) -> Mapping[str, str]:
        """Which store keeps the workspace; no password."""
        ...


def no_secret(name: str) -> str | None:
    """What an app answers that keeps no secrets."""
    return None


class Opening(NamedTuple):
    """What a mount's opener hands to its provider."""

    options: Mapping[str, str]
    store: Callable[[], Store]
    """The workspace's store, opened by the first call that uses it."""
    facts: Facts | None = None
    secret: Callable[[str], str | None] = no_secret
    """The secret of a name, from where the app keeps such. Blocks."""


class ProviderSpec(NamedTuple):
    """A kind of mount: `PROVIDER` of a provider's module."""

    name: str
    summary: str
    open: Callable[[Opening], Provider]
    """Builds the provider without waiting; it connects in its first call."""
    options: tuple[Option, ...] = ()

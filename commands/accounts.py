"""Accounts at services: what `connect` and `disconnect` need of the app, and the values they exchange."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from vfs.path import Path


class Account(NamedTuple):
    """An account at a service that is mounted, or is about to be."""

    path: Path
    kind: str
    """What `connect` calls it: imap, gmail, caldav."""
    name: str
    address: str
    place: str = ""
    """The servers, for a person."""


class Wish(NamedTuple):
    """What the words of `connect` say; "" and None where they say nothing."""

    kind: str
    address: str = ""
    name: str = ""
    at: Path | None = None
    options: Mapping[str, str] = {}
    """Settings of the mount: host, user, port …"""
    client: str = ""
    """A file of the host: the OAuth client that the person has registered."""
    allow: Sequence[str] = ()
    device: bool = False


class Plan(NamedTuple):
    """What `connect` is about to do."""

    wish: Wish
    account: Account
    options: Mapping[str, str]
    """Those of the mount, complete; nothing secret."""
    remarks: Sequence[str] = ()
    """What a person should know before it is done, each in a line."""
    moves: Sequence[tuple[Path, Path]] = ()
    """Accounts that are shown elsewhere from then on."""
    password: bool = False
    """Whether there is a password to ask for."""
    question: str = ""
    """What is asked then."""
    variable: str = ""
    """The variable of the environment that holds the password, which is not kept elsewhere then."""
    again: bool = False
    """The account is mounted already: only its login is made anew."""


class Connected(NamedTuple):
    """What `connect` has done."""

    plan: Plan
    """With the address that the service told, where nobody had named one."""
    place: str
    """Where the login is kept: `keyring`, `environment`, or a file."""


class Leaving(NamedTuple):
    """What is left of an account when it is disconnected."""

    unpushed: int = 0
    """Changes that its service does not know yet."""
    waiting: int = 0
    """Deeds in `/outbox` that it was to do."""
    kept: int = 0
    """Entries that stay here unless they are forgotten."""
    variable: str = ""
    """The variable of the environment that holds its login, which nobody takes out there."""


Tell = Callable[[str], Awaitable[None]]
"""Says a line to the person."""

Hear = Callable[[], Awaitable[str]]
"""The next line that the person types; "" at the end."""


class Accounts(Protocol):
    """Accounts at services: logged in to and mounted, taken away again."""

    def kinds(self) -> Sequence[tuple[str, str]]:
        """What can be connected, and what each is."""
        ...

    def connected(self) -> Sequence[Account]:
        """What is, by path."""
        ...

    async def plan(self, wish: Wish) -> Plan:
        """What would be done; nothing is, and nobody is asked. Raises Usage, Exists, Failure."""
        ...

    async def make_room(self, ask: Callable[[str], Awaitable[bool]] | None) -> None:
        """Sees to it that secrets can be kept; asks where there is no keyring. Raises Unavailable."""
        ...

    async def connect(self, plan: Plan, password: str, tell: Tell, hear: Hear | None = None) -> Connected:
        """Logs in, keeps the login, mounts the account: all of it or nothing.

        Raises LoginNeeded when the service refuses, Unavailable, TimedOut, Conflict, ConfigError.
        """
        ...

    def account(self, word: str, path: Path) -> Account:
        """The account of this name, address or path. Raises NotFound."""
        ...

    async def leaving(self, account: Account) -> Leaving:
        """What goes with an account, and what stays."""
        ...

    async def disconnect(self, account: Account, *, forget: bool, revoke: bool) -> int:
        """Takes an account and its secrets away; with `forget`, the copies of its entries for good, too.

        Returns how many entries are forgotten. Raises Unavailable when the service does not end the login
        (`revoke`, and always for a bank): then nothing was taken away.
        """
        ...

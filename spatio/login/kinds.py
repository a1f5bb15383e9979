"""What can be connected: kinds of accounts, by the domain (mail, calendar, banking) that they belong to.

A domain is one place of the tree: the only account of it is mounted there, several of them below it, with
a union over them. A kind names the `Way` in which it is planned and logged in to; that is loaded by its use.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from vfs.path import Path

if TYPE_CHECKING:
    from commands.accounts import Account, Hear, Plan, Tell, Wish
    from spatio.workspace import Workspace
    from vfs.mount import Mount


class Domain(NamedTuple):
    """What accounts of one sort have in common."""

    name: str
    """Also the default for the collection of the store that keeps such a mount's entries."""
    union: Path
    """Where one account is mounted, or all of them together."""
    others: tuple[str, ...] = ()
    """Providers of this domain that nobody connects, and that are accounts all the same."""
    local: str = ""
    """The provider that keeps such things in this workspace alone; it makes room for the first account."""


DOMAINS = (
    Domain("mail", Path(("mail",)), others=("mailbox", "maildir")),
    Domain("calendar", Path(("calendar",)), local="calendar"),
    Domain("banking", Path(("banking",)), local="banking"),
)


class Kind(NamedTuple):
    """One kind of account, called as its provider is."""

    domain: str
    summary: str
    way: str
    """module:WAY"""
    chooses: bool = False
    """Whether the login itself chooses whose account it is, so that each without a name is a new one."""
    ends: bool = False
    """Whether a login is ended at the service with the account: nobody could do so later."""
    hears: bool = True
    """Whether the service is told of what is written here, so that what it was not told yet may be lost."""


KINDS: Mapping[str, Kind] = {
    "imap": Kind(
        "mail", "a mailbox at any mail server, by IMAP and SMTP, with a password", "spatio.login.mailbox:WAY"
    ),
    "caldav": Kind("calendar", "calendars at any CalDAV server, with a password", "spatio.login.caldav:WAY"),
    "gmail": Kind("mail", "a mailbox at Gmail, by a login in the browser", "spatio.login.gmail:WAY"),
    "google-calendar": Kind(
        "calendar", "calendars at Google, by a login in the browser", "spatio.login.googlecalendar:WAY"
    ),
    "plaid": Kind(
        "banking",
        "the accounts at a bank, over Plaid",
        "spatio.login.plaid:WAY",
        chooses=True,
        ends=True,
        hears=False,
    ),
}


class LoggedIn(NamedTuple):
    """What comes of a login."""

    secrets: Mapping[str, str]
    """What is to be kept among the secrets, by name; nothing where the environment holds it."""
    address: str = ""
    """Whose account it is, where the plan did not know."""
    options: Mapping[str, str] = {}
    """Options of the mount that only the login tells."""
    undo: Callable[[], Awaitable[None]] | None = None
    """Ends the login, when the account cannot be mounted: nobody else could."""


class Way(Protocol):
    """How one kind of account is planned, logged in to, looked at and left."""

    password: bool
    """Whether a password is asked for."""

    def planned(self, wish: Wish) -> tuple[dict[str, str], list[str]]:
        """The mount's options, and what a person should know. Raises Usage, Failure."""
        ...

    def address(self, options: Mapping[str, str]) -> str:
        """Whose account a mount with these options is; "" where it does not say."""
        ...

    def place(self, options: Mapping[str, str]) -> str:
        """The servers, for a person."""
        ...

    def question(self, options: Mapping[str, str]) -> str:
        """What is asked for the password."""
        ...

    def secrets(self, options: Mapping[str, str]) -> Sequence[str]:
        """Under which names such a mount's secrets may lie, the password's first."""
        ...

    async def log_in(
        self, workspace: Workspace, plan: Plan, password: str, tell: Tell, hear: Hear | None
    ) -> LoggedIn:
        """Logs in, and looks whether the service lets in. Raises LoginNeeded, Unavailable, TimedOut."""
        ...

    def revoke(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> None:
        """Ends the login at the service, where that can be done. Blocks. Raises Unavailable."""
        ...

    def check(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> str:
        """Where the login lies, after a look whether the service takes it. Blocks. Raises VfsError."""
        ...


def domain_of(provider: str) -> Domain | None:
    """The domain that a provider's accounts belong to; None for any other provider."""
    kind = KINDS.get(provider)
    for domain in DOMAINS:
        if provider in domain.others or (kind is not None and kind.domain == domain.name):
            return domain
    return None


def way_of(kind: str) -> Way | None:
    """The way in which a kind is connected; None for what nobody connects."""
    known = KINDS.get(kind)
    if known is None:
        return None
    module, _, name = known.way.partition(":")
    return cast("Way", getattr(import_module(module), name))


def collection_of(mount: Mount, domain: Domain) -> str:
    """The collection of the store that keeps a mount's entries."""
    return mount.options.get("collection") or domain.name

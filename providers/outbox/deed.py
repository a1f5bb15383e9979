"""Deed: something that leaves the workspace (a mail, an invitation); and what a service does with it.

A deed is a row of the store and a file of `/outbox`. Its states:

    waiting     until it is due; may be changed, cancelled, released
    sending     a worker has leased it; nothing has left, and a crash here means waiting again
    leaving     noted before the step after which only a look at the service can tell what happened
    unknown     the look could not tell: a person decides (`release` sends it again, `rm` drops it)
    failed      refused for good; stays until it is changed, released or removed
    done        it left, once
    cancelled   removed before it left

What an error of `Performs.perform` means: before `leaving()` nothing has left, so that Unavailable,
Throttled, TimedOut and LoginNeeded put the deed back to waiting, and all other errors (Refused, BadName,
TooLarge …) to failed. After `leaving()` Throttled, Refused, BadName and TooLarge are the service's own word
that it took nothing, and mean the same; any other error, or a crash there, is judged by `look`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from vfs.action import Arguments, Verb
from vfs.path import Path

WAITING = "waiting"
SENDING = "sending"
LEAVING = "leaving"
UNKNOWN = "unknown"
FAILED = "failed"
DONE = "done"
CANCELLED = "cancelled"

SETTLED = (DONE, CANCELLED)
"""States in which nothing is to be done any more, and nothing lies in `/outbox`."""

HELD = (SENDING, LEAVING)
"""States in which a worker has the deed, or has died with it."""

MAIL = "message/rfc822"


class Prepared(NamedTuple):
    """A deed as its service wants to have it, before it is queued."""

    name: str
    """What a person would call its file: the outbox cleans it and makes it the only one."""
    summary: str
    """One line that says what would leave, and to whom."""
    key: str
    """The same deed never happens twice: a mail's Message-ID (without brackets), which stands in it, too."""
    content: bytes
    """What leaves."""
    arguments: Arguments
    """What the service needs beside the content (the envelope of a mail)."""
    mime: str = MAIL


class Deed(NamedTuple):
    """A deed as the outbox has it."""

    node: int
    path: Path
    """Its file in the outbox."""
    account: str
    """The collection of the mount whose service performs it."""
    verb: str
    state: str
    key: str
    arguments: Arguments
    summary: str
    command_id: str
    actor: str
    at: datetime
    """When it was queued."""
    due: datetime
    """When it may leave."""
    changed: datetime
    """When its state changed last."""
    tries: int
    problem: str
    """Why the last try came to nothing."""
    result: str
    """What `perform` said."""


Leaving = Callable[[], Awaitable[None]]


@runtime_checkable
class Performs(Protocol):
    """A service (a `Remote`) that does deeds."""

    def deeds(self) -> Mapping[str, Verb]:
        """What it can do, by name. Asks nobody."""
        ...

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        """The deed that a verb with these arguments at a path of the mount is, without asking the service.

        The outbox takes `countdown` of the arguments itself. Raises BadName for what could never be done: a
        recipient that is no address, a missing argument.
        """
        ...

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        """Does it; what happened, in a few words for a person.

        Awaits `leaving()` immediately before the step after which only a look can tell whether it
        happened (a mail's last line after DATA); lets through what that raises: the deed is somebody else's.
        `content` is the deed's file as it is now, which a person may have changed after `prepare`: it counts
        where `arguments` say otherwise. Who a mail goes to stands in it, Bcc included.
        """
        ...

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        """Whether it happened: True, False (it did not, and will not any more), None (cannot be told).

        Raises Unavailable while that is too early to tell, or cannot be asked; LoginNeeded.
        """
        ...


@runtime_checkable
class Account(Protocol):
    """A mount (a `Mirror`) whose service may do deeds."""

    mount: str
    """Its collection, which `Deed.account` names."""

    def performs(self) -> Performs | None:
        """What does its deeds; None where the service does none."""
        ...

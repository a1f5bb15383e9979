"""Remote: what a service adapter says and does; `Mirror` makes a mount of it.

A mail server, a calendar, an issue tracker, a bank are one shape: collections (a mailbox, a label, a
calendar) of items, each with an href (its key there), an etag (changes with it), a state (what can be
set beside its content: unread, flagged) and a content. The adapter asks the service and translates;
naming, keeping, listing, searching, trying again, conflicts and offline use are the mirror's.

A Remote raises errors of `vfs.errors` only: LoginNeeded (with the next step as its hint), Unavailable,
TimedOut, Throttled, Forgotten. It never tries again by itself, but for one renewal of a login.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from vfs.errors import Unavailable, VfsError
from vfs.node import NO_ATTRS, Value
from vfs.path import Path

State = Mapping[str, Value]
"""Attributes that the service keeps beside a content and that can be set: unread, flagged, labels."""


class Throttled(Unavailable):
    """The service wants to be left alone for `seconds`; None when it did not say for how long."""

    def __init__(self, reason: str, seconds: float | None = None, *, hint: str | None = None) -> None:
        super().__init__(None, reason, hint=hint)
        self.seconds = seconds


class Forgotten(VfsError):
    """The service knows a cursor no longer: everything is to be listed again."""

    default = "the service wants everything to be listed again"


class Collection(NamedTuple):
    """A set of items that the service keeps together."""

    key: str
    """The service's own, never empty: a mailbox's name as it was sent, a label's id, a URL."""
    path: Path
    """Where it is shown, in names that a person would type: `/inbox`, `/projects/spatio`."""
    role: str = ""
    """inbox, sent, drafts, archive, trash, junk, all, flagged, or "" for any other."""
    selectable: bool = True
    """False: only a folder above others."""
    attrs: Mapping[str, Value] = NO_ATTRS
    """Kept beside it. `read_only`: nothing in it is changed from here."""


class Item(NamedTuple):
    """What the service says of one item. None and "" mean that it did not say."""

    href: str
    etag: str
    name: str
    """What a person would call it: the mirror cleans it and makes it the only one of its folder."""
    state: State
    attrs: Mapping[str, Value] = NO_ATTRS
    """What else is known of it from its listing, as columns of `ls -l`; `describe` knows more."""
    at: datetime | None = None
    size: int | None = None
    """Bytes of the whole content."""
    mime: str | None = None
    identity: str = ""
    """The same for the same content, in whichever collection and under whichever href.

    By it a mirror knows an item again that has another href: after everything was listed anew, in another
    folder, after a move whose new href the service did not tell (`Pushed.href` "").
    """
    content: bytes = b""
    """What of the content came along: all of it when `whole`, else its beginning (a mail's header)."""
    whole: bool = False


class Delta(NamedTuple):
    """A part of what has changed, in an order that makes `cursor` true once all of it is kept."""

    items: Sequence[Item] = ()
    """New ones, and those with another content."""
    states: Sequence[tuple[str, str, State]] = ()
    """(href, etag, state) of items of which only the state has changed; unknown ones are passed over."""
    gone: Sequence[str] = ()
    """Hrefs that are there no more; unknown ones are passed over."""
    alive: Sequence[str] | None = None
    """All hrefs that there are, where the service cannot say what is gone: all others are."""
    cursor: str = ""
    """From here `changes` goes on, also after a kill."""
    total: int | None = None
    """How many items there are in all."""
    done: bool = False
    """The last part: the mirror then has what there was when `changes` was called."""


class Known(Protocol):
    """What the mirror has of a collection, for an adapter whose service cannot say what has changed."""

    async def count(self) -> int: ...
    async def hrefs(self) -> Sequence[str]: ...

    async def etags(self) -> Mapping[str, str]:
        """The etag that each item had when its whole content came here, by href."""
        ...

    async def content(self, href: str) -> bytes | None:
        """The whole content of an item as it is here, changes of here included; None when it is not here.

        For a service that says what has changed within an item: what is built from it takes its place
        without a conflict. When it was changed meanwhile, `changes` is called again from the same cursor.
        """
        ...


@runtime_checkable
class Accepts(Protocol):
    """A `Known` that says whether the person lets go what the service says is gone, however much."""

    accept: bool


class Described(NamedTuple):
    """What a content says of itself."""

    mime: str | None
    attrs: Mapping[str, Value]
    text: str
    """What a person reads, and what is searched: a mail's headers and text."""


class Push(NamedTuple):
    """What is to become true at the service, of one item."""

    collection: Collection | None
    """Where it is, for the service; None for what is new there."""
    href: str
    etag: str
    base: State
    """The state that the service had when the mirror last looked."""
    target: Collection | None
    """Where it is to be; None when it is to be gone for good."""
    state: State
    """The state that it is to have."""
    content: bytes | None = None
    """The content, when it is new or another one."""
    identity: str = ""
    name: str = ""
    """What it is called here."""


class Pushed(NamedTuple):
    """What is true at the service after a push.

    `href` is "" when the item is gone there as it was asked to be, or when the service did not say what it
    is called now: the next `changes` of the collection then names it, and its identity tells that it is it.
    """

    href: str
    etag: str
    state: State


class Remote(Protocol):
    """An account at a service. Made without waiting; the first call connects."""

    parallel: int
    """How many requests at once the service bears."""

    async def collections(self) -> Sequence[Collection]:
        """All there are, each path once, folders before what is in them."""
        ...

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        """What has changed since `cursor`, in parts of some hundreds; with None all there is, newest first.

        What no part of a whole listing names, from None up to `done`, is gone. A whole listing that was
        cut goes on from the cursor of its last part. Raises Forgotten on the first part.
        """
        ...

    def fetch(
        self, collection: Collection, hrefs: Sequence[str]
    ) -> AsyncIterator[Sequence[tuple[str, bytes | VfsError]]]:
        """Whole contents, in batches, in any order; an error stands for its item alone (NotFound: gone).

        Asks for as many at once as the service bears. What is handed on is kept by the mirror while the
        next batch is on its way, so that a batch is some hundreds of items, or a megabyte or two.
        """
        ...

    def describe(self, content: bytes, whole: bool) -> Described:
        """What a content, or its beginning, says. Pure and thread-safe; never raises, whatever is sent."""
        ...

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        """Makes changes true, in order, few requests for many; safe to call again with what was done already.

        An error stands for its change alone: Conflict when the service has another etag, Refused or
        Unsupported when it never will. Raises what all of them meet: LoginNeeded, Unavailable.
        """
        ...

    async def aclose(self) -> None:
        """Lets go of everything. Safe to call twice."""
        ...


@runtime_checkable
class Waits(Protocol):
    """A service that says when something is new (IMAP IDLE)."""

    async def wait(self, collection: Collection, seconds: float) -> bool:
        """Waits for a change; False when there was none in so many seconds."""
        ...


@runtime_checkable
class Queries(Protocol):
    """A service that searches what the mirror does not have."""

    async def query(self, text: str, limit: int) -> Sequence[tuple[Collection, Item]]:
        """What the service finds for a query in its own language, best first."""
        ...


@runtime_checkable
class Arranges(Protocol):
    """A service whose collections can be made, renamed and dropped from here."""

    async def make(self, path: Path) -> Collection:
        """A new collection that is shown at `path`; the one that is there already. Raises BadName."""
        ...

    async def rename(self, collection: Collection, path: Path) -> Collection:
        """The collection, shown at `path`, with all in and below it. Raises NotFound, Exists, BadName."""
        ...

    async def drop(self, collection: Collection) -> None:
        """Takes away a collection in which nothing is. Raises NotEmpty; nothing when it is gone already."""
        ...

"""What commands need of the app besides the tree, typed as protocols; the session hands them out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from commands.accounts import Accounts
from commands.replicas import Syncing
from vfs.logged import Event, RunInfo, RunRecord, Undone
from vfs.node import Value
from vfs.path import Path

if TYPE_CHECKING:
    from commands.command import Command, Context
    from commands.stream import Io


class History(Protocol):
    """The event log and what can be done from it."""

    def events(
        self, *, under: Path | None = None, command_id: str | None = None, newest_first: bool = True
    ) -> AsyncIterator[Sequence[Event]]: ...

    async def undo(self, *, event: int | None = None, change_line: str = "undo") -> Undone:
        """Takes back the last command that is not undone yet, or one event. Raises NotFound."""
        ...

    async def redo(self) -> Undone: ...

    def trash(self) -> AsyncIterator[Sequence[tuple[Event, Path]]]:
        """What was removed and can be restored, newest first."""
        ...

    async def content(self, digest: str) -> bytes | None:
        """A past content by hash; None when it was purged."""
        ...

    async def forget(self, under: Path) -> int:
        """Purges for good what is, or ever was, at or below `under`: contents, names, index entries.

        What stays in the log are hashes. Returns how many entries are gone. Raises NotFound when
        nothing was ever there. The root stands for everything.
        """
        ...

    async def verify(self) -> int | None:
        """The seq of the first event whose chain is broken, or None when all is well."""
        ...


class Indexing(Protocol):
    """Keeping the search index."""

    async def rebuild(self, progress: Any = None) -> int:
        """Indexes everything again; returns the number of entries."""
        ...

    async def check(self) -> Sequence[str]:
        """What disagrees between index and data; empty when all is well."""
        ...


class Mounting(Protocol):
    """Changing what is mounted, kept in the config."""

    async def mount(
        self, path: Path, provider: str, options: Mapping[str, str], *, read_only: bool
    ) -> None: ...
    async def umount(self, path: Path) -> None: ...


class Settings(Protocol):
    """The workspace's configuration and condition, for `config` and `status`."""

    @property
    def file(self) -> str:
        """Where the config lies on the host, whether or not it is there yet."""
        ...

    def values(self) -> Sequence[tuple[str, str]]:
        """Each setting that is in force and its value, in order; never a secret."""
        ...

    async def condition(self) -> Sequence[tuple[str, str]]:
        """What a person asks of the workspace: where its data and secrets lie, what waits."""
        ...


class AgentInfo(NamedTuple):
    """An agent as `agent list` and `agent show` know it. `wrong` says why its file cannot be used."""

    name: str
    summary: str
    model: str = ""
    tools: Sequence[str] = ()
    reads: Sequence[str] = ()
    writes: Sequence[str] = ()
    budget: str = ""
    local: str = ""
    """What it does without any account; "" when nothing."""
    wrong: str = ""


class Agents(Protocol):
    """Running agents, and what is known of them and of their runs."""

    def agents(self, ctx: Context) -> AsyncIterator[AgentInfo]:
        """The agents in `/agents`, by name; a file that cannot be used is among them, with the reason."""
        ...

    async def agent(self, name: str, ctx: Context) -> AgentInfo:
        """One agent. Raises NotFound (with the nearest name), Failure when its file cannot be used."""
        ...

    async def logged(self, run: str) -> RunRecord:
        """The run whose id is, or begins or ends with, `run`; "" is the last one. Raises NotFound."""
        ...

    async def run(
        self, name: str, words: Sequence[str], ctx: Context, io: Io, options: Mapping[str, Value]
    ) -> int:
        """Runs an agent over files, text and standard input; its answer goes to io.stdout."""
        ...

    async def ask(self, name: str, text: str, ctx: Context, io: Io) -> int:
        """Talks to an agent in words (`ask`, `@name`)."""
        ...

    def runs(self) -> AsyncIterator[Sequence[RunInfo]]: ...


class MailAccount(NamedTuple):
    """A mailbox that is mounted."""

    path: Path
    addresses: Sequence[str] = ()
    """Its owner's, without names; the first is what mails are sent from."""
    sender: str = ""
    """The first with its owner's name, as it stands behind From."""


class Outline(NamedTuple):
    """What the draft of a mail says, as far as it can be read."""

    sender: str
    to: Sequence[str]
    cc: Sequence[str]
    bcc: Sequence[str]
    subject: str
    attach: Sequence[str]
    """Paths of the tree, as typed."""
    body: str
    wrong: Sequence[str] = ()
    """What cannot be read, each in a line."""
    lacks: Sequence[str] = ()
    """Why it cannot be sent as it stands, each in a line."""


class Letter(NamedTuple):
    """A mail as it leaves: what is sent, and the envelope."""

    content: bytes
    sender: str
    recipients: Sequence[str]


class Mailing(Protocol):
    """Accounts, and mails made and taken apart. A draft is text: headers, an empty line, the body."""

    def accounts(self) -> Sequence[MailAccount]:
        """The mailboxes that are mounted, by path."""
        ...

    def new(
        self,
        account: MailAccount,
        *,
        to: Sequence[str],
        cc: Sequence[str],
        bcc: Sequence[str],
        subject: str,
        attach: Sequence[str],
        body: str,
    ) -> str:
        """The draft of a mail."""
        ...

    def reply(self, account: MailAccount, original: bytes, *, everyone: bool, own: Sequence[str]) -> str:
        """The draft of an answer, the original quoted; `own` are addresses that are left out."""
        ...

    def forward(self, account: MailAccount, original: bytes, *, to: Sequence[str]) -> str:
        """The draft of a mail that hands another one on, its text included."""
        ...

    def outline(self, draft: str) -> Outline:
        """What a draft says. Never raises."""
        ...

    def letter(self, draft: str, attachments: Sequence[tuple[str, bytes]]) -> Letter:
        """The mail that a draft spells. Raises BadName for what `outline` calls wrong, or lacking."""
        ...

    def kept(self, draft: str, attachments: Sequence[tuple[str, bytes]]) -> bytes:
        """The draft as a mail that is kept, Bcc included; it may lack recipients. Raises BadName."""
        ...

    def reopened(self, content: bytes, attach: Sequence[str]) -> str:
        """The draft that a kept one spells, its attachments named by paths of the tree."""
        ...

    def letter_of(self, content: bytes) -> Letter:
        """The mail that a kept draft spells, dated anew. Raises BadName."""
        ...

    def attached(self, content: bytes) -> Sequence[str]:
        """The names of what hangs on a mail, but for other forms of its text."""
        ...

    def editable(self, content: bytes) -> str | None:
        """The draft that a mail spells which was not sent yet; None when there is more in it than that."""
        ...

    def mended(self, draft: str, content: bytes) -> bytes:
        """That mail with an edited draft. Raises BadName."""
        ...

    def html(self, content: bytes) -> str | None:
        """The HTML of a mail as it came; None when it has none."""
        ...

    async def addresses(self, start: str) -> Sequence[str]:
        """Whom the mailboxes know, as `Name <address>`, by the beginning of either; the likeliest first."""
        ...


class Outbox(Protocol):
    """What waits in `/outbox`."""

    @property
    def countdown(self) -> float:
        """Seconds for which what a person sends waits, unless the command says otherwise."""
        ...

    async def condition(self) -> Sequence[tuple[str, str]]:
        """What waits and when it leaves, what needs a person, whether a worker runs: for `status`."""
        ...

    async def deliver(self, path: Path, io: Io) -> int:
        """Sends what is due at once, where no worker does; says what became of it, or when it leaves.

        Returns 0 when it left or waits for its time, 75 when it waits to be tried again, 1 when it was
        refused.
        """
        ...


class Commands(Protocol):
    """The registry as commands see it (help, xargs, completion)."""

    def find(self, name: str) -> Command[Any] | None: ...
    def names(self) -> Sequence[str]: ...
    def nearest(self, name: str) -> str | None: ...


class Services(Protocol):
    """All of them."""

    @property
    def history(self) -> History: ...
    @property
    def indexing(self) -> Indexing: ...
    @property
    def mounting(self) -> Mounting: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def agents(self) -> Agents: ...
    @property
    def mailing(self) -> Mailing: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def syncing(self) -> Syncing: ...
    @property
    def commands(self) -> Commands: ...

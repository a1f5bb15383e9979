"""An account on a real server, what a mirror would know of it, and messages to put there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from providers.mail.imap import cursor as cursors
from providers.mail.imap.account import open_account
from providers.mail.imap.hrefs import href, uid_of
from providers.mail.imap.remote import ImapRemote
from providers.mirror.remote import Collection, Delta, Item, Push, State
from tests.servers.dovecot import PASSWORD, Mailbox
from vfs.drive import drive


def message(number: int, subject: str = "", body: str = "", **headers: str) -> bytes:
    """A mail like others, with a Message-ID of its own."""
    made = EmailMessage()
    made["From"] = "Bob <bob@example.org>"
    made["To"] = "ada@example.org"
    made["Subject"] = subject or f"Letter {number}"
    made["Message-ID"] = f"<letter-{number}@example.org>"
    made["Date"] = format_datetime(datetime(2024, 1, 15, 10, tzinfo=UTC) + timedelta(minutes=number))
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(body or f"The text of letter {number}.\n")
    return made.as_bytes().replace(b"\n", b"\r\n")


class Replica:
    """What a mirror keeps of one collection, in memory."""

    def __init__(self, remote: ImapRemote, collection: Collection) -> None:
        self.remote = remote
        self.collection = collection
        self.items: dict[str, Item] = {}
        self.states: dict[str, State] = {}
        self.cursor: str | None = None
        self.total: int | None = None
        self.parts: list[Delta] = []

    async def count(self) -> int:
        return len(self.items)

    async def hrefs(self) -> Sequence[str]:
        return list(self.items)

    async def content(self, href: str) -> bytes | None:
        return None

    async def pull(self, parts: int = 1_000_000) -> Replica:
        """Takes so many parts of what has changed; all of them, unless a test cuts it."""
        self.parts = []
        changes = self.remote.changes(self.collection, self.cursor, self)
        async for delta in changes:
            self.take(delta)
            if len(self.parts) == parts:
                await changes.aclose()  # type: ignore[attr-defined]
                break
        return self

    def take(self, delta: Delta) -> None:
        self.parts.append(delta)
        for item in delta.items:
            self.items[item.href] = item
            self.states[item.href] = item.state
        for known, _, state in delta.states:
            if known in self.items:
                self.states[known] = state
        for one in delta.gone:
            self.drop(one)
        if delta.alive is not None:
            for one in set(self.items) - set(delta.alive):
                self.drop(one)
        self.cursor, self.total = delta.cursor, delta.total

    def drop(self, href: str) -> None:
        self.items.pop(href, None)
        self.states.pop(href, None)

    def n(self, uid: int) -> str:
        """The href of a UID."""
        assert self.cursor is not None
        held = cursors.read(self.cursor)
        assert held is not None
        return href(held.validity, uid)

    @property
    def uids(self) -> list[int]:
        return sorted(uid_of(one) for one in self.items)

    @property
    def titles(self) -> list[Any]:
        return [self.items[href].attrs["title"] for href in sorted(self.items, key=uid_of)]

    def href(self, title: str) -> str:
        return next(href for href, item in self.items.items() if item.attrs["title"] == title)

    def change(self, title: str, target: Collection | str | None = "", **state: Any) -> Push:
        """A push of another state, or to another collection (None: gone for good)."""
        href = self.href(title)
        goal = self.collection if isinstance(target, str) else target
        base = self.states[href]
        identity = self.items[href].identity
        return Push(self.collection, href, "", base, goal, {**base, **state}, None, identity)


def options(box: Mailbox, **more: str) -> dict[str, str]:
    """What a mount of the account says."""
    return {
        "host": "127.0.0.1",
        "port": str(box.server.imap),
        "user": box.user,
        "security": "none",
        "timeout": "20",
        **more,
    }


@asynccontextmanager
async def opened(
    box: Mailbox, secret: Callable[[str], str | None] = lambda name: PASSWORD, **more: str
) -> AsyncIterator[ImapRemote]:
    remote = open_account(options(box, **more), secret)
    try:
        yield remote
    finally:
        await remote.aclose()


async def at(remote: ImapRemote, path: str = "/inbox") -> Replica:
    """A new replica of one folder."""
    return Replica(remote, await folder(remote, path))


async def folder(remote: ImapRemote, path: str) -> Collection:
    return next(one for one in await remote.collections() if str(one.path) == path)


__all__ = ["Replica", "at", "drive", "folder", "message", "opened", "options"]

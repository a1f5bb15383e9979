"""An account of the fake mailbox as tests use it, and a replica of it that keeps what it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from providers.http import Bounds, Pace
from providers.mail.gmail.remote import GmailRemote
from providers.mirror.remote import Collection, Delta, Item, Push, State
from providers.outbox.deed import WAITING, Deed
from tests.servers.gmail import Mailbox, mailbox
from vfs.closing import Closing
from vfs.path import Path

QUICK = Bounds(connect=2.0, read=5.0, total=10.0, pause=0.001, tries=4)


class Login:
    """Tokens that are always good."""

    async def access(self) -> str:
        return "token"

    async def renewed(self, stale: str) -> str:
        return "another"


class Replica:
    """What a mirror would have: items by collection and href."""

    def __init__(self, remote: GmailRemote) -> None:
        self.remote = remote
        self.items: dict[str, dict[str, Item]] = {}
        self.cursors: dict[str, str] = {}
        self.folders: dict[str, Collection] = {}

    async def sync(self) -> None:
        """All folders, one after the other."""
        self.folders = {str(one.path): one for one in await self.remote.collections()}
        for folder in self.folders.values():
            if folder.selectable:
                await self.pull(folder)

    async def pull(self, folder: Collection, parts: int | None = None) -> Sequence[Delta]:
        """The changes of one folder; only so many parts of them, as when the sync is killed."""
        seen: list[Delta] = []
        async with Closing(
            self.remote.changes(folder, self.cursors.get(folder.key), self.known(folder))
        ) as flow:
            async for delta in flow:
                self.apply(folder.key, delta)
                seen.append(delta)
                if parts is not None and len(seen) == parts:
                    break
        return seen

    def apply(self, key: str, delta: Delta) -> None:
        held = self.items.setdefault(key, {})
        for item in delta.items:
            held[item.href] = item
        for href, etag, state in delta.states:
            if href in held:
                held[href] = held[href]._replace(etag=etag, state=state)
        for href in delta.gone:
            held.pop(href, None)
        if delta.alive is not None:
            for href in set(held) - set(delta.alive):
                del held[href]
        self.cursors[key] = delta.cursor

    def known(self, folder: Collection) -> Known:
        return Known(list(self.items.get(folder.key, {})))

    def hrefs(self, path: str) -> set[str]:
        return set(self.items.get(self.folders[path].key, {}))

    def named(self, path: str) -> set[str]:
        return {item.name for item in self.items.get(self.folders[path].key, {}).values()}

    def item(self, path: str, href: str) -> Item:
        return self.items[self.folders[path].key][href]


class Known:
    """The hrefs of a collection."""

    def __init__(self, hrefs: Sequence[str]) -> None:
        self._hrefs = hrefs

    async def count(self) -> int:
        return len(self._hrefs)

    async def hrefs(self) -> Sequence[str]:
        return self._hrefs

    async def content(self, href: str) -> bytes | None:
        return None


@contextmanager
def account() -> Iterator[tuple[Mailbox, GmailRemote]]:
    """A mailbox and the remote of it. What uses the remote closes it."""
    with mailbox() as box:
        yield box, remote_of(box)


def remote_of(box: Mailbox) -> GmailRemote:
    return GmailRemote(Login(), base=box.web.url, bounds=QUICK, pace=Pace(1e9, 1e9))


def letter(number: int = 1, subject: str = "", body: str = "hello", **fields: str) -> bytes:
    """A mail."""
    lines = [
        f"Message-ID: <m{number}@example.org>",
        "From: Ada Lovelace <ada@example.org>",
        "To: me@example.org",
        f"Subject: {subject or f'Invoice {number}'}",
        f"Date: {'Mon, 15 Jan 2024 10:00:00 +0000'}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items()),
    ]
    return ("\r\n".join([*lines, "", body, ""])).encode()


def change(
    href: str,
    source: Collection | None,
    target: Collection | None,
    base: State | None = None,
    state: State | None = None,
    **how: object,
) -> Push:
    before = base if base is not None else {"unread": False, "flagged": False, "labels": ()}
    return Push(source, href, "", before, target, before if state is None else state, **how)  # type: ignore[arg-type]


def deed(key: str, *, tries: int = 0) -> Deed:
    now = datetime.now(UTC)
    path = Path(("outbox", "a-mail"))
    return Deed(1, path, "mail", "send", WAITING, key, {}, "", "", "user", now, now, now, tries, "", "")

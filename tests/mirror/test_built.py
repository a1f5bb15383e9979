"""Items that are built from what is here and what a service adds: nothing of either end is lost."""

from __future__ import annotations

import pathlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from providers.mirror.memory import MemoryRemote, MemoryService
from providers.mirror.mirror import Mirror
from providers.mirror.remote import Collection, Delta, Item, Known, Push, Pushed
from tests.engines import BOTH
from tests.mirror.account import Account, blocks, change, path
from vfs.errors import VfsError

ENGINES = BOTH


class Growing(MemoryRemote):
    """A service that names lines which are new since a cursor, and keeps no files."""

    def __init__(self, service: MemoryService, meanwhile: Callable[[], Any] | None = None) -> None:
        super().__init__(service)
        self.meanwhile = meanwhile
        self.pushed: list[Push] = []

    async def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        lines = [thing.content for thing in self.service.boxes["I"].things.values()]
        here = await known.content("log") or b""
        new = [line for line in lines[int(cursor or 0) :] if line not in here]
        if self.meanwhile is not None:
            await self.meanwhile()
        content = here + b"".join(new)
        items = [Item("log", str(hash(content)), "log.txt", {}, content=content, whole=True)] if new else []
        alive = {*(await known.hrefs()), *(item.href for item in items)}
        yield Delta(items, alive=sorted(alive), cursor=str(len(lines)), done=True)

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        self.pushed += changes
        return [
            Pushed("" if one.target is None else one.href or one.name, str(hash(one.content)), one.state)
            for one in changes
        ]


class Log(Account):
    def __init__(self, folder: pathlib.Path, **how: Any) -> None:
        self.there_ = MemoryService()
        self.there_.box("I", "/inbox")
        super().__init__(folder, self.there_, replaces=frozenset({""}), fixed=False, settable=frozenset())
        self.remote = Growing(self.there_, **how)
        self.mirror = Mirror(self.store, "mail", lambda: self.remote, self.settings)

    def line(self, text: str) -> None:
        self.there_.add("I", text, f"{text}\n".encode())


def test_what_was_written_here_stays_when_the_service_adds(tmp_path: pathlib.Path) -> None:
    log = Log(tmp_path)
    log.line("one")
    log.sync()
    log.write("/inbox/log.txt", b"one, and a note\none\n")
    log.line("two")
    assert log.sync().counts.conflicts == ()
    assert log.read("/inbox/log.txt") == b"one, and a note\none\ntwo\n"
    assert log.names("/inbox") == ["log.txt"]


def test_what_is_written_during_the_sync_is_taken_in(tmp_path: pathlib.Path) -> None:
    log = Log(tmp_path)
    log.line("one")
    log.sync()
    written = [b"one\nhere\n", b"one\nhere\nagain\n"]

    async def meanwhile() -> None:
        if written:
            await log.mirror.write(path("/inbox/log.txt"), blocks(written.pop(0)), change())

    log.remote.meanwhile = meanwhile
    log.line("two")
    assert log.sync().counts.conflicts == ()
    assert log.read("/inbox/log.txt") == b"one\nhere\nagain\ntwo\n"
    assert log.names("/inbox") == ["log.txt"]
    log.sync()
    assert log.rows("SELECT count(*) FROM push") == [(0,)]


def test_what_is_written_all_the_time_is_told_and_not_lost(tmp_path: pathlib.Path) -> None:
    log = Log(tmp_path)
    log.line("one")
    log.sync()
    count = iter(range(1000))

    async def meanwhile() -> None:
        await log.mirror.write(path("/inbox/log.txt"), blocks(f"one\n{next(count)}\n".encode()), change())

    log.remote.meanwhile = meanwhile
    log.line("two")
    assert log.sync().problems == ("/inbox: is being changed here all the time",)
    log.remote.meanwhile = None
    log.sync()
    assert log.read("/inbox/log.txt").endswith(b"two\n")


def test_a_new_file_is_told_with_its_name(tmp_path: pathlib.Path) -> None:
    log = Log(tmp_path)
    log.line("one")
    log.sync()
    log.write("/inbox/other.txt", b"mine\n")
    log.sync()
    assert [one.name for one in log.remote.pushed] == ["other.txt"]
    log.sync(full=True)
    assert sorted(log.names("/inbox")) == ["log.txt", "other.txt"]


@pytest.mark.parametrize("whole", [True, False])
def test_content_is_none_for_what_is_not_here(tmp_path: pathlib.Path, whole: bool) -> None:
    log = Log(tmp_path)
    log.line("one")
    log.sync()
    if whole:
        log.remove("/inbox/log.txt")
        log.sync()
    log.line("two")
    log.sync()
    assert log.read("/inbox/log.txt") == (b"two\n" if whole else b"one\ntwo\n")

"""An account at Gmail as a mount: both ends, kept in step by the mirror."""

from __future__ import annotations

import pathlib
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from providers.mail.gmail.provider import SETTABLE
from providers.mail.mailbox import Attachments
from providers.mirror.mirror import Mirror
from providers.mirror.settings import MirrorSettings
from providers.spec import Reach
from tests.engines import new_user_store
from tests.gmail.account import letter, remote_of
from tests.servers.gmail import Mailbox, mailbox
from tests.servers.web import Reply
from tests.store.desk import FULL
from vfs.action import Change
from vfs.drive import drive
from vfs.errors import LoginNeeded, ReadOnly, VfsError
from vfs.ids import uuid7
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Mode

SEEDS = range(100) if FULL else range(3)
PLACES = {"inbox": "INBOX", "sent": "SENT", "trash": "TRASH", "junk": "SPAM"}


class Account:
    """A mailbox and the mirror of it; all calls under one event loop."""

    def __init__(self, box: Mailbox, folder: pathlib.Path) -> None:
        self.box = box
        self.store = new_user_store(folder)
        settings = MirrorSettings(
            "me@example.org",
            settable=SETTABLE,
            replaces=frozenset({"drafts"}),
            sure=True,
            extra=Attachments(),
            reach=lambda: Reach.BACKGROUND,
        )
        self.mirror = Mirror(self.store, "mail", lambda: remote_of(box), settings)

    async def sync(self, **how: Any) -> None:
        report = await self.mirror.engine.sync(**how)
        assert report.problems == ()

    async def nodes(self, folder: str) -> dict[str, Node]:
        pages = self.mirror.list(Path.parse(folder))
        return {node.name: node async for page in pages for node in page if not node.is_folder}

    async def read(self, path: str) -> bytes:
        async with self.mirror.open(Path.parse(path)) as blocks:
            return b"".join([block async for block in blocks])

    async def text(self, path: str) -> str:
        async with self.mirror.text(Path.parse(path)) as blocks:
            return b"".join([block async for block in blocks]).decode()

    async def mark(self, path: str, **attrs: Any) -> None:
        await self.mirror.set_attrs(Path.parse(path), attrs, doing())

    async def move(self, source: str, target: str) -> None:
        await self.mirror.move(Path.parse(source), Path.parse(target), doing())

    async def remove(self, path: str) -> None:
        await self.mirror.remove(Path.parse(path), doing())

    async def write(self, path: str, content: bytes, mode: Mode = Mode.REPLACE) -> None:
        await self.mirror.write(Path.parse(path), _blocks(content), doing(), mode=mode)

    async def same(self) -> None:
        """Both ends hold the same mails, in the same folders, in the same state."""
        folders = {f"/{name}": label for name, label in PLACES.items()}
        folders |= {f"/{name.lower()}": id for id, name in self.box.labels.items()}
        for path, label in folders.items():
            there = [one for one in self.box.messages.values() if label in _places(one.labels)]
            here = await self.nodes(path)
            assert len(here) == len(there), path
            found = [(await self.read(f"{path}/{name}"), _state(node)) for name, node in here.items()]
            wanted = [(one.raw, ("UNREAD" in one.labels, "STARRED" in one.labels)) for one in there]
            assert sorted(found) == sorted(wanted), path
        assert len(await self.nodes("/drafts")) == len(self.box.drafts)


def _places(labels: set[str]) -> set[str]:
    """The labels in whose folders a mail is shown."""
    for alone in ("TRASH", "SPAM", "DRAFT"):
        if alone in labels:
            return {alone}
    return labels


def _state(node: Node) -> tuple[bool, bool]:
    return bool(node.attrs.get("unread")), bool(node.attrs.get("flagged"))


def doing() -> Change:
    return Change(uuid7(), "test")


async def _blocks(data: bytes) -> Any:
    yield data


def lived(folder: pathlib.Path, life: Callable[[Account], Coroutine[Any, Any, None]]) -> None:
    """One life of an account, from an empty store to its end."""

    async def whole(account: Account) -> None:
        try:
            await life(account)
        finally:
            await account.mirror.aclose()
            await account.store.aclose()

    with mailbox() as box:
        drive(whole(Account(box, folder)))


def test_what_is_at_gmail_is_here_and_what_is_done_here_is_done_there(tmp_path: pathlib.Path) -> None:
    async def life(account: Account) -> None:
        box = account.box
        work = box.label("Work")
        kept = [box.add(letter(number), "INBOX", "UNREAD") for number in range(12)]
        box.turn(kept[0].id, (work,))
        await account.sync()
        await account.same()
        name = "2024-01-15-invoice-3"
        assert "Subject: Invoice 3" in await account.text(f"/inbox/{name}")
        assert await account.read("/work/2024-01-15-invoice-0") == kept[0].raw

        await account.mark(f"/inbox/{name}", unread=False, flagged=True)
        await account.move("/inbox/2024-01-15-invoice-4", "/archive/2024-01-15-invoice-4")
        await account.move("/inbox/2024-01-15-invoice-5", "/work/2024-01-15-invoice-5")
        await account.remove("/inbox/2024-01-15-invoice-6")
        box.turn(kept[7].id, ("STARRED",), ("UNREAD",))
        box.delete(kept[8].id)
        box.add(letter(50), "INBOX")
        await account.sync()
        await account.same()
        assert kept[3].labels == {"INBOX", "STARRED"}
        assert kept[4].labels == {"UNREAD"}
        assert kept[5].labels == {work, "UNREAD"}
        assert kept[6].labels == {"TRASH", "UNREAD"}

    lived(tmp_path, life)


def test_a_mail_in_three_folders_is_listed_once(tmp_path: pathlib.Path) -> None:
    async def life(account: Account) -> None:
        box = account.box
        kept = box.add(letter(1), "INBOX", box.label("Work"), box.label("Later"))
        await account.sync()
        await account.same()
        asked = [one for one in box.web.seen if one.path.endswith(kept.id)]
        assert [one.query["format"] for one in asked].count(["metadata"]) == 1

    lived(tmp_path, life)


def test_drafts_can_be_written_and_other_mails_cannot(tmp_path: pathlib.Path) -> None:
    async def life(account: Account) -> None:
        box = account.box
        box.add(letter(1), "INBOX")
        await account.sync()
        with pytest.raises(ReadOnly):
            await account.write("/inbox/2024-01-15-invoice-1", b"x")
        await account.write("/drafts/plan", letter(2, subject="Plan"))
        await account.sync()
        assert [box.messages[id].raw for id in box.drafts.values()] == [letter(2, subject="Plan")]
        (name,) = await account.nodes("/drafts")
        await account.write(f"/drafts/{name}", letter(2, subject="A better plan"))
        await account.sync()
        assert [box.messages[id].raw for id in box.drafts.values()] == [letter(2, subject="A better plan")]
        await account.sync()
        assert len(await account.nodes("/drafts")) == 1

    lived(tmp_path, life)


def test_a_history_that_is_forgotten_costs_neither_names_nor_contents(tmp_path: pathlib.Path) -> None:
    async def life(account: Account) -> None:
        box = account.box
        for number in range(30):
            box.add(letter(number), "INBOX")
        await account.sync()
        before = await account.nodes("/inbox")
        box.forget()
        box.delete(next(iter(box.ids("INBOX"))))
        box.add(letter(99), "INBOX")
        box.web.seen.clear()
        await account.sync()
        await account.same()
        after = await account.nodes("/inbox")
        assert len(before.keys() & after.keys()) == 29
        assert sum(one.query.get("format") == ["raw"] for one in box.web.seen) == 1

    lived(tmp_path, life)


def test_a_login_that_ends_in_the_middle_loses_nothing(tmp_path: pathlib.Path) -> None:
    async def life(account: Account) -> None:
        box = account.box
        for number in range(40):
            box.add(letter(number), "INBOX")
        box.web.fail("reply", times=10_000, after=25, reply=Reply(401))
        with pytest.raises(LoginNeeded):
            await account.sync()
        box.web.faults.clear()
        await account.sync()
        await account.same()

    lived(tmp_path, life)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_at_both_ends_they_come_to_be_the_same(seed: int, tmp_path: pathlib.Path) -> None:
    chance = random.Random(seed)

    async def elsewhere(account: Account) -> None:
        box = account.box
        ids = list(box.messages)
        match chance.choice(("add", "add", "mark", "move", "label", "delete", "forget")):
            case "mark" if ids:
                box.turn(chance.choice(ids), ("STARRED",), ("UNREAD",))
            case "move" if ids:
                id = chance.choice(ids)
                box.turn(id, (chance.choice(["INBOX", "TRASH", "SPAM"]),), ("INBOX",))
            case "label" if ids:
                box.turn(chance.choice(ids), (box.label(chance.choice(["Work", "Later"])),))
            case "delete" if ids:
                box.delete(chance.choice(ids))
            case "forget":
                box.forget() if chance.random() < 0.3 else None
            case _:
                box.add(letter(chance.randrange(10_000)), chance.choice(["INBOX", "SENT"]), "UNREAD")

    async def here(account: Account) -> None:
        folder = chance.choice(["inbox", "archive", "work", "trash"])
        try:
            names = list(await account.nodes(f"/{folder}"))
        except VfsError:
            return
        if not names:
            return
        path = f"/{folder}/{chance.choice(names)}"
        match chance.choice(("mark", "mark", "move", "remove")):
            case "mark":
                await account.mark(path, unread=chance.random() < 0.5, flagged=chance.random() < 0.5)
            case "move":
                target = chance.choice(["inbox", "archive"])
                if target != folder:
                    await account.move(path, f"/{target}/moved-{chance.random()}")
            case "remove":
                await account.remove(path)

    async def life(account: Account) -> None:
        for number in range(20):
            account.box.add(letter(number), "INBOX")
        for _ in range(6):
            for _ in range(chance.randrange(8)):
                await elsewhere(account)
                await here(account)
            account.box.web.faults.clear()
            account.box.web.fail(chance.choice(["lost", "cut", "drop"]), times=1, after=chance.randrange(30))
            with suppress(VfsError):
                await account.mirror.engine.sync(accept=True)
        account.box.web.faults.clear()
        for _ in range(3):
            await account.mirror.engine.sync(accept=True)
        await account.same()

    lived(tmp_path, life)

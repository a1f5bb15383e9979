"""A mailbox that people live in: the mount, its replica and a real server together."""

from __future__ import annotations

import pathlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from providers.mail.imap.provider import PROVIDER
from providers.mirror.mirror import Mirror
from providers.spec import Opening
from tests.engines import new_store
from tests.imap.post import drive, message, options
from tests.servers.dovecot import PASSWORD, Mailbox
from vfs.action import Change
from vfs.ids import uuid7
from vfs.path import Path


@asynccontextmanager
async def mounted(box: Mailbox, folder: pathlib.Path, **more: str) -> AsyncIterator[Mirror]:
    store = new_store(folder)
    given = {**options(box), "max_age": "1h", **more}
    mirror = PROVIDER.open(Opening(given, lambda: store, secret=lambda name: PASSWORD))
    assert isinstance(mirror, Mirror)
    try:
        yield mirror
    finally:
        await mirror.aclose()
        await store.aclose()


async def names(mirror: Mirror, folder: str = "/inbox") -> list[str]:
    return [node.name async for page in mirror.list(Path.parse(folder)) for node in page]


async def text(mirror: Mirror, path: str) -> str:
    async with mirror.text(Path.parse(path)) as blocks:
        return b"".join([block async for block in blocks]).decode()


def change() -> Change:
    return Change(uuid7(), "test")


def test_a_mailbox_is_a_folder_of_files(any_box: Mailbox, tmp_path: pathlib.Path) -> None:
    any_box.append([message(number, f"Invoice #{number}") for number in range(3)])

    async def lived() -> None:
        async with mounted(any_box, tmp_path) as mirror:
            await mirror.engine.sync()
            assert await names(mirror) == [f"2024-01-15-invoice-{number}" for number in range(3)]
            shown = await text(mirror, "/inbox/2024-01-15-invoice-1")
            assert "From: Bob <bob@example.org>" in shown
            assert "The text of letter 1." in shown
            node = await mirror.stat(Path.parse("/inbox/2024-01-15-invoice-1"))
            assert node.attrs["unread"] is True
            assert node.attrs["title"] == "Invoice #1"
            assert node.size == len(message(1, "Invoice #1"))
            any_box.deliver(message(7, "Late"))
            report = await mirror.engine.sync()
            assert report.counts.new == 1
            assert "2024-01-15-late" in await names(mirror)

    drive(lived())


def test_what_is_done_here_is_done_there(any_box: Mailbox, tmp_path: pathlib.Path) -> None:
    any_box.append([message(number, f"Letter {number}") for number in range(4)])
    with any_box.client() as client:
        for name in ("Archive", "Trash"):
            client.create(name)

    async def lived() -> None:
        async with mounted(any_box, tmp_path) as mirror:
            await mirror.engine.sync()
            inbox = Path.parse("/inbox")
            await mirror.set_attrs(
                inbox.child("2024-01-15-letter-0"), {"unread": False, "labels": ("work",)}, change()
            )
            await mirror.move(
                inbox.child("2024-01-15-letter-1"), Path.parse("/archive/2024-01-15-letter-1"), change()
            )
            await mirror.remove(inbox.child("2024-01-15-letter-2"), change())
            await mirror.engine.sync()
            assert any_box.flags()[1] >= {"\\Seen", "work"}
            assert any_box.uids("Archive") == [1]
            assert any_box.uids("Trash") == [1]
            before = {folder: await names(mirror, folder) for folder in ("/inbox", "/archive", "/trash")}
            for _ in range(2):
                report = await mirror.engine.sync()
                assert (report.counts.new, report.counts.gone) == (0, 0)
            assert before == {
                "/inbox": ["2024-01-15-letter-0", "2024-01-15-letter-3"],
                "/archive": ["2024-01-15-letter-1"],
                "/trash": ["2024-01-15-letter-2"],
            }
            await mirror.remove(Path.parse("/trash/2024-01-15-letter-2"), change())
            await mirror.engine.sync()
            assert await names(mirror, "/trash") == []

    drive(lived())


def test_a_uidvalidity_that_changes_doubles_and_loses_nothing(
    any_box: Mailbox, tmp_path: pathlib.Path
) -> None:
    letters = [message(number, f"Letter {number}") for number in range(5)]
    with any_box.client() as client:
        client.create("Club")
    any_box.append(letters, "Club")

    async def lived() -> None:
        async with mounted(any_box, tmp_path) as mirror:
            await mirror.engine.sync()
            before = await names(mirror, "/club")
            assert len(before) == 5
            with any_box.client() as client:
                # The same mails, under other numbers.
                client.rename("Club", "Aside")
                client.create("Club")
                client.select("Aside")
                client.copy("1:*", "Club")
                client.unselect()
                client.delete("Aside")
            await mirror.engine.sync()
            assert await names(mirror, "/club") == before
            assert "The text of letter 3." in await text(mirror, f"/club/{before[3]}")
            report = await mirror.engine.sync()
            assert (report.counts.new, report.counts.gone) == (0, 0)

    drive(lived())


def test_bodies_come_when_somebody_reads_them(box: Mailbox, tmp_path: pathlib.Path) -> None:
    box.append([message(number, f"Letter {number}") for number in range(3)])

    async def lived() -> None:
        async with mounted(box, tmp_path, bodies="demand") as mirror:
            report = await mirror.engine.sync()
            assert report.bodies == 0
            assert "The text of letter 2." in await text(mirror, "/inbox/2024-01-15-letter-2")

    drive(lived())

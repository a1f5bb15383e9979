"""Another server's ways: pymap, with numbers of contents, and without whatever is newer than RFC 3501."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from providers.mail.imap.account import open_account
from providers.mail.imap.remote import ImapRemote
from providers.mirror.remote import Collection, Push, Pushed
from tests.imap.post import Replica, drive, message
from tests.servers.pymap import PASSWORD, Pymap, pymap

__all__ = ["pymap"]

_names = itertools.count()


@asynccontextmanager
async def account(server: Pymap) -> AsyncIterator[ImapRemote]:
    options = {"host": "127.0.0.1", "port": str(server.imap), "user": server.user, "security": "none"}
    remote = open_account(options, lambda name: PASSWORD)
    try:
        yield remote
    finally:
        await remote.aclose()


async def new_folder(server: Pymap, remote: ImapRemote) -> Collection:
    name = f"Folder{next(_names)}"
    with server.client() as client:
        client.create(name)
    return next(one for one in await remote.collections() if one.key == name)


def test_folders_have_their_roles_by_their_names(pymap: Pymap) -> None:
    async def listed() -> None:
        async with account(pymap) as remote:
            roles = {one.key: one.role for one in await remote.collections()}
            assert roles["INBOX"] == "inbox"
            assert roles["Sent"] == "sent"
            assert roles["Trash"] == "trash"

    drive(listed())


def test_mails_are_listed_fetched_marked_moved_and_deleted(pymap: Pymap) -> None:
    async def lived() -> None:
        async with account(pymap) as remote:
            here, there = await new_folder(pymap, remote), await new_folder(pymap, remote)
            new = [Push(None, "", "", {}, here, {"unread": True}, message(number), "") for number in range(5)]
            told = await remote.push(new)
            assert all(isinstance(one, Pushed) and one.href for one in told)
            mine = await Replica(remote, here).pull()
            assert mine.titles == [f"Letter {number}" for number in range(5)]
            assert all(item.identity.startswith("e:") for item in mine.items.values())
            contents = [pair async for batch in remote.fetch(here, sorted(mine.items)) for pair in batch]
            assert dict(contents)[mine.href("Letter 2")] == message(2)

            moved = mine.change("Letter 1", there, flagged=True)
            first = (await remote.push([moved]))[0]
            again = (await remote.push([moved]))[0]
            assert isinstance(first, Pushed)
            assert isinstance(again, Pushed)
            assert first.href == again.href
            other = await Replica(remote, there).pull()
            assert other.items[first.href].identity == mine.items[moved.href].identity
            assert other.states[first.href]["flagged"] is True

            await remote.push([mine.change("Letter 3", None), mine.change("Letter 4", unread=False)])
            mine.drop(moved.href)
            await mine.pull()
            assert mine.titles == ["Letter 0", "Letter 2", "Letter 4"]
            assert mine.states[mine.href("Letter 4")]["unread"] is False

    drive(lived())

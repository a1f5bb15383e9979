"""IDLE: news at once, other work meanwhile, and no thread left behind."""

from __future__ import annotations

import asyncio
import threading
from time import monotonic

import pytest

from providers.mail.imap import waiting
from tests.imap.post import at, folder, message, opened
from tests.imap.test_hostile import INBOX, talking
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.imapscript import Talk, scripted
from tests.servers.proxy import running_proxy
from vfs.errors import Unavailable, VfsError


def test_news_arrive_while_nobody_asks(any_box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LOOK", 0.2)

    async def waited() -> None:
        async with opened(any_box) as remote:
            inbox = await (await at(remote)).pull()
            task = asyncio.create_task(remote.wait(inbox.collection, 20))
            await asyncio.sleep(0.3)
            any_box.deliver(message(1))
            assert await task is True
            await inbox.pull()
            assert inbox.titles == ["Letter 1"]

    asyncio.run(waited())


def test_when_nothing_happens_the_time_runs_out(box: Mailbox) -> None:
    async def waited() -> None:
        async with opened(box) as remote:
            inbox = await folder(remote, "/inbox")
            assert await remote.wait(inbox, 0.3) is False
            assert await remote.wait(inbox, 0.3) is False

    asyncio.run(waited())


def test_what_came_between_two_waits_is_told(box: Mailbox) -> None:
    async def waited() -> None:
        async with opened(box) as remote:
            inbox = await (await at(remote)).pull()
            assert await remote.wait(inbox.collection, 0.1) is False
            box.deliver(message(1))
            assert await remote.wait(inbox.collection, 20) is True
            assert await remote.wait(inbox.collection, 20) is True, "it was told, and nobody has looked"
            await inbox.pull()
            assert await remote.wait(inbox.collection, 0.1) is False
            box.deliver(message(2))
            await inbox.pull()
            assert await remote.wait(inbox.collection, 0.1) is False

    asyncio.run(waited())


def test_idle_is_said_again_before_it_is_forgotten(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "AGAIN", 0.2)

    async def waited() -> None:
        with running_proxy(box.server.imap) as proxy:
            async with opened(box, port=str(proxy.port)) as remote:
                inbox = await folder(remote, "/inbox")
                proxy.heard = []
                assert await remote.wait(inbox, 0.7) is False
                assert b"".join(proxy.heard).count(b"IDLE") >= 3

    asyncio.run(waited())


def test_other_work_goes_on_meanwhile(box: Mailbox) -> None:
    async def waited() -> None:
        async with opened(box) as remote:
            inbox = await (await at(remote)).pull()
            task = asyncio.create_task(remote.wait(inbox.collection, 20))
            await asyncio.sleep(0.1)
            await asyncio.gather(*(remote.collections() for _ in range(8)))
            assert not task.done()
            box.append([message(1)])
            assert await task

    asyncio.run(waited())


def test_a_wait_that_is_cancelled_ends_at_once(box: Mailbox) -> None:
    async def cancelled() -> None:
        async with opened(box) as remote:
            inbox = await folder(remote, "/inbox")
            task = asyncio.create_task(remote.wait(inbox, 600))
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await remote.collections(), "other connections are none the worse"

    began = monotonic()
    asyncio.run(cancelled())
    assert monotonic() - began < 20
    left = [one for one in threading.enumerate() if one.name.startswith("imap")]
    for one in left:
        one.join(20)
    assert not [one for one in left if one.is_alive()], "the cut connection wakes its thread, which ends"


def test_a_connection_that_is_cut_is_told_and_made_anew(box: Mailbox) -> None:
    async def cut() -> None:
        with running_proxy(box.server.imap) as proxy:
            async with opened(box, port=str(proxy.port)) as remote:
                inbox = await folder(remote, "/inbox")
                await remote.pool.aclose()
                task = asyncio.create_task(remote.wait(inbox, 20))
                await asyncio.sleep(0.3)
                proxy.cut_all()
                with pytest.raises(Unavailable):
                    await task
                assert await remote.wait(inbox, 0.1) is False

    asyncio.run(cut())


@pytest.mark.parametrize(
    "says",
    [
        lambda talk: talk.say(talk.tag + b" BAD no\r\n"),
        lambda talk: (talk.say(b"+ idling\r\n* BYE out of time\r\n"), talk.cut()),
        lambda talk: (talk.say(b"+ idling\r\n"), talk.cut()),
        lambda talk: talk.cut(),
    ],
    ids=["bad", "bye", "cut", "cut at once"],
)
def test_a_server_that_breaks_off_is_one_clear_error(says: object) -> None:
    def rule(talk: Talk) -> None:
        says(talk)  # type: ignore[operator]

    async def waited() -> None:
        with scripted({"IDLE": rule}) as server:
            async with talking(server, "2") as remote:
                with pytest.raises(VfsError):
                    await remote.wait(INBOX, 5)

    asyncio.run(waited())


def test_a_server_without_idle_is_looked_at(poor_server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LOOK", 0.1)
    box = poor_server.mailbox()

    async def waited() -> None:
        async with opened(box) as remote:
            inbox = await folder(remote, "/inbox")
            assert await remote.wait(inbox, 0.4) is False
            box.append([message(1)])
            assert await remote.wait(inbox, 10) is True

    asyncio.run(waited())

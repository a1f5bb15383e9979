"""A mail leaves once: whatever is cut, whenever; and its copy is where sent mail is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic

import pytest

from providers.mail.imap.remote import ImapRemote
from providers.mail.imap.sending import filing
from providers.mirror.remote import Collection
from providers.outbox.deed import LEAVING, Deed
from tests.imap.post import at, drive, opened
from tests.servers.dovecot import Mailbox
from tests.servers.imapscript import scripted
from tests.servers.proxy import Proxy, running_proxy
from tests.servers.smtp import PASSWORD, USER, Sink, handing_on, running_smtp
from vfs.errors import BadName, LoginNeeded, NotFound, Refused, Unavailable, Unsupported, VfsError
from vfs.path import Path

ROUNDS = 500 if os.environ.get("SPATIO_FULL") else 20
MAIL = (
    "From: Ada <ada@example.org>\nTo: bob@example.org\nBcc: eve@example.org\nSubject: Notes {n}\n"
    "\nText {n}.\n"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Sink]:
    with running_smtp() as sink:
        yield sink


@pytest.fixture
def sink(server: Sink) -> Sink:
    server.taken.clear()
    server.refused.clear()
    server.answer, server.on_taken = "250 2.0.0 taken", None
    return server


def leaving_by(port: int, **more: str) -> dict[str, str]:
    fixed = {"smtp_host": "127.0.0.1", "smtp_user": USER, "smtp_security": "none", "sent": "append"}
    return {**fixed, "smtp_port": str(port), "address": "Ada <ada@example.org>", **more}


async def deed(remote: ImapRemote, number: int = 1, mail: str = MAIL) -> Deed:
    ready = await remote.prepare("send", Path(()), {"content": mail.format(n=number)})
    now = datetime.now(UTC)
    return Deed(
        node=number,
        path=Path((ready.name,)),
        account="mail",
        verb="send",
        state=LEAVING,
        key=ready.key,
        arguments={**ready.arguments, "content": ready.content},
        summary=ready.summary,
        command_id="1",
        actor="user",
        at=now,
        due=now,
        changed=now,
        tries=0,
        problem="",
        result="",
    )


def content_of(one: Deed) -> bytes:
    content = one.arguments["content"]
    assert isinstance(content, bytes)
    return content


async def nothing() -> None:
    """Nobody has to be told."""


async def perform(remote: ImapRemote, one: Deed) -> str:
    return await remote.perform(one, content_of(one), nothing)


def test_a_mail_leaves_and_its_copy_is_among_the_sent(box: Mailbox, sink: Sink) -> None:
    async def left() -> None:
        async with opened(box, **leaving_by(sink.port)) as remote:
            assert set(remote.deeds()) == {"send"}
            one = await deed(remote)
            assert await remote.look(one, content_of(one)) is None
            said = await perform(remote, one)
            assert "taken" in said
            (mail,) = sink.taken
            assert mail.recipients == ["bob@example.org", "eve@example.org"]
            assert b"eve@" not in mail.content
            assert await remote.look(one, content_of(one)) is True
            sent = await (await at(remote, "/sent")).pull()
            assert sent.titles == ["Notes 1"]
            assert sent.states[sent.n(1)]["unread"] is False
            # A copy that is there already, for whatever reason, does not become two.
            await perform(remote, one)
            assert box.uids("Sent") == [1]

    drive(left())


def test_a_draft_that_lies_among_all_mails_is_no_sign_that_it_was_sent(box: Mailbox, sink: Sink) -> None:
    async def looked() -> None:
        async with opened(box, **leaving_by(sink.port, sent="server")) as remote:
            one = await deed(remote)
            there = await remote.collections()
            shown = [
                place._replace(role="all") if place.role == "archive" else place
                for place in there
                if place.role in ("inbox", "archive", "drafts")
            ]

            async def collections() -> list[Collection]:
                return shown

            remote._sending.collections = collections
            box.append([content_of(one)], "Drafts", "\\Draft")
            box.append([content_of(one)], "Archive", "\\Draft")
            assert await remote.look(one, content_of(one)) is None
            await perform(remote, one._replace(tries=1))
            assert sink.keys == [one.key]
            with box.client("Drafts") as client:
                client.store("1", "+FLAGS", "\\Deleted")
                client.expunge()
            assert await remote.look(one, content_of(one)) is True

    drive(looked())


def test_what_a_person_wants_sent_again_is_not_when_it_turns_up_among_the_sent(
    box: Mailbox, sink: Sink
) -> None:
    async def again() -> None:
        async with opened(box, **leaving_by(sink.port)) as remote:
            one = await deed(remote)
            await perform(remote, one)
            assert "found" in await perform(remote, one._replace(tries=1))
            assert sink.keys == [one.key]

    drive(again())


def test_a_copy_that_is_cut_while_it_is_filed_does_not_become_two(box: Mailbox, sink: Sink) -> None:
    async def left() -> None:
        with running_proxy(box.server.imap) as proxy:
            async with opened(box, **{**leaving_by(sink.port), "port": str(proxy.port)}) as remote:
                one = await deed(remote)
                await remote.collections()
                proxy.add(b"Text 1.", "swallow answer")
                await perform(remote, one)
                assert box.uids("Sent") == [1]

    drive(left())


def test_a_service_that_files_what_was_sent_gets_no_second_copy(box: Mailbox, sink: Sink) -> None:
    async def left() -> None:
        async with opened(box, **leaving_by(sink.port, sent="server")) as remote:
            await perform(remote, await deed(remote))
            assert box.uids("Sent") == []

    drive(left())
    assert filing("smtp.gmail.com", "") == "server"
    assert filing("mail.example.org", "") == "append"
    assert filing("smtp.gmail.com", "append") == "append"


def test_a_mail_that_comes_to_oneself_tells_that_it_left(box: Mailbox, sink: Sink) -> None:
    sink.on_taken = handing_on(box.server.lmtp, {"bob@example.org": box.user})

    async def left() -> None:
        async with opened(box, **leaving_by(sink.port, sent="server")) as remote:
            one = await deed(remote)
            await perform(remote, one)
            assert await remote.look(one, content_of(one)) is True

    drive(left())


def test_a_copy_that_cannot_be_kept_does_not_make_the_mail_unsent(box: Mailbox, sink: Sink) -> None:
    with box.client() as client:
        client.delete("Sent")

    async def left() -> None:
        async with opened(box, **leaving_by(sink.port), folders="inbox") as remote:
            said = await perform(remote, await deed(remote))
            assert "no copy is kept" in said
            assert len(sink.taken) == 1

    drive(left())


def test_what_the_server_refuses_has_surely_not_left(box: Mailbox, sink: Sink) -> None:
    async def refused() -> None:
        async with opened(box, **leaving_by(sink.port)) as remote:
            one = await deed(remote)
            sink.answer = "451 4.3.0 later"
            with pytest.raises(Unavailable):
                await perform(remote, one)
            assert await remote.look(one, content_of(one)) is False
            sink.answer = "554 5.7.1 spam"
            with pytest.raises(Refused):
                await perform(remote, one)
            sink.answer = "250 ok"
            await perform(remote, one)
            assert sink.keys == [one.key]

    drive(refused())


def test_nothing_leaves_when_somebody_else_has_taken_the_deed(box: Mailbox, sink: Sink) -> None:
    async def theirs() -> None:
        raise NotFound(None, "somebody else's")

    async def left() -> None:
        async with opened(box, **leaving_by(sink.port)) as remote:
            one = await deed(remote)
            with pytest.raises(NotFound):
                await remote.perform(one, content_of(one), theirs)
            assert sink.taken == []

    drive(left())


def test_a_mount_without_a_server_that_sends_says_so(box: Mailbox) -> None:
    async def none() -> None:
        async with opened(box) as remote:
            assert remote.deeds() == {}
            with pytest.raises(Unsupported, match="no server"):
                await deed(remote)

    drive(none())


def test_what_was_edited_to_nobody_is_refused(box: Mailbox, sink: Sink) -> None:
    async def edited() -> None:
        async with opened(box, **leaving_by(sink.port)) as remote:
            one = await deed(remote)
            for content in (b"From: a@example.org\n\nx", b"To: a b@c@d\n\nx"):
                with pytest.raises(BadName):
                    await remote.perform(one, content, nothing)
            assert sink.taken == []

    drive(edited())


def test_a_refused_password_for_sending_is_a_login(box: Mailbox, sink: Sink) -> None:
    async def refused() -> None:
        secrets = {f"smtp:{USER}@127.0.0.1": "wrong", f"imap:{box.user}@127.0.0.1": PASSWORD}
        async with opened(box, secrets.get, **leaving_by(sink.port)) as remote:
            with pytest.raises(LoginNeeded):
                await perform(remote, await deed(remote))

    drive(refused())


def test_a_sending_that_is_cancelled_ends_at_once(box: Mailbox) -> None:
    async def cancelled() -> None:
        rules = {"EHLO": lambda talk: talk.say(b"250 x\r\n"), "MAIL": lambda talk: talk.hang()}
        with scripted(rules, greeting=b"220 ready\r\n", tagged=False) as server:
            async with opened(box, **leaving_by(server.port, timeout="60")) as remote:
                task = asyncio.create_task(perform(remote, await deed(remote)))
                while not any(line.startswith(b"mail") for line in server.heard):
                    await asyncio.sleep(0.05)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

    began = monotonic()
    asyncio.run(cancelled())
    assert monotonic() - began < 30


def _cut(proxy: Proxy, number: int) -> None:
    """Another place of the talk in each round: before the end, at the end, after it."""
    when: list[tuple[bytes, str]] = [
        (b"\r\n.\r\n", "cut"),
        (b"\r\n.\r\n", "pass and cut"),
        (b"\r\n.\r\n", "swallow answer"),
        (b"DATA", "cut"),
        (b"rcpt TO", "swallow answer"),
        (f"Text {number}".encode(), "pass and cut"),
        (b"AUTH", "cut"),
    ]
    what, then = when[number % len(when)]
    proxy.faults.clear()
    # The last line of a mail comes alone, but for the mail's own last end of line.
    proxy.add(b".\r\n" if what.endswith(b".\r\n") else what, then)  # type: ignore[arg-type]


def test_a_connection_that_is_cut_anywhere_sends_nothing_twice_and_loses_nothing(
    box: Mailbox, sink: Sink
) -> None:
    sink.on_taken = handing_on(box.server.lmtp, {"bob@example.org": box.user})
    outcomes = {"done": 0, "again": 0, "unknown": 0}

    async def one_round(remote: ImapRemote, proxy: Proxy, number: int) -> None:
        one = await deed(remote, number)
        _cut(proxy, number)
        for _ in range(3):
            left = False

            async def leaving() -> None:
                nonlocal left
                left = True

            try:
                await remote.perform(one, content_of(one), leaving)
            except VfsError:
                proxy.faults.clear()
                looked = await remote.look(one, content_of(one)) if left else False
                if looked is False:
                    outcomes["again"] += 1
                    continue
                outcomes["done" if looked else "unknown"] += 1
                break
            outcomes["done"] += 1
            break
        taken = sink.keys.count(one.key)
        assert taken <= 1, "sent twice"

    async def rounds() -> None:
        with running_proxy(sink.port) as proxy:
            async with opened(box, **leaving_by(proxy.port, timeout="2")) as remote:
                for number in range(ROUNDS):
                    with suppress(ConnectionError):
                        await one_round(remote, proxy, number)

    drive(rounds())
    assert outcomes["done"] + outcomes["unknown"] == ROUNDS, outcomes
    assert len(sink.taken) >= outcomes["done"]
    assert outcomes["again"] >= ROUNDS // 4

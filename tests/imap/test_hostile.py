"""Servers that lie, drip, flood, cut and hang: one clear error, bounded time and memory, nothing wrong."""

from __future__ import annotations

import imaplib
import os
import tracemalloc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from time import monotonic

import pytest

from providers.mail.imap.account import open_account
from providers.mail.imap.remote import ImapRemote
from providers.mirror.remote import Collection, Forgotten, Push, Throttled
from tests.imap.post import Replica, at, drive, message, opened
from tests.servers.dovecot import Mailbox
from tests.servers.imapscript import OPENED, Rule, Scripted, Talk, scripted
from tests.servers.proxy import running_proxy
from vfs.errors import Conflict, NotFound, TimedOut, TooLarge, Unavailable, VfsError
from vfs.path import Path

INBOX = Collection("INBOX", Path(("inbox",)), "inbox")
SECRET = "hunter-two-canary"
HEAD = b"Subject: x\r\n\r\n"


@asynccontextmanager
async def talking(server: Scripted, timeout: str = "5") -> AsyncIterator[ImapRemote]:
    options = {"host": "127.0.0.1", "port": str(server.port), "user": "ada", "security": "none"}
    remote = open_account({**options, "timeout": timeout}, lambda name: SECRET)
    try:
        yield remote
    finally:
        await remote.aclose()


def failing(
    rules: Mapping[str, Rule], kind: type[VfsError], *, timeout: str = "5", **more: object
) -> VfsError:
    """The error of listing, and then fetching from, a server with such rules."""

    async def asked() -> None:
        with scripted(rules, **more) as server:  # type: ignore[arg-type]
            async with talking(server, timeout) as remote:
                await Replica(remote, INBOX).pull()
                async for batch in remote.fetch(INBOX, ["7.1"]):
                    for _, content in batch:
                        if isinstance(content, VfsError):
                            raise content

    with pytest.raises(kind) as caught:
        drive(asked())
    assert SECRET not in str(caught.value) + str(caught.value.hint)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    return caught.value


async def fetched(remote: ImapRemote, hrefs: list[str]) -> list[tuple[str, bytes | VfsError]]:
    return [pair async for batch in remote.fetch(INBOX, hrefs) for pair in batch]


def head(uid: int, text: bytes = HEAD, size: int | None = None) -> bytes:
    section = b"BODY[HEADER.FIELDS (SUBJECT)] {%d}\r\n%s" % (len(text), text)
    return b"* %d FETCH (UID %d FLAGS () RFC822.SIZE %d %s)\r\n" % (uid, uid, size or len(text), section)


@pytest.mark.parametrize("size", ["999999999", "99999999999999999999", "9" * 6000])
def test_a_huge_literal_is_refused_before_memory_is(size: str) -> None:
    tracemalloc.start()
    try:
        failing({"UID FETCH": b"* 1 FETCH (BODY[] {" + size.encode() + b"}\r\nxxxx"}, VfsError)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_a_line_without_an_end_is_cut_off() -> None:
    def flood(talk: Talk) -> None:
        while True:
            talk.say(b"x" * 65536)

    error = failing({"UID FETCH": flood}, TooLarge)
    assert "without an end" in str(error)


def test_a_storm_of_lines_is_cut_off() -> None:
    def storm(talk: Talk) -> None:
        while True:
            talk.say(b"* 4294967295 EXISTS\r\n" * 3000)

    failing({"UID SEARCH": storm}, TooLarge)


def test_a_byte_at_a_time_runs_into_the_deadline() -> None:
    began = monotonic()
    failing({"UID FETCH": lambda talk: talk.drip(head(1) * 1000)}, TimedOut, timeout="1")
    assert monotonic() - began < 30


@pytest.mark.parametrize("when", ["CAPABILITY", "LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH"])
def test_a_server_that_hangs_is_given_up(when: str) -> None:
    error = failing({when: lambda talk: talk.hang()}, TimedOut, timeout="1")
    assert "did not answer in time" in str(error)


@pytest.mark.parametrize("when", ["CAPABILITY", "LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH"])
@pytest.mark.parametrize(
    "says",
    [
        lambda talk: talk.cut(),
        lambda talk: (talk.say(b"* BYE server is going down\r\n"), talk.cut()),
        lambda talk: talk.say(b"%&$ what?\r\n"),
        lambda talk: talk.say(b"\x00\xff\xfe\r\n" * 5),
        lambda talk: talk.say(b"zzz9 OK whose tag is that\r\n"),
        lambda talk: (talk.say(b"* 1 FETCH (UID 1 BODY[] {20}\r\nhalf"), talk.cut()),
        lambda talk: (talk.say(b"* 1 FET"), talk.cut()),
        lambda talk: talk.say(talk.tag + b" BAD no idea\r\n"),
    ],
    ids=["cut", "bye", "garbage", "binary", "tag", "half a literal", "half a line", "bad"],
)
def test_what_is_no_answer_is_one_clear_error(when: str, says: Callable[[Talk], None]) -> None:
    def rule(talk: Talk) -> None:
        says(talk)

    failing({when: rule}, VfsError, timeout="2")


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (b"* BYE too many connections\r\n", "too many connections"),
        (b"220 mail.example.org ESMTP\r\n", "no IMAP"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no IMAP"),
        (b"", "did not answer in time"),
    ],
)
def test_what_is_no_mail_server_is_told(greeting: bytes, said: str) -> None:
    error = failing({}, VfsError, greeting=greeting, timeout="1")
    assert said in str(error)


def test_a_server_that_is_busy_wants_to_be_left_alone() -> None:
    def no(code: bytes) -> Rule:
        return lambda talk: talk.say(talk.tag + b" NO [" + code + b"] later\r\n")

    for code in (b"INUSE", b"LIMIT"):
        failing({"EXAMINE": no(code)}, Throttled)
    failing({"EXAMINE": no(b"UNAVAILABLE")}, Unavailable)
    failing({"EXAMINE": no(b"NONEXISTENT")}, NotFound)
    failing({"LOGIN": no(b"UNAVAILABLE")}, Unavailable)


def test_a_storm_of_news_meanwhile_changes_nothing() -> None:
    news = (
        b"* 5 EXISTS\r\n* 1 EXPUNGE\r\n* 2 FETCH (FLAGS (\\Seen))\r\n* VANISHED 900:901\r\n* OK hello\r\n"
        * 200
    )
    rules = {"UID FETCH": news + head(1) + news + head(2) + news + head(3)}

    async def listed() -> None:
        with scripted(rules) as server:
            async with talking(server) as remote:
                inbox = await Replica(remote, INBOX).pull()
                assert inbox.uids == [1, 2, 3]

    drive(listed())


def test_only_messages_that_came_whole_are_listed() -> None:
    rules = {
        "UID FETCH": head(1)
        + b"* 2 FETCH (UID 2 FLAGS ())\r\n"
        + b"* 3 FETCH (FLAGS () RFC822.SIZE 9 BODY[HEADER.FIELDS (SUBJECT)] {3}\r\nabc)\r\n"
        + b"* 9 FETCH nonsense\r\n"
    }

    async def listed() -> None:
        with scripted(rules) as server:
            async with talking(server) as remote:
                inbox = await Replica(remote, INBOX).pull()
                assert inbox.uids == [1]

    drive(listed())


def test_a_size_that_is_a_lie_is_asked_about_once_and_what_came_is_kept() -> None:
    body = b"Subject: x\r\n\r\nshort\r\n"

    def said(talk: Talk) -> bytes:
        section = b"BODY[]<0>" if b"<0." in talk.line else b"BODY[]"
        return b"* 1 FETCH (UID 1 RFC822.SIZE 5000 %s {%d}\r\n%s)\r\n" % (section, len(body), body)

    async def asked() -> None:
        with scripted({"UID FETCH": said}) as server:
            async with talking(server) as remote:
                assert await fetched(remote, ["7.1"]) == [("7.1", body)]
                assert sum(b"UID FETCH" in line for line in server.heard) == 2

    drive(asked())


def test_one_that_floods_does_not_take_the_others_with_it() -> None:
    good = b"* %d FETCH (UID %d RFC822.SIZE 3 BODY[]<0> {3}\r\nabc)\r\n"

    def said(talk: Talk) -> bytes:
        asked = talk.line.split()[2]
        if asked == b"1:3":
            return b"* 2 FETCH (UID 2 BODY[]<0> {99000000}\r\n"
        if asked == b"2":
            return b"* 2 FETCH (UID 2 BODY[]<0> {99000000}\r\n"
        return good % (int(asked), int(asked))

    async def asked() -> None:
        with scripted({"UID FETCH": said}) as server:
            async with talking(server) as remote:
                told = dict(await fetched(remote, ["7.1", "7.2", "7.3"]))
                assert told["7.1"] == told["7.3"] == b"abc"
                assert isinstance(told["7.2"], TooLarge)

    drive(asked())


def test_uids_beyond_all_bounds_are_no_bomb() -> None:
    failing({"UID SEARCH": b'* ESEARCH (TAG "x") UID ALL 1:4294967295\r\n'}, Unavailable)


def test_vanished_uids_beyond_all_bounds_take_only_what_is_known() -> None:
    seen = {"count": 0}

    def opening(talk: Talk) -> bytes:
        seen["count"] += 1
        vanished = b"* VANISHED (EARLIER) 2:4294967290\r\n" if seen["count"] > 1 else b""
        return OPENED.replace(b"20", b"21") + vanished if vanished else OPENED

    async def pulled() -> None:
        with scripted({"UID FETCH": head(1) + head(2) + head(3), "EXAMINE": opening}) as server:
            async with talking(server) as remote:
                inbox = await Replica(remote, INBOX).pull()
                assert len(inbox.items) == 3
                await inbox.pull()
                assert inbox.uids == [1]

    drive(pulled())


def test_another_uidvalidity_is_told_at_once() -> None:
    seen = {"count": 0}

    def opening(talk: Talk) -> bytes:
        seen["count"] += 1
        return OPENED if seen["count"] == 1 else OPENED.replace(b"UIDVALIDITY 7", b"UIDVALIDITY 8")

    async def pulled() -> None:
        with scripted({"UID FETCH": head(1) + head(2) + head(3), "EXAMINE": opening}) as server:
            async with talking(server) as remote:
                inbox = await Replica(remote, INBOX).pull()
                with pytest.raises(Forgotten):
                    await inbox.pull()
                assert len(inbox.items) == 3

    drive(pulled())


def test_a_huge_mailbox_is_listed_in_bounded_memory() -> None:
    count = 100_000 if os.environ.get("SPATIO_FULL") else 6_000
    header = b"Subject: Letter\r\nMessage-ID: <%d@example.org>\r\n\r\n"

    def listed(talk: Talk) -> bytes:
        low, high = (int(number) for number in talk.line.split()[2].split(b":"))
        return b"".join(head(uid, header % uid) for uid in range(low, high + 1))

    def searched(talk: Talk) -> bytes:
        return b'* ESEARCH (TAG "x") UID ALL 1:%d\r\n' % count

    opening = OPENED.replace(b"3 EXISTS", b"%d EXISTS" % count)

    async def asked() -> None:
        rules: dict[str, Rule] = {"UID FETCH": listed, "UID SEARCH": searched, "EXAMINE": opening}
        with scripted(rules) as server:
            async with talking(server) as remote:
                empty = Replica(remote, INBOX)
                seen = 0
                async for delta in remote.changes(INBOX, None, empty):
                    seen += len(delta.items)
                assert seen == count

    tracemalloc.start()
    try:
        drive(asked())
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


def test_contents_of_a_renumbered_folder_are_not_taken_for_others(box: Mailbox) -> None:
    with box.client() as client:
        client.create("Club")
    box.append([message(1), message(2)], "Club")

    async def asked() -> None:
        async with opened(box) as remote, opened(box) as other:
            club = await (await at(remote, "/club")).pull()
            await (await at(other, "/club")).pull()
            with box.client() as client:
                client.rename("Club", "Aside")
                client.create("Club")
            box.append([message(8), message(9)], "Club")
            told = [pair async for batch in remote.fetch(club.collection, list(club.items)) for pair in batch]
            again = await (await at(remote, "/club")).pull()
            assert set(again.items).isdisjoint(club.items)
            for _, content in told:
                assert isinstance(content, NotFound) or content in (message(1), message(2))
            told = [pair async for batch in remote.fetch(club.collection, list(club.items)) for pair in batch]
            assert all(isinstance(content, NotFound) for _, content in told)
            (result,) = await remote.push([club.change("Letter 1", unread=False)])
            assert isinstance(result, Conflict)
            assert not any("\\Seen" in one for one in box.flags("Club").values())

    drive(asked())


def test_a_message_whose_number_was_not_told_waits_for_it(box: Mailbox) -> None:
    async def asked() -> None:
        async with opened(box) as remote:
            inbox = await (await at(remote)).pull()
            ((href, content),) = await fetched(remote, ["?12"])
            assert href == "?12"
            assert isinstance(content, NotFound)
            change = Push(inbox.collection, "?12", "", {}, inbox.collection, {"unread": False}, None, "")
            assert isinstance((await remote.push([change]))[0], Conflict)

    drive(asked())


def test_a_push_that_a_server_does_not_understand_harms_nothing() -> None:
    async def pushed() -> None:
        with scripted({"UID STORE": lambda talk: talk.say(talk.tag + b" NO [CANNOT] no\r\n")}) as server:
            async with talking(server) as remote:
                change = Push(INBOX, "7.1", "", {"unread": True}, INBOX, {"unread": False}, None, "")
                (told,) = await remote.push([change])
                assert isinstance(told, VfsError)

    drive(pushed())


@pytest.mark.parametrize("at_byte", [1, 300, 4000, 200_000, 3_000_000])
def test_a_large_mail_that_is_cut_is_fetched_whole_or_not_at_all(box: Mailbox, at_byte: int) -> None:
    large = message(1, body="0123456789 abcdefgh\n" * 200_000)
    box.append([large])

    async def cut() -> None:
        with running_proxy(box.server.imap) as proxy:
            async with opened(box, port=str(proxy.port)) as remote:
                inbox = await (await at(remote)).pull()
                proxy.add(proxy.passed["down"] + at_byte, "cut", way="down", times=3)
                contents = []
                for _ in range(6):
                    try:
                        contents += await fetched(remote, [inbox.n(1)])
                        break
                    except (Unavailable, TimedOut):
                        continue
                assert contents == [(inbox.n(1), large)]

    drive(cut())


def test_one_of_more_than_a_piece_comes_in_pieces(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from providers.mail.imap import fetching

    monkeypatch.setattr(fetching, "PIECE", 10_000)
    bodies = [
        message(number, body="0123456789 abcdefgh\n" * lines) for number, lines in enumerate((1, 2000, 500))
    ]
    box.append([*bodies, bodies[0] + b"x" * (10_000 - len(bodies[0]))])

    async def asked() -> None:
        async with opened(box) as remote:
            inbox = await (await at(remote)).pull()
            told = await fetched(remote, [inbox.n(uid) for uid in (1, 2, 3, 4)])
            assert [content for _, content in told][:3] == bodies
            assert len(told[3][1]) == 10_000  # type: ignore[arg-type]
            monkeypatch.setattr(fetching, "LARGEST", 15_000)
            told = await fetched(remote, [inbox.n(1), inbox.n(2)])
            assert told[0][1] == bodies[0]
            assert isinstance(told[1][1], TooLarge)

    drive(asked())


def test_a_message_that_goes_while_it_is_fetched_is_missing_alone(box: Mailbox) -> None:
    box.append([message(number) for number in range(5)])

    async def asked() -> None:
        async with opened(box) as remote:
            inbox = await (await at(remote)).pull()
            with box.client("INBOX") as client:
                client.uid("STORE", "2,4", "+FLAGS", r"(\Deleted)")
                client.expunge()
            told = dict(await fetched(remote, list(inbox.items)))
            gone = {href for href, content in told.items() if isinstance(content, NotFound)}
            assert gone == {inbox.n(2), inbox.n(4)}
            assert told[inbox.n(5)] == message(4)

    drive(asked())


def test_every_error_of_the_library_is_one_of_the_tree() -> None:
    import socket
    import ssl

    from providers.mail.imap.errors import told
    from providers.mail.paced import Flood

    kinds: list[Exception] = [
        *(imaplib.IMAP4.error("x"), imaplib.IMAP4.abort("x"), imaplib.IMAP4.readonly("x"), Flood("x")),
        *(kind("x") for kind in _below(OSError) if kind.__module__ in ("builtins", "ssl", "socket")),
        *(ValueError("x"), KeyError("x"), IndexError("x"), TypeError("x"), AttributeError("x")),
        *(UnicodeDecodeError("ascii", b"\xff", 0, 1, "x"), socket.gaierror(8, "x"), ssl.SSLError(1, "x")),
    ]
    for error in kinds:
        mapped = told(error, "mail.example.org", SECRET)
        assert isinstance(mapped, VfsError)
        assert "mail.example.org" in str(mapped)


def _below(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(one for below in kind.__subclasses__() for one in _below(below))]

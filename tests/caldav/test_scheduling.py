"""Servers that tell guests by themselves: a sync never makes them do it, a deed does, once."""

from __future__ import annotations

import asyncio
import pathlib
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.calendar.caldav import guests
from providers.calendar.caldav.remote import CalDavRemote
from providers.outbox.deed import Deed
from providers.outbox.performing import Performing
from tests.caldav.account import Account, change, event, remote_of
from tests.servers.between import between
from tests.servers.dav import DavUser
from tests.servers.radicale import Radicale
from tests.servers.web import Reply, Request, Web
from tests.servers.xandikos import Xandikos
from vfs.errors import BadName, Refused, Unavailable
from vfs.path import Path

MINE = ("ORGANIZER:mailto:ada@example.org", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.org")
BOB = "ATTENDEE;RSVP=TRUE;CN=Bob:mailto:bob@example.org"
THEIRS = (
    "ORGANIZER:mailto:bob@example.org",
    "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.org",
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:eve@example.org",
)
WORK = "/calendars/work"


def invitation(title: str = "Lunch") -> bytes:
    return event("lunch", title, "20261121T140000Z", *MINE, BOB)


def theirs(answer: str = "NEEDS-ACTION", title: str = "Talk") -> bytes:
    return event("talk", title, "20261121T140000Z", *THEIRS).replace(b"NEEDS-ACTION", answer.encode())


def would_send(content: bytes) -> bool:
    """Whether a server that tells guests by itself would tell somebody of this event."""
    stands = guests.standing(content, ("ada@example.org",))
    return bool(stands.own and stands.guests)


class Server:
    """A server that tells guests by itself, as far as it says so."""

    def __init__(self, web: Web, user: DavUser, calendar: str) -> None:
        self.web = web
        self.user = user
        self.calendar = calendar

    def remote(self) -> CalDavRemote:
        there = DavUser(self.web.url, self.user.user, self.user.home)
        return remote_of(there, address="Ada <ada@example.org>")

    def sent(self) -> list[bytes]:
        """What was put there that makes it tell somebody."""
        return [one.body for one in self.web.seen if one.method == "PUT" and would_send(one.body)]


@pytest.fixture
def server(radicale: Radicale) -> Iterator[Server]:
    user = radicale.user()
    calendar = user.make("work")

    def edit(request: Request, reply: Reply) -> Reply:
        if request.method == "OPTIONS":
            reply.headers = {"DAV": "1, 2, 3, calendar-access, calendar-auto-schedule"}
        return reply

    with between(radicale.origin, edit) as web:
        yield Server(web, user, calendar)


@pytest.fixture
def account(server: Server, tmp_path: pathlib.Path) -> Iterator[Account]:
    made = Account(tmp_path, server.remote)
    made.sync()
    yield made
    made.close()


def test_a_new_event_with_guests_is_put_without_their_hearing_of_it(server: Server, account: Account) -> None:
    account.write(f"{WORK}/lunch.ics", invitation())
    account.sync()
    assert server.sent() == []
    assert b"bob@example.org" in server.user.get(f"{server.calendar}lunch.ics")
    account.write(f"{WORK}/lunch.ics", invitation("Late lunch"))
    account.sync()
    assert server.sent() == []
    assert b"Late lunch" in server.user.get(f"{server.calendar}lunch.ics")
    account.remove(f"{WORK}/lunch.ics")
    account.sync()
    assert server.user.names(server.calendar) == []


def test_what_guests_were_told_of_is_not_in_two_calendars_where_a_server_moves_nothing(
    server: Server, account: Account
) -> None:
    other = server.user.make("other")
    server.user.put(f"{server.calendar}lunch.ics", invitation())
    account.sync()
    account.move(f"{WORK}/lunch.ics", "/calendars/other/lunch.ics")
    server.web.fail("reply", reply=Reply(405), method="MOVE", times=9)
    (problem,) = account.sync(fine=False).problems
    assert "the server moves nothing" in problem
    account.sync()
    assert (server.user.names(server.calendar), server.user.names(other)) == (["lunch.ics"], [])


def test_what_guests_were_told_of_is_not_changed_by_a_sync(server: Server, account: Account) -> None:
    server.user.put(f"{server.calendar}lunch.ics", invitation())
    account.sync()
    account.write(f"{WORK}/lunch.ics", invitation("Late lunch"))
    report = account.sync(fine=False)
    told = "waits, since the server would tell its guests: `calendar invite` sends it"
    assert report.problems == (f"{WORK}/lunch.ics: {told}",)
    account.remove(f"{WORK}/lunch.ics")
    report = account.sync(fine=False, everything=True)
    assert "mark it as cancelled, and `calendar invite` sends that" in report.problems[0]
    assert server.sent() == []
    assert server.user.names(server.calendar) == ["lunch.ics"]


def test_an_answer_is_not_given_by_a_sync(server: Server, account: Account) -> None:
    server.user.put(f"{server.calendar}talk.ics", theirs())
    account.sync()
    account.write(f"{WORK}/talk.ics", theirs("ACCEPTED"))
    report = account.sync(fine=False)
    assert "`calendar answer` sends your answer" in report.problems[0]
    assert b"PARTSTAT=NEEDS-ACTION" in server.user.get(f"{server.calendar}talk.ics")
    account.write(f"{WORK}/talk.ics", theirs(title="My name for it"))
    account.sync(everything=True)
    assert b"My name for it" in server.user.get(f"{server.calendar}talk.ics")


def test_removing_an_invitation_answers_nobody(server: Server, account: Account) -> None:
    server.user.put(f"{server.calendar}talk.ics", theirs())
    account.sync()
    account.remove(f"{WORK}/talk.ics")
    account.sync()
    removed = [one for one in server.web.seen if one.method == "DELETE"]
    assert [one.headers.get("schedule-reply") for one in removed] == ["F"]


def deed(verb: str, content: bytes, calendar: str = WORK) -> Deed:
    now = datetime.now(UTC)
    return Deed(
        1, Path(("x",)), "calendar", verb, "sending", "key", {"calendar": calendar}, "", "c", "user",
        now, now, now, 0, "", "",
    )  # fmt: skip


def run(remote: CalDavRemote, doing: Coroutine[Any, Any, Any]) -> Any:
    async def whole() -> Any:
        try:
            return await doing
        finally:
            await remote.aclose()

    return asyncio.run(whole())


async def nothing() -> None:
    """Leaves."""


def test_an_invitation_is_sent_by_its_deed(server: Server, account: Account) -> None:
    account.write(f"{WORK}/lunch.ics", invitation())
    account.sync()
    remote = server.remote()

    async def whole() -> None:
        assert await remote.look(deed("invite", invitation()), invitation()) is False
        said = await remote.perform(deed("invite", invitation()), invitation(), nothing)
        assert "which sends it" in said
        assert await remote.look(deed("invite", invitation()), invitation()) is True
        again = await remote.perform(deed("invite", invitation()), invitation(), nothing)
        assert again

    run(remote, whole())
    assert len(server.sent()) <= 2
    report = account.sync()
    assert report.counts.conflicts == ()


def test_an_edit_that_guests_are_to_hear_of_goes_by_the_deed_and_is_in_step(
    server: Server, account: Account
) -> None:
    server.user.put(f"{server.calendar}lunch.ics", invitation())
    account.sync()
    account.write(f"{WORK}/lunch.ics", invitation("Late lunch"))
    account.sync(fine=False)
    remote = server.remote()
    late = invitation("Late lunch")
    run(remote, remote.perform(deed("invite", late), late, nothing))
    report = account.sync(everything=True)
    assert report.counts.conflicts == ()
    assert account.names(WORK) == ["lunch.ics"]
    assert account.sync().counts.changed == 0


def test_an_answer_is_sent_by_its_deed(server: Server, account: Account) -> None:
    server.user.put(f"{server.calendar}talk.ics", theirs())
    remote = server.remote()
    run(remote, remote.perform(deed("answer", theirs("ACCEPTED")), theirs("ACCEPTED"), nothing))
    assert b"PARTSTAT=ACCEPTED:mailto:ada" in server.user.get(f"{server.calendar}talk.ics")


def test_what_was_cut_off_is_told_by_a_look(server: Server, account: Account) -> None:
    for kind, happened in (("drop", False), ("lost", True)):
        server.user.put(f"{server.calendar}lunch.ics", guests.quiet(invitation(), ("ada@example.org",)))
        server.web.fail(kind, method="PUT", times=9)
        remote = server.remote()
        with pytest.raises(Unavailable):
            run(remote, remote.perform(deed("invite", invitation()), invitation(), nothing))
        server.web.faults.clear()
        remote = server.remote()
        assert run(remote, remote.look(deed("invite", invitation()), invitation())) is happened


def test_a_server_that_sends_nothing_says_so(radicale: Radicale) -> None:
    user = radicale.user()
    user.make("work")
    remote = remote_of(user)
    with pytest.raises(Refused, match="sends nothing to guests") as raised:
        run(remote, remote.perform(deed("invite", invitation()), invitation(), nothing))
    assert raised.value.hint == "send it by mail: calendar invite --mail"


def test_what_cannot_be_sent_is_told_at_once(server: Server) -> None:
    remote = server.remote()
    path = Path.parse(f"{WORK}/lunch.ics")
    for verb, content in (("invite", ""), ("invite", event("x").decode()), ("answer", "BEGIN:VCALENDAR")):
        with pytest.raises(BadName):
            asyncio.run(remote.prepare(verb, path, {"content": content}))
    prepared = asyncio.run(remote.prepare("invite", path, {"content": invitation().decode()}))
    assert (prepared.summary, prepared.mime) == ("invite lunch: 1 guest", "text/calendar")


def test_who_is_told_is_read_of_any_spelling() -> None:
    for text in (
        "ATTENDEE;CN=Bob:MAILTO:Bob@Example.ORG", "ATTENDEE;CN=\"a;b:c\":mailto:bob@example.org",
        "attendee:mailto:bob@example.org", "ATTENDEE;SCHEDULE-AGENT=SERVER:mailto:bob@example.org",
    ):  # fmt: skip
        content = event("x", "x", "20261121T140000Z", *MINE, text)
        assert guests.standing(content, ("Ada@example.org",)).guests == ("bob@example.org",)
        silent = guests.quiet(content, ("ada@example.org",))
        assert guests.standing(silent, ("ada@example.org",)).guests == ()
        assert guests.standing(guests.loud(silent, ("ada@example.org",)), ("ada@example.org",)).guests


def test_an_invitation_waits_in_the_outbox_and_leaves_once(server: Server, account: Account) -> None:
    account.write(f"{WORK}/lunch.ics", invitation())
    account.sync()
    told: list[str] = []

    async def hear(row: Any) -> None:
        told.append(row.state)

    async def whole() -> None:
        path = Path.parse(f"{WORK}/lunch.ics")
        asked = {"content": invitation().decode(), "countdown": 0}
        node = await account.mirror.act(path, "invite", asked, change())
        assert node.name == "invite-lunch.ics"
        await account.mirror.act(path, "invite", asked, change())
        remote = account.mirror.performs()
        await Performing(account.store, lambda name: remote, hear).turn()

    account.run(whole())
    assert told == ["done", "done"]
    assert len(server.sent()) == 1


def test_a_real_server_that_tells_guests_is_kept_from_it(xandikos: Xandikos, tmp_path: pathlib.Path) -> None:
    user, calendar = xandikos.user, xandikos.calendar()
    folder = f"/calendars/{calendar.strip('/').rpartition('/')[2]}"
    account = Account(tmp_path, lambda: remote_of(user, calendar, address="ada@example.org"))
    account.sync()
    for title in ("Lunch", "Late lunch"):
        account.write(f"{folder}/lunch.ics", invitation(title))
        account.sync()
        there = user.get(f"{calendar}lunch.ics")
        assert b"SCHEDULE-AGENT=CLIENT:mailto:bob@example.org" in there.replace(b"\r\n ", b"")
        assert title.encode() in there
    account.remove(f"{folder}/lunch.ics")
    account.sync()
    user.put(f"{calendar}talk.ics", theirs())
    account.sync()
    account.remove(f"{folder}/talk.ics")
    account.sync()
    assert user.names(calendar) == []
    account.close()


def test_where_nobody_knows_who_the_person_is_nobody_is_told() -> None:
    for content in (invitation(), theirs()):
        assert guests.standing(content, ()).guests
        assert guests.standing(content, ()).own
        silent = guests.standing(guests.quiet(content, ()), ())
        assert (silent.guests, silent.by_server) == ((), False)

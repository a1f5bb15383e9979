"""Invitations and answers: nobody is told by a sync, each is told once by a deed."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.outbox.deed import WAITING, Deed, Prepared
from tests.caldav.account import Account as Mirrored
from tests.caldav.account import event
from tests.gcal.account import MINE, account, meeting, remote_of
from tests.servers.googlecalendar import ME, Account, error
from vfs.errors import BadName, Refused, Unavailable
from vfs.path import Path

BOB = "ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.org"


@pytest.fixture
def pair(tmp_path: pathlib.Path) -> Iterator[tuple[Account, Mirrored]]:
    with account(tmp_path) as both:
        yield both


def invitation(title: str = "Lunch") -> bytes:
    return event("lunch-1", title, "20261121T140000Z", f"ORGANIZER:mailto:{ME}", BOB)


def deed(prepared: Prepared, verb: str = "invite", tries: int = 0) -> Deed:
    now = datetime.now(UTC)
    path = Path(("outbox", prepared.name))
    return Deed(
        1, path, "calendar", verb, WAITING, prepared.key, prepared.arguments, prepared.summary, "", "user",
        now, now, now, tries, "", "",
    )  # fmt: skip


class Sender:
    """The service as the outbox uses it."""

    def __init__(self, service: Account, mirror: Mirrored) -> None:
        self.service = service
        self.mirror = mirror
        self.remote = remote_of(service.web.url)
        self.left = 0

    async def leaving(self) -> None:
        self.left += 1

    def prepared(self, content: bytes, verb: str = "invite", name: str = "lunch.ics") -> Prepared:
        path = Path.parse(f"{MINE}/{name}")
        return self.mirror.run(self.remote.prepare(verb, path, {"content": content.decode()}))

    def perform(self, one: Prepared, verb: str = "invite") -> str:
        return self.mirror.run(self.remote.perform(deed(one, verb), one.content, self.leaving))

    def look(self, one: Prepared, verb: str = "invite") -> bool | None:
        return self.mirror.run(self.remote.look(deed(one, verb), one.content))

    def close(self) -> None:
        self.mirror.run(self.remote.aclose())


@pytest.fixture
def sender(pair: tuple[Account, Mirrored]) -> Iterator[Sender]:
    made = Sender(*pair)
    yield made
    made.close()


def guests_of(one: dict[str, Any]) -> list[str]:
    return [guest["email"] for guest in one.get("attendees", ())]


def test_a_sync_keeps_new_guests_beside_the_event_and_a_deed_tells_them(
    pair: tuple[Account, Mirrored], sender: Sender
) -> None:
    service, mirror = pair
    mirror.sync()
    mirror.write(f"{MINE}/lunch.ics", invitation())
    mirror.sync()
    (there,) = service.live()
    assert (guests_of(there), service.told) == ([], [])
    service.put({"id": there["id"], "location": "Upstairs"})
    mirror.sync()
    content = mirror.read(f"{MINE}/lunch.ics")
    assert b"bob@example.org" in content
    assert b"ORGANIZER" in content
    one = sender.prepared(content)
    assert one.summary == "invite lunch: 1 guest"
    assert sender.look(one) is False
    assert "Google Calendar" in sender.perform(one)
    (there,) = service.live()
    assert (guests_of(there), service.told) == (["bob@example.org"], [("bob@example.org", "Lunch")])
    assert sender.look(one) is True
    assert sender.perform(one) == "was sent before"
    assert len(service.told) == 1
    mirror.sync()
    assert mirror.names(MINE) == ["lunch.ics"]
    mirror.write(f"{MINE}/lunch.ics", mirror.read(f"{MINE}/lunch.ics").replace(b"Lunch", b"Late lunch"))
    mirror.sync()
    assert (service.live()[0]["summary"], len(service.told)) == ("Late lunch", 1)


def test_an_event_that_is_not_there_yet_is_put_and_told_once(
    pair: tuple[Account, Mirrored], sender: Sender
) -> None:
    service, mirror = pair
    mirror.sync()
    mirror.write(f"{MINE}/lunch.ics", invitation())
    one = sender.prepared(invitation())
    service.web.fail("lost", method="POST")
    with pytest.raises(Unavailable):
        sender.perform(one)
    assert sender.look(one) is True
    mirror.sync()
    assert (len(service.live()), len(service.told)) == (1, 1)
    assert mirror.names(MINE) == ["lunch.ics"]


def test_an_answer_goes_to_who_invites(pair: tuple[Account, Mirrored], sender: Sender) -> None:
    service, mirror = pair
    people = [{"email": ME, "self": True, "responseStatus": "needsAction"}, {"email": "eve@example.org"}]
    host = {"email": "bob@example.org", "displayName": "Bob"}
    id = service.put(meeting("Talk", organizer=host, attendees=people))["id"]
    mirror.sync()
    content = mirror.read(f"{MINE}/talk.ics")
    assert mirror.nodes(MINE)["talk.ics"].attrs["answer"] == "needs-action"
    said = content.replace(b"PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:me@", b"PARTSTAT=ACCEPTED:mailto:me@")
    assert said != content
    one = sender.prepared(said, "answer", "talk.ics")
    sender.perform(one, "answer")
    there = service.shelf().events[id]
    assert there["attendees"][0]["responseStatus"] == "accepted"
    assert "eve@example.org" in guests_of(there)
    assert sender.look(one, "answer") is True
    mirror.sync()
    assert mirror.nodes(MINE)["talk.ics"].attrs["answer"] == "accepted"


def test_what_cannot_be_sent_is_said_at_once(pair: tuple[Account, Mirrored], sender: Sender) -> None:
    service, mirror = pair
    mirror.sync()
    with pytest.raises(BadName, match="no guests"):
        sender.prepared(event("x"))
    with pytest.raises(BadName):
        sender.prepared(b"no calendar")
    one = sender.prepared(invitation())
    service.web.fail("reply", method="POST", times=9, reply=error(403, "forbidden"))
    with pytest.raises(Refused):
        sender.perform(one)
    assert sender.look(one) is False

"""Events that no server should have: each is kept, or left out, and never stops the others."""

from __future__ import annotations

import pathlib

from tests.caldav.account import Account, event, remote_of
from tests.servers.between import between
from tests.servers.dav import DavUser
from tests.servers.radicale import Radicale
from tests.servers.web import Reply, Request

WORK = "/calendars/work"
BROKEN: dict[str, bytes] = {
    "no-uid": event("x").replace(b"UID:x\r\n", b""),
    "no-start": event("no-start").replace(b"DTSTART:20261121T140000Z\r\n", b""),
    "backwards": event("backwards", end="20250101T000000Z"),
    "zone": event("zone", "", "20261121T140000").replace(b"DTSTART:", b"DTSTART;TZID=Mars/Olympus:"),
    "endless": event("endless", "", "20261121T140000Z", "RRULE:FREQ=SECONDLY"),
    "million": event("million", "", "20261121T140000Z", "RRULE:FREQ=MINUTELY;COUNT=1000000"),
    "html": b"<html>Welcome!</html>",
    "empty": b"",
    "nothing": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    "control": event("control", "a\x0bb\x00c"),
    "latin": event("latin").replace(b"SUMMARY:latin", b"SUMMARY:caf\xe9"),
    "todo": event("todo").replace(b"VEVENT", b"VTODO"),
    "year": event("year", "", "99991231T235959Z", end="99991231T235959Z"),
    "traversal": event("../../etc/passwd", "../../etc/passwd"),
    "escape": event("escape", "\x1b]0;owned\x07 title\\nBEGIN:VEVENT"),
}


def test_what_is_broken_stands_alone(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    user = radicale.user()
    calendar = user.make("work")
    for name in BROKEN:
        user.put(f"{calendar}{name}.ics", event(f"place-{name}"))
    user.put(f"{calendar}fine.ics", event("fine", "Fine"))

    def edit(request: Request, reply: Reply) -> Reply:
        """What is sent instead: one by one as it lies there, and within XML as servers put it there."""
        for name, content in BROKEN.items():
            if request.method == "GET" and request.path.endswith(f"/{name}.ics"):
                reply.body = content
        if b"calendar-multiget" in request.body:
            parts = []
            for name, content in {**BROKEN, "fine": event("fine", "Fine")}.items():
                if f"/{name}.ics".encode() in request.body:
                    data = content.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
                    parts.append(
                        b'<response><href>%s%s.ics</href><propstat><prop><getetag>"%s"</getetag>'
                        b'<calendar-data xmlns="urn:ietf:params:xml:ns:caldav">%s</calendar-data></prop>'
                        b"<status>HTTP/1.1 200 OK</status></propstat></response>"
                        % (calendar.encode(), name.encode(), name.encode(), data)
                    )
            start = b'<?xml version="1.0"?><multistatus xmlns="DAV:">'
            return Reply(207, start + b"".join(parts) + b"</multistatus>")
        return reply

    with between(radicale.origin, edit) as web:
        account = Account(tmp_path, lambda: remote_of(DavUser(web.url, user.user, user.home)))
        account.sync()
        names = account.names(WORK)
        assert "fine.ics" in names
        assert "todo.ics" not in names
        assert len(names) >= len(BROKEN) - 1
        assert all("/" not in name and name.isprintable() for name in names)
        for name in names:
            account.read(f"{WORK}/{name}")
        account.close()


def test_names_that_need_escapes_are_found_again(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    user = radicale.user()
    calendar = user.make("work")
    for name in (
        "with%20space",
        "%C3%BCml%C3%A4ut",
        "per%25cent",
        "at@sign",
        "a%2Bb",
        "semi;colon",
    ):
        user.put(f"{calendar}{name}.ics", event(f"uid-{name}", f"T {name}"))
    account = Account(tmp_path, lambda: remote_of(user))
    assert account.sync().counts.new == 6
    for name in account.names(WORK):
        content = account.read(f"{WORK}/{name}").replace(b"SUMMARY:T ", b"SUMMARY:Changed ")
        account.write(f"{WORK}/{name}", content)
    report = account.sync()
    assert (report.pushed, report.counts.new, report.counts.gone) == (6, 0, 0)
    for name in account.names(WORK)[:3]:
        account.remove(f"{WORK}/{name}")
    account.sync()
    assert len(user.names(calendar)) == 3
    account.close()


def test_uids_of_any_spelling_are_put(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    user = radicale.user()
    calendar = user.make("work")
    account = Account(tmp_path, lambda: remote_of(user))
    account.sync()
    uids = ("../../etc/passwd", "a/b", "ü", "with space", "%2e%2e", "x" * 500, "?q=1#f", ".", "A", "a")
    for number, uid in enumerate(uids):
        account.write(f"{WORK}/{number}.ics", event(uid))
    assert account.sync().pushed == len(uids)
    assert len(user.names(calendar)) == len(uids)
    again = account.sync()
    assert (again.pushed, again.counts.new) == (0, 0)
    account.close()


def test_what_no_server_takes_is_told(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    user = radicale.user()
    user.make("work")
    account = Account(tmp_path, lambda: remote_of(user))
    account.sync()
    account.write(f"{WORK}/none.ics", b"Shopping list")
    account.write(f"{WORK}/fine.ics", event("fine"))
    report = account.sync(fine=False)
    assert report.pushed == 1
    assert report.problems == (f"{WORK}/none.ics: has no UID, without which no server takes an event",)
    account.close()


def test_an_invitation_that_is_put_aside_is_put_without_its_method(
    radicale: Radicale, tmp_path: pathlib.Path
) -> None:
    user = radicale.user()
    calendar = user.make("work")
    account = Account(tmp_path, lambda: remote_of(user))
    account.sync()
    invite = event("invite").replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\nMETHOD:REQUEST\r\n")
    account.write(f"{WORK}/invite.ics", invite)
    account.sync()
    assert b"METHOD" not in user.get(f"{calendar}invite.ics")
    account.close()

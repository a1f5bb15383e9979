"""From any address of an account to its calendars; and what is none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest

from providers.calendar.caldav.asking import Dav, Login
from providers.calendar.caldav.discovery import neighbour
from providers.calendar.caldav.remote import CalDavRemote
from providers.mirror.remote import Collection
from tests.caldav.account import remote_of
from tests.servers.between import between
from tests.servers.dav import DavUser
from tests.servers.radicale import Radicale
from tests.servers.web import Reply, Request, serving
from tests.servers.xandikos import Xandikos
from vfs.drive import drive
from vfs.errors import LoginNeeded, NotFound, Refused, Unavailable, VfsError


def found(remote: CalDavRemote) -> Sequence[Collection]:
    async def look() -> Sequence[Collection]:
        try:
            return await remote.collections()
        finally:
            await remote.aclose()

    return drive(look())


def paths(remote: CalDavRemote) -> list[str]:
    return [str(one.path) for one in found(remote)]


@pytest.mark.parametrize("path", ["", "/", "/.well-known/caldav", "HOME", "HOME/"])
def test_an_account_is_found_from_any_of_its_addresses(radicale: Radicale, path: str) -> None:
    user = radicale.user()
    user.make("work")
    user.make("deep", "Deep Ünicode / work")
    told = path.replace("HOME", user.home.rstrip("/"))
    assert paths(remote_of(user, told)) == ["/calendars", "/calendars/deep-ünicode-work", "/calendars/work"]


def test_one_calendar_can_be_named(radicale: Radicale) -> None:
    user = radicale.user()
    user.make("other")
    assert paths(remote_of(user, user.make("work"))) == ["/calendars", "/calendars/work"]
    with pytest.raises(NotFound, match="has no calendars here"):
        found(remote_of(user, f"{user.home}nowhere/"))


def test_another_server_is_found_too(xandikos: Xandikos) -> None:
    assert "/calendars/calendar" in paths(remote_of(xandikos.user))


def test_two_calendars_of_one_title_have_two_names(radicale: Radicale) -> None:
    user = radicale.user()
    user.make("a", "Work")
    user.make("b", "Work")
    names = paths(remote_of(user))[1:]
    assert len(set(names)) == 2
    assert all(name.startswith("/calendars/work~") for name in names)


def test_a_wrong_password_is_told_with_the_next_step(radicale: Radicale) -> None:
    user = radicale.user()
    with pytest.raises(LoginNeeded, match="the password was refused") as raised:
        found(remote_of(user, password="wr0ng-c4nary"))
    assert raised.value.hint == f"run: connect caldav --url {user.origin}/ --user {user.user}"
    assert "c4nary" not in str(raised.value)


def test_what_only_holds_tasks_is_left_out(radicale: Radicale) -> None:
    user = radicale.user()
    user.make("work")
    body = (
        '<?xml version="1.0"?><C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
        '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>'
        "</prop></set></C:mkcalendar>"
    )
    assert user.ask("MKCALENDAR", f"{user.home}tasks/", body.encode())[0] == 201
    assert paths(remote_of(user)) == ["/calendars", "/calendars/work"]


def test_a_calendar_that_may_only_be_read_is_known(radicale: Radicale) -> None:
    user = radicale.user()
    user.make("work")

    def edit(request: Request, reply: Reply) -> Reply:
        for word in (b"write", b"all", b"write-content", b"write-properties"):
            reply.body = reply.body.replace(b"<privilege><" + word + b" /></privilege>", b"")
        return reply

    with between(radicale.origin, edit) as web:
        (_, one) = found(remote_of(DavUser(web.url, user.user, user.home)))
    assert one.attrs["read_only"] is True


PLACES = (
    "http://169.254.169.254/latest/", "http://localhost:1/", "https://evil.example.org/", "file:///etc/passwd",
    "gopher://127.0.0.1/", "http://2130706433/", "//evil.example.org/dav/",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_redirect_and_no_home_leads_elsewhere(place: str) -> None:
    with serving(lambda request: Reply(301, b"", {"Location": place})) as web, pytest.raises(Refused):
        found(remote_of(DavUser(web.url, "ada", "/")))
    home = (
        '<?xml version="1.0"?><multistatus xmlns="DAV:"><response><href>/</href><propstat><prop>'
        f'<calendar-home-set xmlns="urn:ietf:params:xml:ns:caldav"><href xmlns="DAV:">{place}</href>'
        "</calendar-home-set></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
    )
    with serving(lambda request: Reply(207, home.encode())) as web, suppress(VfsError):
        assert not [one for one in found(remote_of(DavUser(web.url, "ada", "/"))) if one.selectable]


BOMB = """<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "ha">{}]><multistatus xmlns="DAV:">&z;</multistatus>"""
HOSTILE: dict[str, Any] = {
    "a bomb": BOMB.format("".join(f'<!ENTITY {n} "&{p};&{p};">' for p, n in pairwise("abcdefgz"))),
    "a file": BOMB.format('<!ENTITY z SYSTEM "file:///etc/passwd">'),
    "no end": "<a>" * 100_000,
    "nothing": "",
    "html": "<html><body>Welcome!</body></html>",
    "not XML": "{}",
    "another encoding": '<?xml version="1.0" encoding="klingon"?><a/>',
    "a NUL": "<multistatus xmlns='DAV:'>\0</multistatus>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_answer_is_told(name: str) -> None:
    body = HOSTILE[name].encode()
    with serving(lambda request: Reply(207, body)) as web, pytest.raises(Unavailable) as raised:
        found(remote_of(DavUser(web.url, "ada", "/")))
    assert "sent an answer that cannot be read" in str(raised.value)


def test_the_calendars_may_lie_on_a_neighbour_and_nowhere_else() -> None:
    async def nobody() -> str:
        return ""

    async def none(stale: str) -> str | None:
        return None

    def at(origin: str) -> Dav:
        return Dav(origin, Login("ada", nobody, none, ""))

    icloud = at("https://caldav.icloud.com")
    assert (
        neighbour(icloud, "https://p34-caldav.icloud.com:443/123/calendars/")
        == "https://p34-caldav.icloud.com"
    )
    for origin, place in (
        ("https://caldav.icloud.com", "http://p34-caldav.icloud.com/"),
        ("https://caldav.icloud.com", "https://icloud.com.evil.example/"),
        ("https://caldav.icloud.com", "https://evilicloud.com/"),
        ("https://example.org", "https://evil.org/"),
        ("https://a.org", "https://169.254.169.254/"),
    ):
        with pytest.raises(Refused, match="not followed"):
            neighbour(at(origin), place)

"""Calendars made, renamed and dropped from here; events moved between them; calendars that are only read."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import pytest

from tests.caldav.account import Account, event, remote_of
from tests.servers.between import between
from tests.servers.dav import DavUser
from tests.servers.radicale import Radicale
from tests.servers.web import Reply, Request
from vfs.errors import ReadOnly

WORK = "/calendars/work"


@pytest.fixture
def user(radicale: Radicale) -> DavUser:
    return radicale.user()


@pytest.fixture
def account(user: DavUser, tmp_path: pathlib.Path) -> Iterator[Account]:
    user.make("work")
    made = Account(tmp_path, lambda: remote_of(user))
    made.sync()
    yield made
    made.close()


def titles(user: DavUser) -> dict[str, str]:
    """The calendars' titles, by their names at the server."""
    body = b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><displayname/></prop></propfind>'
    _, _, said = user.ask("PROPFIND", user.home, body, "1")
    found = {}
    for part in said.split(b"</response>"):
        href, title = re.search(rb"<href>([^<]*)<", part), re.search(rb"<displayname>([^<]+)<", part)
        if href is not None and title is not None:
            found[href.group(1).decode().strip("/").rpartition("/")[2]] = title.group(1).decode()
    return found


def test_a_folder_becomes_a_calendar(user: DavUser, account: Account) -> None:
    account.mkdir("/calendars/team")
    account.write("/calendars/team/one.ics", event("one"))
    account.sync()
    assert user.names(f"{user.home}team/") == ["one.ics"]
    assert titles(user)["team"] == "team"
    account.sync()
    assert account.names("/calendars") == ["team", "work"]


def test_a_renamed_folder_is_a_renamed_calendar(user: DavUser, account: Account) -> None:
    account.write(f"{WORK}/one.ics", event("one"))
    account.sync()
    account.move(WORK, "/calendars/office")
    account.sync()
    account.sync()
    assert titles(user)["work"] == "office"
    assert account.names("/calendars/office") == ["one.ics"]
    assert user.names(f"{user.home}work/") == ["one.ics"]


def test_a_calendar_that_is_renamed_there_is_renamed_here(user: DavUser, account: Account) -> None:
    body = (
        b'<?xml version="1.0"?><propertyupdate xmlns="DAV:"><set><prop>'
        b"<displayname>Office hours</displayname></prop></set></propertyupdate>"
    )
    assert user.ask("PROPPATCH", f"{user.home}work/", body)[0] == 207
    account.sync()
    assert account.names("/calendars") == ["office-hours"]


def test_a_removed_folder_takes_its_calendar_along(user: DavUser, account: Account) -> None:
    account.mkdir("/calendars/team")
    account.write("/calendars/team/one.ics", event("one"))
    account.sync()
    account.remove("/calendars/team", recursive=True)
    account.sync()
    assert list(titles(user)) == ["work"]
    assert account.names("/calendars") == ["work"]


def test_a_calendar_with_something_new_in_it_comes_back(user: DavUser, account: Account) -> None:
    account.remove(WORK, recursive=True)
    todo = event("todo").replace(b"VEVENT", b"VTODO").replace(b"DTEND", b"DUE")
    user.put(f"{user.home}work/todo.ics", todo)
    report = account.sync(fine=False)
    assert report.problems == (f"{WORK}: holds something at the service, and comes back",)
    assert list(titles(user)) == ["work"]
    account.sync()
    assert account.names("/calendars") == ["work"]


def test_an_event_is_moved_to_another_calendar(user: DavUser, account: Account) -> None:
    account.mkdir("/calendars/team")
    account.write(f"{WORK}/one.ics", event("one", "Ours"))
    account.sync()
    account.move(f"{WORK}/one.ics", "/calendars/team/one.ics")
    report = account.sync()
    assert (report.counts.new, report.counts.gone) == (0, 0)
    assert (user.names(f"{user.home}work/"), user.names(f"{user.home}team/")) == ([], ["one.ics"])
    account.move("/calendars/team/one.ics", f"{WORK}/one.ics")
    account.write(f"{WORK}/one.ics", event("one", "Edited too"))
    account.sync()
    assert b"Edited too" in user.get(f"{user.home}work/one.ics")


def test_an_event_that_was_changed_there_while_it_was_moved_here_is_the_changed_one(
    user: DavUser, account: Account
) -> None:
    account.mkdir("/calendars/team")
    account.write(f"{WORK}/one.ics", event("one", "Ours"))
    account.sync()
    account.move(f"{WORK}/one.ics", "/calendars/team/one.ics")
    user.put(f"{user.home}work/one.ics", event("one", "Theirs"))
    account.sync()
    assert user.names(f"{user.home}team/") == ["one.ics"]
    (name,) = account.names("/calendars/team")
    assert b"SUMMARY:Theirs" in account.read(f"/calendars/team/{name}")


def test_an_event_that_is_moved_there_is_moved_here(user: DavUser, account: Account) -> None:
    account.mkdir("/calendars/team")
    account.write(f"{WORK}/one.ics", event("one", "Ours"))
    account.sync()
    target = f"{user.origin}{user.home}team/one.ics"
    assert user.ask("MOVE", f"{user.home}work/one.ics", Destination=target)[0] == 201
    account.sync()
    assert (account.names(WORK), account.names("/calendars/team")) == ([], ["ours.ics"])


def test_in_a_calendar_of_others_nothing_is_changed(
    radicale: Radicale, user: DavUser, tmp_path: pathlib.Path
) -> None:
    user.put(f"{user.make('theirs')}one.ics", event("one"))

    def edit(request: Request, reply: Reply) -> Reply:
        reply.body = re.sub(rb"<privilege><(write|all|write-\w+) ?/></privilege>", b"", reply.body)
        return reply

    with between(radicale.origin, edit) as web:
        account = Account(tmp_path, lambda: remote_of(DavUser(web.url, user.user, user.home)))
        account.sync()
        for change in (
            lambda: account.write("/calendars/theirs/one.ics", event("one", "Mine")),
            lambda: account.write("/calendars/theirs/two.ics", event("two")),
            lambda: account.remove("/calendars/theirs/one.ics"),
            lambda: account.move("/calendars/theirs/one.ics", "/calendars/theirs/other.ics"),
            lambda: account.remove("/calendars/theirs", recursive=True),
        ):
            with pytest.raises(ReadOnly, match="lets you read this, not change it"):
                change()
        account.close()

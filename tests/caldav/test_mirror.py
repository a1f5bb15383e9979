"""Calendars at real servers as a mount: both ends, kept in step by the mirror."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.caldav.account import Account, event, remote_of
from tests.servers.dav import DavUser
from tests.servers.radicale import Radicale
from tests.servers.xandikos import Xandikos


class Both(NamedTuple):
    """A calendar at a server, and its mirror."""

    account: Account
    user: DavUser
    calendar: str
    """Its path at the server."""
    folder: str
    """Its path here."""


@pytest.fixture(params=["radicale", "xandikos"])
def both(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Both]:
    if request.param == "radicale":
        server: Radicale = request.getfixturevalue("radicale")
        user = server.user()
        calendar = user.make("work")
        account = Account(tmp_path, lambda: remote_of(user))
    else:
        other: Xandikos = request.getfixturevalue("xandikos")
        user, calendar = other.user, other.calendar()
        account = Account(tmp_path, lambda: remote_of(user, calendar))
    yield Both(account, user, calendar, f"/calendars/{calendar.strip('/').rpartition('/')[2]}")
    account.close()


def test_what_is_there_comes(both: Both) -> None:
    both.user.put(f"{both.calendar}one.ics", event("one", "Team meeting"))
    both.user.put(f"{both.calendar}two.ics", event("two", "Lunch; with Bob"))
    report = both.account.sync()
    assert report.counts.new == 2
    assert len(both.account.names(both.folder)) == 2
    assert "team-meeting.ics" in both.account.names(both.folder)
    assert b"SUMMARY:Team meeting\r\n" in both.account.read(f"{both.folder}/team-meeting.ics")
    node = both.account.nodes(both.folder)["team-meeting.ics"]
    assert (node.mime, node.attrs["title"]) == ("text/calendar", "Team meeting")
    assert both.account.sync().counts == both.account.sync().counts._replace(new=0)


def test_what_changes_there_changes_here(both: Both) -> None:
    for name in ("one", "two", "three"):
        both.user.put(f"{both.calendar}{name}.ics", event(name))
    both.account.sync()
    both.user.put(f"{both.calendar}one.ics", event("one", "Another title"))
    both.user.delete(f"{both.calendar}two.ics")
    both.user.put(f"{both.calendar}four.ics", event("four"))
    counts = both.account.sync().counts
    assert (counts.new, counts.changed, counts.gone) == (1, 1, 1)
    assert both.account.names(both.folder) == ["four.ics", "one.ics", "three.ics"]
    assert b"Another title" in both.account.read(f"{both.folder}/one.ics")


def test_what_is_written_here_is_put_there(both: Both) -> None:
    both.account.sync()
    both.account.write(f"{both.folder}/mine.ics", event("mine@here", "Mine"))
    assert both.account.sync().pushed == 1
    assert both.user.names(both.calendar) == ["mine@here.ics"]
    assert b"SUMMARY:Mine" in both.user.get(f"{both.calendar}mine@here.ics")
    both.account.write(f"{both.folder}/mine.ics", event("mine@here", "Mine again"))
    again = both.account.sync()
    assert (again.pushed, again.counts.new, again.counts.changed) == (1, 0, 0)
    assert b"SUMMARY:Mine again" in both.user.get(f"{both.calendar}mine@here.ics")
    assert both.account.read(f"{both.folder}/mine.ics") == event("mine@here", "Mine again")
    both.account.remove(f"{both.folder}/mine.ics")
    both.account.sync()
    assert both.user.names(both.calendar) == []
    assert both.account.names(both.folder) == []


def test_what_was_changed_at_both_ends_is_kept_twice(both: Both) -> None:
    both.user.put(f"{both.calendar}one.ics", event("one", "Ours"))
    both.account.sync()
    name = both.account.names(both.folder)[0]
    both.account.write(f"{both.folder}/{name}", event("one", "Here"))
    both.user.put(f"{both.calendar}one.ics", event("one", "There"))
    report = both.account.sync(fine=False)
    assert any("changed here and at the service: both are kept" in one for one in report.problems)
    titles = sorted(str(node.attrs["title"]) for node in both.account.nodes(both.folder).values())
    assert titles == ["Here", "There"]
    assert b"SUMMARY:There" in both.user.get(f"{both.calendar}one.ics")
    copy = next(name for name in both.account.names(both.folder) if "~conflict" in name)
    # A person decides: the version of here is to be the one.
    both.account.move(f"{both.folder}/{copy}", f"{both.folder}/{name}")
    both.account.sync(everything=True)
    assert both.account.names(both.folder) == [name]
    assert both.user.names(both.calendar) == ["one.ics"]
    assert b"SUMMARY:Here" in both.user.get(f"{both.calendar}one.ics")


def test_what_was_removed_here_and_changed_there_is_back(both: Both) -> None:
    both.user.put(f"{both.calendar}one.ics", event("one", "Ours"))
    both.account.sync()
    both.account.remove(f"{both.folder}/ours.ics")
    both.user.put(f"{both.calendar}one.ics", event("one", "Theirs"))
    report = both.account.sync(fine=False)
    assert report.problems == (
        f"{both.folder}/ours.ics: removed here, but changed at the service since: it is back",
    )
    assert [node.attrs["title"] for node in both.account.nodes(both.folder).values()] == ["Theirs"]
    both.account.sync()
    assert both.user.names(both.calendar) == ["one.ics"]


def test_what_was_changed_here_and_removed_there_is_put_again(both: Both) -> None:
    both.user.put(f"{both.calendar}one.ics", event("one", "Ours"))
    both.account.sync()
    both.account.write(f"{both.folder}/ours.ics", event("one", "Edited"))
    both.user.delete(f"{both.calendar}one.ics")
    both.account.sync()
    both.account.sync()
    assert [
        b"SUMMARY:Edited" in both.user.get(both.calendar + one) for one in both.user.names(both.calendar)
    ] == [True]
    assert len(both.account.names(both.folder)) == 1


def test_a_forgotten_token_lists_everything_and_fetches_nothing(both: Both) -> None:
    for number in range(30):
        both.user.put(f"{both.calendar}{number}.ics", event(f"uid-{number}"))
    both.account.sync()
    both.user.delete(f"{both.calendar}3.ics")
    forget = "UPDATE replica SET cursor = 'sync:http://example.org/forgotten' WHERE cursor LIKE 'sync:%'"
    both.account.run(both.account.store.write(lambda connection: connection.execute(forget).fetchall()))
    counts = both.account.sync().counts
    assert (counts.new, counts.changed, counts.gone) == (0, 0, 1)
    assert len(both.account.names(both.folder)) == 29

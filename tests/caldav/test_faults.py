"""What goes wrong between here and a calendar server, with a real server behind what fails."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.caldav.account import HURRIED, Account, event, remote_of
from tests.servers.between import Edit, between
from tests.servers.dav import DavUser
from tests.servers.radicale import Radicale, serving
from tests.servers.web import Reply, Request, Web
from vfs.errors import LoginNeeded, TimedOut, Unavailable, VfsError

Behind = tuple[Account, Web, DavUser, str]
WORK = "/calendars/work"


def as_it_is(request: Request, reply: Reply) -> Reply:
    return reply


@contextmanager
def behind(radicale: Radicale, folder: pathlib.Path, edit: Edit = as_it_is) -> Iterator[Behind]:
    """An account whose server stands behind another one; the user asks the server itself."""
    user = radicale.user()
    calendar = user.make("work")
    with between(radicale.origin, edit) as web:
        account = Account(folder, lambda: remote_of(DavUser(web.url, user.user, user.home)))
        try:
            yield account, web, user, calendar
        finally:
            account.close()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_moment_of_weakness_is_waited_for(radicale: Radicale, tmp_path: pathlib.Path, status: int) -> None:
    with behind(radicale, tmp_path) as (account, web, user, calendar):
        user.put(f"{calendar}one.ics", event("one"))
        headers = {"Retry-After": "0"} if status in (429, 503) else {}
        web.fail("reply", reply=Reply(status, b"", headers), times=2, about="/work/")
        assert account.sync().counts.new == 1


def test_a_server_that_stays_away_is_told_and_nothing_is_lost(
    radicale: Radicale, tmp_path: pathlib.Path
) -> None:
    with behind(radicale, tmp_path) as (account, web, user, calendar):
        user.put(f"{calendar}one.ics", event("one"))
        account.sync()
        account.write(f"{WORK}/mine.ics", event("mine"))
        web.fail("reply", reply=Reply(500), times=1000)
        with pytest.raises(Unavailable, match="answers 500"):
            account.sync()
        web.faults.clear()
        assert account.names(WORK) == ["mine.ics", "one.ics"]
        assert account.sync().pushed == 1
        assert user.names(calendar) == ["mine.ics", "one.ics"]


def test_a_login_that_ends_is_told_once(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    with behind(radicale, tmp_path) as (account, web, _, _):
        account.sync()
        web.seen.clear()
        challenge = {"WWW-Authenticate": 'Basic realm="x"'}
        web.fail("reply", reply=Reply(401, b"", challenge), times=1000)
        with pytest.raises(LoginNeeded, match="the password was refused"):
            account.sync()
        assert len(web.seen) == 1


def test_a_calendar_that_is_forbidden_keeps_the_others_going(
    radicale: Radicale, tmp_path: pathlib.Path
) -> None:
    with behind(radicale, tmp_path) as (account, web, user, calendar):
        other = user.make("other")
        user.put(f"{calendar}one.ics", event("one"))
        user.put(f"{other}two.ics", event("two"))
        web.fail("reply", reply=Reply(403), times=1000, about="/work/")
        report = account.sync(fine=False)
        assert account.names("/calendars/other") == ["two.ics"]
        assert any(problem.startswith(f"{WORK}: ") for problem in report.problems)


@pytest.mark.parametrize("status", [400, 403, 409, 410, 412])
def test_a_token_that_is_known_no_more_lists_all_again(
    radicale: Radicale, tmp_path: pathlib.Path, status: int
) -> None:
    with behind(radicale, tmp_path) as (account, web, user, calendar):
        for number in range(5):
            user.put(f"{calendar}{number}.ics", event(f"uid-{number}"))
        account.sync()
        user.delete(f"{calendar}0.ics")
        web.seen.clear()
        error = b'<?xml version="1.0"?><error xmlns="DAV:"><valid-sync-token/></error>'
        web.fail("reply", reply=Reply(status, error), method="REPORT")
        counts = account.sync().counts
        assert (counts.new, counts.changed, counts.gone) == (0, 0, 1)
        assert not [one for one in web.seen if b"calendar-multiget" in one.body or one.method == "GET"]


def without_sync(request: Request, reply: Reply) -> Reply:
    """A server without sync-collection."""
    if b"sync-collection" in request.body:
        return Reply(501)
    reply.body = re.sub(
        rb"<sync-token>.*?</sync-token>|<report><sync-collection ?/></report>", b"", reply.body
    )
    return reply


def without_marks(request: Request, reply: Reply) -> Reply:
    """A server that has nothing but etags."""
    reply = without_sync(request, reply)
    reply.body = re.sub(rb"<CS:getctag>.*?</CS:getctag>", b"", reply.body)
    return reply


@pytest.mark.parametrize("edit", [without_sync, without_marks])
def test_a_server_without_tokens_is_kept_in_step_by_etags(
    radicale: Radicale, tmp_path: pathlib.Path, edit: Edit
) -> None:
    with behind(radicale, tmp_path, edit) as (account, web, user, calendar):
        for number in range(5):
            user.put(f"{calendar}{number}.ics", event(f"uid-{number}"))
        assert account.sync().counts.new == 5
        user.put(f"{calendar}0.ics", event("uid-0", "Other"))
        user.delete(f"{calendar}1.ics")
        user.put(f"{calendar}9.ics", event("uid-9"))
        web.seen.clear()
        counts = account.sync().counts
        assert (counts.new, counts.changed, counts.gone) == (1, 1, 1)
        asked = [one.body.count(b".ics</") for one in web.seen if b"calendar-multiget" in one.body]
        assert asked == [2]
        web.seen.clear()
        assert account.sync().counts == account.sync().counts._replace(new=0)
        assert not [one for one in web.seen if b"calendar-multiget" in one.body]


def test_a_server_that_answers_without_etags_is_asked_for_them(
    radicale: Radicale, tmp_path: pathlib.Path
) -> None:
    def edit(request: Request, reply: Reply) -> Reply:
        if request.method == "PUT":
            reply.headers.pop("ETag", None)
        return reply

    with behind(radicale, tmp_path, edit) as (account, _, user, calendar):
        account.sync()
        for title in ("First", "Second", "Third"):
            account.write(f"{WORK}/mine.ics", event("mine", title))
            report = account.sync()
            assert (report.pushed, report.counts.new, report.counts.changed) == (1, 0, 0)
            assert f"SUMMARY:{title}".encode() in user.get(f"{calendar}mine.ics")
        assert account.names(WORK) == ["mine.ics"]


def test_weak_etags_are_etags(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    def edit(request: Request, reply: Reply) -> Reply:
        """As a proxy makes them, and a server that compares them as RFC 9110 says: never alike."""
        if "ETag" in reply.headers:
            reply.headers["ETag"] = f"W/{reply.headers['ETag']}"
        reply.body = re.sub(rb"<getetag>\"", rb'<getetag>W/"', reply.body)
        return reply

    with behind(radicale, tmp_path, edit) as (account, web, user, calendar):
        user.put(f"{calendar}one.ics", event("one", "Ours"))
        account.sync()
        account.write(f"{WORK}/ours.ics", event("one", "Mine"))
        web.fail("reply", reply=Reply(412), method="PUT")
        assert account.sync().pushed == 1
        assert b"SUMMARY:Mine" in user.get(f"{calendar}one.ics")
        account.remove(f"{WORK}/ours.ics")
        web.fail("reply", reply=Reply(412), method="DELETE")
        account.sync()
        assert user.names(calendar) == []


@pytest.mark.parametrize("kind", ["lost", "drop"])
def test_what_was_done_and_not_answered_is_done_once(
    radicale: Radicale, tmp_path: pathlib.Path, kind: str
) -> None:
    with behind(radicale, tmp_path) as (account, web, user, calendar):
        user.put(f"{calendar}one.ics", event("one", "Ours"))
        user.put(f"{calendar}two.ics", event("two", "Gone"))
        account.sync()
        account.write(f"{WORK}/new.ics", event("new", "New"))
        account.write(f"{WORK}/ours.ics", event("one", "Mine"))
        account.remove(f"{WORK}/gone.ics")
        for method in ("PUT", "PUT", "DELETE"):
            web.fail(kind, method=method, times=1)
        account.sync()
        account.sync()
        assert user.names(calendar) == ["new.ics", "one.ics"]
        assert account.names(WORK) == ["new.ics", "ours.ics"]
        assert b"SUMMARY:Mine" in user.get(f"{calendar}one.ics")


@pytest.mark.parametrize("kind", ["lost", "drop"])
def test_a_move_that_was_not_answered_is_done_once(
    radicale: Radicale, tmp_path: pathlib.Path, kind: str
) -> None:
    with behind(radicale, tmp_path) as (account, web, user, calendar):
        other = user.make("other")
        user.put(f"{calendar}one.ics", event("one", "Ours"))
        account.sync()
        account.move(f"{WORK}/ours.ics", "/calendars/other/ours.ics")
        web.fail(kind, method="MOVE")
        with pytest.raises((Unavailable, TimedOut)):
            account.sync()
        account.sync()
        assert (user.names(calendar), user.names(other)) == ([], ["one.ics"])
        assert (account.names(WORK), account.names("/calendars/other")) == ([], ["ours.ics"])


def test_a_server_that_moves_nothing_has_it_carried(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    with behind(radicale, tmp_path) as (account, web, user, calendar):
        other = user.make("other")
        user.put(f"{calendar}one.ics", event("one", "Ours"))
        account.sync()
        account.move(f"{WORK}/ours.ics", "/calendars/other/ours.ics")
        web.fail("reply", reply=Reply(405), method="MOVE", times=9)
        account.sync()
        assert (user.names(calendar), user.names(other)) == ([], ["one.ics"])
        assert account.sync().counts == account.sync().counts._replace(new=0)


def test_an_answer_in_parts_is_asked_for_to_its_end(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    held: list[bytes] = []

    def edit(request: Request, reply: Reply) -> Reply:
        """Tells two changes at a time, as a server with many to tell does."""
        if b"sync-collection" not in request.body:
            return reply
        if b"PART" not in request.body:
            held[:] = re.findall(rb"<response>.*?</response>", reply.body, re.DOTALL)
        now, held[:] = held[:2], held[2:]
        full = b"<response><href>%s</href><status>HTTP/1.1 507 Full</status></response>"
        body = b"".join(now) + (full % request.path.encode() if held else b"")
        token = b"PART%d" % len(held) if held else b"END"
        start = b'<?xml version="1.0"?><multistatus xmlns="DAV:">'
        return Reply(207, start + body + b"<sync-token>" + token + b"</sync-token></multistatus>")

    with behind(radicale, tmp_path, edit) as (account, _, user, calendar):
        account.sync()
        for number in range(5):
            user.put(f"{calendar}{number}.ics", event(f"uid-{number}"))
        assert account.sync().counts.new == 5
        assert account.rows("SELECT cursor FROM replica WHERE cursor LIKE 'sync:%'") == [("sync:END",)]


def test_most_of_an_account_does_not_go_unasked(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    empty = False

    def edit(request: Request, reply: Reply) -> Reply:
        if empty and request.method in ("PROPFIND", "REPORT"):
            reply.body = re.sub(rb"<response><href>[^<]*\.ics</href>.*?</response>", b"", reply.body)
            if b"sync-collection" in request.body:
                return Reply(403)
        return reply

    with behind(radicale, tmp_path, edit) as (account, _, user, calendar):
        for number in range(8):
            user.put(f"{calendar}{number}.ics", event(f"uid-{number}"))
        account.sync()
        empty = True
        report = account.sync(fine=False)
        assert "would delete 8 of 8" in report.problems[0]
        assert len(account.names(WORK)) == 8
        empty = False
        account.sync()
        empty = True
        account.sync(accept=True)
        assert account.names(WORK) == []


def test_an_account_that_shows_nothing_is_not_believed(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    hidden = False

    def edit(request: Request, reply: Reply) -> Reply:
        if hidden and request.headers.get("depth") == "1":
            reply.body = re.sub(rb"<C:calendar ?/>", b"", reply.body)
        return reply

    with behind(radicale, tmp_path, edit) as (account, _, user, calendar):
        user.put(f"{calendar}one.ics", event("one"))
        account.sync()
        hidden = True
        with pytest.raises(VfsError, match="would delete 1 of 1"):
            account.sync()
        assert account.names(WORK) == ["one.ics"]


def test_a_server_that_was_started_again_goes_on(tmp_path: pathlib.Path) -> None:
    with serving() as server:
        user = server.user()
        calendar = user.make("work")
        user.put(f"{calendar}one.ics", event("one"))
        account = Account(tmp_path, lambda: remote_of(user))
        try:
            account.sync()
            server.stop()
            account.write(f"{WORK}/mine.ics", event("mine"))
            with pytest.raises(Unavailable):
                account.sync()
            server.start()
            assert account.sync().pushed == 1
            assert user.names(calendar) == ["mine.ics", "one.ics"]
        finally:
            account.close()


def test_an_answer_without_an_end_is_not_taken(radicale: Radicale, tmp_path: pathlib.Path) -> None:
    user = radicale.user()
    with between(radicale.origin) as web:
        there = DavUser(web.url, user.user, user.home)
        account = Account(tmp_path, lambda: remote_of(there, bounds=HURRIED))
        web.fail("hang", times=9, seconds=30)
        with pytest.raises(TimedOut):
            account.sync()
        account.close()

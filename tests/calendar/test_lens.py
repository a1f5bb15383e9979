"""The lens among the rest: under a union, before a guard, undone, watched, over a replica; what is loaded."""

from __future__ import annotations

import asyncio
import os
import pathlib
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from providers.calendar import trade
from providers.calendar.mirrored import CalendarMirror
from providers.calendar.text import text_of
from providers.mirror.memory import MemoryRemote, MemoryService
from providers.mirror.mirror import Mirror
from providers.mirror.remote import Described
from providers.mirror.settings import MirrorSettings
from providers.outbox.deed import Deed, Leaving, Prepared
from providers.spec import Reach
from providers.union import Member, Union
from spatio.policy import Pattern, Policy, Rule, Verdict
from tests.calendar.shelf import MINE, Shelf, blocks, event, ics, path
from tests.engines import new_user_store
from tests.store.counting import Counting
from tests.vfs.trees import Rules
from tests.workspaces import TODAY, run_in
from vfs.action import Arguments, Effect, Verb
from vfs.closing import Closing
from vfs.drive import drive, event_loop
from vfs.errors import Conflict, NotFound, Refused
from vfs.mount import Mount, MountTable
from vfs.path import Path
from vfs.tree import Tree

HOME = ZoneInfo("Europe/Helsinki")
HELSINKI = ";TZID=Europe/Helsinki:"


@pytest.fixture
def shelf(tmp_path: pathlib.Path) -> Shelf:
    return Shelf(tmp_path)


def daily(title: str = "Standup") -> str:
    return event(title, HELSINKI + "20261118T090000", HELSINKI + "20261118T091500", more="RRULE:FREQ=DAILY")


# -- several accounts


def several(shelf: Shelf) -> tuple[Tree, Shelf, Shelf]:
    """Two calendars of one store at `/calendar/home` and `/calendar/office`, and both at `/calendar`."""
    home = Shelf(pathlib.Path(), store=shelf.store, mount="home")
    office = Shelf(pathlib.Path(), store=shelf.store, mount="office")
    members = [Member("home", home.lens), Member("office", office.lens)]
    mounts = MountTable()
    mounts.add(Mount(path("/calendar"), "union", lambda: Union(lambda: members)))
    mounts.add(Mount(path("/calendar/home"), "calendar", lambda: home.lens))
    mounts.add(Mount(path("/calendar/office"), "calendar", lambda: office.lens))
    return Tree(mounts), home, office


async def listed(tree: Tree, where: str) -> list[str]:
    return [node.name async for page in tree.list(path(where)) for node in page]


def test_the_days_of_several_accounts_are_one(shelf: Shelf) -> None:
    tree, home, office = several(shelf)
    home.put("run", event("Run", HELSINKI + "20261121T070000"))
    office.put("standup", daily())
    home.put("lunch", event("Lunch", HELSINKI + "20261121T120000", uid="a"))
    office.put("lunch", event("Lunch", HELSINKI + "20261121T120000", uid="b"))
    names = drive(listed(tree, "/calendar/today"))
    assert [name[:5] for name in names] == ["0700-", "0900-", "1200-", "1200-"]
    assert len(set(names)) == 4
    for name in names:
        assert not drive(tree.stat(path(f"/calendar/today/{name}"))).is_folder
    assert drive(listed(tree, "/calendar/week"))[0] == "2026-11-16"
    assert drive(listed(tree, "/calendar/calendars")) == ["personal"]
    assert {"home", "office", "2026-11-21", "2027-01-01"} < set(drive(listed(tree, "/calendar")))


def test_what_happens_in_several_accounts_comes_in_order(shelf: Shelf) -> None:
    tree, home, office = several(shelf)
    home.put("run", event("Run", HELSINKI + "20261121T070000"))
    office.put("standup", daily())
    start = datetime(2026, 11, 21, tzinfo=home.home)

    async def found(where: str) -> list[str]:
        pages = tree.between(path(where), start, start + timedelta(days=1))
        return [str(at) async for page in pages for at, _ in page]

    assert drive(found("/calendar")) == [
        "/calendar/home/2026-11-21/0700-run.ics", "/calendar/office/2026-11-21/0900-standup.ics"
    ]  # fmt: skip
    assert drive(found("/calendar/2026-11-21")) == [
        "/calendar/2026-11-21/0700-run.ics", "/calendar/2026-11-21/0900-standup.ics"
    ]  # fmt: skip


def test_deeds_go_to_the_account_that_is_named(shelf: Shelf) -> None:
    tree, home, office = several(shelf)
    start = datetime(2026, 11, 23, 14, tzinfo=home.home)
    drive(tree.act(path("/calendar"), "schedule", {"title": "Call", "start": start, "account": "office"}))
    drive(tree.act(path("/calendar"), "schedule", {"title": "Dinner", "start": start}))
    assert office.names("/2026-11-23") == ["1400-call.ics"]
    assert home.names("/2026-11-23") == ["1400-dinner.ics"]
    drive(tree.act(path("/calendar/2026-11-23/1400-call.ics"), "cancel", {}))
    assert office.names("/2026-11-23") == []


# -- guards


@pytest.mark.parametrize("looping", [False, True])
def test_what_is_denied_in_a_calendar_is_denied_by_day(shelf: Shelf, looping: bool) -> None:
    shelf.mkdir("/calendars/secret")
    shelf.put("one", event("Seen", HELSINKI + "20261121T120000"))
    shelf.put("two", event("Hidden", HELSINKI + "20261121T130000"), calendar="secret")
    guarded = Tree(shelf.tree.mounts, guard=Rules(hidden=["/calendar/calendars/secret"]))
    only = Tree(shelf.tree.mounts, guard=Rules(denied=[(Effect.WRITE, "/calendar/calendars/secret")]))

    async def look() -> None:
        if looping:
            await event_loop()
        assert await listed(guarded, "/calendar/today") == ["1200-seen.ics"]
        with pytest.raises(NotFound):
            await guarded.stat(path("/calendar/2026-11-21/1300-hidden.ics"))
        with pytest.raises(NotFound):
            await guarded.read(path("/calendar/today/1300-hidden.ics"))
        start = datetime(2026, 11, 21, tzinfo=shelf.home)
        pages = guarded.between(path("/calendar"), start, start + timedelta(days=1))
        assert [str(at) async for page in pages for at, _ in page] == ["/calendar/2026-11-21/1200-seen.ics"]
        with pytest.raises(Refused):
            await only.write(path("/calendar/today/1300-hidden.ics"), ics(event("X", ":20261121T120000Z")))
        await only.read(path("/calendar/today/1300-hidden.ics"))

    drive(look())


def test_a_deed_from_above_does_not_reach_a_denied_calendar(shelf: Shelf) -> None:
    shelf.mkdir("/calendars/secret")
    shelf.put("one", event("Seen", HELSINKI + "20261121T120000"))
    content = ics(event("Seen", HELSINKI + "20261122T120000")).decode()
    at = datetime(2026, 11, 23, 9, tzinfo=HOME)
    everywhere = Rule(Effect.READ | Effect.WRITE, Pattern("/calendar"), Verdict.ALLOW)
    denied = Rule(Effect.WRITE, Pattern("/calendar/calendars/secret"), Verdict.DENY)
    tree = Tree(shelf.tree.mounts, guard=Policy([everywhere, denied]))
    entry = path("/calendar/2026-11-21/1200-seen.ics")

    drive(tree.act(path("/calendar"), "schedule", {"title": "Mine", "start": at}))
    drive(tree.act(entry, "change", {"location": "Here"}))
    with pytest.raises(Refused):
        drive(tree.act(path("/calendar"), "schedule", {"title": "X", "start": at, "calendar": "secret"}))
    with pytest.raises(Refused):
        drive(tree.act(entry, "change", {"calendar": "secret", "scope": "all"}))
    with pytest.raises(Refused, match="reaches what is denied"):
        drive(tree.act(path("/calendar"), "import", {"content": content}))
    assert shelf.names("/calendars/secret") == []


@pytest.mark.parametrize("looping", [False, True])
def test_what_a_day_would_put_into_a_denied_calendar_is_denied(shelf: Shelf, looping: bool) -> None:
    shelf.put("one", event("Seen", HELSINKI + "20261121T120000"))
    content = ics(event("New", HELSINKI + "20261122T120000"))
    everywhere = Rule(Effect.READ | Effect.WRITE, Pattern("/calendar"), Verdict.ALLOW)
    denied = Rule(Effect.WRITE, Pattern("/calendar/calendars/personal"), Verdict.DENY)
    tree = Tree(shelf.tree.mounts, guard=Policy([everywhere, denied]))
    free = Tree(shelf.tree.mounts, guard=Policy([everywhere]))

    async def put() -> None:
        if looping:
            await event_loop()
        with pytest.raises(Refused):
            await tree.write(path("/calendar/2026-11-22/1200-new.ics"), content)
        with pytest.raises(Refused):
            await tree.copy(
                path("/calendar/2026-11-21/1200-seen.ics"), path("/calendar/2026-11-23/1200-seen.ics")
            )
        await free.write(path("/calendar/2026-11-22/1200-new.ics"), content)

    drive(put())
    assert shelf.names("/2026-11-22") == ["1200-new.ics"]
    assert shelf.names("/2026-11-23") == []


def test_a_deed_at_several_accounts_reaches_no_denied_one(shelf: Shelf) -> None:
    tree, home, _ = several(shelf)
    everywhere = Rule(Effect.READ | Effect.WRITE, Pattern("/calendar"), Verdict.ALLOW)
    denied = Rule(Effect.WRITE, Pattern("/calendar/home"), Verdict.DENY)
    at = datetime(2026, 11, 23, 9, tzinfo=HOME)
    tree.guard = Policy([everywhere, denied])
    with pytest.raises(Refused):
        drive(tree.act(path("/calendar"), "schedule", {"title": "X", "start": at}))
    drive(tree.act(path("/calendar"), "schedule", {"title": "X", "start": at, "account": "office"}))
    assert home.names("/2026-11-23") == []


def test_what_is_denied_in_a_calendar_is_denied_where_several_accounts_are_one(shelf: Shelf) -> None:
    tree, home, _ = several(shelf)
    home.mkdir("/calendars/secret")
    home.put("two", event("Hidden", HELSINKI + "20261121T130000"), calendar="secret")
    everywhere = Rule(Effect.READ, Pattern("/calendar"), Verdict.ALLOW)
    hidden = Rule(Effect.READ, Pattern("/calendar/home/calendars/secret"), Verdict.DENY)
    tree.guard = Policy([everywhere, hidden])
    assert drive(listed(tree, "/calendar/today")) == []
    with pytest.raises(NotFound):
        drive(tree.read(path("/calendar/today/1300-hidden.ics")))
    with pytest.raises(NotFound):
        drive(tree.read(path("/calendar/2026-11-21/1300-hidden.ics")))
    start = datetime(2026, 11, 21, tzinfo=shelf.home)

    async def between() -> list[str]:
        pages = tree.between(path("/calendar"), start, start + timedelta(days=1))
        return [str(at) async for page in pages for at, _ in page]

    assert drive(between()) == []


# -- undo


def test_undo_takes_back_what_was_done_by_day(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "home"
    lines = [
        "cat > /calendar/calendars/personal/standup.ics",
        "rm /calendar/2030-05-06/0900-standup.ics",
        "mv /calendar/2030-05-07/0900-standup.ics /calendar/2030-05-07/1000-standup.ics",
    ]
    zoned = event("Standup", ":20300501T090000", ":20300501T091500", more="RRULE:FREQ=DAILY")
    assert run_in(folder, lines[0], stdin=ics(zoned)).err == ""
    for line in lines[1:]:
        assert run_in(folder, line).err == ""
    show = "ls /calendar/2030-05-06 /calendar/2030-05-07 /calendar/2030-05-08"
    after = run_in(folder, show).out
    assert "1000-standup" in after
    run_in(folder, "undo")
    assert "1000-standup" not in run_in(folder, show).out
    run_in(folder, "undo")
    assert run_in(folder, show).out.count("0900-standup") == 3
    run_in(folder, "redo")
    assert run_in(folder, show).out.count("0900-standup") == 2
    assert "0900-standup" not in run_in(folder, "ls /calendar/2030-05-06").out
    assert run_in(folder, "history /calendar/2030-05-07/0900-standup.ics").out.count("standup.ics") >= 4
    assert run_in(folder, "find /calendar -name '*.ics'").out == "/calendar/calendars/personal/standup.ics\n"
    assert run_in(folder, "search standup").out.startswith("/calendar/")


def test_edits_of_one_series_at_the_same_time_lose_nothing(shelf: Shelf) -> None:
    shelf.put("standup", daily())

    async def cancel_all() -> None:
        await event_loop()
        async with asyncio.TaskGroup() as group:
            for day in range(19, 29):
                where = path(f"/2026-11-{day}/0900-standup.ics")
                group.create_task(shelf.lens.act(where, "cancel", {}, shelf.change()))

    drive(cancel_all())
    assert [len(shelf.names(f"/2026-11-{day}")) for day in range(18, 30)] == [1, *[0] * 10, 1]


# -- watching


def test_a_day_is_watched(shelf: Shelf) -> None:
    shelf.put("lunch", event("Lunch", HELSINKI + "20261121T120000"))
    seen: list[tuple[str, str]] = []

    async def watch() -> None:
        async with Closing(shelf.lens.watch(path("/today"))) as changes:
            async for some in changes:
                if not some and not seen:
                    for name, start in (("dinner", "20261121T190000"), ("other", "20261122T190000")):
                        data = ics(event(name.title(), HELSINKI + start))
                        where = path(f"/calendars/personal/{name}.ics")
                        await shelf.lens.write(where, blocks(data), shelf.change())
                    await shelf.lens.remove(path("/today/1200-lunch.ics"), shelf.change())
                seen.extend((str(one.path), one.op) for one in some)
                if len(seen) >= 2:
                    return

    asyncio.run(asyncio.wait_for(watch(), 30))
    assert sorted(seen) == [
        ("/2026-11-21/1200-lunch.ics", "remove"),
        ("/2026-11-21/1900-dinner.ics", "write"),
    ]


# -- what is loaded


PROBE = """
import sys
from spatio.entry import main
import os
leave = os._exit
def tell(status):
    wrong = [name for name in %r if name in sys.modules]
    print("loaded:", *wrong, file=sys.stderr)
    leave(status)
os._exit = tell
main()
"""
HEAVY = [
    "asyncio", "icalendar", "dateutil", "recurring_ical_events", "inspect", "tzdata",
    "providers.calendar.reading", "providers.calendar.ics.component", "providers.calendar.changing",
    "providers.calendar.verbs", "providers.mirror.mirror", "providers.store.editing",
]  # fmt: skip


def test_a_listing_of_a_day_reads_no_calendar_and_starts_no_loop(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "home"
    data = ics(
        event("Standup", ":20300501T090000", more="RRULE:FREQ=DAILY"), event("One", ":20300506T120000")
    )
    run_in(folder, "cat > /calendar/calendars/personal/s.ics", stdin=data)
    done = subprocess.run(
        [sys.executable, "-c", PROBE % HEAVY, "ls", "/calendar/2030-05-06"],
        env={**os.environ, "SPATIO_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "0900-standup.ics\n1200-one.ics\n"
    assert done.stderr == "loaded:\n"


def test_today_is_the_day_of_the_session(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "home"
    data = ics(event("One", f":{TODAY:%Y%m%d}T120000"))
    run_in(folder, "cat > /calendar/calendars/personal/s.ics", stdin=data)
    assert run_in(folder, "ls /calendar/today").out == "1200-one.ics\n"


# -- over a replica


def described(content: bytes, whole: bool) -> Described:
    return Described(
        "text/calendar", trade.described(path("/"), content, HOME, (MINE,)), text_of(content) or ""
    )


def account(shelf: Shelf) -> tuple[CalendarMirror, MemoryService]:
    """A service with two calendars, and its replica."""
    service = MemoryService()
    service.box("home", "/calendars/home")
    service.box("work", "/calendars/work")
    service.add("work", "standup.ics", ics(daily()))
    settings = MirrorSettings(
        "ada@example.org", reach=lambda: Reach.BACKGROUND, fixed=False, replaces=frozenset({""})
    )
    lens = CalendarMirror(
        shelf.store, "remote", lambda: MemoryRemote(service, describe=described), settings, default="home"
    )
    lens.clock, lens.zone = shelf.lens.clock, shelf.lens.zone
    drive(lens.engine.sync())
    lens.freshness.forget()
    return lens, service


async def names(lens: CalendarMirror, where: str) -> list[str]:
    return [node.name async for page in lens.list(path(where)) for node in page]


def test_a_replica_is_a_mirror_with_days(shelf: Shelf) -> None:
    lens, _ = account(shelf)
    assert isinstance(lens, Mirror)
    assert drive(names(lens, "/today")) == ["0900-standup.ics"]
    node = drive(lens.stat(path("/today/0900-standup.ics")))
    assert (node.attrs["account"], node.attrs["calendar"]) == ("ada@example.org", "work")
    assert drive(names(lens, "/calendars")) == ["home", "work"]


def test_an_edit_by_day_reaches_the_service_as_the_whole_file(shelf: Shelf) -> None:
    lens, service = account(shelf)
    start = datetime(2026, 11, 23, 14, tzinfo=HOME)
    drive(lens.act(path("/today/0900-standup.ics"), "cancel", {}, shelf.change()))
    made = drive(lens.act(path("/"), "schedule", {"title": "Call", "start": start}, shelf.change()))
    assert made.attrs["series"] == "/calendars/home/call.ics"
    drive(lens.move(path("/2026-11-23/1400-call.ics"), path("/2026-11-24/1500-call.ics"), shelf.change()))
    drive(lens.engine.sync())
    [standup] = service.boxes["work"].things.values()
    assert b"EXDATE;TZID=Europe/Helsinki:20261121T090000" in standup.content
    [call] = service.boxes["home"].things.values()
    assert b"DTSTART;TZID=Europe/Helsinki:20261124T150000" in call.content
    lens.freshness.forget()
    assert drive(names(lens, "/2026-11-24")) == ["0900-standup.ics", "1500-call.ics"]


def test_an_event_moves_to_another_calendar_of_the_account(shelf: Shelf) -> None:
    lens, service = account(shelf)
    drive(
        lens.act(
            path("/today/0900-standup.ics"), "change", {"calendar": "home", "scope": "all"}, shelf.change()
        )
    )
    drive(lens.engine.sync())
    assert not service.boxes["work"].things
    assert len(service.boxes["home"].things) == 1


class Inviting(MemoryRemote):
    """A service that invites and answers by itself; what it is handed stands in `asked`."""

    asked: list[tuple[str, str, Arguments]] = []

    def deeds(self) -> Mapping[str, Verb]:
        return {name: Verb(name, name, Effect.SEND) for name in ("invite", "answer")}

    async def prepare(self, verb: str, where: Path, arguments: Arguments) -> Prepared:
        self.asked.append((verb, str(where), arguments))
        content = str(arguments["content"]).encode()
        return Prepared(verb, verb, f"{verb}-{where.name}", content, {}, "text/calendar")

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        raise AssertionError("nothing leaves in this test")

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        return None


def inviting(shelf: Shelf, people: str) -> tuple[CalendarMirror, Inviting]:
    """A replica of a service that invites, with a dinner today."""
    service = MemoryService()
    service.box("work", "/calendars/work")
    service.add("work", "dinner.ics", ics(event("Dinner", HELSINKI + "20261121T190000") + "\r\n" + people))
    remote = Inviting(service, describe=described)
    remote.asked = []
    settings = MirrorSettings("ada@example.org", reach=lambda: Reach.BACKGROUND, replaces=frozenset({""}))
    lens = CalendarMirror(shelf.store, "remote", lambda: remote, settings, mine=(MINE,))
    lens.clock, lens.zone = shelf.lens.clock, shelf.lens.zone
    drive(lens.engine.sync())
    lens.freshness.forget()
    return lens, remote


def test_what_leaves_goes_to_the_outbox_with_the_event_as_it_is(shelf: Shelf) -> None:
    people = f"ORGANIZER:mailto:bob@example.org\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{MINE}"
    lens, remote = inviting(shelf, people)
    entry = path("/today/1900-dinner.ics")
    assert drive(lens.verbs(entry))["answer"].effect is Effect.SEND
    assert "invite" not in drive(lens.verbs(path("/")))
    queued = drive(lens.act(entry, "answer", {"answer": "accepted"}, shelf.change()))
    assert queued.name
    [(verb, where, given)] = remote.asked
    assert (verb, where) == ("answer", "/calendars/work/dinner.ics")
    assert "PARTSTAT=ACCEPTED" in str(given["content"])
    assert drive(lens.stat(entry)).attrs["answer"] == "accepted"


def test_who_decides_about_an_invitation_sees_whom_it_goes_to(shelf: Shelf) -> None:
    people = f"ORGANIZER:mailto:{MINE}\r\nATTENDEE;CN=Mal\u202eLory:mailto:mallory@evil.example"
    lens, remote = inviting(shelf, people)
    mounts = MountTable()
    mounts.add(Mount(path("/calendar"), "remote", lambda: lens))
    entry = path("/calendar/today/1900-dinner.ics")
    asked: list[str] = []
    meddles = False

    async def person(question: str) -> bool:
        asked.append(question)
        if meddles:
            more = {"attendees": ("eve@evil.example",)}
            await lens.act(Path(entry.parts[1:]), "change", more, shelf.change())
        return True

    everything = Effect.READ | Effect.WRITE | Effect.SEND
    policy = Policy([Rule(everything, Pattern("/"), Verdict.ALLOW)], asker=person)
    tree = Tree(mounts, guard=policy)
    with policy.deed("calendar invite dinner"):
        drive(tree.act(entry, "invite", {"scope": "all"}))
    assert '| event: "Dinner"' in asked[0]
    assert "mallory@evil.example" in asked[0]
    assert "\u202e" not in asked[0]
    assert [verb for verb, _, _ in remote.asked] == ["invite"]
    meddles = True
    with policy.deed("once more"), pytest.raises(Conflict, match="since it was allowed"):
        drive(tree.act(entry, "invite", {"scope": "all"}))
    assert len(remote.asked) == 1


# -- how often the store is asked


def test_all_entries_of_many_days_are_few_questions(tmp_path: pathlib.Path) -> None:
    store = Counting(new_user_store(tmp_path))
    shelf = Shelf(tmp_path, store=store)
    shelf.put("standup", daily())
    for hour in range(8, 20):
        shelf.put(f"e{hour}", event(f"E {hour}", f"{HELSINKI}20261123T{hour:02}3000"))

    async def texts(paths: list[Path]) -> int:
        return len([one async for one in shelf.tree.contents(paths)])

    def counted(*days: str) -> tuple[int, int]:
        paths = [path(f"/calendar/{day}/{name}") for day in days for name in shelf.names(f"/{day}")]
        store.tally.statements.clear()
        return drive(texts(paths)), len(store.tally.statements)

    assert counted("2026-11-21")[0] == 1
    few = counted("2026-11-21")[1]
    many, asked = counted(*[f"2026-11-{day}" for day in range(20, 28)])
    assert many == 8 + 12
    assert asked <= few + 2
    store.tally.statements.clear()
    assert len(shelf.names("/2026-11-23")) == 13
    assert len(store.tally.statements) == 1

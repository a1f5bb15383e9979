"""Tree.between: what happens in a span of time, over every mount that has days."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from providers.memory import Memory
from providers.union import Member, Union
from tests.vfs.trees import Closed, Rules, tree_of
from vfs.drive import drive
from vfs.errors import Incomplete, LoginNeeded, NotADirectory, NotFound, Unsupported
from vfs.mount import Mount
from vfs.names import marked
from vfs.node import Kind, Node
from vfs.path import ROOT, Path
from vfs.provider import Cap, Occurring, caps_of
from vfs.tree import Tree

START = datetime(2026, 11, 21, tzinfo=timezone(timedelta(hours=2)))
END = START + timedelta(days=2)
P = Path.parse


class Days:
    """A calendar of a few entries: path and start."""

    def __init__(self, *entries: tuple[str, datetime | date], series: str = "", page: int = 2) -> None:
        self.entries = [
            (P(path), Node(P(path).name, Kind.FILE, attrs={"start": start, "series": series}))
            for path, start in entries
        ]
        self.page = page
        self.asked = 0

    async def stat(self, path: Path) -> Node:
        for entry, node in self.entries:
            if entry == path:
                return node
            if entry.is_under(path):
                return Node(path.name, Kind.FOLDER)
        if not path.parts:
            return Node("", Kind.FOLDER)
        raise NotFound(path)

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        yield [await self.stat(Path((name,))) for name in sorted({one.parts[0] for one, _ in self.entries})]

    async def between(
        self, path: Path, start: datetime, end: datetime
    ) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        self.asked += 1
        await self.stat(path)
        found = [entry for entry in self.entries if entry[0].is_under(path)]
        for at in range(0, len(found), self.page):
            yield found[at : at + self.page]

    async def aclose(self) -> None:
        return None


def at(hour: int, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def home() -> Days:
    return Days(
        ("/2026-11-21/0900-a", at(7)), ("/2026-11-21/1400-b", at(12)), ("/2026-11-22/0900-c", at(7, 22))
    )


def work() -> Days:
    return Days(("/2026-11-21/allday-x", date(2026, 11, 21)), ("/2026-11-21/1400-b", at(12)))


def both() -> tuple[Tree, Days, Days]:
    members = {"home": home(), "work": work()}
    union = Union(lambda: [Member(name, days) for name, days in members.items()])
    tree = tree_of("/notes", **{"/calendar": union})
    for name, days in members.items():
        tree.mounts.add(Mount(P(f"/calendar/{name}"), "calendar", lambda days=days: days))  # type: ignore[misc]
    return tree, members["home"], members["work"]


async def found(tree: Tree, path: str) -> list[str]:
    return [str(one) async for page in tree.between(P(path), START, END) for one, _ in page]


def test_what_happens_comes_in_order_over_all_mounts_below_each_asked_once() -> None:
    tree, one, other = both()
    assert drive(found(tree, "/")) == [
        "/calendar/work/2026-11-21/allday-x",
        "/calendar/home/2026-11-21/0900-a",
        "/calendar/home/2026-11-21/1400-b",
        "/calendar/work/2026-11-21/1400-b",
        "/calendar/home/2026-11-22/0900-c",
    ]
    assert (one.asked, other.asked) == (1, 1)


def test_one_account_is_asked_by_its_path() -> None:
    tree, _, other = both()
    assert drive(found(tree, "/calendar/home/2026-11-22")) == ["/calendar/home/2026-11-22/0900-c"]
    assert other.asked == 0


def test_a_folder_of_the_union_merges_its_members_and_marks_twins() -> None:
    tree, _, _ = both()
    twins = sorted(f"/calendar/2026-11-21/{marked('1400-b', name)}" for name in ("home", "work"))
    assert drive(found(tree, "/calendar/2026-11-21")) == [
        "/calendar/2026-11-21/allday-x",
        "/calendar/2026-11-21/0900-a",
        *twins,
    ]


def test_a_union_leaves_its_root_to_the_mounts_below() -> None:
    async def pages(union: Union) -> int:
        return len([page async for page in union.between(ROOT, START, END)])

    assert drive(pages(Union(lambda: [Member("home", home())]))) == 0


def test_what_may_not_be_seen_looks_absent() -> None:
    tree, _, _ = both()
    tree.guard = Rules(hidden=["/calendar/work"])
    assert drive(found(tree, "/calendar")) == [
        f"/calendar/home/{path}" for path in ("2026-11-21/0900-a", "2026-11-21/1400-b", "2026-11-22/0900-c")
    ]
    tree.guard = Rules(hidden=["/calendar/home/2026-11-21/1400-b"])
    assert "/calendar/home/2026-11-21/1400-b" not in drive(found(tree, "/calendar"))
    tree.guard = Rules(hidden=["/calendar"])
    with pytest.raises(NotFound):
        drive(found(tree, "/calendar/home"))


def test_what_may_not_be_seen_in_its_file_is_not_seen_by_its_day() -> None:
    days = Days(("/2026-11-21/0900-a", at(7)), series="/calendars/private/a.ics")
    tree = tree_of(**{"/calendar": days})
    assert drive(found(tree, "/calendar")) == ["/calendar/2026-11-21/0900-a"]
    tree.guard = Rules(hidden=["/calendar/calendars/private"])
    assert drive(found(tree, "/calendar")) == []


def test_the_rest_comes_when_one_account_cannot_be_read_and_then_that_is_said() -> None:
    class Locked(Days, Closed):
        async def between(
            self, path: Path, start: datetime, end: datetime
        ) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
            raise LoginNeeded(path)
            yield []

    tree = tree_of(**{"/calendar": home(), "/calendar/locked": Locked()})
    seen: list[str] = []

    async def read() -> None:
        async for page in tree.between(P("/calendar"), START, END):
            seen.extend(str(path) for path, _ in page)

    with pytest.raises(Incomplete, match="/calendar/locked"):
        drive(read())
    assert len(seen) == 3
    with pytest.raises(LoginNeeded, match="/calendar/locked"):
        drive(found(tree, "/calendar/locked"))


def test_where_no_calendar_is_mounted_that_is_said() -> None:
    tree = tree_of("/notes")
    with pytest.raises(Unsupported, match="no calendar"):
        drive(found(tree, "/notes"))
    with pytest.raises(NotFound):
        drive(found(tree, "/notes/none"))


def test_an_entry_is_no_place_to_ask_below() -> None:
    with pytest.raises(NotADirectory):
        drive(found(both()[0], "/calendar/home/2026-11-21/0900-a"))


def test_many_pages_of_many_mounts_stay_in_order() -> None:
    mounts = {
        f"/{name}": Days(*[(f"/d/{n:04}", at(0) + timedelta(minutes=n)) for n in range(shift, 1500, 3)])
        for shift, name in enumerate("abc")
    }
    paths = drive(found(tree_of(**mounts), "/"))
    assert [path[-4:] for path in paths] == [f"{n:04}" for n in range(1500)]


def test_what_has_days_is_known_by_its_type() -> None:
    assert Cap.OCCUR in caps_of(home())
    assert isinstance(Union(list), Occurring)
    assert Cap.OCCUR not in caps_of(Memory())

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.memory import Memory
from tests.vfs.trees import Closed, P, fill, tree_of
from vfs.drive import drive, event_loop
from vfs.errors import NotFound
from vfs.match import match, matches
from vfs.node import Kind, Node, Value
from vfs.path import ROOT, Path
from vfs.provider import Found, Hit
from vfs.query import Attribute, Query, Term, fold, parse_query, period, words
from vfs.tree import Tree

WHEN = datetime(2024, 3, 15, 12, tzinfo=UTC)


def fits(query: str, text: str, name: str = "note.md", **attrs: Value) -> bool:
    node = Node(name, Kind.FILE, len(text), WHEN, attrs=attrs)
    return matches(parse_query(query), P("/notes/work").child(name), node, text)


def test_a_query_is_read() -> None:
    query = parse_query('plan "big deal" -old pre* from:ada -is:done tag:"my home" "half open')
    assert query.terms == (
        Term("plan"),
        Term("big deal", phrase=True),
        Term("old", negated=True),
        Term("pre", prefix=True),
        Term("half open", phrase=True),
    )
    assert query.attributes == (
        Attribute("from", "ada"),
        Attribute("is", "done", negated=True),
        Attribute("tag", "my home"),
    )


@pytest.mark.parametrize(
    "text", ["https://x.org/a", "10:30", "note:", ":x", "a - b", "after:lunch", "*", "--"]
)
def test_what_is_no_attribute_is_text(text: str) -> None:
    query = parse_query(text)
    assert query.attributes == ()
    assert query.terms


@given(st.text(max_size=30), st.text(max_size=60))
def test_no_query_and_no_text_is_an_error(query: str, text: str) -> None:
    found = match(parse_query(query), P("/x"), Node("x", Kind.FILE), text)
    if found is not None:
        assert "\n" not in found.snippet
        assert all(0 <= start < stop <= len(found.snippet) for start, stop in found.spans)


@given(st.text())
def test_folding_twice_changes_nothing_and_keeps_lines(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("plan", "The PLAN.", True),
        ("plan", "planet", False),
        ("plan*", "planet", True),
        ("lan", "plan", False),
        ("café", "cafe", True),
        ("cafe", "CAFÉ", True),
        ("cafe", "cafe\u0301s", False),
        ("straße", "STRASSE", True),
        ("Łódź", "lodz", True),
        ("ﬁnal", "final", True),
        ("big plan", "a plan, big", True),
        ('"big plan"', "a plan, big", False),
        ('"big plan"', "the big\nplan", True),
        ("plan -old", "old plan", False),
        ("plan -old", "new plan", True),
        ("-old", "new", True),
        ("e-mail", "an e mail", True),
        ("e-mail", "mail e", False),
        ("会議", "明日の会議です", True),
        ("会議", "会社の議論", False),
        ("한국", "대한국민", True),
        ("🙂", "so 🙂!", True),
        ("❤️", "I ❤ it", True),
        ("%", "100 %", True),
        ("%", "100", False),
        ("c++", "c++ and c", True),
        ("under_score", "under_score", True),
        ("", "anything", False),
        ("   ", "anything", False),
    ],
)
def test_text_fits(query: str, text: str, expected: bool) -> None:
    assert fits(query, text) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name:note", True),
        ("name:nope", False),
        ("path:work", True),
        ("path:/notes/wo", True),
        ("-path:work", False),
        ("kind:md", True),
        ("kind:folder", False),
        ("after:2024-03-15", True),
        ("after:2024-03-16", False),
        ("before:2024-03-15", False),
        ("before:2025", True),
        ("on:2024-03", True),
        ("on:2023", False),
        ("tag:home", True),
        ("tag:work", False),
        ("from:ada", True),
        ("from:ADA text", True),
        ("from:ada none", False),
        ("is:unread", True),
        ("is:starred", False),
        ("-is:starred", True),
        ("is:open", True),
        ("has:attachment", False),
        ("has:from", True),
        ("priority:2", True),
        ("priority:3", False),
        ("due:2024-05", True),
        ("due:2024-06", False),
        ("unread:true", True),
        ("error:timeout", True),
        ("error:other", False),
        ("-error:timeout", False),
    ],
)
def test_attributes_fit(query: str, expected: bool) -> None:
    attrs: dict[str, Value] = {
        "from": "Ada Lovelace",
        "tags": ("home", "garden"),
        "unread": True,
        "starred": False,
        "status": "open",
        "priority": 2,
        "due": date(2024, 5, 20),
    }
    assert fits(query, "some text, error: timeout", **attrs) is expected


def test_periods_are_whole_days_months_and_years() -> None:
    for value, days in (("2024-02-29", 1), ("2024-02", 29), ("2024", 366), ("today", 1)):
        found = period(value)
        assert found is not None
        assert abs((found[1] - found[0]) - timedelta(days=days)) <= timedelta(hours=1)
    for value in ("2024-13", "2023-02-29", "lunch", "0000", "9999-12-31", "24"):
        assert period(value) is None


def test_a_period_may_reach_from_one_day_to_another_or_be_a_moment() -> None:
    found = period("2026-11-20..2026-11-22")
    assert found is not None
    assert (found[0].date().isoformat(), found[1].date().isoformat()) == ("2026-11-20", "2026-11-23")
    moment = period("2026-11-20T15:00:00+02:00")
    assert moment is not None
    assert moment[0] == moment[1]
    for value in ("2026-11-20..lunch", "..", "2026-11-20Tlunch"):
        assert period(value) is None


def test_other_words_for_a_date_are_asked_about() -> None:
    query = parse_query("rent after:monday on:lunch", {"monday": "2026-11-16"}.get)
    assert query.attributes == (Attribute("after", "2026-11-16"),)
    assert [term.text for term in query.terms] == ["rent", "on:lunch"]


def test_words_keep_cjk_apart() -> None:
    assert words("Die Straße, 会議room_2") == ["die", "strasse", "会議", "room", "2"]


def test_a_snippet_shows_the_first_match_on_one_line() -> None:
    text = "Ａé\u0301 début\n" * 30 + "here stands the\n  naïve\tanswer " + "and more " * 50
    found = match(parse_query("naive answer"), P("/x"), Node("x", Kind.FILE), text)
    assert found is not None
    assert len(found.snippet) < 170
    assert [found.snippet[start:stop] for start, stop in found.spans] == ["naïve", "answer"]


def test_every_mount_is_searched_and_the_best_comes_first() -> None:
    async def check() -> None:
        tree = tree_of("/notes", "/files", "/notes/inner")
        await fill(tree)
        await tree.write(P("/files/plan.txt"), b"plan plan plan")
        await tree.write(P("/notes/inner/x"), b"one plan among many other words in a longer text")
        found = await tree.search(parse_query("plan"), ROOT, 9)
        assert str(found.hits[0].path) == "/files/plan.txt"
        assert {str(hit.path) for hit in found.hits[1:]} == {
            "/notes/plan.md", "/notes/work/budget.md", "/notes/inner/x",
        }  # fmt: skip
        assert (found.total, found.failed) == (4, ())
        assert len((await tree.search(parse_query("plan"), ROOT, 2)).hits) == 2
        under = await tree.search(parse_query("plan"), P("/notes/work"), 9)
        assert [str(hit.path) for hit in under.hits] == ["/notes/work/budget.md"]
        one = await tree.search(parse_query("plan"), P("/notes/plan.md"), 9)
        assert [str(hit.path) for hit in one.hits] == ["/notes/plan.md"]
        inner = await tree.search(parse_query("plan"), P("/notes/inner"), 9)
        assert [str(hit.path) for hit in inner.hits] == ["/notes/inner/x"]

    async def under_a_loop() -> None:
        await event_loop()
        await check()

    drive(check())
    drive(under_a_loop())


def test_searching_what_is_missing_is_not_found() -> None:
    with pytest.raises(NotFound):
        drive(tree_of("/notes").search(parse_query("x"), P("/notes/none"), 3))


def test_binary_content_is_found_by_name_only() -> None:
    async def check() -> None:
        tree = tree_of("/m")
        await tree.write(P("/m/photo.png"), b"\x89PNG\0 plan")
        assert not (await tree.search(parse_query("plan"), ROOT, 9)).hits
        assert len((await tree.search(parse_query("photo"), ROOT, 9)).hits) == 1

    drive(check())


def test_a_large_file_is_searched_too() -> None:
    async def check() -> None:
        tree = tree_of("/m")
        await tree.write(P("/m/large"), b"x \n" * 200_000 + b"needle")
        assert len((await tree.search(parse_query("needle"), ROOT, 9)).hits) == 1

    drive(check())


def test_a_mount_that_fails_is_told_with_the_answer() -> None:
    async def check() -> None:
        tree = tree_of("/n", mail=Closed())
        await fill(tree)
        await tree.write(P("/n/a"), b"plan")
        found = await tree.search(parse_query("plan"), ROOT, 9)
        assert [str(hit.path) for hit in found.hits] == ["/n/a"]
        assert found.failed == ("/mail: login needed",)
        assert found.total is None

    drive(check())


class Indexed(Memory):
    """Knows its answers by heart, and declines a query of one word."""

    asked = 0

    async def search(self, path: Path, query: Query, limit: int) -> Found | None:
        if len(query.terms) == 1:
            return None
        self.asked += 1
        hits = [Hit(P(f"/{at}"), Node(f"{at}", Kind.FILE), 10.0 - at, "") for at in range(10)]
        return Found(hits[:limit], 10, "ranked among some")


def test_an_index_answers_for_its_mount_and_may_decline() -> None:
    async def check() -> None:
        tree: Tree = tree_of("/n", m=Indexed())
        await tree.write(P("/m/real"), b"plan")
        found = await tree.search(parse_query("big plan"), ROOT, 3)
        assert [str(hit.path) for hit in found.hits] == ["/m/0", "/m/1", "/m/2"]
        assert (found.total, found.remark) == (10, "ranked among some")
        declined = await tree.search(parse_query("plan"), ROOT, 3)
        assert [str(hit.path) for hit in declined.hits] == ["/m/real"]

    drive(check())


def test_hits_that_are_hidden_make_room_for_others() -> None:
    class Hiding:
        def sees(self, path: Path) -> bool:
            return path.name not in {"0", "1", "2", "3", "4", "5", "6"}

        async def check(self, effect: object, path: Path, deed: object = None) -> None:
            return None

    async def check() -> None:
        tree = tree_of(m=Indexed())
        tree.guard = Hiding()
        found = await tree.search(parse_query("big plan"), ROOT, 2)
        assert [str(hit.path) for hit in found.hits] == ["/m/7", "/m/8"]

    drive(check())

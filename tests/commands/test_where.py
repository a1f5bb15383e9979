"""where: which records match, and what is said when something cannot."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from commands.stream import Record
from tests.commands.desk import Desk, records

TASKS = records(
    {"name": "rent", "priority": 3, "due": date(2026, 11, 20), "labels": ("home", "money"), "unread": True},
    {"name": "Café visit", "priority": 1, "due": date(2026, 12, 24), "labels": (), "unread": False},
    {"name": "call Ada", "priority": 2, "due": None, "labels": ("work",), "unread": False},
    {"name": "taxes", "due": date(2026, 11, 18), "amount": Decimal("120.50"), "size": 12000},
    {"name": "log", "mtime": datetime(2026, 11, 18, 8, 0, tzinfo=UTC), "size": 500, "amount": Decimal("0.1")},
)


def kept(expression: str, rows: list[Record] = TASKS) -> list[str]:
    ran = Desk().run(f"where {expression}", rows)
    assert ran.err == ""
    assert ran.status == 0
    return [str(record.fields["name"]) for record in ran.records]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("priority '>=' 2", ["rent", "call Ada"]),
        ("'priority>=2'", ["rent", "call Ada"]),
        ("priority == 1", ["Café visit"]),
        ("priority = 1", ["Café visit"]),
        ("priority != 1", ["rent", "call Ada"]),
        ("not priority == 1", ["rent", "call Ada", "taxes", "log"]),
        ("unread", ["rent"]),
        ("not unread", ["Café visit", "call Ada", "taxes", "log"]),
        ("'!unread' and priority", ["Café visit", "call Ada"]),
        ("unread == no", ["Café visit", "call Ada"]),
        ("labels == home", ["rent"]),
        ("labels != home", ["Café visit", "call Ada"]),
        ("labels '~' mon", ["rent"]),
        ("labels", ["rent", "call Ada"]),
        ("name '~' cafe", ["Café visit"]),
        ("name '!~' a", ["rent", "log"]),
        ("name '~' '^ca'", ["Café visit", "call Ada"]),
        ("name '~' 'a$'", ["call Ada"]),
        ("name == rent or name == log", ["rent", "log"]),
        ("'(' name == rent or name == log ')' and priority", ["rent"]),
        ("name == rent or name == log and priority", ["rent"]),
        ("due '<' today", []),
        ("due == today", ["taxes"]),
        ("due '<=' friday", ["rent", "taxes"]),
        ("due '<' friday", ["taxes"]),
        ("due == 2026-12", ["Café visit"]),
        ("due '>' 2026-11", ["Café visit"]),
        ("due '<=' 2026", ["rent", "Café visit", "taxes"]),
        ("due '<' today+7d", ["rent", "taxes"]),
        ("due '<' +1mo", ["rent", "taxes"]),
        ("due '<' now", []),
        ("due '<=' now", ["taxes"]),
        ("mtime '>' now-2h", ["log"]),
        ("mtime '<' now-2h", []),
        ("mtime == today", ["log"]),
        ("mtime '>' -2d", ["log"]),
        ("mtime '>=' -2d", ["log"]),
        ("mtime '>' 2026-11-18T08:00:30", []),
        ("due == 'this week'", ["rent", "taxes"]),
        ("size '>' 10k", ["taxes"]),
        ("size '<' 1K", ["log"]),
        ("amount '>' 0.10", ["taxes"]),
        ("amount == 0.10", ["log"]),
        ("amount == 120.5", ["taxes"]),
        ("priority == high", []),
        ("name '>' r", ["rent", "taxes"]),
    ],
)
def test_an_expression_keeps_what_matches(expression: str, names: list[str]) -> None:
    assert kept(expression) == names


def test_words_that_read_like_operators_are_values_on_the_right() -> None:
    rows = records({"name": "and"}, {"name": "("}, {"name": "not"})
    assert kept("name == and", rows) == ["and"]
    assert kept("name == '('", rows) == ["("]
    assert kept("name == not or name == and", rows) == ["and", "not"]


def test_text_that_spells_numbers_and_dates_is_compared_as_such() -> None:
    rows = records({"name": "a", "n": "10", "d": "2026-11-19"}, {"name": "b", "n": "9", "d": "2025-01-01"})
    assert kept("n '>' 9", rows) == ["a"]
    assert kept("d '>' today", rows) == ["a"]
    assert kept("d '<' 2026-01-01", rows) == ["b"]


def test_the_text_and_the_path_of_a_record_are_fields() -> None:
    ran = Desk().run("where text '~' b", records({"a": "ab"}, {"a": "c"}))
    assert [record.fields["a"] for record in ran.records] == ["ab"]


def test_a_mistyped_field_is_named_with_the_nearest() -> None:
    ran = Desk().run("where priorty '>=' 2", TASKS)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "where: no record has a field 'priorty'\n  did you mean priority?\n"


def test_a_field_that_only_some_records_have_is_no_mistake() -> None:
    assert Desk().run("where amount '>' 1000", TASKS) == (0, "", "", [])
    assert Desk().run("where anything", []) == (0, "", "", [])


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "missing expression"),
        ("priority '>='", "a value is missing after priority >="),
        ("'>=' 2", "a field is expected before '>='"),
        ("'(' a == 1", "a ) is missing"),
        ("a == 1 b == 2", "'b' is not expected here"),
        ("a and", "a condition is missing"),
        ("and a", "a field is expected before 'and'"),
        ("due '<' someday", "'someday' is no date that is known here"),
        ("due '<' 2026-13-45", "'2026-13-45' is no date: 13 is no month"),
        ("name '~' '('", "is no regular expression"),
        ("due '<' 'next friday'", "'next friday' may be Fri 2026-11-20 or Fri 2026-11-27: write which"),
    ],
)
def test_what_is_no_expression_is_said_in_a_line(expression: str, message: str) -> None:
    ran = Desk().run(f"where {expression}", TASKS)
    assert ran.status == 2
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_ten_thousand_parentheses_are_refused_not_a_crash() -> None:
    ran = Desk().run("where " + "'(' " * 10_000 + "a", TASKS)
    assert ran.status == 2
    assert "within each other" in ran.err


def test_a_slow_pattern_is_answered_in_linear_time() -> None:
    rows = records({"name": "a" * 50_000 + "b"})
    assert kept("name '~' '(a+)+$'", rows) == []


def test_text_is_refused() -> None:
    ran = Desk().run("where a", b"some text\n")
    assert ran.status == 1
    assert "needs records" in ran.err

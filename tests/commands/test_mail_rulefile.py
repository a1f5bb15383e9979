"""A rule's file: what it asks, what it does, and how a mistake in it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.command import Failure, Usage
from commands.mailing.adding import with_body, with_headers
from commands.mailing.rulefile import TEMPLATE, Rule, read_rule, rule_text, with_line, words_of
from commands.stream import Record

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


def test_a_rule_reads_back_as_it_was_written() -> None:
    rule = Rule(
        "news", "from ~ 'a b' and unread", folders=("inbox", "work/x"), move="archive", mark=("read",),
        label=("n\"ew's",), agent="triage", append="/notes/t.md", stop=True,
    )  # fmt: skip
    assert read_rule("news", rule_text(rule).encode(), NOW) == rule


@given(st.text(max_size=40), st.text(max_size=20))
def test_whatever_a_label_or_folder_holds_it_reads_back(label: str, folder: str) -> None:
    rule = Rule("r", "unread", folders=(f"x{folder}",), label=(label,))
    text = rule_text(rule)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return
    assert read_rule("r", data, NOW) == rule


def test_the_template_is_a_rule_that_is_off() -> None:
    rule = read_rule("x", TEMPLATE.encode(), NOW)
    assert (rule.on, rule.is_tried, rule.move) == (False, False, "archive")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("when = 'unread'", "it does nothing"),
        ("move = 'x'", "when is missing"),
        ("when = 'unread and'\nmove = 'x'", "when: a condition is missing"),
        ("when = 'a ~ \"'\nmove = 'x'", "when: '\"' is not expected here"),
        ("when = 'subject ~ \"(\"'\nmove = 'x'", "when: '(' is no regular expression"),
        ("when = 'unread'\nmuve = 'x'", "there is no key 'muve'"),
        ("when = 'unread'\nmove = ['x']", "move must be text in quotes"),
        ("when = 'unread'\nmark = 'read'", "mark must be a list of texts"),
        ("when = 'unread'\nmark = ['reed']", "mark must be one of read, unread"),
        ("when = 'unread'\nagent = 'triage'", "an agent needs append"),
        ("when = 'unread'\nappend = '/x'", "append needs an agent"),
        ("when = 'unread'\nagent = 'a'\nappend = 'x'", "append must be a path"),
        ("when = 'unread'\nmove = 'x'\nfolders = []", "folders names none"),
        ("when = 'unread'\nmove = 'x'\nsince = '2026-01-01'", "since must be a time with its zone"),
        ("when = 'unread'\nmove = 'x'\nsince = 'now'", "since must be a time"),
        ("when = unread", "(at line 1"),
    ],
)
def test_a_mistake_is_told_by_the_rules_name(text: str, reason: str) -> None:
    with pytest.raises(Failure) as told:
        read_rule("mine", text.encode(), NOW)
    assert str(told.value).startswith("rule mine: ")
    assert reason in str(told.value)


def test_bytes_that_are_no_text_are_no_rule() -> None:
    with pytest.raises(Failure, match="is not UTF-8"):
        read_rule("x", b"\xff", NOW)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("from ~ newsletter and unread", ["from", "~", "newsletter", "and", "unread"]),
        ("(a or !b) and c>=2", ["(", "a", "or", "!b", ")", "and", "c", ">=", "2"]),
        ('text ~ "two words"', ["text", "~", "two words"]),
        (r'text ~ "a \"b\" \\ c"', ["text", "~", 'a "b" \\ c']),
        ("subject !~ 'x y'", ["subject", "!~", "x y"]),
        ("to == ada@example.org", ["to", "==", "ada@example.org"]),
        ("", []),
    ],
)
def test_a_condition_falls_into_the_words_that_where_would_get(when: str, words: list[str]) -> None:
    assert words_of(when) == words


def test_a_condition_without_an_end_is_refused() -> None:
    with pytest.raises(Usage, match="not expected here"):
        words_of('from ~ "ada')


@given(st.text(max_size=60))
def test_no_condition_makes_it_fail_otherwise(when: str) -> None:
    try:
        words_of(when)
    except Usage:
        return


def test_conditions_look_at_fields_and_text() -> None:
    rule = Rule("r", 'from ~ ada and text ~ "due on"', move="x")
    mail = Record("It is due on Friday.", {"from": "Ada <ada@example.org>"})
    assert rule.test(NOW).test(mail)
    assert not rule.test(NOW).test(mail._replace(text="It is not."))


def test_a_rule_counts_as_tried_until_what_it_does_changes() -> None:
    rule = Rule("r", "unread", move="x")
    tried = rule._replace(tried=rule.fingerprint)
    assert tried.is_tried
    assert tried._replace(on=True, since=NOW.isoformat()).is_tried
    assert not tried._replace(move="y").is_tried
    assert not tried._replace(when="flagged").is_tried


def test_only_what_came_after_it_was_switched_on_is_new_to_it() -> None:
    rule = Rule("r", "unread", move="x", since=NOW.isoformat())
    assert rule.covers(NOW)
    assert not rule.covers(NOW - timedelta(seconds=1))


def test_one_line_is_set_and_all_else_stays_as_its_owner_wrote_it() -> None:
    text = "# mine\non = false   # why\nwhen = 'unread'\n"
    assert with_line(text, "on", True) == "# mine\non = true   # why\nwhen = 'unread'\n"
    assert with_line(text, "tried", "abc") == text + 'tried = "abc"\n'
    assert with_line("", "on", True) == "on = true\n"


def test_more_recipients_join_those_that_a_draft_names() -> None:
    draft = "From: a@x\nTo: b@x\nSubject: s\n\nbody\n"
    more = with_headers(draft, {"To": ["c@x"], "Cc": ["d@x", "e@x"], "Attach": ["/a", "/b"], "Bcc": []})
    assert more == "From: a@x\nTo: b@x, c@x\nSubject: s\nCc: d@x, e@x\nAttach: /a\nAttach: /b\n\nbody\n"


def test_no_header_can_be_smuggled_in_by_an_address() -> None:
    more = with_headers("To: b@x\n\n", {"Cc": ["d@x\nBcc: evil@x"]})
    assert more.split("\n") == ["To: b@x", "Cc: d@x Bcc: evil@x", "", ""]


def test_an_answer_stands_above_what_it_quotes() -> None:
    assert with_body("To: a\n\n\n> old\n", "new") == "To: a\n\nnew\n\n> old\n"
    assert with_body("To: a\n\n> old\n", " \n") == "To: a\n\n> old\n"

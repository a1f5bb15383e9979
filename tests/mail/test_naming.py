from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.addresses import Address
from providers.mail.facts import item_facts
from providers.mail.naming import bare, name, name_of
from vfs.names import problem

EVE = Address("Eve", "eve@example.org")
WHEN = datetime(2024, 1, 15, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Invoice 1234", "2024-01-15-invoice-1234"),
        ("Re: Invoice 1234", "2024-01-15-re-invoice-1234"),
        ("AW: Re[2]: SV: Invoice", "2024-01-15-re-invoice"),
        ("Fwd: Re: Invoice", "2024-01-15-fwd-invoice"),
        ("Reply: x", "2024-01-15-reply-x"),
        ("[TODO] plan", "2024-01-15-todo-plan"),
        ("", "2024-01-15-eve"),
        ("..", "2024-01-15-eve"),
        ("a/b/../c", "2024-01-15-a-b-..-c"),
        ("--help", "2024-01-15-help"),
        ("\x1b]0;x\x07", "2024-01-15-0-x"),
    ],
)
def test_a_mail_is_called_by_its_day_and_its_subject(subject: str, expected: str) -> None:
    assert name(subject, EVE, WHEN, UTC) == expected


def test_the_day_is_the_readers() -> None:
    assert name("x", EVE, WHEN, timezone(timedelta(hours=2))) == "2024-01-16-x"


def test_the_tag_of_a_list_is_dropped() -> None:
    facts = item_facts(b"Subject: Re: [ours] Re: plans\nList-Id: <ours.example.org>\n")
    assert name_of(facts, WHEN, UTC) == "2024-01-15-re-plans"
    assert name("[ours] plans", EVE, WHEN, UTC) == "2024-01-15-ours-plans"


def test_a_mail_without_anything_has_a_name() -> None:
    assert name_of(item_facts(b"")) == "undated-no-subject"
    assert name("", Address("", "eve@example.org"), None) == "undated-eve"


def test_the_first_and_the_last_day_have_names() -> None:
    east = timezone(timedelta(hours=14))
    assert name("x", EVE, datetime(9999, 12, 31, 23, tzinfo=UTC), east) == "9999-12-31-x"
    assert name("x", EVE, datetime(1, 1, 1, tzinfo=UTC), timezone(timedelta(hours=-9))) == "0001-01-01-x"


def test_marks_of_many_languages_are_known() -> None:
    assert bare("RE: Fwd: x") == ("x", "re")
    assert bare("Regarding: x") == ("Regarding: x", "")
    assert bare("回复：计划") == ("计划", "re")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_every_name_can_be_created(subject: str) -> None:
    made = name(subject, EVE, WHEN, UTC)
    assert problem(made) is None
    assert made.startswith("2024-01-15-")

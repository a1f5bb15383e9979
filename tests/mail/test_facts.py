from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.facts import LONGEST_TITLE, MOST_NAMED, item_facts

HEADER = b"""Received: from x\r
From: Ada Lovelace <ada@example.org>\r
To: Bob <bob@example.org>,\r
 carol@example.org\r
cc: dave@example.org\r
Subject: Re: Invoice\r
  1234\r
Date: Mon, 15 Jan 2024 14:03:11 +0000\r
Message-ID: <c@example.org>\r
References: <a@example.org> <b@example.org>\r
In-Reply-To: <b@example.org>\r
List-Id: Our list <ours.example.org>\r
Content-Type: multipart/mixed; boundary=x\r
"""


def test_a_header_block_says_what_a_mail_is() -> None:
    facts = item_facts(HEADER)
    assert facts.attrs == {
        "title": "Re: Invoice 1234",
        "from": "Ada Lovelace <ada@example.org>",
        "to": ("Bob <bob@example.org>", "carol@example.org"),
        "cc": ("dave@example.org",),
        "date": datetime(2024, 1, 15, 14, 3, 11, tzinfo=UTC),
        "message_id": "c@example.org",
        "thread": "a@example.org",
        "list": "ours.example.org",
    }


def test_a_conversation_has_one_thread() -> None:
    first = item_facts(b"Message-ID: <a@example.org>\n")
    answer = item_facts(b"Message-ID: <b@example.org>\nIn-Reply-To: <a@example.org>\n")
    last = item_facts(b"Message-ID: <c@example.org>\nReferences:\n <a@example.org>\n <b@example.org>\n")
    assert {first.thread, answer.thread, last.thread} == {"a@example.org"}


def test_attachments_are_none_only_where_that_is_sure() -> None:
    assert item_facts(b"Content-Type: text/plain\n").attrs["attachments"] == 0
    assert item_facts(b"Subject: x\n").attrs["attachments"] == 0
    assert "attachments" not in item_facts(b"Content-Type: multipart/mixed\n").attrs
    assert "attachments" not in item_facts(b"Content-Type: application/pdf\n").attrs


def test_what_is_not_said_is_not_there() -> None:
    assert item_facts(b"").attrs == {"title": "", "attachments": 0}


def test_what_is_too_long_is_cut() -> None:
    facts = item_facts(b"Subject: " + b"x" * 70_000 + b"\nTo: " + b"a@example.org, " * 2000)
    assert len(facts.title) == LONGEST_TITLE
    to = facts.attrs["to"]
    assert isinstance(to, tuple)
    assert len(to) == MOST_NAMED


def test_the_first_of_two_fields_counts() -> None:
    assert item_facts(b"Subject: one\nSubject: two\n").title == "one"


def test_a_bare_carriage_return_begins_no_header() -> None:
    facts = item_facts(b"Subject: x\rTo: eve@example.org\r\n")
    assert "to" not in facts.attrs
    assert facts.title == "x To: eve@example.org"


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_header_raises(header: bytes) -> None:
    for value in item_facts(
        b"Subject: " + header + b"\nFrom: " + header + b"\nDate: " + header
    ).attrs.values():
        str(value).encode()

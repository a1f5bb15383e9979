from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.mail.gmail.changes import Pass
from providers.mail.gmail.labels import Labels
from providers.mail.gmail.wire import draft_of, header_of, mail_of, raw_for, raw_of
from vfs.errors import Unavailable

MAIL = {"id": "18c1", "threadId": "18c0", "labelIds": ["INBOX"], "internalDate": "1700000000000"}


def test_a_message_is_read() -> None:
    mail = mail_of(MAIL)
    assert (mail.id, mail.thread, mail.labels) == ("18c1", "18c0", {"INBOX"})
    assert mail.at is not None
    assert mail.at.isoformat() == "2023-11-14T22:13:20+00:00"


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": None},
        {"id": 5},
        {"id": "a\n"},
        {"id": "x" * 300},
        {"threadId": []},
        {"labelIds": "INBOX"},
        {"labelIds": [1]},
        {"internalDate": "soon"},
        {"internalDate": True},
        {"internalDate": 1.5},
        {"internalDate": 1 << 80},
        {"payload": []},
        {"payload": {"headers": {}}},
        {"payload": {"headers": [{"name": 1}]}},
    ],
)
def test_a_message_of_another_form_is_unavailable(wrong: dict[str, object]) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        mail_of({**MAIL, **wrong})


@pytest.mark.parametrize("value", [None, [], "x", 7])
def test_what_is_no_message_is_unavailable(value: object) -> None:
    with pytest.raises(Unavailable):
        mail_of(value)


NAMES = st.sampled_from(
    [
        "id",
        "threadId",
        "labelIds",
        "internalDate",
        "payload",
        "headers",
        "name",
        "value",
        "message",
        "raw",
        "type",
        "messagesAdded",
        "messagesDeleted",
        "labelsAdded",
        "messages",
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)


def folders(said: Any) -> object:
    return Labels([said]).collections()


def happened(said: Any) -> object:
    return Pass("1").read(said)


@given(ANYTHING)
def test_whatever_is_sent_is_read_or_unavailable(value: Any) -> None:
    said = value if isinstance(value, dict) else {"messages": value}
    reads: list[Callable[[Any], object]] = [mail_of, draft_of, raw_of, folders, happened]
    for read in reads:
        with suppress(Unavailable):
            read(said)


def test_a_date_that_no_calendar_has_is_none() -> None:
    assert mail_of({**MAIL, "internalDate": str(1 << 62)}).at is None


def test_a_field_stays_on_its_line() -> None:
    fields = [
        {"name": "Subject", "value": "one\r\nBcc: mallory@example.org\x00\u2028two"},
        {"name": "X: y\r\nEvil", "value": "1"},
        {"name": "", "value": "1"},
        {"name": "From", "value": "Gr\u00fc\u00dfe \ud800 <a@example.org>"},
    ]
    header = header_of({"headers": fields})
    assert header.count(b"\r\n") == 3
    assert b"\r\nBcc" not in header
    assert header.startswith(b"Subject: one Bcc: mallory@example.org  two\r\n")
    assert "Grüße ? <a@example.org>".encode() in header


@pytest.mark.parametrize("size", range(8))
def test_contents_go_there_and_back(size: int) -> None:
    content = bytes(range(250, 250 - size, -1))
    assert raw_of({"raw": raw_for(content)}) == content
    assert raw_of({"raw": raw_for(content).rstrip("=")}) == content, "Google leaves the padding away"


@pytest.mark.parametrize(
    "raw", [None, 5, "a b", "\u00fc", "a", base64.b64encode(b"\xff\xfe\xfd").decode() + "!"]
)
def test_a_content_that_is_damaged_is_unavailable(raw: object) -> None:
    with pytest.raises(Unavailable):
        raw_of({"raw": raw})

from __future__ import annotations

import base64

import pytest

from providers.mail.gmail.wire import header_of, mail_of, raw_for, raw_of
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

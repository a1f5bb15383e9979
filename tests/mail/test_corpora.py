"""Real mails of five collections: none may be read with a crash or lose a part."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.attachments import entries, read
from providers.mail.compose import draft_of, forward, reply, to_bytes
from providers.mail.draft import read_draft, spelt
from providers.mail.facts import item_facts
from providers.mail.message import describe
from providers.mail.naming import name_of
from tests.corpora import CORPORA, Missing, mails
from tests.mail.leaves import lost
from vfs.names import problem

WHEN = datetime(2024, 1, 15, tzinfo=UTC)


def corpus(name: str) -> Sequence[tuple[str, bytes]]:
    try:
        return mails(name)
    except Missing:
        pytest.skip(f"the mails of {name} could not be fetched")


def check(data: bytes) -> None:
    """Reads a mail in every way that there is."""
    described = describe(data, True)
    assert "\0" not in described.text
    described.text.encode()
    repr(described.attrs).encode()
    assert described.text.startswith("From: ")
    describe(data, False)
    assert problem(name_of(item_facts(data), WHEN, UTC)) is None
    found = entries(data)
    assert len({one.name for one in found}) == len(found)
    for one in found[:50]:
        assert problem(one.name) is None
        assert len(read(data, one.name)) == one.size


@pytest.mark.parametrize("name", CORPORA)
def test_real_mails_are_read_without_a_crash_or_a_lost_part(name: str) -> None:
    found = corpus(name)
    assert len(found) >= CORPORA[name].fewest
    for path, data in found:
        check(data)
        assert not lost(data), path


@pytest.mark.parametrize("name", CORPORA)
def test_real_mails_are_answered_and_forwarded(name: str) -> None:
    for _, data in corpus(name):
        for draft in (reply(data, own=["me@example.com"], everyone=True), forward(data), draft_of(data)):
            read_draft(spelt(draft))
            message = to_bytes(draft, message_id="x@example.com", date=WHEN)
            assert describe(message, True).attrs["title"] == " ".join(draft.subject[:500].split())


PIECES = [
    b"\r\n",
    b"\n\n",
    b"\r",
    b"--",
    b"\0",
    b"\xff",
    b"\xc3",
    b'"',
    b"<",
    b";",
    b"=?utf-8?b?",
    b"?=",
    b'Content-Type: multipart/mixed; boundary=""\n',
    b"Content-Type: message/rfc822\n\n",
    b"Content-Type: text/html; charset=utf-7\n",
    b"Content-Type: text/calendar\n\nBEGIN:VEVENT\nDTSTART;TZID=x:2024\nEND:VEVENT\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n",
    b"; name*0*=utf-8''%ff; name*1=x",
    b'Content-Disposition: attachment; filename="/"\n',
    b"Date: Mon, 99 Foo 0 99:99:99 +9999\n",
    b"&#99999999999;",
    b"<table><td>",
    b"+2AA-",
]


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_damaged_mails_are_read_without_a_crash(seed: int) -> None:
    chance = random.Random(seed)
    name = chance.choice(["cpython", "flufl-bounce", "mail-parser"])
    _, whole = chance.choice([one for one in corpus(name) if len(one[1]) < 60_000])
    data = bytearray(whole)
    for _ in range(chance.randint(1, 8)):
        # Half of the damage is done where it hurts most: in the header.
        at = chance.randrange((len(data) if chance.random() < 0.5 else min(len(data), 2000)) + 1)
        kind = chance.random()
        if kind < 0.5:
            data[at:at] = chance.choice(PIECES)
        elif kind < 0.7:
            del data[at : at + chance.randint(1, 200)]
        elif kind < 0.85:
            data[at : at + 1] = bytes([chance.randrange(256)])
        else:
            start = chance.randrange(len(data) + 1)
            data[at:at] = data[start : start + chance.randint(1, 400)]
    check(bytes(data))

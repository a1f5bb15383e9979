"""Mail on its way out: the envelope, what is hidden in it, and what editing makes of it."""

from __future__ import annotations

import pytest

from providers.outbox import letter
from vfs.errors import BadName

PLAIN = "From: Nora <nora@example.org>\nTo: Ada <ada@example.org>\nSubject: Two words\n\nText.\n"


def test_an_edited_mail_with_attachments_keeps_them() -> None:
    before = (
        b"From: n@example.org\nTo: a@example.org\nSubject: S\nMIME-Version: 1.0\nMessage-ID: <1@x>\n"
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nold\n'
        b'--b\nContent-Type: application/pdf; name="a.pdf"\n'
        b'Content-Disposition: attachment; filename="a.pdf"\n'
        b"Content-Transfer-Encoding: base64\n\nJVBERg==\n--b--\n"
    )
    after = letter.revised(before, before.replace(b"\nold\n", b"\nnew words\n"), "<1@x>")
    assert b"new words" in after
    assert b"JVBERg==" in after
    assert "Attachments: a.pdf" in letter.text(after)
    assert after.count(b"Message-ID: <1@x>") == 1


def test_hostile_headers_are_shown_without_breaking_anything() -> None:
    content = (
        b"To: \xff\xfe@@,,<\nSubject: =?x?b?!!?=\nMessage-ID: \n <>\n"
        b"Content-Type: text/plain; charset=nope\n\n\xff\n"
    )
    assert letter.attributes(content)["title"]
    assert letter.text(content)


def test_headers_typed_in_any_language_are_sent_as_encoded_words() -> None:
    typed = "To: Jörg <joerg@example.org>\nSubject: Grüße — “alles”\n\nSchöne Grüße\n".encode()
    after = letter.revised(PLAIN.encode(), typed, "<1@x>")
    block, _, body = after.partition(b"\n\n")
    assert block.isascii()
    assert body == "Schöne Grüße\n".encode()
    attrs = letter.attributes(after)
    assert (attrs["title"], attrs["to"]) == ("Grüße — “alles”", ("Jörg <joerg@example.org>",))
    assert b"From: Nora <nora@example.org>" in block
    assert "Schöne Grüße" in letter.text(after)


def test_an_edit_with_a_word_that_is_no_address_names_it() -> None:
    with pytest.raises(BadName, match="To: Ada is no address"):
        letter.revised(PLAIN.encode(), b"To: Ada, b@example.org\nSubject: x\n\ny\n", "<1@x>")

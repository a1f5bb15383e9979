from __future__ import annotations

import base64
import binascii

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.parts import DEEPEST, MOST, content, parse
from tests.mail import hostile


def kinds(data: bytes) -> list[str]:
    return [part.mime for part in parse(data).leaves()]


MIXED = b"""Content-Type: multipart/mixed; boundary="a b"

This is a multi-part message.
--a b
Content-Type: multipart/alternative; boundary=inner

--inner

one
--inner
Content-Type: text/html

<p>two
--inner--
between
--a b  \r
Content-Type: application/pdf
Content-Transfer-Encoding: base64

JVBERg==
--a b--
after
"""


def test_the_tree_of_a_message_is_found() -> None:
    root = parse(MIXED)
    assert [part.mime for part in root.leaves()] == ["text/plain", "text/html", "application/pdf"]
    assert [content(MIXED, part) for part in root.leaves()] == [b"one", b"<p>two", b"%PDF"]


def test_line_ends_of_both_kinds_give_the_same() -> None:
    data = MIXED.replace(b"\r", b"").replace(b"\n", b"\r\n")
    assert [content(data, part) for part in parse(data).leaves()] == [b"one", b"<p>two", b"%PDF"]


def test_a_multipart_that_is_not_closed_ends_with_the_message() -> None:
    data = MIXED[: MIXED.index(b"--inner--")]
    assert [content(data, part) for part in parse(data).leaves()] == [b"one", b"<p>two\n"]


def test_an_outer_boundary_ends_what_is_inside() -> None:
    data = MIXED.replace(b"--inner--\n", b"")
    assert [content(data, part) for part in parse(data).leaves()][2] == b"%PDF"


@pytest.mark.parametrize(
    "kind", [b"multipart/mixed", b'multipart/mixed; boundary=""', b"multipart/mixed; boundary=none"]
)
def test_a_multipart_without_parts_is_a_leaf(kind: bytes) -> None:
    data = b"Content-Type: " + kind + b"\n\n--x\n\npart\n"
    (leaf,) = parse(data).leaves()
    assert content(data, leaf) == b"--x\n\npart\n"


def test_a_message_without_headers_is_its_body() -> None:
    data = b"no header here\nSubject: x\n"
    (leaf,) = parse(data).leaves()
    assert content(data, leaf) == data


def test_a_message_within_a_message_is_opened() -> None:
    data = b"Content-Type: message/rfc822\n\nSubject: inner\nContent-Type: text/html\n\n<p>x\n"
    root = parse(data)
    assert root.kids[0].headers.text(b"subject") == "inner"
    assert kinds(data) == ["text/html"]
    assert content(data, root).startswith(b"Subject: inner")


def test_the_parts_of_a_digest_are_messages() -> None:
    data = b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nx\n--b--\n"
    (kid,) = parse(data).kids
    assert kid.mime == "message/rfc822"
    assert kid.kids[0].headers.text(b"subject") == "one"


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ("base64", b"aGVs\nbG8=\n", b"hello"),
        ("BASE64", b"aGVsbG8", b"hello"),
        ("base64", b"aGVs*bG8=!!", b"hello"),
        ("base64", b"aGk=\naGk=\n", b"hihi"),
        ("base64", b"aGVsbG8a" + b"=" + b"a", b"hello\x1a"),
        ("base64", b"aGVs?=bG8=", b"hello"),
        (
            "base64",
            b"These are words, and no code at all, as anybody can see.",
            b"These are words, and no code at all, as anybody can see.",
        ),
        ("quoted-printable", b"a=\r\nb=C3=A4 =ZZ=", b"ab\xc3\xa4 =ZZ"),
        ("x-uuencode", b"begin 644 x\n%:&5L;&\\\n`\nend\n", b"hello"),
        ("x-uuencode", b"no code", b"no code"),
        ("8bit", b"\xff\0", b"\xff\0"),
        ("nonsense", b"x", b"x"),
    ],
)
def test_a_transfer_encoding_is_undone_as_far_as_it_is_one(
    encoding: str, body: bytes, expected: bytes
) -> None:
    data = f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body
    (leaf,) = parse(data).leaves()
    assert content(data, leaf) == expected


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_what_is_encoded_comes_back(body: bytes) -> None:
    for name, coded in (
        ("base64", base64.encodebytes(body)),
        ("quoted-printable", binascii.b2a_qp(body, istext=False)),
    ):
        data = f"Content-Transfer-Encoding: {name}\n\n".encode() + coded
        (leaf,) = parse(data).leaves()
        assert content(data, leaf) == body


def test_nesting_and_number_are_bounded() -> None:
    for data in (hostile.deep_parts(1000), hostile.deep_messages(1000)):
        depth, part = 0, parse(data)
        while part.kids:
            depth, part = depth + 1, part.kids[0]
        assert depth <= DEEPEST + 1
        assert b"inside" in content(data, part)
    data = hostile.many_parts(MOST + 10)
    leaves = list(parse(data).leaves())
    assert len(leaves) <= MOST
    assert content(data, leaves[-1]).count(b"--b") >= 10


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"--a\n",
                b"--a--\n",
                b"--b\n",
                b"\n",
                b"x\n",
                b"\r\n",
                b"Content-Type: multipart/mixed; boundary=b\n",
                b"Content-Type: message/rfc822\n",
                b"--",
                b"-",
            ]
        ),
        max_size=40,
    )
)
def test_whatever_comes_is_cut_into_leaves_within_it(pieces: list[bytes]) -> None:
    data = b"Content-Type: multipart/mixed; boundary=a\n\n" + b"".join(pieces)
    for leaf in parse(data).leaves():
        assert 0 <= leaf.start <= leaf.stop <= len(data)

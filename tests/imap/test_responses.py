"""What is read from a server's answers, common and odd ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.mail.imap import mutf7, responses, uids
from providers.mail.imap.responses import fetched, listed


def test_a_message_is_read_whatever_the_order_of_its_parts() -> None:
    (one,) = fetched(
        [
            (
                rb"12 (FLAGS (\Seen $Label1) UID 34 RFC822.SIZE 9 BODY[] {12}",
                b"Subject: x\r\n",
            ),
            b' INTERNALDATE " 1-Feb-2024 10:00:00 +0130" MODSEQ (77))',
        ]
    )
    assert (one.number, one.uid, one.size, one.modseq) == (12, 34, 9, 77)
    assert one.flags == ("\\Seen", "$Label1")
    assert one.at == datetime(2024, 2, 1, 10, tzinfo=timezone(timedelta(minutes=90)))
    assert one.content == b"Subject: x\r\n"


def test_a_section_may_come_as_a_quoted_string() -> None:
    (one,) = fetched([rb'1 (UID 2 BODY[HEADER.FIELDS (SUBJECT)] "Sub\"ject: UID 9\\ (x)" FLAGS ())'])
    assert (one.uid, one.flags) == (2, ())
    assert one.content == b'Sub"ject: UID 9\\ (x)'


def test_items_that_nobody_asked_for_are_passed_over() -> None:
    (one,) = fetched([rb'5 (X-THING ("a)" (b c) {d) ENVELOPE (NIL "x" ((("y"))) NIL) UID 6 FLAGS (\Seen))'])
    assert (one.uid, one.flags) == (6, ("\\Seen",))


def test_several_messages_in_a_row_are_told_apart() -> None:
    parts: list[responses.Part] = [
        (b"1 (UID 1 BODY[] {1}", b"a"),
        b")",
        b"2 (FLAGS (\\Seen))",
        (b"3 (UID 3 BODY[]<0> {1}", b"c"),
        b" RFC822.SIZE 1)",
    ]
    assert [(one.number, one.uid, one.content) for one in fetched(parts)] == [
        (1, 1, b"a"),
        (2, 0, None),
        (3, 3, b"c"),
    ]


@given(st.lists(st.one_of(st.binary(max_size=60), st.tuples(st.binary(max_size=60), st.binary(max_size=9)))))
def test_nothing_that_a_server_says_raises(parts: list[responses.Part]) -> None:
    list(fetched(parts))
    list(listed(parts))
    list(responses.statuses(parts))
    responses.vanished(parts)
    responses.copied(parts)
    responses.appended(parts)
    responses.number(parts)


@given(st.text(alphabet=' ()"\\{}[]<>0123456789UIDFLAGSBODYNL.\r\n*', max_size=80))
def test_nothing_that_looks_like_an_answer_raises(text: str) -> None:
    list(fetched([b"1 (" + text.encode(), (b"1 (" + text.encode(), b"x"), text.encode()]))


def test_mailboxes_are_read_quoted_bare_and_as_literals() -> None:
    found = listed(
        [
            rb'(\HasNoChildren \Sent) "/" "Sent \"Items\""',
            rb'(\HasNoChildren) "." INBOX',
            (rb'(\Noselect) "\\" {5}', b"a\\b c"),
            rb'(\HasNoChildren) NIL plain ("CHILDINFO" ("SUBSCRIBED"))',
            rb"nonsense",
        ]
    )
    assert [(one.name, one.delimiter) for one in found] == [
        (b'Sent "Items"', b"/"),
        (b"INBOX", b"."),
        (b"a\\b c", b"\\"),
        (b"plain", b""),
    ]


def test_searches_are_read_in_both_forms() -> None:
    assert responses.found([b"1 2 9 (MODSEQ 5)"], [], 100) == [1, 2, 9]
    assert responses.found([], [b'(TAG "A5") UID ALL 3:5,9'], 100) == [3, 4, 5, 9]
    assert responses.found([b""], [b'(TAG "A5") UID'], 100) == []
    with pytest.raises(ValueError, match="more messages"):
        responses.found([], [b"UID ALL 1:4294967295"], 1000)


def test_codes_are_read() -> None:
    assert responses.copied([b"8 304,319:320 56:58"]) == {304: "8.56", 319: "8.57", 320: "8.58"}
    assert responses.copied([b"1 2:3 5", b"1 1:4294967295 1:4294967295"]) == {}
    assert responses.appended([b"38505 3955"]) == (38505, 3955)
    assert responses.vanished([b"(EARLIER) 41,43:116", b"7", b"x"]) == [(41, 41), (43, 116), (7, 7)]


def test_a_date_that_is_none_is_none() -> None:
    assert responses.moment(b"01-Jan-1970 00:00:00 +0000") == datetime(1970, 1, 1, tzinfo=UTC)
    for text in (
        b"",
        b"x",
        b"99-Jan-2024 10:00:00 +0000",
        b"01-Foo-2024 1:2:3 +0000",
        b"1-Jan-2024 1:2 +9999",
    ):
        assert responses.moment(text) is None


@given(st.sets(st.integers(1, 4000)))
def test_sets_are_written_and_read(numbers: set[int]) -> None:
    text = uids.compact(numbers)
    assert (set(uids.numbers(text, 5000)) if text else set()) == numbers


@given(st.text())
def test_labels_and_names_come_back_as_they_were(text: str) -> None:
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert mutf7.decode(mutf7.encode(whole)) == whole
    keyword = mutf7.keyword(whole)
    assert mutf7.label(keyword) == whole
    assert not set(keyword) & set(' (){%*"\\]')


def test_names_that_are_no_modified_utf_7_stay_readable() -> None:
    assert mutf7.decode(b"Entw&APw-rfe") == "Entwürfe"
    assert mutf7.decode(b"R&-D") == "R&D"
    assert mutf7.decode(b"A&B") == "A&B"
    assert mutf7.decode(b"&AA-") == "&AA-"
    assert mutf7.decode("Größe".encode()) == "Größe"
    assert mutf7.decode(b"\xff\xfe") == "��"

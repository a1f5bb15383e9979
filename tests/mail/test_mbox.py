from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.mbox import Kept, messages

FIRST = b"From ada@example.org Mon Jan 15 14:03:11 2024\n"


def kept(data: bytes) -> list[Kept]:
    return list(messages(io.BytesIO(data)))


def test_the_messages_of_a_file_are_told_apart() -> None:
    data = FIRST + b"Subject: one\nStatus: RO\nX-Status: A\n\nx\n\n" + FIRST + b"Subject: two\n\ny\n"
    one, two = kept(data)
    assert one == Kept(
        b"Subject: one\nStatus: RO\nX-Status: A\n\nx\n", "ada@example.org Mon Jan 15 14:03:11 2024", "AOR"
    )
    assert two.content == b"Subject: two\n\ny\n"


def test_a_sentence_begins_no_message() -> None:
    data = FIRST + b"\nHello.\nFrom here 12:30\n\nFrom now on we rest.\n"
    assert [one.content for one in kept(data)] == [b"\nHello.\nFrom here 12:30\n\nFrom now on we rest.\n"]


def test_quoted_lines_lose_their_mark() -> None:
    (one,) = kept(FIRST + b"\n>From here\n>>From there\n> From them\n")
    assert one.content == b"\nFrom here\n>From there\n> From them\n"


def test_a_text_with_a_true_length_stays_as_it_is() -> None:
    (one,) = kept(FIRST + b"Content-Length: 11\n\n>From here\n")
    assert one.content.endswith(b"\n>From here\n")
    (one,) = kept(FIRST + b"Content-Length: 99\n\n>From here\n")
    assert one.content.endswith(b"\nFrom here\n")


def test_line_ends_of_both_kinds_are_read() -> None:
    data = (FIRST + b"Subject: a\n\nx\n\n" + FIRST + b"Subject: b\n\ny\n").replace(b"\n", b"\r\n")
    assert [one.content for one in kept(data)] == [b"Subject: a\r\n\r\nx\r\n", b"Subject: b\r\n\r\ny\r\n"]


def test_a_file_that_is_none_has_no_messages() -> None:
    assert kept(b"") == []
    assert kept(b"Subject: x\n\ny\n") == []
    assert kept(b"\x7fELF" + b"\0" * 5000) == []


lines = st.sampled_from([b"x\n", b"\n", b"From x@y 1\n", b">From x\n", b"a: b\n", b"From \n"])


@settings(deadline=None)
@given(st.lists(lines, max_size=20))
def test_no_line_is_lost(found: list[bytes]) -> None:
    data = FIRST + b"".join(found)
    count = sum(line.count(b"x") for line in found)
    assert sum(
        one.content.count(b"x") + one.envelope.count("x") for one in kept(data)
    ) == count + FIRST.count(b"x")

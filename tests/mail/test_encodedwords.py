from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.encodedwords import decoded, parameters


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus?= Wien", "Grüße aus Wien"),
        (b"=?utf-8?B?w4Q=?= =?utf-8?B?w5Y=?=", "ÄÖ"),
        (b"a =?utf-8?q?b?= c", "a b c"),
        (b"=?iso-8859-1?q?a?= =?utf-8?q?b?=", "ab"),
        (b"(=?utf-8?q?x?=)", "(x)"),
        (b"=?utf-8?q?a=0D=0ABcc:_x@example.net?=", "a Bcc: x@example.net"),
        (b"=?utf-8?b?4pi?=", "\ufffd"),
        (b"=?foo?x?bar?=", "=?foo?x?bar?="),
        (b"=?x-klingon?q?bar?=", "=?x-klingon?q?bar?="),
        (b"=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        ("raw ü".encode(), "raw ü"),
        ("raw ü".encode("latin-1"), "raw ü"),
        (b"=?utf-8*de?q?sprache?=", "sprache"),
    ],
)
def test_a_value_is_read_as_text(value: bytes, text: str) -> None:
    assert decoded(value) == text


def test_a_character_that_two_words_share_is_whole() -> None:
    assert decoded(b"=?utf-8?q?=E2=82?= =?utf-8?q?=AC?=") == "€"


def test_a_value_is_one_line_without_nul() -> None:
    text = decoded(b"=?utf-8?q?a=0Ab=E2=80=A8c=00d?=")
    assert text == "a b c\ufffdd"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"text/plain; charset=utf-8", ("text/plain", {"charset": "utf-8"})),
        (b'TEXT/Plain; Name="a \\"b\\".txt"', ("text/plain", {"name": 'a "b".txt'})),
        (b"attachment; filename*=utf-8''na%C3%AFve.txt", ("attachment", {"filename": "naïve.txt"})),
        (b"x/y; n*0*=utf-8''a%C3; n*1*=%A4; n*2=b", ("x/y", {"n": "aäb"})),
        (b"x/y; n*1=b; n*0=a", ("x/y", {"n": "ab"})),
        (b'x/y; n="=?utf-8?q?=C3=A4?="', ("x/y", {"n": "ä"})),
        (b"x/y; n=a; n=b", ("x/y", {"n": "a"})),
        (b'x/y; n="never closed', ("x/y", {"n": "never closed"})),
        (b"", ("", {})),
    ],
)
def test_parameters_are_read(value: bytes, expected: tuple[str, dict[str, str]]) -> None:
    assert parameters(value) == expected


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_value_raises_or_breaks_its_line(value: bytes) -> None:
    text = decoded(value)
    assert not {"\n", "\r", "\0"} & set(text)
    text.encode()
    parameters(value)

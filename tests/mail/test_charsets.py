from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.mail.charsets import codec, storable, text_of


@pytest.mark.parametrize(
    "name", ["unicode_escape", "idna", "punycode", "zip", "rot13", "mbcs", "../x", "", "a" * 99]
)
def test_what_is_no_charset_is_none(name: str) -> None:
    assert codec(name) is None


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Grüße".encode(), "utf-8", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("“x”".encode("cp1252"), "iso-8859-1", "“x”"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        ("こんにちは".encode("iso-2022-jp"), "iso-2022-jp", "こんにちは"),
        ("你好！我公司可代开".encode(), "gb2312", "你好！我公司可代开"),
        ("镕基".encode("gbk"), "gb2312", "镕基"),
        ("Grüße".encode("utf-16"), "utf-16", "Grüße"),
        (b"caf\xe9", "x-klingon-8", "café"),
        (b"a\0b", "utf-8", "a\ufffdb"),
        ("Wörter mit Umlauten: ä".encode()[:-1], "utf-8", "Wörter mit Umlauten: \ufffd"),
    ],
)
def test_text_is_read_whatever_its_charset_is_said_to_be(data: bytes, charset: str, text: str) -> None:
    assert text_of(data, charset) == text


def test_half_a_character_is_replaced() -> None:
    assert text_of(b"+2AA-", "utf-7") == "\ufffd"
    assert storable("a\ud800b") == "a\ufffdb"


@settings(deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(["utf-8", "utf-7", "utf-16", "hz", "gbk", "shift_jis", "cp037", "x"]),
)
def test_no_bytes_raise_and_all_text_can_be_stored(data: bytes, charset: str) -> None:
    text = text_of(data, charset)
    assert "\0" not in text
    text.encode()

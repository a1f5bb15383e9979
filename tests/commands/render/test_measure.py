"""Columns that a text takes."""

from __future__ import annotations

import pytest

from commands.render import fit, pad, size_text, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("日本", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("🙂", 2),
        ("☀️", 2),
        ("한글", 4),
        ("ｆ", 2),
        ("a\u0301\u0302b", 2),
    ],
)
def test_a_text_takes_as_many_columns_as_a_terminal_gives_it(text: str, columns: int) -> None:
    assert width(text) == columns


def test_a_cut_text_fits_and_says_that_it_was_cut() -> None:
    assert fit("abcdef", 4) == "abc…"
    assert fit("日本語", 4) == "日…"
    assert fit("e\u0301e\u0301e\u0301", 2) == "e\u0301…"
    assert fit("abc", 3) == "abc"
    assert fit("abc", 0) == ""


def test_padding_counts_columns_not_characters() -> None:
    assert pad("日", 4) == "日  "
    assert pad("日", 4, right=True) == "  日"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0B"),
        (980, "980B"),
        (1024, "1KB"),
        (2355, "2.3KB"),
        (10240, "10KB"),
        (1048575, "1MB"),
        (14 << 20, "14MB"),
        (3 << 50, "3PB"),
    ],
)
def test_sizes_are_short(size: int, text: str) -> None:
    assert size_text(size) == text

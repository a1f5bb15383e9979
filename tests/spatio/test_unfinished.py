"""The command under the cursor, in text that is not finished."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatio.unfinished import unfinished


@pytest.mark.parametrize(
    ("text", "words", "word"),
    [
        ("", (), ""),
        ("l", (), "l"),
        ("ls ", ("ls",), ""),
        ("ls /no", ("ls",), "/no"),
        ("ls /a | gre", (), "gre"),
        ("ls /a && cat /b; head -", ("head",), "-"),
        ("cat 'a b' \"c d\" e\\ f", ("cat", "a b", "c d"), "e f"),
        ("cat 'open quo", ("cat",), "open quo"),
        ("x=1 y='2 3' cat /n", ("cat",), "/n"),
        ("if true; then ca", (), "ca"),
        ("for x in a b; do cat $x; don", (), "don"),
        ("echo $(ls /t", ("ls",), "/t"),
        ("(cd /notes; ls -", ("ls",), "-"),
        ("! gre", (), "gre"),
        ("# a comment\nls /n", ("ls",), "/n"),
        ("echo a#b", ("echo",), "a#b"),
    ],
)
def test_the_words_before_the_cursor(text: str, words: tuple[str, ...], word: str) -> None:
    found = unfinished(text)
    assert (found.words, found.word) == (words, word)


@pytest.mark.parametrize("text", ["ls > /no", "ls >> /no", "cat < /no", "ls 2> /no", "ls &> /no", "ls >/no"])
def test_a_redirect_wants_a_path(text: str) -> None:
    found = unfinished(text)
    assert (found.word, found.redirected) == ("/no", True)
    assert unfinished(text + " ").redirected is False


def test_the_start_includes_the_quote() -> None:
    assert unfinished("cat 'a b").start == 4
    assert unfinished("cat 'a b").quote == "'"
    assert unfinished('cat "a').quote == '"'
    assert unfinished("cat ").start == 4


@pytest.mark.parametrize(
    ("text", "is_variable"),
    [("echo $HO", True), ("echo ${HO", True), ("echo '$HO", False), ("echo $H/a", False)],
)
def test_an_unfinished_variable_is_seen(text: str, is_variable: bool) -> None:
    assert unfinished(text).variable is is_variable


@given(st.text(alphabet="ab '\"\\$()|;&<>#\n`{}=/-", max_size=40))
def test_no_text_is_too_odd(text: str) -> None:
    found = unfinished(text)
    assert 0 <= found.start <= len(text)

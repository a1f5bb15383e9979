"""POSIX regular expressions: which text matches where, against GNU grep, and never slowly."""

from __future__ import annotations

import random

import pytest

from commands.regex.regex import TooCostly, compiled
from commands.regex.syntax import BadPattern
from tests.commands.oracle import needs, real

ATOMS = [
    "a", "b", "c", "é", ".", "[ab]", "[^a]", "[[:alpha:]]", "[[:digit:]]", "(a|b)", "(ab)", "^", "$", "\\<",
    "\\>", "\\b", "\\w", "\\W", "1", "_", " ", "\\.", "-",
]  # fmt: skip
COUNTS = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "{,2}"]
BASIC = {"(": "\\(", ")": "\\)", "|": "\\|", "+": "\\+", "?": "\\?", "{": "\\{", "}": "\\}"}


def pattern(chance: random.Random) -> str:
    """A random extended expression."""
    parts = [chance.choice(ATOMS) for _ in range(chance.randint(1, 4))]
    counted = [part + ("" if part[0] in "\\^$" else chance.choice(COUNTS)) for part in parts]
    return "".join(counted) + (f"|{chance.choice(ATOMS)}" if chance.random() < 0.3 else "")


def basic(extended: str) -> str:
    """The same in the basic syntax."""
    out = ""
    at = 0
    while at < len(extended):
        if extended[at] == "\\":
            out += extended[at : at + 2]
            at += 2
            continue
        out += BASIC.get(extended[at], extended[at])
        at += 1
    return out


def selected(text: bytes, words: str, *, extended: bool, switches: list[str]) -> bytes:
    """The lines of `text` that match."""
    regex = compiled(
        [words], extended=extended, lines=True, ignore_case="-i" in switches, whole="-x" in switches
    )
    out = b""
    at = 0
    while (place := regex.find(text, at)) >= 0:
        start = text.rfind(b"\n", 0, place) + 1
        stop = text.find(b"\n", place) + 1
        out += text[start:stop]
        at = stop
    return out


@pytest.mark.parametrize("seed", range(3))
def test_lines_match_as_they_do_for_gnu(seed: int) -> None:
    needs("grep")
    chance = random.Random(seed)
    for _ in range(120):
        extended = chance.random() < 0.5
        words = pattern(chance)
        words = words if extended else basic(words)
        switches = [name for name in ("-i", "-x") if chance.random() < 0.15]
        text = "".join(
            "".join(chance.choice("aabbc1_é .-A") for _ in range(chance.randint(0, 7))) + "\n"
            for _ in range(6)
        ).encode()
        wanted = real(["grep", "-E" if extended else "-G", *switches, "-e", words], text)
        assert wanted.status < 2
        assert selected(text, words, extended=extended, switches=switches) == wanted.out, (
            words,
            switches,
            text,
        )


@pytest.mark.parametrize(
    ("words", "extended"),
    [
        ("(", True), ("\\(", False), ("a\\{1", False), ("[a", True), ("[[:foo:]]", True),
        ("[z-a]", True), ("a\\", True), ("\\1", True), ("a{2,1}", True), ("a{99999}", True),
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(words: str, extended: bool) -> None:
    with pytest.raises(BadPattern):
        compiled([words], extended=extended)


def test_the_longest_of_the_leftmost_matches_is_taken() -> None:
    regex = compiled(["a|ab|abc"], extended=True)
    assert regex.search(b"xabcd") == [(1, 4)]


def test_groups_have_their_places() -> None:
    regex = compiled(["\\(a*\\)\\(b\\)\\?"])
    assert regex.search(b"aac") == [(0, 2), (0, 2), (-1, -1)]


def test_back_references_match_what_their_group_matched() -> None:
    regex = compiled(["\\(.\\)\\(.\\)\\2\\1"])
    assert regex.search("xéaaéx".encode()) == [(1, 7), (1, 3), (3, 4)]
    assert regex.search(b"abab") is None


def test_bytes_that_are_no_text_match_no_character() -> None:
    assert compiled(["a.b"]).search(b"a\xffb") is None
    assert compiled(["a[^x]b"]).search(b"a\xffb") is None
    assert compiled(["\udcff"]).search(b"a\xffb") == ((1, 2),)


def test_a_word_has_no_letter_beside_it_in_any_script() -> None:
    regex = compiled(["an"], words=True, lines=True)
    assert regex.find("éan an\n".encode()) >= 0
    assert regex.find("éan ané\n".encode()) == -1
    assert regex.search("éan an".encode()) == [(5, 7)]


def test_long_counts_are_counted() -> None:
    regex = compiled(["^a{2500}$"], extended=True)
    assert regex.search(b"a" * 2500) is not None
    assert regex.search(b"a" * 2499) is None


def test_many_patterns_are_one() -> None:
    regex = compiled([f"word{number}x" for number in range(3000)], fixed=True, lines=True)
    assert regex.find(b"none\nhere word1234x\n") >= 0
    assert regex.find(b"none\nhere word1234\n") == -1


def test_backtracking_is_bounded() -> None:
    regex = compiled(["\\(.*\\).*\\1.*\\1.*x"])
    with pytest.raises(TooCostly):
        regex.search(b"ab" * 20_000 + b"x")
    with pytest.raises(BadPattern):
        compiled(["((a*)*b)\\1"], extended=True)

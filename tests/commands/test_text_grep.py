"""grep against GNU's: what is selected, how it is printed, and what no pattern can do to it."""

from __future__ import annotations

import random

import pytest

from tests.commands.desk import Desk
from tests.commands.oracle import Files, agree, lines, needs, ours, real

PATTERNS = [
    "a",
    "b",
    "ab",
    "^a",
    "c$",
    "",
    "a*",
    "[ab]c",
    "1",
    "é",
    "a.c",
    "zz",
    "a\\|b",
    "\\(a\\)\\1",
    "^$",
    ".",
]
SWITCHES = [
    "-n", "-v", "-c", "-b", "-H", "-h", "-i", "-w", "-x", "-l", "-L", "-q", "-s", "-F", "-E", "-A1", "-B1",
    "-C1", "-2", "-m1", "-m2", "-A2", "-B2", "-a", "-Z",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_any_options_with_any_pattern(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        switches = chance.sample(SWITCHES, chance.choice([0, 1, 1, 2, 2, 3]))
        if {"-E", "-F"} <= set(switches):
            continue
        pattern = chance.choice(PATTERNS)
        given = [pattern] if chance.random() < 0.8 else ["-e", pattern, "-e", chance.choice(PATTERNS)]
        names = chance.choice([[], [], ["a"], ["a", "b"], ["a", "-", "b"]])
        files = {"a": lines(chance, "abc é1_", most=12), "b": lines(chance, "abc é1_", most=12)}
        agree(
            ["grep", *switches, *given, *names],
            lines(chance, "abc é1_", most=12),
            files,
            chance.choice([0, 1, 7]),
        )


@pytest.mark.parametrize(
    "call",
    [
        ["-E", "a{1,2}b|c"], ["-E", "(a|b)+c"], ["-P", "\\d+"], ["-oP", "[a-c]+?"], ["-F", "a.c"],
        ["-f", "p"],
        ["-e", "a\nb"], ["-f", "empty"], ["-v", "-f", "empty"], ["-m0", "a"], ["-w", "-o", "ab"], ["["],
        ["\\("],
        ["-E", "a{1"], ["-nb", "-o", "a"], ["-x", "-v", "abc"], ["-iw", "AB"], ["-on", "[a-c]"],
        ["-c", "-v", ""],
        ["-e", "a", "nope"], ["-s", "a", "nope"], ["-q", "a", "p", "nope"], ["-HnT", "b", "p"],
        ["a", "-l"], ["-ohE", "a|b", "p", "-"],
    ],
    ids=repr,
)  # fmt: skip
def test_single_calls(call: list[str]) -> None:
    files = {"p": b"b\n1\n", "empty": b""}
    agree(["grep", *call], b"abc\nab c\na1 2\nABab\n\nbcaa\n", files)


TREE: Files = {"f.txt": b"a\nb\n", "d/g.x": b"xa\n", "d/e/h.x": b"aa\nbb\n", "d/.hid": b"a\n", "k": b"no\n"}


@pytest.mark.parametrize(
    "call",
    [
        ["a"], ["-l", "a"], ["-h", "a"], ["-c", "a"], ["-n", "a", "."], ["a", "d"], ["a", "d/", "f.txt"],
        ["-L", "a"], ["--include=*.x", "a"], ["--exclude=*.x", "a"], ["--exclude-dir=e", "a", "d"],
        ["-H", "a", "f.txt"], ["a", "f.txt"], ["zz"], ["-q", "b"],
    ],
    ids=repr,
)  # fmt: skip
def test_folders_are_searched_to_the_bottom(call: list[str]) -> None:
    needs("grep")
    wanted, got = real(["grep", "-r", *call], b"", TREE), ours(["grep", "-r", *call], b"", TREE)
    assert sorted(got.out.split(b"\n")) == sorted(wanted.out.split(b"\n"))
    assert got.status == wanted.status


@pytest.mark.parametrize("switches", [[], ["-c"], ["-a"], ["-l"], ["-q"], ["-I"], ["-o"], ["-n"]], ids=repr)
def test_a_binary_file_matches_and_is_not_printed(switches: list[str]) -> None:
    agree(["grep", *switches, "a"], b"bin\0ary\nabc\n")
    agree(["grep", *switches, "a"], b"abc\nx\xffa\nabc\n")


def test_a_folder_is_named_as_one() -> None:
    outcome = ours(["grep", "a", "d"], b"", TREE)
    assert outcome.status == 2
    assert outcome.err == b"grep: d: is a directory\n"


def test_a_pattern_that_makes_others_hang_does_not() -> None:
    line = b"a" * 50_000 + b"b\n"
    assert ours(["grep", "-E", "(a+)+$"], line).status == 1
    assert ours(["grep", "-cE", "(a|a)*(b|b)*$"], line).out == b"1\n"


def test_a_back_reference_over_a_long_line_is_refused_not_run() -> None:
    line = b"ab" * 25_000 + b"\n"
    outcome = ours(["grep", "\\(.*\\)c*\\1x"], line)
    assert outcome.status == 1 or b"line too long for a pattern with back-references" in outcome.err
    refused = ours(["grep", "\\(.*\\).*\\1.*\\1"], line)
    assert refused.status == 2
    assert refused.err == b"grep: line too long for a pattern with back-references\n"


def test_nested_repetition_beside_a_back_reference_is_refused_in_words() -> None:
    outcome = ours(["grep", "-E", "((a+)+b)\\1"], b"aabaab\n")
    assert outcome.status == 2
    assert b"cannot stand beside a back-reference" in outcome.err


def test_matches_are_painted_on_a_terminal_only() -> None:
    desk = Desk()
    desk.write("/a", "one two\n")
    assert desk.run("grep two /a").out == "one two\n"
    assert "two" in desk.run("grep two /a", tty=80).out

"""head, tail, wc, cut, tr, uniq, nl, paste, comm, fold, rev, tac, tee against GNU's."""

from __future__ import annotations

import random

import pytest

from tests.commands.oracle import agree, lines, ours, words_of

ROUNDS = 60


@pytest.mark.parametrize("tool", ["head", "tail"])
def test_the_first_and_the_last_of_it(tool: str) -> None:
    chance = random.Random(5)
    counts = ["0", "1", "2", "3", "10", "-1", "-2", "-3", "-0", "1K"] + ["+0", "+1", "+2", "+3"] * (
        tool == "tail"
    )
    for _ in range(2 * ROUNDS):
        call = [tool, chance.choice(["-n", "-n", "-c"]), chance.choice(counts)]
        call += chance.choice([[], [], [], ["-v"], ["-z"], ["-q"]])
        files = {"a": lines(chance, "ab c"), "b": lines(chance, "ab c")}
        names = chance.choice([[], [], ["a"], ["a", "b"], ["a", "-", "nope", "b"]])
        agree(call + names, lines(chance, "ab c"), files, chance.choice([0, 1, 2, 5]))
    agree([tool, "-2"], b"1\n2\n3\n4\n")


def test_head_of_an_input_without_end_ends() -> None:
    assert ours(["head", "-n", "2"], b"a\n" * 500_000, piece=4096).out == b"a\na\n"


def test_counts_and_their_columns() -> None:
    chance = random.Random(6)
    alphabet = "ab \t\x01\u3000日\u00a0é"
    for _ in range(2 * ROUNDS):
        switches = chance.sample(["-l", "-w", "-c", "-m", "-L"], chance.randint(0, 3))
        names = chance.choice([[], [], ["a"], ["a", "b"], ["a", "-", "nope"]])
        files = {"a": lines(chance, alphabet), "b": lines(chance, alphabet)}
        agree(
            ["wc", *switches, *names],
            lines(chance, alphabet),
            files,
            0 if names else chance.choice([0, 1, 3]),
        )


def test_parts_of_lines() -> None:
    chance = random.Random(7)
    lists = ["1", "2", "1,3", "2-", "-2", "3,1", "1-2,4", "2-3,3-5", "1,1", "2,2-", "5", "1-3,2", "4-,1"]
    for _ in range(2 * ROUNDS):
        chosen = chance.choice(lists)
        how = chance.choice([["-c", chosen], ["-b", chosen], ["-f", chosen], ["-f", chosen, "-d", " "]])
        more = chance.choice([[], [], ["--complement"], ["--output-delimiter=XY"]])
        agree(["cut", *how, *more], lines(chance, "ab c\té1"), None, chance.choice([0, 1, 5]))


@pytest.mark.parametrize(
    "call",
    ["", "-f 0", "-f 3-1", "-f a", "-c -", "-f 1 -c 1", "-d ab -f1", "-c1 -d :", "-f1 a nope b", "-sf2 a"],
)
def test_cut_says_no_as_gnu_does(call: str) -> None:
    agree(["cut", *call.split()], b"a\tb\n", {"a": b"x\ty", "b": b"p\tq\n"})


TR = """
a-z A-Z
abc xyz
-d ab
-s a
-d [:digit:]
-c [:alnum:] _
-cd a\\n
-cs [:alpha:] \\n
[:lower:] [:upper:]
[:upper:] [:lower:]
-ds a b
abc x
-t abc x
a \\101
\\t \\\\
a-c [x*]
abcd [x*2]y
abcd p[x*]q
a\\-c xyz
[=a=] b
a- xy
-a xy
[ab] (xy)
z-a x
[:foo:] x
a
-d a b
-s [:space:]
-C a x
ab [:upper:]
[:lower:] x[:upper:]
-d
-sc a b
\\0141 x
\\400 x
-c a-c\\n [:upper:]
a-z [:digit:]
[a*3] b
é e
-s a-z A-Z
[:lower:]a [:upper:]z
"""


@pytest.mark.parametrize("call", words_of(TR), ids=" ".join)
def test_characters_for_characters(call: list[str]) -> None:
    text = b"hello abc  ABC aabb 123\n\n\tx[]().-=*\\@ 400\n"
    for piece in (0, 1, 3):
        agree(["tr", *call], text, None, piece)
    agree(["tr", *call], "aaébbb--cc".encode())


def test_runs_of_equal_lines() -> None:
    chance = random.Random(8)
    words = ["a", "a", "b", "A", " a", "x a", "x b", "ab", "", "y  a"]
    for _ in range(2 * ROUNDS):
        text = "".join(chance.choice(words) + "\n" for _ in range(chance.randint(0, 10)))
        switches = [name for name in ("-c", "-d", "-u", "-i") if chance.random() < 0.2]
        skipped = chance.choice([[], [], ["-f", "1"], ["-s", "1"], ["-w", "1"], ["-f1", "-s1"]])
        agree(["uniq", *switches, *skipped], text.encode(), None, chance.choice([0, 1, 3]))
    agree(["uniq", "-D"], b"a\na\nb\nc\nc\n")


def test_the_small_tools() -> None:
    chance = random.Random(9)
    for _ in range(ROUNDS):
        files = {"a": lines(chance, "ab c\té", longest=14), "b": lines(chance, "ab c\té", longest=14)}
        given = lines(chance, "ab c\té", longest=14)
        agree(["tac", *chance.choice([[], ["a", "b"], ["a", "-"]])], given, files)
        agree(["rev", *chance.choice([[], ["a"]])], given, files)
        style = chance.choice(["-ba", "-bn", "-s:", "-w3", "-nln", "-nrz", "-v5", "-i2", "-bpa"])
        agree(["nl", style, *chance.choice([[], ["a", "b"]])], given, files)
        how = chance.choice([[], ["-s"], ["-d,"], ["-d", ",:"], ["-sd,"], ["-d", "\\n"], ["-d", "\\0"]])
        agree(["paste", *how, *chance.choice([["-"], ["a", "b"], ["a", "-"], ["-", "-"]])], given, files)
        width = chance.choice([["-w3"], ["-5"], ["-w", "4", "-s"], ["-bw3"], ["-sw9"]])
        agree(["fold", *width, *chance.choice([[], ["a"]])], given, files)


def test_two_sorted_files_side_by_side() -> None:
    chance = random.Random(10)
    for _ in range(ROUNDS):
        one, other = (
            "".join(f"{word}\n" for word in sorted(chance.sample("abcdefgh", chance.randint(0, 6)))).encode()
            for _ in range(2)
        )
        how = chance.choice([[], ["-1"], ["-12"], ["-3"], ["-23"], ["--total"], ["--output-delimiter=,"]])
        agree(["comm", *how, "a", "-"], other, {"a": one})


def test_tee_writes_and_hands_on() -> None:
    for piece in (0, 2):
        agree(["tee", "f", "g"], b"abc\n", {"g": b"old"}, piece)
        agree(["tee", "-a", "f", "g"], b"abc\n", {"g": b"old"}, piece)
    agree(["tee", "d/x"], b"abc\n")


def test_tee_of_much_keeps_little_in_memory_and_loses_nothing() -> None:
    text = b"0123456789abcdef" * 65536 * 9
    outcome = ours(["tee", "f", "g"], text, piece=65536)
    assert outcome.out == text
    assert outcome.files == {"f": text, "g": text}

"""sort against GNU's: every kind of key, and more lines than memory is allowed to hold."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.text.spill import Spill
from tests.commands.oracle import agree, ours

WORDS = """
a b B 10 9 1.5 -3 -0.5 abc ABC _x x-1 2K 1M 1G 500 jan FEB Dec 1e3 nan inf -inf 0x1f v1.10 v1.9 a.tar.gz
a1.tgz a~ 1,5 00012 +7 .5 -.5 é
""".split()  # noqa: SIM905
WORDS += ["", " a", "  b"]
KEYS = ["1", "2", "3", "1,1", "2,2", "1.2", "2.2,2.3", "2,3", "1.1,1.1"]


@pytest.mark.parametrize("seed", range(3))
def test_any_keys_in_any_order(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(80):
        kind = chance.choice(["-n", "-g", "-h", "-M", "-V", "", ""])
        letters = ["-r", "-u", "-s", "-b", "-f"] + ([] if kind and kind != "-V" else ["-d", "-i"])
        switches = [letter for letter in letters if chance.random() < 0.15] + ([kind] if kind else [])
        separator = chance.choice([" ", ":", "\t"])
        switches += ["-t", ":"] if separator == ":" and chance.random() < 0.8 else []
        for _ in range(chance.choice([0, 0, 1, 1, 2])):
            switches += [
                "-k",
                chance.choice(KEYS) + chance.choice(["", "r", "b", "f"] + ["n", "nr"] * (not kind)),
            ]
        text = "".join(
            separator.join(chance.choice(WORDS) for _ in range(chance.randint(0, 4))) + "\n"
            for _ in range(chance.randint(0, 14))
        )
        data = text.encode() + chance.choice([b"", b"", b"zz"])
        agree(
            ["sort", *switches, *chance.choice([[], [], [], ["-c"], ["-C"]])],
            data,
            None,
            chance.choice([0, 3]),
        )


@pytest.mark.parametrize(
    "call",
    ["-o a a", "a b", "nope", "-m b c", "-k0", "-nh", "-k1,0", "-k x", "-c a b", "-u a b", "-dn", "-rk2 a b"],
)
def test_single_calls(call: str) -> None:
    agree(["sort", *call.split()], b"", {"a": b"c\nb", "b": b"a 2\nb 1\n", "c": b"a 3\n"})


def test_lines_that_end_in_nul() -> None:
    agree(["sort", "-z"], b"b\0a\nc\0a")


@given(
    st.lists(st.binary(max_size=6).filter(lambda line: b"\n" not in line), max_size=60), st.integers(1, 200)
)
def test_what_does_not_fit_into_memory_is_merged_in_the_same_order(lines: list[bytes], memory: int) -> None:
    spill = Spill(lambda some: sorted(some, key=lambda line: line[:1]), lambda line: line[:1], memory)
    try:
        for line in lines:
            spill.add([line])
        assert list(spill.sorted()) == sorted(lines, key=lambda line: line[:1])
    finally:
        spill.close()


def test_many_lines_are_sorted_by_number_and_all_there() -> None:
    chance = random.Random(1)
    numbers = [chance.randint(0, 10**6) for _ in range(20_000)]
    text = "".join(f"{number}\n" for number in numbers).encode()
    assert ours(["sort", "-n"], text).out == "".join(f"{number}\n" for number in sorted(numbers)).encode()

"""diff: the three ways to say what differs, held against GNU's."""

from __future__ import annotations

import pathlib
import random

import pytest

from commands.difference import blocks
from tests.commands.desk import Desk
from tests.commands.gnu import Twin, has_gnu

FILES = {
    "a": "".join(f"line {at}\n" for at in range(30)),
    "b": "".join(f"line {at}\n" for at in range(30) if at not in (3, 4, 20)) + "more\n",
    "c": "line 0\nchanged\nline 2",
    "empty": "",
    "nul": "a\0b\n",
    "nul2": "a\0c\n",
    "blanks": "line  0\n changed\nline 2\n",
    "upper": "LINE 0\nCHANGED\nLINE 2",
    "cr": "line 0\r\nx\r\n",
    "cr2": "line 0\r\ny\r\n",
    "x/same": "s\n",
    "x/differs": "1\n2\n",
    "x/only": "o\n",
    "x/sub/deep": "d\n",
    "x/kind": "file\n",
    "y/same": "s\n",
    "y/differs": "1\n3\n",
    "y/extra": "e\n",
    "y/sub/deep": "e\n",
    "y/kind/f": "folder\n",
}

LINES = [
    "diff a b", "diff b a", "diff a a", "diff a c", "diff c a", "diff empty c", "diff c empty",
    "diff -q a b", "diff -s a a", "diff -q a a", "diff nul nul2", "diff -q nul nul2", "diff -a nul nul2",
    "diff -i c upper", "diff -b c blanks", "diff -w c blanks", "diff x y", "diff -r x y", "diff -rq x y",
    "diff -rN x y", "diff -N a nofile", "diff a nofile", "diff nofile a", "diff x/differs y",
    "diff x y/differs", "diff a", "diff a b c", "diff cr cr2", "diff -r x x", "diff x/sub y/sub",
    "diff --bogus a b",
]  # fmt: skip

UNIFIED = [
    "diff -u a b", "diff -u b a", "diff -U 0 a b", "diff -U1 a b", "diff -U 10 b a", "diff --unified a c",
    "diff -u c empty", "diff -u empty c", "diff -u cr cr2", "diff -ru x y", "diff --unified=2 a b",
]  # fmt: skip


@pytest.mark.skipif(not has_gnu("diff"), reason="needs GNU diff to compare with")
@pytest.mark.parametrize("line", LINES)
def test_it_prints_what_gnu_prints(tmp_path: pathlib.Path, line: str) -> None:
    Twin(tmp_path, FILES).same(line)


@pytest.mark.skipif(not has_gnu("diff"), reason="needs GNU diff to compare with")
@pytest.mark.parametrize("line", UNIFIED)
def test_unified_output_is_that_of_gnu(tmp_path: pathlib.Path, line: str) -> None:
    Twin(tmp_path, FILES).same(line)


@pytest.mark.skipif(not has_gnu("diff"), reason="needs GNU diff to compare with")
def test_standard_input_is_one_side(tmp_path: pathlib.Path) -> None:
    Twin(tmp_path, FILES).same("diff - c", "diff c -", given=b"line 0\nother\n")


def test_a_binary_file_on_a_terminal_sends_no_bytes() -> None:
    made = Desk()
    made.write("/a", "x\x1b[2J\n")
    made.write("/b", "y\n")
    assert made.run("diff /a /b", tty=80).out == "1c1\n< x^[[2J\n---\n> y\n"


def test_blocks_rebuild_one_side_from_the_other() -> None:
    rng = random.Random(4)
    for _ in range(200):
        left = [rng.choice([b"a\n", b"b\n", b"c\n"]) for _ in range(rng.randrange(12))]
        right = [rng.choice([b"a\n", b"b\n", b"c\n"]) for _ in range(rng.randrange(12))]
        rebuilt: list[bytes] = []
        at = 0
        for one in blocks(left, right):
            assert one.a == at
            at = one.b
            assert not one.same or left[one.a : one.b] == right[one.c : one.d]
            rebuilt += left[one.a : one.b] if one.same else right[one.c : one.d]
        assert rebuilt == right

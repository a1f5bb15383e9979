"""jq: programs and what they print, how input is read, and what a program cannot do."""

from __future__ import annotations

import asyncio
import json
import pathlib

import pytest

from commands.parse import parse
from commands.registry import find
from commands.stream import Collected, Given, Io
from tests.commands.desk import Desk
from tests.commands.oracle import ours
from vfs.drive import event_loop

PROGRAMS = [
    json.loads(line)
    for line in (pathlib.Path(__file__).parent / "jq_programs.jsonl").read_text().splitlines()
]  # fmt: skip
VALUES = b'{"a":[1,2,{"b":null}],"s":"x\\u00e9\\n","n":1.5}\n[1,2]\n"str"\n3 4 null'


@pytest.mark.parametrize("case", PROGRAMS, ids=[case["program"] for case in PROGRAMS])
def test_a_program_prints_what_jq_prints(case: dict[str, str]) -> None:
    outcome = ours(["jq", "-c", case["program"]], b"null")
    assert (outcome.status, outcome.out.decode()) == (case["status"], case["prints"]), outcome.err


@pytest.mark.parametrize(
    "program", ["{", ".[", "1 +", "$x", "nosuch", "@nosuch", "break $x", "{(1):2", '"\\(1', "if 1"]
)
def test_what_is_no_program_is_refused_before_it_runs(program: str) -> None:
    outcome = ours(["jq", program], VALUES)
    assert (outcome.status, outcome.out) == (3, b"")
    assert outcome.err.startswith(b"jq: ")


@pytest.mark.parametrize("piece", [0, 1, 2, 7])
def test_values_are_read_whatever_pieces_they_come_in(piece: int) -> None:
    outcome = ours(["jq", "-c", "."], VALUES, piece=piece)
    wanted = '{"a":[1,2,{"b":null}],"s":"xé\\n","n":1.5}\n[1,2]\n"str"\n3\n4\nnull\n'
    assert outcome.out.decode() == wanted


@pytest.mark.parametrize("text", [b"{", b'{"a":}', b"[1,2", b"nul", b'"abc', b"]"])
def test_what_is_no_json_is_said_so(text: bytes) -> None:
    for piece in (0, 2):
        outcome = ours(["jq", "-c", "."], b"1 " + text, piece=piece)
        assert (outcome.status, outcome.out) == (2, b"1\n")


def test_the_ways_to_read_and_to_print() -> None:
    assert ours(["jq", "-s", "-c", "map(type)"], b"1 [] {}").out == b'["number","array","object"]\n'
    assert ours(["jq", "-R", "length"], b"ab\n\nc").out == b"2\n0\n1\n"
    assert ours(["jq", "-Rs", "."], b"a\nb\n").out == b'"a\\nb\\n"\n'
    assert ours(["jq", "-n", "-c", "[inputs]"], b"1 2").out == b"[1,2]\n"
    assert ours(["jq", "-c", ".,input"], b"1 2").out == b"1\n2\n"
    assert ours(["jq", "-r", ".[]"], b'["a","b\\nc"]').out == b"a\nb\nc\n"
    assert ours(["jq", "-j", ".[]"], b'["a",1]').out == b"a1"
    assert ours(["jq", "-a", "."], '"é😀"'.encode()).out == b'"\\u00e9\\ud83d\\ude00"\n'
    assert ours(["jq", "-S", "-c", "."], b'{"b":1,"a":{"d":1,"c":2}}').out == b'{"a":{"c":2,"d":1},"b":1}\n'
    assert ours(["jq", "--tab", "."], b"[1]").out == b"[\n\t1\n]\n"
    assert ours(["jq", "--indent", "1", "."], b"[1]").out == b"[\n 1\n]\n"
    assert ours(["jq"], b"[1]").out == b"[\n  1\n]\n"


def test_large_whole_numbers_stay_as_they_are() -> None:
    assert ours(["jq", "-c", "."], b"[12345678901234567890]").out == b"[12345678901234567890]\n"


def test_values_from_outside() -> None:
    files = {"f": b'{"a":7}\n{"a":8}', "p": b".a # the a\n"}
    assert ours(["jq", "-nr", "--arg", "x", "a b", "$x"]).out == b"a b\n"
    assert ours(["jq", "-n", "--argjson", "x", '{"q":1}', "$x.q"]).out == b"1\n"
    assert ours(["jq", "-nc", "$ARGS.positional", "--args", "a", "b"]).out == b'["a","b"]\n'
    assert ours(["jq", "-nc", "--slurpfile", "v", "f", "$v"], b"", files).out == b'[{"a":7},{"a":8}]\n'
    assert ours(["jq", "-f", "p", "f"], b"", files).out == b"7\n8\n"
    assert ours(["jq", ".a", "none", "f"], b"", files).status == 2
    assert ours(["jq", "-n", "--argjson", "x", "{"]).status == 2


def test_the_status_says_how_it_went() -> None:
    assert ours(["jq", "-e", "."], b"null").status == 1
    assert ours(["jq", "-e", "."], b"1").status == 0
    assert ours(["jq", "-e", "empty"], b"1").status == 4
    assert ours(["jq", ".a"], b"1").status == 5
    assert ours(["jq", "-n", '"bye\\n" | halt_error(3)']) == (3, b"", {}, b"bye\n")


def test_an_error_of_one_value_leaves_the_others() -> None:
    outcome = ours(["jq", ".a"], b'{"a":1} 2 {"a":3}')
    assert outcome.out == b"1\n3\n"
    assert outcome.err == b'jq: error: Cannot index number with "a"\n'


def test_nothing_of_the_host_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "secret")
    assert ours(["jq", "-nc", "$ENV, env"]).out == b"{}\n{}\n"
    for program in ('import "a" as a; 1', 'include "a"; 1', '"a" | modulemeta', "get_search_list"):
        assert ours(["jq", "-n", program]).status == 3


def test_deep_values_and_deep_programs_are_refused_in_words() -> None:
    assert ours(["jq", "-c", "."], b"[" * 100_000).status == 2
    assert ours(["jq", "-n", "(" * 100_000]).status == 3
    assert ours(["jq", "-n", "def f: 1 + f; f"]).status == 1


def test_a_pattern_that_makes_others_hang_does_not() -> None:
    assert ours(["jq", 'test("(a+)+$")'], b'"' + b"a" * 50_000 + b'b"').out == b"false\n"


def test_a_program_without_end_is_left_when_it_is_cancelled() -> None:
    command = find("jq")
    assert command is not None

    async def cancelled() -> None:
        await event_loop()
        io = Io(Given(), Collected(), Collected())
        task = asyncio.ensure_future(command.run(Desk(), parse(command, ["-n", "last(range(1e15))"]), io))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())

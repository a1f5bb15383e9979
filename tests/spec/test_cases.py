"""What bash printed for each case, and what this language prints; it differs where that is meant."""

from __future__ import annotations

import json
import pathlib

import pytest

from spatio.api import run_script

ONE_WORD = "an unquoted $x is one word, and its wildcards are text"
BY_LINE = "an unquoted $(…) is one word a line, and its wildcards are text"
NO_MATCH = "a pattern that matches nothing fails its command"

DIFFERENT = {
    "own-quote-08": ONE_WORD,
    "own-quote-09": ONE_WORD,
    "own-cmdsub-08": BY_LINE,
    "own-cmdsub-16": ONE_WORD,
    "own-glob-03": NO_MATCH,
    "own-glob-04": NO_MATCH,
    "own-glob-16": NO_MATCH,
    "own-glob-18": NO_MATCH,
    "own-loop-11": ONE_WORD,
    "fuzz-20261121-0032": ONE_WORD,
    "fuzz-20261121-0096": NO_MATCH,
    "fuzz-20261121-0130": BY_LINE,
    "fuzz-20261121-0200": ONE_WORD,
}

CASES = [
    json.loads(line)
    for line in pathlib.Path(__file__).with_name("shell.jsonl").read_text("utf-8").splitlines()
]


def agrees(case: dict[str, object]) -> bool:
    files, script, expected = case["files"], case["script"], case["expected_stdout"]
    assert isinstance(files, dict)
    assert isinstance(script, str)
    assert isinstance(expected, str)
    status, stdout, _ = run_script(script, files)
    if case["status_match"] == "exact":
        right = status == case["expected_status"]
    else:
        right = (status == 0) == (case["expected_status"] == 0)
    return right and stdout == expected.encode()


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_script_does_what_it_does_in_bash(case: dict[str, object]) -> None:
    assert agrees(case) == (case["id"] not in DIFFERENT), DIFFERENT.get(str(case["id"]))


def test_the_differences_are_few() -> None:
    assert len(DIFFERENT) <= 15
    assert {case["id"] for case in CASES} >= set(DIFFERENT)

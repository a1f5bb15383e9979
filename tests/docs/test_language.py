"""The page on the language: each line in it prints what the page says."""

from __future__ import annotations

import pathlib
import re

import pytest

from spatio.api import run_script
from spatio.session import Load
from spatio.shell import braces, run, scanner

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "language.md").read_text("utf-8")


def examples() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for piece in re.split(r"^> ", block, flags=re.MULTILINE)[1:]:
            line, _, printed = piece.partition("\n")
            found.append((line, printed))
    return found


@pytest.mark.parametrize(("line", "printed"), examples())
def test_a_line_prints_what_the_page_says(line: str, printed: str) -> None:
    _, out, err = run_script(line, {})
    assert (out.decode(), err) == (printed, b"")


def test_the_limits_are_the_real_ones() -> None:
    numbers = scanner.DEEPEST, run.DEEPEST, Load.MOST, braces.MOST
    assert numbers == (150, 300, 1000, 1_000_000)
    assert "150 deep, calls 300; 1,000 stages" in PAGE

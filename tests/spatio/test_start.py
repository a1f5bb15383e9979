"""The words before a command."""

from __future__ import annotations

import pytest

from spatio.start import Misuse, Start, read_words


def test_options_end_where_the_command_begins() -> None:
    words = [
        "--debug",
        "--home",
        "/h",
        "--store=postgresql://h/x",
        "--objects",
        "s3://b",
        "ls",
        "--home",
        "x",
    ]
    assert read_words(words) == Start(("ls", "--home", "x"), "/h", True, "postgresql://h/x", "s3://b")
    assert read_words([]) == Start(())
    assert read_words(["--version"]) == Start(("--version",))


@pytest.mark.parametrize("words", [["--home"], ["--store", ""], ["--objects="], ["--store"]])
def test_an_option_without_its_value_is_misuse(words: list[str]) -> None:
    with pytest.raises(Misuse, match=r"needs"):
        read_words(words)

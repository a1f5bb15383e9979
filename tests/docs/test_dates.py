"""The page on dates: each phrase means what the page says."""

from __future__ import annotations

import pathlib
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from commands.phrases.when import Ambiguous, read_when

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "dates.md").read_text("utf-8")
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=ZoneInfo("Europe/Helsinki"))
ROWS = re.findall(r"^\| `([^`]+)` \| (.+) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("phrase", "meaning"), ROWS)
def test_a_phrase_means_what_the_page_says(phrase: str, meaning: str) -> None:
    try:
        told = read_when(phrase, NOW).understood
    except Ambiguous as several:
        told = " or ".join(when.understood for when in several.readings)
    assert told == meaning


def test_the_page_has_rows() -> None:
    assert len(ROWS) > 50

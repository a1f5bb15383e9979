"""Thousands of phrases from templates, against meanings that are computed without the grammar."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable
from datetime import datetime

import pytest

from commands.phrases.when import read_when
from tests.phrases import said

ROUNDS = 40 if os.environ.get("SPATIO_FULL") else 2


@pytest.mark.parametrize("kind", ["days", "moments", "ranges", "day_ranges"])
@pytest.mark.parametrize("now", said.NOWS, ids=str)
def test_every_phrase_means_what_its_template_does(kind: str, now: datetime) -> None:
    make: Callable[[datetime, random.Random], Iterable[said.Said]] = getattr(said, kind)
    wrong = []
    for seed in range(ROUNDS):
        for phrase in make(now, random.Random(f"{kind} {now} {seed}")):
            try:
                when = read_when(phrase.text, now)
                got = (str(when.start), str(when.end))
            except ValueError as reason:
                got = (str(reason), "")
            if got != (str(phrase.start), str(phrase.end)):
                wrong.append((phrase.text, str(phrase.start), str(phrase.end), *got))
    assert wrong == []

"""Text for benchmarks: words with a natural (Zipf) distribution, from a seed, with planted words."""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator

SYLLABLES = (
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "su", "ta", "ve",
    "wi", "xo", "yu", "za", "bre", "cli", "dro", "fla", "gri",
)  # fmt: skip


def vocabulary(size: int, seed: int = 1) -> list[str]:
    """`size` different words of two to four syllables."""
    chance = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))] = None
    return list(words)


def documents(
    count: int, words: int = 330, seed: int = 20251121, vocabulary_size: int = 40_000
) -> Iterator[str]:
    """Texts of about six bytes a word in lines of twelve words.

    The word `rareword` stands in one of a thousand, `commonword` in one of five.
    """
    chance = random.Random(seed)
    stock = vocabulary(vocabulary_size)
    weights = list(itertools.accumulate(1 / (rank + 1) ** 1.07 for rank in range(vocabulary_size)))
    pool = [stock[bisect.bisect(weights, chance.random() * weights[-1])] for _ in range(400_000)]
    for number in range(count):
        start = chance.randrange(len(pool) - words)
        text = pool[start : start + words]
        if number % 1000 == 7:
            text[words // 2] = "rareword"
        if number % 5 == 0:
            text[words // 3] = "commonword"
        yield "\n".join(" ".join(text[at : at + 12]) for at in range(0, words, 12)) + "\n"

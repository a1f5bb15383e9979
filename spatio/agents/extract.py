"""Extracts: the sentences of a text that matter, chosen by counting, in any language a little.

A unit's worth is a sum: how central it is (TextRank over TF-IDF), whether it says something that can
be acted on or looked up (dates, amounts, names, words of deciding and doing), where it stands (under
which heading, how far down), less what makes a sentence idle. Maximal marginal relevance keeps two
that say the same apart. The same text always gives the same sentences; every one is a quotation.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from spatio.agents.cues import CUES, FACTS, IDLE, SECTIONS, STOP
from spatio.agents.sentences import Unit, title_of, units_of

MOST_UNITS = 400
"""Units of one text that are compared with each other; beyond, the likeliest are."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def words_of(text: str) -> list[str]:
    """The words that carry meaning, folded and cut to their stems; pairs of characters for CJK."""
    folded = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    found: list[str] = []
    for word in _WORD.findall(plain):
        if _CJK.search(word):
            found.extend(word[at : at + 2] for at in range(max(len(word) - 1, 1)))
        elif word not in STOP and len(word) > 1:
            found.append(_stem(word))
    return found


def _stem(word: str) -> str:
    for end in ("ations", "ation", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word


class Ranked:
    """A text's units and what each is worth."""

    def __init__(self, text: str, spread: Mapping[str, int] | None = None, texts: int = 1) -> None:
        """`spread` says in how many of `texts` each word stands: what is rare among them weighs more."""
        self.units = units_of(text)
        title = set(words_of(title_of(text)))
        own = [_own(unit, len(self.units), title) for unit in self.units]
        if len(self.units) > MOST_UNITS:
            best = sorted(range(len(own)), key=lambda at: (-own[at], at))[:MOST_UNITS]
            keep = sorted(best)
            self.units, own = [self.units[at] for at in keep], [own[at] for at in keep]
        self._vectors = _vectors([words_of(unit.text) for unit in self.units], spread or {}, texts)
        central = _central(self._vectors)
        self.worth = [mine + 1.0 * middle for mine, middle in zip(own, central, strict=True)]

    def best(self, count: int) -> list[Unit]:
        """Up to `count` units that say different things, in the order of the text."""
        chosen: list[int] = []
        left = set(range(len(self.units)))
        while left and len(chosen) < count:
            at = max(left, key=lambda one: (self._marginal(one, chosen), -one))
            left.discard(at)
            chosen.append(at)
        return [self.units[at] for at in sorted(chosen)]

    def top(self) -> float:
        """The worth of the best unit; minus infinity when there is none."""
        return max(self.worth, default=-math.inf)

    def _marginal(self, at: int, chosen: Sequence[int]) -> float:
        alike = max((_overlap(self._vectors[at], self._vectors[other]) for other in chosen), default=0.0)
        return self.worth[at] - 6.0 * alike * alike


def _overlap(left: Vector, right: Vector) -> float:
    """How much of the shorter one's words stand in the other."""
    return len(left.keys() & right.keys()) / (min(len(left), len(right)) or 1)


def _own(unit: Unit, count: int, title: set[str]) -> float:
    """What a unit is worth by itself."""
    text = unit.text
    words = words_of(text)
    length = len(text.split()) if not _CJK.search(text) else len(text) // 3
    worth = min(sum(weight for weight, fact in FACTS if fact.search(text)), 2.0)
    worth += min(sum(weight for weight, cue in CUES if cue.search(text)), 1.6)
    worth += sum(weight for weight, section in SECTIONS if section.search(unit.heading))
    worth += 0.3 * min(len(title.intersection(words)), 2)
    worth += 0.3 * (len(re.findall(r"(?<!^)(?<![.!?] )\b[A-ZÀ-Þ][a-zà-ÿ]{2,}", text)) > 0)
    worth += 0.5 if unit.checked is False else 0.2 * unit.item
    worth += 0.2 * unit.lead - 0.6 * (unit.at == 0 and not text.endswith((".", "!", "?", "。")))
    worth -= (
        0.9 * (IDLE.search(text) is not None) + 0.5 * unit.quoted + 0.8 * text.rstrip("\"'”)").endswith("?")
    )
    worth -= 0.4 * text.startswith(("(", "http")) + 0.5 * (unit.checked is True)
    if length < 5 or (unit.at == 0 and length < 7):
        worth -= 1.0
    elif length < 9:
        worth -= 0.3
    elif length > 45:
        worth -= 0.5
    if text.rstrip().endswith(":"):
        worth -= 0.8
    return worth


Vector = dict[str, float]


def _vectors(words: Sequence[Sequence[str]], spread: Mapping[str, int], texts: int) -> list[Vector]:
    """TF-IDF, of length 1."""
    within = Counter(word for unit in words for word in set(unit))
    vectors = []
    for unit in words:
        vector = {
            word: (1 + math.log(times))
            * math.log(1 + len(words) / within[word])
            * math.log(1 + (texts + 1) / (spread.get(word, 0) + 1))
            for word, times in Counter(unit).items()
        }
        length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        vectors.append({word: weight / length for word, weight in vector.items()})
    return vectors


def _cosine(left: Vector, right: Vector) -> float:
    if len(left) > len(right):
        left, right = right, left
    return sum(weight * right[word] for word, weight in left.items() if word in right)


def _central(vectors: Sequence[Vector], rounds: int = 20, damping: float = 0.85) -> list[float]:
    """TextRank, scaled so that the most central unit has 1."""
    count = len(vectors)
    near: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for at in range(count):
        for other in range(at):
            weight = _cosine(vectors[at], vectors[other])
            if weight > 0:
                near[at].append((other, weight))
                near[other].append((at, weight))
    sums = [sum(weight for _, weight in links) or 1.0 for links in near]
    rank = [1.0] * count
    for _ in range(rounds):
        rank = [
            1 - damping + damping * sum(rank[other] * weight / sums[other] for other, weight in links)
            for links in near
        ]
    most = max(rank, default=1.0) or 1.0
    return [value / most for value in rank]


def spread_of(texts: Sequence[str]) -> dict[str, int]:
    """In how many of the texts each word stands."""
    return dict(Counter(word for text in texts for word in set(words_of(text))))

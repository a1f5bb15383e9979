"""Forms: what an agent does where no account is: counting instead of understanding, quoting instead
of writing.

    summary     the sentences that matter, under the name of each file
    outline     the headings of each file and its sentences that matter most
    tasks       lines that ask for something to be done
    triage      each file sorted into act, answer, read, by the sentence that says so
    changelog   subjects of commits, grouped by what they do

Every sentence is the input's own, every file is covered, and the same input gives the same output.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from os.path import dirname
from typing import NamedTuple

from spatio.agents.chunk import Piece
from spatio.agents.cues import CUES
from spatio.agents.extract import Ranked, spread_of
from spatio.agents.overview import first_line, overview, quoted_of
from spatio.agents.sentences import Unit, units_of
from vfs.node import Value

Item = Mapping[str, Value]

HIGHLIGHTS = 10
HIGHLIGHTS_OF_TOO_MANY = 6
MANY = 12
"""Files from which on a summary begins with the sentences that matter most of all."""

TOO_MANY = 60
"""Files from which on a summary goes folder by folder."""


class Formed(NamedTuple):
    """What a form makes: text, or items that become records."""

    text: str = ""
    items: Sequence[Item] = ()
    remark: str = ""
    """What the reader has to know of it besides."""


def summary(pieces: Sequence[Piece]) -> Formed:
    """Fewer sentences a file the more files there are, but at least one of each, up to TOO_MANY."""
    if len(pieces) > TOO_MANY:
        ranked = _ranked(pieces)
        best = _highest(ranked, HIGHLIGHTS_OF_TOO_MANY, [dirname(piece.source) for piece in pieces])
        above = [ranked[at].best(1)[0] for at in best]
        text = f"{_highlights(pieces, ranked, best)}\n\n{overview(pieces, ranked, above)}\n"
        return Formed(text, remark=quoted_of(text, len(pieces)))
    count = 5 if len(pieces) <= 2 else 3 if len(pieces) <= MANY else 1
    ranked = _ranked(pieces)
    parts = [_highlights(pieces, ranked, _highest(ranked, HIGHLIGHTS))] if len(pieces) > MANY else []
    for piece, worth in zip(pieces, ranked, strict=True):
        most = min(count, (len(worth.units) + 1) // 2)
        lines = [f"- {unit.text}" for unit in worth.best(most)] or [_line(piece)]
        parts.append("\n".join([f"## {piece.source}", "", *lines]))
    return Formed("\n\n".join(parts) + "\n")


def outline(pieces: Sequence[Piece]) -> Formed:
    parts = []
    prose = [piece._replace(text=_remarks(piece)) for piece in pieces]
    for before, piece, worth in zip(pieces, prose, _ranked(prose), strict=True):
        headings = list(dict.fromkeys(unit.heading for unit in units_of(piece.text) if unit.heading))
        names = _names(before.text)
        lines = [f"## {piece.source}", "", f"{_size(before.text)}."]
        if headings:
            lines += ["", "Sections: " + "; ".join(headings[:12])]
        if names:
            lines += ["", "Defines: " + ", ".join(names[:20])]
        best = [f"- {unit.text}" for unit in worth.best(3)]
        parts.append("\n".join([*lines, *([""] if best else []), *best]))
    return Formed("\n\n".join(parts) + "\n")


def tasks(pieces: Sequence[Piece]) -> Formed:
    return Formed(items=[item for piece in pieces for item in _tasks(piece)])


def triage(pieces: Sequence[Piece]) -> Formed:
    items = [_triaged(piece, worth) for piece, worth in zip(pieces, _ranked(pieces), strict=True)]
    order = ("act", "answer", "read")
    return Formed(items=sorted(items, key=lambda item: order.index(str(item["bucket"]))))


def changelog(pieces: Sequence[Piece]) -> Formed:
    groups: dict[str, list[str]] = {}
    for piece in pieces:
        for subject in _subjects(piece.text):
            group, text = _kind(subject)
            if text and text not in groups.setdefault(group, []):
                groups[group].append(text)
    parts = [
        "\n".join([f"### {group}", "", *[f"- {text}" for text in groups[group]]])
        for group in _GROUPS
        if groups.get(group)
    ]
    return Formed("\n\n".join(parts) + "\n" if parts else "")


FORMS: dict[str, Callable[[Sequence[Piece]], Formed]] = {
    "changelog": changelog,
    "outline": outline,
    "summary": summary,
    "tasks": tasks,
    "triage": triage,
}

# -- summaries


def _ranked(pieces: Sequence[Piece]) -> list[Ranked]:
    spread = spread_of([piece.text for piece in pieces])
    return [Ranked(piece.text, spread, len(pieces)) for piece in pieces]


def _highest(ranked: Sequence[Ranked], count: int, folders: Sequence[str] = ()) -> list[int]:
    """The texts with the best sentences; where their folders are given, two of a folder at most."""
    best: list[int] = []
    taken: Counter[str] = Counter()
    for at in sorted(range(len(ranked)), key=lambda at: (-ranked[at].top(), at)):
        folder = folders[at] if folders else ""
        if ranked[at].units and len(best) < count and (not folders or taken[folder] < 2):
            best.append(at)
            taken[folder] += 1
    return best


def _highlights(pieces: Sequence[Piece], ranked: Sequence[Ranked], best: Sequence[int]) -> str:
    lines = [f"- {ranked[at].best(1)[0].text} ({pieces[at].source})" for at in best]
    return "\n".join(["## Above all", "", *lines])


def _line(piece: Piece) -> str:
    return f"- {first_line(piece.text)}"


def _size(text: str) -> str:
    lines = text.count("\n") + (not text.endswith("\n"))
    words = len(text.split())
    return f"{lines} line{'s' * (lines != 1)}, {words} word{'s' * (words != 1)}"


_DEFINES = re.compile(
    r"^[ \t]*(?:export )?(?:async )?(?:pub(?:lic)? |static )*"
    r"(?:def|class|fn|func|function|struct|interface|trait|enum|type)[ \t]+(\w+)",
    re.MULTILINE,
)


_CODE = re.compile(
    r"\.(?:bash|c|cc|cpp|cs|css|ex|fish|go|h|hpp|hs|java|jl|jsx?|kt|lua|php|pl|ps1|py|r|rb|rs|scala|sh|spatio|sql"
    r"|swift|tsx?|zig|zsh)\Z",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r'"""(.+?)"""|/\*+(.+?)\*/|(?:^|(?<=\s))(?:#(?!!)|//|--)[ \t]+([^\n]+)', re.DOTALL | re.MULTILINE
)


def _remarks(piece: Piece) -> str:
    """What a program says of itself: its comments, a paragraph each; any other text as it is."""
    if not _CODE.search(piece.source):
        return piece.text
    found = ["".join(one).strip() for one in _REMARK.findall(piece.text)]
    return "\n\n".join("\n".join(line.strip(" \t*") for line in one.splitlines()) for one in found)


def _names(text: str) -> list[str]:
    """What a program defines; nothing for prose."""
    found = list(dict.fromkeys(_DEFINES.findall(text)))
    return found if len(found) > 1 else []


# -- tasks

_MARK = re.compile(r"^(?:TODO|FIXME|ACTION|TASK|NEXT)\b[:\s-]*", re.IGNORECASE)
_SECTION = re.compile(
    r"\b(?:to.?dos?|tasks?|actions?|next steps?|follow.?ups?|aufgaben|à faire)\b", re.IGNORECASE
)
_OWED = re.compile(
    r"\b(?:i['’]ll|i will|i have to|i need to|i must|i should|i promised|i want to|we need to|we have to"
    r"|we must|remember to|don['’]t forget|still to do|to do:|needs? to (?:be )?\w+|has to|have to be"
    r"|ich muss|[A-Z][a-zà-ÿ]+ (?:will|owns|has to|needs to)|please \w+|is waiting for"
    r"|wants? (?:it|the|a|an) .* by)\b"
)
_DUE = re.compile(r"\b(\d{4}-\d\d-\d\d)\b")
_URGENT = re.compile(
    r"\b(?:urgent|asap|immediately|overdue|today|!!+|dringend)\b|!(?:high|urgent)\b", re.IGNORECASE
)


def _tasks(piece: Piece) -> Iterator[Item]:
    for unit in units_of(piece.text):
        if not _is_task(unit):
            continue
        due = _DUE.search(unit.text)
        yield {
            "title": _MARK.sub("", unit.text) or unit.text,
            "due": due[1] if due else None,
            "priority": 3 if _URGENT.search(unit.text) else None,
            "source": piece.source,
        }


def _is_task(unit: Unit) -> bool:
    if unit.checked is not None:
        return not unit.checked
    if unit.quoted or unit.text.endswith("?"):
        return False
    if (
        _MARK.match(unit.text)
        or _OWED.search(unit.text[:1].lower() + unit.text[1:])
        or _OWED.search(unit.text)
    ):
        return True
    return unit.item and _SECTION.search(unit.heading) is not None


# -- triage


def _triaged(piece: Piece, ranked: Ranked) -> Item:
    act = [unit for unit in ranked.units if _is_task(unit) or CUES[0][1].search(unit.text)]
    ask = [unit for unit in ranked.units if unit.text.rstrip("\"'”)").endswith("?") and not unit.quoted]
    best = ranked.best(1)
    bucket, why = "read", best[0].text if best else _line(piece)[2:]
    if ask:
        bucket, why = "answer", ask[-1].text
    if act:
        bucket = "act"
        why = max(act, key=lambda unit: ranked.worth[ranked.units.index(unit)]).text
    return {"bucket": bucket, "why": why, "source": piece.source}


# -- changes

_GROUPS = ("Breaking", "Added", "Changed", "Fixed", "Removed", "Security", "Other")
_HASH = re.compile(r"^(?:[*|\\/ ]*)(?:[0-9a-f]{7,40}\s+)?(?:\([^)]*\)\s+)?")
_SKIP = re.compile(
    r"^(?:Merge (?:branch|pull request|remote|tag)|fixup!|squash!|WIP\b|Bump version)", re.IGNORECASE
)
_PREFIX = re.compile(r"^(\w+)(?:\([^)]*\))?(!)?:\s+")
_PREFIXES = {
    "feat": "Added", "feature": "Added", "fix": "Fixed", "bugfix": "Fixed", "hotfix": "Fixed",
    "perf": "Changed", "refactor": "Changed", "security": "Security", "revert": "Removed",
    "docs": "Other", "doc": "Other", "test": "Other", "tests": "Other",
    "chore": "Other", "build": "Other", "ci": "Other", "style": "Other",
}  # fmt: skip
_VERBS = (
    ("Security", re.compile(r"\b(?:CVE-\d|security|vulnerab)", re.IGNORECASE)),
    (
        "Fixed",
        re.compile(r"^(?:fix|correct|repair|prevent|avoid|handle|don['’]t|do not|stop)", re.IGNORECASE),
    ),
    ("Removed", re.compile(r"^(?:remove|drop|delete|revert|retire)", re.IGNORECASE)),
    ("Added", re.compile(r"^(?:add|introduce|support|implement|allow|new|create|enable)", re.IGNORECASE)),
    (
        "Changed",
        re.compile(
            r"^(?:change|update|upgrade|rename|move|improve|speed|make|use|replace|rework|refactor|simplif|clean|bump)",
            re.IGNORECASE,
        ),
    ),
)


def _subjects(text: str) -> Iterator[str]:
    """The subjects in what `git log` prints, whole or `--oneline`, or in plain lines."""
    whole = re.search(r"^commit [0-9a-f]{7,40}", text, re.MULTILINE) is not None
    fresh = not whole
    for line in text.splitlines():
        if whole:
            if line.startswith("commit "):
                fresh = True
            elif fresh and line.startswith("    ") and line.strip():
                fresh = False
                yield line.strip()
        elif line.strip():
            yield _HASH.sub("", line.strip(), count=1).strip()


def _kind(subject: str) -> tuple[str, str]:
    """The group of a subject, and its words without the prefix."""
    if _SKIP.match(subject):
        return "Other", ""
    prefix = _PREFIX.match(subject)
    known = _PREFIXES.get(prefix[1].lower()) if prefix else None
    text = subject[prefix.end() :] if prefix and (known or prefix[2]) else subject
    if prefix and prefix[2]:
        return "Breaking", text
    if known:
        return known, text
    after = text.split(": ", 1)[-1]
    return next((group for group, verb in _VERBS if verb.search(after)), "Other"), text

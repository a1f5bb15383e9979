"""Overview: a summary of more files than anybody reads about one by one, in quotations.

The operands' common folder is taken apart once: what lies in it stands in one line each, a folder
below it in as many as say most, with the number of files that they stand for.
"""

from __future__ import annotations

import os.path
from collections.abc import Sequence

from spatio.agents.chunk import Piece
from spatio.agents.extract import Ranked
from spatio.agents.sentences import Unit

OF_A_FOLDER = 3
"""Sentences of a folder, each out of another file."""

READABLE = 160
"""Characters up to which a sentence is preferred in a line for one file."""


def overview(pieces: Sequence[Piece], ranked: Sequence[Ranked], above: Sequence[Unit] = ()) -> str:
    """Lines for each file of the common folder, then a section for each folder below it, which
    does not repeat what stands `above`."""
    common = _common([piece.source for piece in pieces])
    alone: list[int] = []
    folders: dict[str, list[int]] = {}
    for at, piece in enumerate(pieces):
        inner = piece.source.removeprefix(common).strip("/") if _is_path(piece.source) else ""
        if "/" in inner:
            folders.setdefault(f"{common}/{inner.partition('/')[0]}", []).append(at)
        else:
            alone.append(at)
    parts = [_file_lines(pieces, ranked, alone, common)] if alone else []
    seen = {unit.text for unit in above}
    parts += [_folder_lines(pieces, ranked, members, name, seen) for name, members in folders.items()]
    return "\n\n".join(parts)


def quoted_of(text: str, count: int) -> str:
    """What to say of a summary that quotes fewer files than it read."""
    quoted = sum(line.startswith("- ") for line in text.splitlines())
    return (
        f"{count} files are too many to quote each: {quoted} sentences stand for them, a few of each folder"
    )


def first_line(text: str) -> str:
    """The first line that says anything, of a text without sentences."""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if any(char.isalnum() for char in line)), text.strip())


def _is_path(source: str) -> bool:
    return source.startswith("/")


def _common(sources: Sequence[str]) -> str:
    """The deepest folder that all the paths lie in, without a slash at its end."""
    folders = [os.path.dirname(source) for source in sources if _is_path(source)]
    return os.path.commonpath(folders).rstrip("/") if folders else ""


def _file_lines(
    pieces: Sequence[Piece], ranked: Sequence[Ranked], members: Sequence[int], common: str
) -> str:
    lines = []
    for at in members:
        units = ranked[at].best(1)
        if units and _length(units[0]) > READABLE:
            units = sorted(ranked[at].best(3), key=_length)
        text = units[0].text if units else first_line(pieces[at].text)
        lines.append(f"- {text} ({pieces[at].source})")
    return "\n".join([f"## {common or '/'}", "", *lines])


def _folder_lines(
    pieces: Sequence[Piece], ranked: Sequence[Ranked], members: Sequence[int], name: str, seen: set[str]
) -> str:
    """One sentence each of the files whose sentences are worth most, none that was `seen` already."""
    chosen: dict[int, str] = {}
    for at in sorted(members, key=lambda at: (-ranked[at].top(), at)):
        units = ranked[at].best(1)
        text = units[0].text if units else first_line(pieces[at].text)
        if text not in seen and len(chosen) < OF_A_FOLDER:
            seen.add(text)
            chosen[at] = text
    lines = [f"- {chosen[at]} ({pieces[at].source})" for at in sorted(chosen)]
    count = len(members)
    return "\n".join([f"## {name}/, {count} file{'s' * (count != 1)}", "", *lines]).rstrip()


def _length(unit: Unit) -> int:
    return len(unit.text)

"""Wildcards of a word: split at slashes, matched against the tree, written as the person wrote them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vfs.glob import Pattern
from vfs.path import Path

if TYPE_CHECKING:
    from vfs.tree import Tree

_MASK = re.compile(r"\\.", re.DOTALL)
_WILD = re.compile(r"[*?]|\[[!^]?\]?[^\]]*\]")


def is_pattern(text: str) -> bool:
    """Whether a name with escapes holds a wildcard."""
    return bool(_WILD.search(_MASK.sub("x", text)))


def plain(text: str) -> str:
    """A name without its escapes."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


async def expand_glob(tree: Tree, cwd: Path, pattern: str) -> list[str] | None:
    """The paths that fit, sorted, relative where the pattern is; None when it holds no wildcard after all."""
    names = pattern.split("/")
    wild = [index for index, name in enumerate(names) if is_pattern(name)]
    if not wild:
        return None
    prefix = "/".join([plain(name) for name in names[: wild[0]]])
    if wild[0]:
        prefix += "/"
    if "\0" in pattern:
        return []
    base = Path.parse(prefix, cwd) if prefix else cwd
    components = [name for name in names[wild[0] :] if name]
    folders = not names[-1]
    parts = [Pattern(name, deep=name == "**") if is_pattern(name) else plain(name) for name in components]
    if any(part in {".", ".."} for part in parts):
        return await _through_dots(tree, cwd, prefix, names[wild[0] :])
    depth = len(base.parts)
    ending = "/" if folders else ""
    return [
        prefix + "/".join(path.parts[depth:]) + ending
        async for path in tree.glob(parts, base, folders=folders)
    ]


async def _through_dots(tree: Tree, cwd: Path, prefix: str, names: list[str]) -> list[str]:
    """A pattern with `.` or `..` after a wildcard: the part before them first, then the rest from there."""
    place = next(index for index, name in enumerate(names) if name in {".", ".."})
    head = "/".join([re.sub(r"([*?\[\]\\])", r"\\\1", name) for name in prefix.split("/")])
    firsts = await expand_glob(tree, cwd, head + "/".join([*names[:place], ""])) or []
    found: list[str] = []
    for first in firsts:
        start = first + names[place]
        rest = names[place + 1 :]
        if not any(rest):
            found.append(start + "/" * bool(rest))
            continue
        tail = "/".join([re.sub(r"([*?\[\]\\])", r"\\\1", start), *rest])
        more = await expand_glob(tree, cwd, tail)
        if more is not None:
            found += more
        elif await tree.exists(Path.parse(plain(tail), cwd)):
            found.append(plain(tail))
    return found

"""Pattern and glob: names with wildcards, level by level, in linear time for each name.

In a component `*` stands for any characters, `?` for one, `[a-z]`, `[!a-z]`, `[[:alpha:]]` for one of a
set; a backslash makes the next character literal. `**` (`deep`) is any number of folders.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vfs.closing import Closing
from vfs.errors import Incomplete, NotADirectory, NotFound, VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from vfs.tree import Tree


class Pattern(NamedTuple):
    """A component with wildcards; `deep` is `**`."""

    text: str
    deep: bool = False


_CLASSES = {
    "alnum": r"[^\W_]",
    "alpha": r"[^\W\d_]",
    "ascii": r"[\x00-\x7f]",
    "blank": r"[ \t]",
    "cntrl": r"[\x00-\x1f\x7f]",
    "digit": r"[0-9]",
    "graph": r"[^\s\x00-\x1f\x7f]",
    "lower": r"(?:(?=[^\W\d_])[^A-Z\u00c0-\u00d6\u00d8-\u00de])",
    "print": r"[^\x00-\x1f\x7f]",
    "punct": r"[!-/:-@\[-`{-~]",
    "space": r"\s",
    "upper": r"[A-Z\u00c0-\u00d6\u00d8-\u00de]",
    "word": r"\w",
    "xdigit": r"[0-9A-Fa-f]",
}


def _set(text: str, at: int) -> tuple[str, int] | None:
    """The expression for the set that opens at `at`, and where it ends; None when it never closes."""
    place = at + 1
    negated = text[place : place + 1] in ("!", "^")
    place += negated
    choices: list[str] = []
    first = True
    while place < len(text):
        char = text[place]
        if char == "]" and not first:
            inside = "|".join(choices) or r"(?!)"
            return (rf"(?:(?!{inside})(?s:.))" if negated else f"(?:{inside})"), place + 1
        first = False
        named = re.match(r"\[:(\w+):\]", text[place:])
        if named:
            choices.append(_CLASSES.get(named.group(1), r"(?!)"))
            place += named.end()
            continue
        low, place = _one(text, place)
        if text[place : place + 1] == "-" and text[place + 1 : place + 2] not in ("", "]"):
            high, place = _one(text, place + 1)
            choices.append(f"[{re.escape(low)}-{re.escape(high)}]" if low <= high else r"(?!)")
        else:
            choices.append(re.escape(low))
    return None


def _one(text: str, at: int) -> tuple[str, int]:
    if text[at] == "\\" and at + 1 < len(text):
        return text[at + 1], at + 2
    return text[at], at + 1


def pieces_of(text: str) -> list[str]:
    """The expressions between the stars; each matches a fixed number of characters."""
    pieces = [""]
    at = 0
    while at < len(text):
        char = text[at]
        found = _set(text, at) if char == "[" else None
        if char == "*":
            pieces.append("")
            at += 1
        elif char == "?":
            pieces[-1] += "(?s:.)"
            at += 1
        elif found is not None:
            expression, at = found
            pieces[-1] += expression
        else:
            literal, at = _one(text, at)
            pieces[-1] += re.escape(literal)
    return pieces


@lru_cache(maxsize=256)
def matcher(text: str) -> Callable[[str], bool]:
    """Whether a whole string matches a component; a leading dot is nothing special here.

    No star ever backtracks: the first piece stands at the start, the last at the end, and taking each
    middle piece as early as possible is always right.
    """
    first, *rest = pieces_of(text)
    if not rest:
        whole = re.compile(first)
        return lambda name: whole.fullmatch(name) is not None
    head = re.compile(first)
    middle = [re.compile(piece) for piece in rest[:-1] if piece]
    tail = re.compile(rf"(?:{rest[-1]})\Z")

    def matches(name: str) -> bool:
        found = head.match(name)
        if found is None:
            return False
        at = found.end()
        for piece in middle:
            found = piece.search(name, at)
            if found is None:
                return False
            at = found.end()
        return tail.search(name, at) is not None

    return matches


def name_matcher(text: str) -> Callable[[str], bool]:
    """As `matcher`, for names: hidden ones match only where the pattern itself starts with a dot."""
    matches = matcher(text)
    if text.startswith((".", "\\.")):
        return lambda name: name not in (".", "..") and matches(name)
    return lambda name: not name.startswith(".") and matches(name)


class _Globbing:
    """One expansion: where it looks, and what it could not see."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.guessing = False
        """Whether the folders looked at come from wildcards, so that one that fails is passed over."""
        self.unseen: dict[str, None] = {}

    async def last(self, folder: Path, part: str | Pattern, folders: bool) -> AsyncIterator[Path]:
        """What the last component names in `folder`."""
        if isinstance(part, str):
            path = _step(folder, part)
            if await (self.tree.is_folder(path) if folders else self.tree.exists(path)):
                yield path
        elif part.deep:
            async for path in self.below(folder, folders):
                yield path
        else:
            async for path in self.matching(folder, part, folders):
                yield path

    async def matching(self, folder: Path, part: Pattern, folders: bool) -> AsyncIterator[Path]:
        matches = name_matcher(part.text)
        try:
            async with Closing(self.tree.list(folder)) as pages:
                async for page in pages:
                    for node in page:
                        if (node.is_folder or not folders) and matches(node.name):
                            yield folder.child(node.name)
        except (NotFound, NotADirectory):
            return
        except VfsError as error:
            self._pass_over(error)

    def _pass_over(self, error: VfsError) -> None:
        if not self.guessing:
            raise error
        self.unseen[error.reason if isinstance(error, Incomplete) else str(error)] = None

    async def below(self, folder: Path, folders: bool) -> AsyncIterator[Path]:
        depth = len(folder.parts)
        try:
            async with Closing(self.tree.walk(folder)) as pages:
                async for page in pages:
                    for path, node in page:
                        hidden = any(name.startswith(".") for name in path.parts[depth:])
                        if not hidden and (node.is_folder or not folders):
                            yield path
        except (NotFound, NotADirectory):
            return
        except Incomplete as error:
            self.unseen[error.reason] = None
        except VfsError as error:
            self._pass_over(error)


def _step(folder: Path, name: str) -> Path:
    if name in ("", "."):
        return folder
    return folder.parent if name == ".." else folder.child(name)


def _without_repeats(pattern: Iterable[str | Pattern]) -> list[str | Pattern]:
    """The pattern with runs of `**` made one."""
    parts: list[str | Pattern] = []
    for part in pattern:
        deep = isinstance(part, Pattern) and part.deep
        if not (deep and parts and isinstance(parts[-1], Pattern) and parts[-1].deep):
            parts.append(part)
    return parts


async def glob(
    tree: Tree, pattern: Sequence[str | Pattern], base: Path, folders: bool = False
) -> AsyncIterator[Path]:
    """See Tree.glob."""
    run = _Globbing(tree)
    parts = _without_repeats(pattern)
    frontier = [base]
    for part in parts[:-1]:
        if isinstance(part, str):
            frontier = [_step(folder, part) for folder in frontier]
            continue
        following: dict[Path, None] = {}
        for folder in frontier:
            if part.deep:
                following[folder] = None
            async for path in run.last(folder, part, True):
                following[path] = None
        frontier = list(following)
        run.guessing = True
    if len(frontier) == 1 and parts and not (isinstance(parts[-1], Pattern) and parts[-1].deep):
        async for path in run.last(frontier[0], parts[-1], folders):
            yield path
    elif parts:
        found = {path for folder in frontier async for path in run.last(folder, parts[-1], folders)}
        for path in sorted(found, key=str):
            yield path
    if run.unseen:
        raise Incomplete(base, "; ".join(run.unseen))

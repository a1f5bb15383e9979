"""Entries by the names that people use for them, and free names for new ones."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Context, Failure
from commands.nearest import nearest
from vfs.errors import Exists, NotFound
from vfs.names import slug
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Mode
from vfs.query import fold

TRIED = 1000
"""Numbers tried behind a name that is taken."""


async def find_entry(ctx: Context, folder: Path, word: str, *, suffix: str = ".md") -> Path:
    """The file below `folder` that `word` names: by path, by name, or by part of its name or title.

    Raises NotFound with the nearest, Failure where several fit.
    """
    if "/" in word:
        path = ctx.resolve(word)
        await ctx.tree.stat(path)
        return path
    for name in (word, word + suffix):
        if name not in ("", ".", "..") and await ctx.tree.exists(folder.child(name)):
            return folder.child(name)
    wanted, wanted_slug = fold(word), slug(word)
    fitting: list[Path] = []
    names: list[str] = []
    async for page in ctx.tree.list(folder):
        for node in page:
            if node.is_folder:
                continue
            names.append(node.name.removesuffix(suffix))
            if wanted_slug in node.name or wanted in fold(title_of(node)):
                fitting.append(folder.child(node.name))
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        shown = ", ".join([path.name for path in fitting[:5]]) + (", ..." if len(fitting) > 5 else "")
        raise Failure(f"'{word}' may be any of {len(fitting)}: {shown}", hint="write more of the name")
    near = nearest(word, names)
    raise NotFound(folder.child(word), hint=f"did you mean {near}?" if near else f"run: ls {folder}")


def title_of(node: Node) -> str:
    """What a person calls the entry: its title, else its name without the suffix."""
    title = node.attrs.get("title")
    return title if isinstance(title, str) and title else node.name.removesuffix(".md")


async def create(ctx: Context, folder: Path, title: str, text: str, *, suffix: str = ".md") -> Path:
    """Writes a new file named after its title, with a number behind the name where that is taken."""
    name = slug(title)
    for number in range(1, TRIED):
        path = folder.child(name + (f"-{number}" if number > 1 else "") + suffix)
        try:
            await ctx.tree.write(path, text.encode("utf-8", "replace"), mode=Mode.CREATE)
        except Exists:
            continue
        return path
    raise Failure(f"{folder}: {TRIED} entries are called '{name}' already")


def texts(value: Value) -> Sequence[str]:
    """A list attribute as texts."""
    if isinstance(value, tuple):
        return [item for item in value if isinstance(item, str)]
    return [value] if isinstance(value, str) and value else []

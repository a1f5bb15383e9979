"""The names of accounts and categories that are in use, for completion; and what a category may be called."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from commands.banking.places import accounts, ledgers
from commands.banking.rows import FOLDER
from commands.command import Context, Failure, Usage
from vfs.closing import Closing
from vfs.errors import NotFound, VfsError
from vfs.formulas import unguarded
from vfs.path import Path
from vfs.transactions import read_month

LONGEST = 100
"""Characters of a category."""

RECENT = 6
"""Months whose categories are offered."""

NO_CATEGORY = ("", "-", "none")
"""What takes a category away."""


def category_named(word: str) -> str:
    """A category as it is kept: `food:groceries`, "" for none. Raises Usage."""
    if word.strip().casefold() in NO_CATEGORY:
        return ""
    parts = [" ".join(part.split()) for part in word.split(":")]
    if not all(parts) or len(word) > LONGEST or not word.isprintable():
        raise Usage(
            f"'{word[:40]}' is no name of a category", hint="for example: food, or food:groceries below it"
        )
    return ":".join(parts)


async def account_names(ctx: Context) -> Sequence[str]:
    """What accounts are called by their files. Never raises for what cannot be read."""
    try:
        return [one.name for one in await accounts(ctx)]
    except (Failure, VfsError):
        return []


async def category_names(ctx: Context) -> Sequence[str]:
    """The categories of rules, budgets and the last months, those above them included."""
    try:
        every = ledgers(ctx)
    except Failure:
        return []
    found: set[str] = set()
    for ledger in every:
        for name in ("rules.csv", "budgets.csv"):
            found |= {row.get("category", "") for row in await table(ctx, ledger.child(name))}
        for path in await _recent(ctx, ledger.child(FOLDER)):
            found |= {row.category for row in read_month(await ctx.tree.read(path)).rows}
    above = {name[:at] for name in found for at, char in enumerate(name) if char == ":"}
    return sorted((found | above) - {""})


async def _recent(ctx: Context, folder: Path) -> Sequence[Path]:
    names: list[str] = []
    try:
        async with Closing(ctx.tree.list(folder)) as pages:
            async for page in pages:
                names = [*names, *[node.name for node in page if node.name.endswith(".csv")]][-RECENT:]
    except VfsError:
        return []
    return [folder.child(name) for name in names]


async def table(ctx: Context, path: Path) -> Sequence[dict[str, str]]:
    """The rows of a small CSV file whose first line names its columns; none where there is no file.

    Raises Failure for what is no such file.
    """
    try:
        data = await ctx.tree.read(path)
    except NotFound:
        return []
    try:
        lines = list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise Failure(f"{path}: is no CSV file ({wrong})", hint=f"mend it: edit {path}") from None
    if not lines:
        return []
    columns = [name.strip().casefold() for name in lines[0]]
    return [
        dict(zip(columns, [unguarded(cell).strip() for cell in row], strict=False))
        for row in lines[1:]
        if row
    ]

"""Rules of categories: listed, added, tried and removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from commands.banking.names import category_named, table
from commands.banking.places import ledgers
from commands.banking.shown import counted
from commands.banking.verbs import everywhere, number
from commands.command import Context, Failure, Usage
from commands.nearest import nearest
from commands.stream import Io, Record
from commands.values import one_line
from vfs.node import Value
from vfs.visible import visible_line

ACTIONS = ("list", "add", "test", "remove")


class Wish(NamedTuple):
    """What the line says of a rule."""

    words: Sequence[str]
    sign: str
    account: str
    apply: bool


async def run(ctx: Context, action: str, wish: Wish, io: Io) -> int:
    """Does one of ACTIONS. Raises Usage."""
    if action == "list":
        return await _list(ctx, io)
    if action == "add" and len(wish.words) == 2:
        return await _add(ctx, wish, io, dry=False)
    if action == "test" and len(wish.words) in (1, 2):
        return await _add(ctx, wish, io, dry=True)
    if action == "remove" and len(wish.words) == 1:
        return await _remove(ctx, wish, io)
    if action in ACTIONS:
        takes = "a PATTERN" if action == "remove" else "a PATTERN and a CATEGORY"
        raise Usage(
            f"rule {action} takes {takes}", hint="for example: bank categories rule add 'bakery*' food"
        )
    near = nearest(action, ACTIONS)
    raise Usage(
        f"unknown action '{action}'",
        hint=f"did you mean rule {near}?" if near else "run: bank categories --help",
    )


async def _list(ctx: Context, io: Io) -> int:
    records: dict[str, Record] = {}
    for ledger in ledgers(ctx):
        path = ledger.child("rules.csv")
        for row in await table(ctx, path):
            names = ("pattern", "category", "sign", "account")
            fields: dict[str, Value] = {name: row.get(name, "") for name in names}
            told = "\t".join([one_line(fields[name]) for name in names]).rstrip()
            records.setdefault(told, Record(told, {**fields, "path": str(path)}))
    await io.stdout.put(list(records.values()))
    if not records:
        await io.stdout.flush()
        await io.stderr.line("No rules; to make one: bank categories rule add PATTERN CATEGORY")
    return 0


async def _add(ctx: Context, wish: Wish, io: Io, *, dry: bool) -> int:
    pattern = wish.words[0].strip()
    if not pattern.strip("* ") or not pattern.isprintable():
        raise Usage(f"'{wish.words[0][:40]}' would fit everything", hint="name a part of the payee's name")
    category = category_named(wish.words[1]) if len(wish.words) > 1 else "test"
    if not category:
        raise Usage("a rule needs a category", hint=f"to drop it: bank categories rule remove '{pattern}'")
    answers = await everywhere(
        ctx,
        "rule",
        {
            "pattern": pattern,
            "category": category,
            "sign": wish.sign,
            "account": wish.account,
            "apply": wish.apply,
            "remove": False,
            "dry_run": dry,
        },
    )
    matched, filled, kept = [
        sum(number(answer, name) for _, answer in answers) for name in ("matched", "filled", "kept")
    ]
    shown = visible_line(pattern)
    lines = [counted(matched, "transaction") + (" fits" if matched == 1 else " fit") + f" '{shown}'"]
    if filled:
        would = "would become" if dry else "became"
        lines.append(f"{filled:,} {would} {visible_line(category)}")
    if kept:
        lines.append(f"{kept:,} {'keeps its' if kept == 1 else 'keep their'} category")
    await io.stderr.line("; ".join(lines))
    return 0


async def _remove(ctx: Context, wish: Wish, io: Io) -> int:
    pattern = wish.words[0].strip()
    known = [
        row.get("pattern", "")
        for ledger in ledgers(ctx)
        for row in await table(ctx, ledger.child("rules.csv"))
    ]
    fitting = [one for one in known if one.casefold() == pattern.casefold()]
    if not fitting:
        near = nearest(pattern, known)
        raise Failure(
            f"there is no rule '{pattern}'",
            hint=f"did you mean '{near}'?" if near else "run: bank categories rule list",
        )
    await everywhere(
        ctx,
        "rule",
        {
            "pattern": fitting[0],
            "category": "",
            "sign": wish.sign,
            "account": wish.account,
            "apply": False,
            "remove": True,
            "dry_run": False,
        },
    )
    await io.stderr.line(f"Removed the rule '{visible_line(fitting[0])}'; categories stay as they are")
    return 0

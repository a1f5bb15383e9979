"""Ledgers and accounts: where money is kept in the tree, found by the names that people use."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from commands.command import Context, Failure
from commands.nearest import nearest
from vfs.closing import Closing
from vfs.coverage import Gap, tell
from vfs.errors import NotADirectory, NotFound
from vfs.money import decimal_of, is_currency
from vfs.path import Path

LEDGERS = ("banking", "plaid")
"""Providers whose mounts hold accounts and transactions."""

KINDS = ("checking", "savings", "cash", "credit", "loan", "investment")
"""What an account can be, in the order in which accounts are told."""

NONE = "no bank account is here"
FIRST = "run: bank import FILE, or connect plaid"


class Account(NamedTuple):
    """An account as its file tells it. None: the file does not say."""

    path: Path
    ledger: Path
    name: str
    """The file's, without its ending: what transactions call the account."""
    title: str
    kind: str
    currency: str
    institution: str = ""
    mask: str = ""
    balance: Decimal | None = None
    available: Decimal | None = None
    limit: Decimal | None = None
    as_of: date | None = None


def ledgers(ctx: Context) -> Sequence[Path]:
    """The mounts that hold money, as far as this session sees them, the person's own first.

    Raises Failure where there is none.
    """
    found = [mount for mount in ctx.tree.mounts if mount.name in LEDGERS and ctx.tree.sees(mount.path)]
    if not found:
        raise Failure(NONE, hint="run: mount /banking banking, or connect plaid")
    found.sort(key=lambda mount: LEDGERS.index(mount.name))
    return [mount.path for mount in found]


def own_ledger(ctx: Context) -> Path:
    """Where statements are imported to and budgets are kept. Raises Failure."""
    every = ledgers(ctx)
    mount = ctx.tree.mount_of(every[0])
    if mount is None or mount.read_only:
        raise Failure(f"{every[0]}: is read-only", hint="run: mounts")
    return every[0]


async def accounts(ctx: Context) -> Sequence[Account]:
    """Every account, in the order in which people tell them. What is no account is said, and left out."""
    paths: list[tuple[Path, Path]] = []
    for ledger in ledgers(ctx):
        folder = ledger.child("accounts")
        try:
            async with Closing(ctx.tree.list(folder)) as pages:
                async for page in pages:
                    paths += [(folder.child(node.name), ledger) for node in page if not node.is_folder]
        except (NotFound, NotADirectory):
            continue
    where = {path: ledger for path, ledger in paths if path.name.endswith(".json")}
    found = []
    async with Closing(ctx.tree.contents(list(where), text=False)) as contents:
        async for content in contents:
            data = b"".join([block async for block in content.blocks()])
            try:
                found.append(_account(content.path, where[content.path], data))
            except ValueError as wrong:
                hint = f"mend it: edit {content.path}"
                tell(Gap(str(content.path), f"is no account: {wrong}", hint, missing=True))
    return sorted(found, key=_rank)


def _rank(account: Account) -> tuple[int, str, Path]:
    kind = KINDS.index(account.kind) if account.kind in KINDS else len(KINDS)
    return kind, account.title.casefold(), account.path


def _account(path: Path, ledger: Path, data: bytes) -> Account:
    """Raises ValueError with the reason."""
    try:
        told = json.loads(data, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as wrong:
        raise ValueError(f"it is no JSON ({type(wrong).__name__})") from None
    if not isinstance(told, Mapping):
        raise ValueError("it is no JSON object")
    name = path.name.removesuffix(".json")
    currency = _text(told, "currency")
    if currency and not is_currency(currency):
        raise ValueError(f"'{currency[:20]}' is no currency")
    return Account(
        path,
        ledger,
        name,
        _title(_text(told, "name"), name),
        _text(told, "kind"),
        currency,
        _text(told, "institution"),
        _text(told, "mask"),
        _amount(told, "balance"),
        _amount(told, "available"),
        _amount(told, "limit"),
        _day(told),
    )


def _title(told: str, name: str) -> str:
    """What an account is called: as its file says, else by the file's own name, written as a title."""
    return told if told and told != name else name.replace("-", " ")[:1].upper() + name.replace("-", " ")[1:]


def _text(told: Mapping[str, object], name: str) -> str:
    value = told.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"'{name}' must be text")
    return value.strip()


def _amount(told: Mapping[str, object], name: str) -> Decimal | None:
    text = _text(told, name)
    amount = decimal_of(text) if text else None
    if text and amount is None:
        raise ValueError(f"'{name}' must be an amount such as \"-1234.56\", but is '{text[:30]}'")
    return amount


def _day(told: Mapping[str, object]) -> date | None:
    text = _text(told, "as_of")
    if not text:
        return None
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).date()
    except ValueError:
        raise ValueError(f"'as_of' must be a day such as 2026-11-21, but is '{text[:30]}'") from None


def named(every: Sequence[Account], word: str) -> Account:
    """The account that a word names: its file, its title, its last digits, or the beginning of one alone.

    Raises Failure.
    """
    wanted = word.casefold().rstrip("/").rpartition("/")[2].removesuffix(".json")
    fitting = [one for one in every if wanted in (one.name.casefold(), one.title.casefold(), one.mask)]
    if not fitting:
        fitting = [one for one in every if one.title.casefold().startswith(wanted) and wanted]
    if "/" in word:
        fitting = [one for one in fitting if word.removesuffix(".json") in str(one.path)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        twins = ", ".join([str(one.path) for one in fitting])
        raise Failure(f"several accounts are called '{word}'", hint=f"say which: {twins}")
    near = nearest(word, [one.name for one in every])
    known = ", ".join([one.name for one in every])
    hint = f"did you mean {near}?" if near else f"there are: {known}" if known else FIRST
    raise Failure(f"no account is called '{word}'", hint=hint)

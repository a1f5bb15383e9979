"""Layout: which column of a CSV statement holds what, and how its days, amounts and signs are meant.

What cannot be known is asked, one thing at a time, and never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from providers.banking.amounts import example_of, mark_of, sign_by_balance, signs_of
from providers.banking.days import IN_WORDS, example, orders_of, readings
from providers.banking.headers import ROLES, currency_in, direction, folded, loosely, role_of
from providers.banking.statement import Answers, Question, currency_of
from providers.banking.table import Table, is_amount, shape
from vfs.money import CURRENCIES

_NEEDED = ("date", "amount", "debit", "credit", "payee", "description")
_TEXTS = ("later", "description", "payee", "type", "pending")
_MOSTLY = 2
"""How many times more positive amounts than negative ones let a statement be a card's."""

SAMPLE = 4
"""Rows that are shown beside a question."""

ASSIGNABLE = (
    "date", "amount", "debit", "credit", "payee", "description", "category", "currency", "account", "id",
    "balance", "type", "pending", "source",
)  # fmt: skip


class Layout(NamedTuple):
    """How a table is read. Columns are numbers from 0; -1 for none."""

    columns: dict[str, list[int]]
    """By role; several columns of a description are joined."""
    dates: str
    decimal: str
    flip: bool
    """Positive is money out."""
    currency: str
    """For rows that name none; "" while it is not known."""

    def at(self, role: str) -> int:
        found = self.columns.get(role)
        return found[0] if found else -1


def fingerprint_of(table: Table) -> str:
    """What statements of one make have in common: their heading, or the kinds of their columns."""
    made = "\x1f".join(map(folded, table.heading)) if table.heading else f"none:{shape(table)}"
    return sha256(f"{table.separator}\x1e{made}".encode()).hexdigest()[:16]


def columns_of(table: Table, answers: Answers) -> dict[str, list[int]] | Question:
    """Which columns hold what, or what to ask."""
    if answers.columns:
        found = _told_columns(table, answers.columns)
        return found if isinstance(found, Question) else _completed(found)
    found = _known_columns(table) if table.heading else _guessed_columns(table)
    if not {"date"} <= found.keys() or not (
        {"amount"} <= found.keys() or {"debit", "credit"} <= found.keys()
    ):
        return _ask_columns(table)
    if "payee" not in found and "description" not in found:
        return _ask_columns(table)
    return _completed(found)


def _known_columns(table: Table) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, heading in enumerate(table.heading):
        role = _held(role_of(heading), heading, table, at)
        if role:
            found.setdefault(role, []).append(at)
    for at, heading in enumerate(table.heading):
        role = "" if role_of(heading) else _held(loosely(heading), heading, table, at)
        if role in _NEEDED and role not in found:
            found[role] = [at]
    for role, ats in found.items():
        words = ROLES[role].split("|")
        if role != "description":
            ats.sort(key=lambda at: _rank(words, folded(table.heading[at])))
    days = [at for role in ("date", "later") for at in found.pop(role, ())]
    days = [at for at in days if any(readings(one) for one in table.beginning(at))]
    if days:
        found["date"] = days
    if table.own_number():
        found.pop("account", None)
    return found


def _held(role: str, heading: str, table: Table, at: int) -> str:
    """The role of a column, by what it holds rather than by its name; "" for none."""
    cells = table.beginning(at)
    if role in _TEXTS and cells:
        if all(cell.strip() in CURRENCIES for cell in cells):
            return "currency"
        if all(direction(cell) for cell in cells):
            return "type"
    if role == "account" and len(cells) < len(table.rows[:200]):
        return ""
    if role in ("debit", "credit", "amount") and cells and not any(map(is_amount, cells[:50])):
        return "type" if all(direction(cell) for cell in cells) else ""
    return role


def _rank(words: Sequence[str], heading: str) -> int:
    return words.index(heading) if heading in words else len(words)


def _guessed_columns(table: Table) -> dict[str, list[int]]:
    """The columns of a table without a heading, where there is one choice only."""
    kinds = shape(table)
    if kinds.count("a") == 2 and kinds.count("d") == kinds.count("t") == 1:
        amount, balance = kinds.index("a"), kinds.rindex("a")
        mark = mark_of(table.column(amount), table.column(balance))
        if mark and sign_by_balance(table, amount, balance, mark):
            names = {
                "date": kinds.index("d"),
                "amount": amount,
                "payee": kinds.index("t"),
                "balance": balance,
            }
            return {role: [at] for role, at in names.items()}
    if kinds.count("d") == 1 and kinds.count("a") == 1 and kinds.count("t") == 1 and "n" not in kinds:
        return {"date": [kinds.index("d")], "amount": [kinds.index("a")], "payee": [kinds.index("t")]}
    return {}


def _completed(found: dict[str, list[int]]) -> dict[str, list[int]]:
    """A statement with one text has it as the payee."""
    if "payee" not in found and "description" in found:
        first, *rest = found["description"]
        found["payee"] = [first]
        found["description"] = rest
    return found


def _told_columns(table: Table, text: str) -> dict[str, list[int]] | Question:
    """The columns as somebody said: `date=1,amount=3` or `date=Datum,amount=Betrag`."""
    headings = [folded(cell) for cell in table.heading]
    found: dict[str, list[int]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        role, equals, where = (word.strip() for word in part.partition("="))
        role = role.lower()
        if not equals or role not in ASSIGNABLE:
            return _ask_columns(table, f"`{part[:60]}` does not say what a column holds. ")
        for one in filter(None, (one.strip() for one in where.split("+"))):
            if one.isdigit() and 1 <= int(one) <= max(table.width, len(headings)):
                found.setdefault(role, []).append(int(one) - 1)
            elif folded(one) in headings:
                found.setdefault(role, []).append(headings.index(folded(one)))
            else:
                return _ask_columns(table, f"There is no column `{one[:60]}`. ")
    if "date" not in found or not ("amount" in found or {"debit", "credit"} <= found.keys()):
        return _ask_columns(table, "A date and an amount (or debit and credit) are needed. ")
    if not any(readings(one) for one in table.column(found["date"][0])[:200]):
        return _ask_columns(table, f"Column {found['date'][0] + 1} holds no dates. ")
    return found


def _ask_columns(table: Table, first: str = "") -> Question:
    names = ", ".join(f"{at} {name or '-'}" for at, name in enumerate(table.heading, 1))
    ask = (
        f"{first}Which columns hold what? Name them by number or heading, such as"
        f" `date=1,amount=3,payee=2,description=4+5`; possible are {', '.join(ASSIGNABLE)}."
        + (f" The columns: {names}" if names else "")
    )
    return Question("columns", ask, (), sample(table))


def sample(table: Table) -> tuple[tuple[str, ...], ...]:
    """The heading and the first rows, as somebody can look at them."""
    rows = [cells for _, cells in table.rows[:SAMPLE]]
    return tuple(
        tuple(cell[:60] for cell in cells) for cells in ([table.heading, *rows] if table.heading else rows)
    )


def layout_of(
    table: Table, columns: dict[str, list[int]], answers: Answers, before: Answers, kind: str
) -> Layout | Question:
    """How the table is meant, or the first thing that only a person can say.

    What was said of such a statement before counts where this one decides nothing itself.
    """
    layout = Layout(columns, "", "", False, "")
    days = table.distinct(layout.at("date"))
    orders = [answers.dates] if answers.dates in IN_WORDS else orders_of(days)
    if len(orders) > 1 and before.dates in orders:
        orders = [before.dates]
    if len(orders) > 1:
        return _ask_dates(table, days, orders)
    money = [
        cell
        for role in ("amount", "debit", "credit")
        for at in columns.get(role, ())[:1]
        for cell in table.distinct(at)
    ]
    balances = [cell for at in columns.get("balance", ())[:1] for cell in table.distinct(at)]
    mark = answers.decimal if answers.decimal in (".", ",") else mark_of(money, balances) or before.decimal
    if not mark:
        text, point, comma = example_of(money)
        return Question(
            "decimal",
            f"Is `{text}` {point} or {comma}? Nothing in the statement decides it.",
            ((".", f"`.` parts the decimals: {point}"), (",", f"`,` parts the decimals: {comma}")),
            sample(table),
        )
    flip = _flipped(table, layout, mark, (answers.sign, before.sign), kind)
    if isinstance(flip, Question):
        return flip
    at = layout.at("amount") if "amount" in columns else layout.at("debit")
    heading = table.heading[at] if table.heading and at < len(table.heading) else ""
    currency = currency_of(answers.currency) or currency_in(heading)
    return Layout(columns, orders[0] if orders else "ymd", mark, flip, currency)


def _ask_dates(table: Table, days: Sequence[str], orders: Sequence[str]) -> Question:
    text = example(days, orders)
    found = readings(text)
    options = tuple(
        (order, f"{IN_WORDS[order]}: {text} is {found[order]:%a} {found[order]}")
        for order in orders
        if order in found
    )
    both = " or ".join(str(found[order]) for order in orders if order in found)
    return Question(
        "dates",
        f"Is `{text}` {both}? Every date of the statement can be read in either way.",
        options,
        sample(table),
    )


def _flipped(table: Table, layout: Layout, mark: str, said: tuple[str, str], kind: str) -> bool | Question:
    """Whether positive amounts are money out."""
    if said[0] in ("in", "out"):
        return said[0] == "out"
    at = layout.at("amount")
    if at < 0:
        return False
    positive, negative = signs_of(table.distinct(at), mark)
    words = table.column(layout.at("type")) if layout.at("type") >= 0 else []
    if words and not negative and all(map(direction, words)):
        return False
    balance = layout.at("balance")
    if balance >= 0 and (told := sign_by_balance(table, at, balance, mark)):
        return told == "out"
    if said[1] in ("in", "out"):
        return said[1] == "out"
    mostly_positive = positive > _MOSTLY * negative and not kind
    if (negative and kind != "credit" and not mostly_positive) or not (positive or negative):
        return False
    text = table.column(at)[0].strip()
    if not negative:
        ask = f"Is `{text}` money in or money out? No amount of the statement has a minus."
    elif not positive:
        ask = f"Is `{text}` money in or money out? Every amount of the statement has a minus."
    else:
        ask = "Is an amount without a minus money in or money out? Cards differ in that."
    return Question(
        "sign",
        ask,
        (
            ("in", "without a minus is money in: payments to the account; with one is spending"),
            ("out", "without a minus is money out: spending; with one is money in"),
        ),
        sample(table),
    )

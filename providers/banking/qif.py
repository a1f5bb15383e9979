"""QIF: a letter and a value a line, `^` after each movement. Its days have no fixed order."""

from __future__ import annotations

import re
from collections.abc import Mapping

from providers.banking.accounts import Account, account_question, known_as
from providers.banking.amounts import example_of, mark_of, read
from providers.banking.charsets import decoded
from providers.banking.days import IN_WORDS, example, orders_of, readings
from providers.banking.statement import (
    Answers,
    Holding,
    Line,
    Problems,
    Question,
    Statement,
    Unreadable,
    asked,
    one_line,
    scaled,
)
from vfs.money import BadAmount

_KINDS = {"bank": "checking", "ccard": "credit", "cash": "cash", "oth a": "", "oth l": "loan"}
_QUOTE = re.compile(r"\s*'\s*")
FINGERPRINT = "qif"


def is_qif(head: str) -> bool:
    """Whether a file begins as QIF does."""
    return bool(re.match(r"\s*!(?:Type|Account|Option|Clear)\b", head, re.IGNORECASE))


def read_qif(
    data: bytes, name: str, answers: Answers, accounts: Mapping[str, Account], before: Answers
) -> Statement:
    """The statement of a file, or what has to be asked first. Raises Unreadable."""
    problems = Problems()
    kind, movements = _movements(decoded(data, answers.charset), problems)
    if not movements:
        raise Unreadable("is QIF without a movement of a bank account")
    days = [_QUOTE.sub("/", one.get("D", "").replace("/ ", "/0").replace(" ", "")) for one in movements]
    orders = [answers.dates] if answers.dates in IN_WORDS else orders_of(days)
    if len(orders) > 1 and before.dates in orders:
        orders = [before.dates]
    if len(orders) > 1:
        text = example(days, orders)
        found = readings(text)
        options = tuple(
            (order, f"{IN_WORDS[order]}: {text} is {found[order]}") for order in orders if order in found
        )
        ask = f"Is `{text}` {' or '.join(str(found[order]) for order in orders if order in found)}?"
        return asked("qif", Question("dates", ask, options), FINGERPRINT)
    money = [one.get("T", one.get("U", "")) for one in movements]
    mark = answers.decimal if answers.decimal in (".", ",") else mark_of(money) or before.decimal
    if not mark:
        text, point, comma = example_of(money)
        options = ((".", f"`.` parts the decimals: {point}"), (",", f"`,` parts the decimals: {comma}"))
        return asked("qif", Question("decimal", f"Is `{text}` {point} or {comma}?", options), FINGERPRINT)
    account = answers.account or known_as(Holding(), accounts) or before.account
    if not account:
        return asked("qif", account_question(name, accounts), FINGERPRINT)
    currency = answers.currency.upper() or (accounts[account].currency if account in accounts else "")
    if not currency:
        used = dict.fromkeys(
            [*[one.currency for one in accounts.values() if one.currency], "EUR", "USD", "GBP"]
        )
        ask = "In which currency are the amounts? QIF does not say."
        return asked("qif", Question("currency", ask, tuple((code, code) for code in used)), FINGERPRINT)
    lines = []
    for number, (movement, text, day) in enumerate(zip(movements, money, days, strict=True), 1):
        when = readings(day).get(orders[0] if orders else "ymd")
        try:
            amount = scaled(read(text, mark)[0], currency)
        except BadAmount as error:
            problems.tell(f"movement {number}: {error}; left out")
            continue
        if when is None:
            problems.tell(f"movement {number}: '{day[:30]}' is no date; left out")
            continue
        payee, memo = one_line(movement.get("P", "")), one_line(movement.get("M", ""))
        category = one_line(movement.get("L", ""))
        category = "" if category.startswith("[") else category
        lines.append(Line(when, amount, currency, 0, payee or memo, memo if payee else "", category))
    settled = {"dates": orders[0] if orders else "", "decimal": mark, "account": account}
    return Statement(
        "qif", lines, [Holding(kind=kind, currency=currency)], problems.told(), None, FINGERPRINT, settled
    )


def _movements(text: str, problems: Problems) -> tuple[str, list[dict[str, str]]]:
    found: list[dict[str, str]] = []
    kind, taking, one = "", False, dict[str, str]()
    for line in text.splitlines():
        if line.startswith("!"):
            word, _, rest = line[1:].partition(":")
            taking = word.strip().lower() == "type" and rest.strip().lower() in _KINDS
            kind = kind or _KINDS.get(rest.strip().lower(), "")
            if word.strip().lower() == "type" and not taking:
                problems.tell(f"`{rest.strip()[:30]}` is no list of a bank account's movements; left out")
        elif line.startswith("^"):
            if taking and one:
                found.append(one)
            one = {}
        elif taking and line:
            one.setdefault(line[0].upper(), line[1:].strip())
    if taking and one:
        found.append(one)
    return kind, found

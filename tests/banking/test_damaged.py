"""Statements that are damaged, cut or mixed up: read as far as they go, or refused with a reason."""

import os
import random

from providers.banking.accounts import Account
from providers.banking.merging import merge, transactions
from providers.banking.reading import read_statement
from providers.banking.statement import Answers, Unreadable
from tests.banking import test_camt, test_csv, test_ofx, test_older_formats

ROUNDS = 40_000 if os.environ.get("SPATIO_FULL") == "1" else 600
TABLE = """Date,Description,Debit,Credit,Balance,Status,Id,Account
2024-01-05,a,3.50,,96.5,pending,1,x
2024-01-06,b,,1000,1096.50,,2,y
"""
WHOLE = (
    (test_ofx.XML + test_ofx.WHOLE).encode(),
    (test_ofx.SGML + test_ofx.unclosed(test_ofx.WHOLE)).encode(),
    test_camt.statement(test_camt.balance("OPBD", "1") + test_camt.entry("3.50", "DBIT", key="R")),
    test_csv.GERMAN.encode(),
    test_csv.GERMAN.encode("utf-16"),
    test_older_formats.SWIFT.encode(),
    test_older_formats.QIF.format(day="1/5'24").encode(),
    TABLE.encode(),
)
PARTS = (
    b"\0", b'"', b",", b";", b"\n", b"\xff", b"<", b">", b"&", b"&#x110000;", b"NaN", b"1e999", b"-",
    b"9" * 50, b"\xe2\x80\xae", b"0001-01-01", b"9999-12-31", b"(", b"=", b"\r", b"?20", b"</OFX>",
    b"<!DOCTYPE a>",
)  # fmt: skip


def damaged(chance: random.Random) -> bytes:
    """A statement with a few things put in, taken out, changed or said twice."""
    data = bytearray(chance.choice(WHOLE))
    for _ in range(chance.randint(1, 6)):
        what, at = chance.randrange(4), chance.randrange(len(data) + 1)
        if what == 0:
            data[at:at] = chance.choice(PARTS)
        elif what == 1:
            del data[at : at + chance.randint(1, 20)]
        elif what == 2 and at < len(data):
            data[at] = chance.randrange(256)
        else:
            data[at:at] = data[max(0, at - 60) : at]
    return bytes(data)


def test_damaged_statements_are_read_or_refused_and_twice_is_once() -> None:
    chance = random.Random(5)
    accounts = {"giro": Account("giro", "checking", "EUR")}
    for _ in range(ROUNDS):
        said = Answers(
            "giro", "EUR", chance.choice(("", "dmy")), chance.choice(("", ",")), chance.choice(("", "in"))
        )
        try:
            found = read_statement(damaged(chance), "x", said, accounts, {})
        except Unreadable:
            continue
        if found.question is not None:
            continue
        rows = transactions(found, ["giro"] * len(found.accounts), "x")
        assert not merge(rows, rows).new
        assert all(row.amount.is_finite() and row.payee.encode() is not None for row in rows)


def test_rows_that_are_too_short_are_told() -> None:
    accounts = {"giro": Account("giro", "checking", "EUR")}
    for text in (
        "Date,Payee,Amount\n2024-01-05,a\n",
        "Date,Payee,Amount\n2024-01-05,a\n2024-01-06,b,-1.00\n,\n",
    ):
        found = read_statement(text.encode(), "x", Answers("giro", sign="in"), accounts, {})
        assert len(found.problems) == 1
        assert "line 2" in found.problems[0]

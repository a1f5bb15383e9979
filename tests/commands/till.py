"""A desk with a ledger: accounts and months in memory, written as banks' statements leave them."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Sequence
from typing import Any

from providers.banking.provider import PROVIDER as BANKING
from providers.files import PROVIDER as FILES
from providers.memory import Memory
from providers.spec import Opening
from tests.commands.desk import Desk
from tests.engines import new_user_store
from vfs.mount import Mount
from vfs.path import Path
from vfs.transactions import COLUMNS

HEAD = ",".join(COLUMNS)

OCTOBER = (
    "2026-10-01,4200.00,USD,checking,Employer,October,income:salary,,a1,x.csv",
    "2026-10-02,-1850,USD,checking,Landlord,,home:rent,,a2,x.csv",
    '2026-10-03,-62.10,USD,credit,Market,"\'=HYPERLINK(1)",food:groceries,,a3,x.csv',
    "2026-10-09,-20.5,EUR,credit,Cafe,,food:out,,a4,x.csv",
    "2026-10-10,12.10,USD,credit,Market,Refund,food:groceries,,a5,x.csv",
)
NOVEMBER = (
    "2026-11-01,-4.00,USD,checking,Bakery,,,true,b1,x.csv",
    "2026-11-02,-4.00,USD,checking,Bakery,,,,b2,x.csv",
)


def account(title: str, kind: str, balance: str | None, **more: Any) -> dict[str, Any]:
    told = {"name": title, "kind": kind, "currency": "USD", "as_of": "2026-11-17", **more}
    return told if balance is None else {**told, "balance": balance}


class Till(Desk):
    """A Desk with one ledger, at /banking, or elsewhere."""

    def __init__(self, at: str = "/banking", *, provider: str = "banking", **options: Any) -> None:
        super().__init__("/files", **options)
        self.tree.mounts.add(Mount(Path.parse(at), provider, Memory))
        self.at = at

    def account(self, name: str, told: dict[str, Any] | str) -> None:
        text = told if isinstance(told, str) else json.dumps(told)
        self.write(f"{self.at}/accounts/{name}.json", text)

    def month(self, name: str, rows: Sequence[str], head: str = HEAD) -> None:
        self.write(f"{self.at}/transactions/{name}.csv", "\n".join([head, *rows, ""]))


def till() -> Till:
    """Three accounts and two months."""
    made = Till()
    made.account("credit", account("Credit", "credit", "-1234.56", limit="5000"))
    made.account("savings", account("Savings", "savings", "45231.89"))
    made.account("checking", account("Checking", "checking", "12543.21", mask="0042"))
    made.month("2026-10", OCTOBER)
    made.month("2026-11", NOVEMBER)
    return made


def stored_till(folder: pathlib.Path, **options: Any) -> Till:
    """A desk whose ledger is the workspace's own, in a database of its own."""
    store = new_user_store(folder)
    opening = Opening({}, lambda: store)
    made = Till.__new__(Till)
    Desk.__init__(
        made,
        openers={"/banking": lambda: BANKING.open(opening), "/files": lambda: FILES.open(opening)},
        **options,
    )
    made.at = "/banking"
    return made

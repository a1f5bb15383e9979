"""The demo's money: a year on four accounts, in step with its invoices, trips and projects.

Amounts are exact decimals from the stock, or whole cents by lot; every balance is the sum of its rows.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from spatio.demo.notes import Page
from spatio.demo.world import Invoice, Project, Trip, World, slug, stock
from vfs.transactions import COLUMNS, Month, Transaction, month_name, write_month

CURRENCY = "EUR"
BANK = "Domtoren Bank"
SOURCE = "domtoren.csv"
DAYS = 365
_CENTS = Decimal("0.01")

_ABROAD = {
    "crete": ("Taverna Thalassa, Chania", "Mini Market Elafonisi", "Ferry Kissamos"),
    "kyoto": ("JR West, Kyoto", "Nishiki Market", "Omiya Ryokan", "Kanazawa Museum"),
    "copenhagen": ("Designmuseum Danmark", "Kaffebar Nord", "DSB Train"),
    "lofoten": ("Rorbu Henningsvær", "Bunnpris Svolvær", "Lighthouse Boat"),
}
"""Where money goes on a trip; the card says euros."""


def all_money(world: World, chance: random.Random) -> Iterator[Page]:
    """The files of the ledger: accounts, months, rules and budgets."""
    told = stock("bank")
    past = [row for row in _rows(world, told, chance) if row.date <= world.today]
    rows = _numbered(sorted(past, key=lambda row: (row.date, row.account, row.payee)))
    months: dict[str, list[Transaction]] = {}
    for row in rows:
        months.setdefault(month_name(row.date), []).append(row)
    for name, some in sorted(months.items()):
        yield Page(
            f"transactions/{name}", write_month(Month(COLUMNS, some, [])), max(row.date for row in some)
        )
    for account in told["accounts"]:
        yield _account(world, account, rows)
    yield _table("rules.csv", "pattern,sign,account,category", told["rules"], _rule, world.today)
    yield _table("budgets.csv", "category,amount,currency,period", told["budgets"], _budget, world.today)


def _rows(world: World, told: Mapping[str, Any], chance: random.Random) -> Iterator[Transaction]:
    first = world.today - timedelta(days=DAYS)
    for month in _firsts(first, world.today):
        for one in told["monthly"]:
            day = month + timedelta(days=one["day"] - 1)
            yield _row(day, one["account"], one["payee"], one["text"], one["amount"], one["category"])
        for one in told["moves"]:
            yield from _move(month + timedelta(days=one["day"] - 1), one)
    yield from _shopping(world, told["shops"], chance)
    yield from _card(world, chance, first)
    for invoice in world.invoices:
        yield from _invoice(invoice)
    for project in world.projects.values():
        yield from _project(project, world.today)
    for trip in world.trips:
        yield from _trip(trip, chance)
    yield from _taxes(world, first)
    yield from _waiting(world)
    yield from _strange(world)


def _firsts(first: date, last: date) -> Iterator[date]:
    """The first days of the months in which the year lies."""
    at = first.replace(day=1)
    while at <= last:
        yield at
        at = (at + timedelta(days=32)).replace(day=1)


def _row(
    day: date,
    account: str,
    payee: str,
    text: str,
    amount: str | Decimal,
    category: str,
    *,
    pending: bool = False,
) -> Transaction:
    value = Decimal(amount).quantize(_CENTS)
    return Transaction(day, value, CURRENCY, account, payee, text, category, pending, "", SOURCE)


def _move(day: date, one: Mapping[str, str]) -> Iterator[Transaction]:
    """Money from one own account to another: two rows that add up to nothing."""
    amount = Decimal(one["amount"])
    yield _row(day, one["from"], "Nora Veldman", f"{one['text']}, to {one['to']}", -amount, "transfer")
    yield _row(day, one["to"], "Nora Veldman", f"{one['text']}, from {one['from']}", amount, "transfer")


def _shopping(
    world: World, shops: Sequence[Mapping[str, Any]], chance: random.Random
) -> Iterator[Transaction]:
    away = {
        trip.starts + timedelta(days=day)
        for trip in world.trips
        for day in range((trip.ends - trip.starts).days + 1)
    }
    for back in range(DAYS, -1, -1):
        day = world.today - timedelta(days=back)
        for shop in shops:
            if chance.random() < shop["a_week"] / 7 and day not in away:
                amount = Decimal(chance.randint(shop["low"] * 100, shop["high"] * 100)) / 100
                # What a card has paid in these two days the bank has not booked yet.
                fresh = back < 2
                category = "" if fresh or chance.random() < 0.06 else shop["category"]
                yield _row(
                    day, shop["account"], shop["payee"], shop["text"], -amount, category, pending=fresh
                )


def _card(world: World, chance: random.Random, first: date) -> Iterator[Transaction]:
    """The credit card is settled from the checking account, on the 25th."""
    for month in _firsts(first, world.today):
        amount = Decimal(chance.randint(9000, 26000)) / 100
        move = {"from": "checking", "to": "credit", "amount": str(amount), "text": "Card settlement"}
        yield from _move(month + timedelta(days=24), move)


def _invoice(invoice: Invoice) -> Iterator[Transaction]:
    if invoice.paid is not None:
        text = f"{invoice.id} {invoice.what}"
        yield _row(
            invoice.paid, "studio", invoice.project.client, text, Decimal(invoice.amount), "income:clients"
        )


def _project(project: Project, today: date) -> Iterator[Transaction]:
    """The builder in quarters, colleagues on the last day of a month."""
    if project.id == "attic":
        step = Decimal(project.spent) / 3
        for quarter in range(3):
            day = project.starts + (today - project.starts) * (quarter + 1) // 4
            yield _row(
                day, "savings", "Van Dijk Bouw", f"Attic, part {quarter + 1} of 4", -step, "home:attic"
            )
        return
    helpers = [person for person in project.people if person.circle == "studio"]
    for month in _firsts(project.starts, min(project.ends, today)):
        for person in helpers[:1]:
            amount = Decimal(project.spent) / 40
            day = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            yield _row(day, "studio", person.name, f"{project.name}, {month:%B}", -amount, "work:colleagues")


def _trip(trip: Trip, chance: random.Random) -> Iterator[Transaction]:
    nights = (trip.ends - trip.starts).days
    booked = trip.starts - timedelta(weeks=5)
    yield _row(
        booked, "savings", "Wayfarer Travel", f"Booking, {trip.name}", Decimal(-68 * nights), "travel:trips"
    )
    for night in range(nights):
        payee = chance.choice(_ABROAD[trip.id])
        amount = Decimal(chance.randint(700, 4200)) / 100
        yield _row(
            trip.starts + timedelta(days=night),
            "credit",
            payee,
            "Card payment abroad",
            -amount,
            "travel:trips",
        )


def _taxes(world: World, first: date) -> Iterator[Transaction]:
    for month in _firsts(first, world.today):
        if month.month in (1, 4, 7, 10):
            day = month + timedelta(days=10)
            yield _row(day, "studio", "Belastingdienst", "VAT, last quarter", "-1846.00", "work:vat")


def _waiting(world: World) -> Iterator[Transaction]:
    """What the cards have paid and the bank has not booked."""
    yesterday = world.today - timedelta(days=1)
    yield _row(world.today, "checking", "Supermarkt De Ster", "Card payment", "-23.85", "", pending=True)
    yield _row(yesterday, "credit", "Café De Zaak", "Contactless", "-11.40", "", pending=True)


def _strange(world: World) -> Iterator[Transaction]:
    """What strangers write into a payment's text, where a spreadsheet might run it."""
    day = world.today - timedelta(days=20)
    text = '=HYPERLINK("https://evil.invalid","your parcel")'
    yield _row(day, "checking", "+PARCEL SERVICE", text, "-1.99", "")


def _numbered(rows: Sequence[Transaction]) -> list[Transaction]:
    """Each row with an id that stays the same, however often the year is made."""
    made = []
    seen: dict[str, int] = {}
    for row in rows:
        said = "|".join([str(row.date), str(row.amount), row.account, row.payee, row.description])
        seen[said] = seen.get(said, 0) + 1
        number = hashlib.sha256(f"{said}|{seen[said]}".encode()).hexdigest()[:16]
        made.append(row._replace(id=number))
    return made


def _account(world: World, one: Mapping[str, str], rows: Sequence[Transaction]) -> Page:
    booked = [row.amount for row in rows if row.account == one["name"] and not row.pending]
    waiting = [row.amount for row in rows if row.account == one["name"] and row.pending]
    balance = Decimal(one["opening"]) + sum(booked, Decimal(0))
    said = {
        "name": one["title"],
        "kind": one["kind"],
        "institution": BANK,
        "mask": one["mask"],
        "currency": CURRENCY,
        "balance": str(balance),
        "available": str(balance + sum(waiting, Decimal(0)) + Decimal(one.get("limit", "0"))),
        **({"limit": one["limit"]} if "limit" in one else {}),
        "as_of": str(world.today),
    }
    text = json.dumps(said, ensure_ascii=False, indent=2) + "\n"
    return Page(f"accounts/{slug(one['name'])}.json", text.encode(), world.today)


def _table(path: str, head: str, some: Sequence[Mapping[str, str]], line: Any, day: date) -> Page:
    return Page(path, "\r\n".join([head, *(line(one) for one in some), ""]).encode(), day)


def _rule(one: Mapping[str, str]) -> str:
    return f"{one['match']},,,{one['category']}"


def _budget(one: Mapping[str, str]) -> str:
    return f"{one['category']},{one['amount']},{CURRENCY},month"

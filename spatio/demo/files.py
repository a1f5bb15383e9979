"""The demo's files: invoices as PDF, accounts as a spreadsheet, measurements, pictures, code, drafts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from math import pi, sin

from spatio.demo.diary import hours
from spatio.demo.notes import Page
from spatio.demo.pdf import document
from spatio.demo.png import Colour, bars, lighthouse, plates
from spatio.demo.world import Invoice, World, stock
from spatio.demo.xlsx import Cell, spreadsheet

FRAME_COLOURS: tuple[tuple[str, Colour], ...] = (
    ("Wet Slate", (62, 71, 79)),
    ("Bakery", (226, 178, 112)),
    ("Signal", (214, 69, 48)),
    ("Early", (164, 190, 214)),
    ("Rust", (143, 72, 44)),
)


def all_files(world: World, chance: random.Random) -> Iterator[Page]:
    """Every file below `/files`."""
    for invoice in world.invoices:
        yield Page(f"invoices/{invoice.id}.pdf", invoice_pdf(world, invoice), invoice.issued)
    yield Page(
        f"accounts/accounts-{world.today.year}.xlsx", _accounts(world), world.today - timedelta(days=2)
    )
    yield Page("accounts/hours.csv", _hours(world), world.today - timedelta(days=1))
    yield Page("accounts/household.csv", _household(world, chance), world.today - timedelta(days=6))
    yield from _energy(world, chance)
    yield from _pictures(world)
    for one in stock("files")["files"]:
        day = world.today - timedelta(weeks=one["weeks"])
        yield Page(one["path"], world.fill(one["text"], day).encode(), day)


def invoice_pdf(world: World, invoice: Invoice) -> bytes:
    """The invoice as its client gets it."""
    me = world.me
    net = round(invoice.amount / 1.21, 2)
    lines = [
        f"{me['name']}, {me['work']}, {me['city']}",
        me["email"],
        "",
        f"To: {invoice.project.client}",
        f"Attention: {invoice.project.people[0].name}",
        "",
        f"Date: {invoice.issued}",
        f"Due: {invoice.due}",
        "",
        f"{invoice.project.name}: {invoice.what}",
        "",
        f"Net                 EUR {net:>12,.2f}",
        f"VAT 21 %            EUR {invoice.amount - net:>12,.2f}",
        f"To pay              EUR {invoice.amount:>12,.2f}",
        "",
        f"Please name {invoice.id} when you pay. Thank you!",
    ]
    return document(f"Invoice {invoice.id}", lines)


def _accounts(world: World) -> bytes:
    rows: list[list[Cell]] = [["invoice", "client", "what", "euros", "issued", "due", "paid"]]
    rows += [
        [one.id, one.project.client, one.what, one.amount, one.issued, one.due, one.paid]
        for one in world.invoices
    ]
    budget: list[list[Cell]] = [["project", "budget", "spent", "left"]]
    budget += [[one.name, one.budget, one.spent, one.budget - one.spent] for one in world.projects.values()]
    return spreadsheet({"Invoices": rows, "Budget": budget})


def _hours(world: World) -> bytes:
    monday = world.today - timedelta(days=world.today.weekday())
    lines = ["week,project,client,hours"]
    for back in range(51, 0, -1):
        first = monday - timedelta(weeks=back)
        for name, spent in hours(world, first).items():
            lines.append(f"{first},{name},{world.projects[name].client},{spent:.2f}")
    return ("\n".join(lines) + "\n").encode()


def _household(world: World, chance: random.Random) -> bytes:
    shops = {
        "food": [("Market on the Vredenburg", 18, 46), ("Bakery on the corner", 4, 12), ("Toko Laos", 9, 38)],
        "house": [("Paint and glass", 12, 80), ("Van Dijk Bouw", 60, 140), ("Water company", 21, 22)],
        "travel": [("NS trains", 8, 54), ("Bicycle parts", 6, 48)],
        "fun": [("Climbing wall", 42, 43), ("Louis Hartlooper cinema", 11, 24), ("Harbour Books", 12, 45)],
    }
    lines = ["date,category,payee,amount"]
    for back in range(360, 0, -1):
        day = world.today - timedelta(days=back)
        for category in chance.sample(list(shops), chance.choice((0, 1, 1, 2))):
            payee, least, most = chance.choice(shops[category])
            lines.append(f"{day},{category},{payee},{chance.randint(least * 100, most * 100) / 100:.2f}")
    return ("\n".join(lines) + "\n").encode()


def _energy(world: World, chance: random.Random) -> Iterator[Page]:
    """A year of one building's panels and use by the day; some days are missing, as they are."""
    lines, months = ["date,building,panels_kwh,use_kwh,night_kwh,missing_hours"], [0.0] * 12
    for back in range(365, 0, -1):
        day = world.today - timedelta(days=back)
        sun = max(0.15, sin((day.timetuple().tm_yday - 80) / 365 * 2 * pi) * 0.5 + 0.55)
        made = round(190 * sun * chance.uniform(0.35, 1.0), 1)
        used = round(120 + 60 * (1 - sun) + chance.uniform(-12, 12), 1)
        night = round(used * chance.uniform(0.18, 0.24) * (1.9 if 60 < back < 96 else 1), 1)
        missing = chance.choice((0,) * 12 + (1, 3))
        months[day.month - 1] += made
        lines.append(f"{day},Zeist-Kerckebosch,{made},{used},{night},{missing}")
    yield Page(
        "meridian/building-zeist.csv", ("\n".join(lines) + "\n").encode(), world.today - timedelta(days=1)
    )
    yield Page("meridian/panels-by-month.png", bars(months), world.today - timedelta(days=20))


def _pictures(world: World) -> Iterator[Page]:
    names = ("lofoten-moholmen", "lofoten-skrova", "noto-rokkosaki-灯台", "chania-φάρος")
    for hour, name in enumerate(names):
        day = world.today - timedelta(weeks=41 - hour * 6)
        yield Page(f"photos/{name}.png", lighthouse(hour), day)
    yield Page("kestrel/frame-colours.png", plates([colour for _, colour in FRAME_COLOURS]), _weeks(world, 6))
    listed = "".join(f"{name},#{r:02x}{g:02x}{b:02x}\n" for name, (r, g, b) in FRAME_COLOURS)
    yield Page("kestrel/frame-colours.csv", f"name,value\n{listed}".encode(), _weeks(world, 6))


def _weeks(world: World, back: int) -> date:
    return world.today - timedelta(weeks=back)

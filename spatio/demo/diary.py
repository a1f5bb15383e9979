"""The demo's diary: a journal of about two days a week, and a review of every week."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from spatio.demo.notes import Page, note
from spatio.demo.world import World, euros, spoken, stock

WEEKS = 51
_SEASONS = (
    *["winter"] * 2,
    *["spring"] * 3,
    *["summer"] * 3,
    *["autumn"] * 3,
    "winter",
)
"""By month."""


class Deck:
    """Sentences in random order, none twice before all have come."""

    def __init__(self, cards: Sequence[str], chance: random.Random) -> None:
        self._cards = cards
        self._chance = chance
        self._left: list[str] = []

    def draw(self) -> str:
        if not self._left:
            self._left = list(self._cards)
            self._chance.shuffle(self._left)
        return self._left.pop()


def diary(world: World, chance: random.Random) -> Iterator[Page]:
    """The journal's days and the weeks' reviews, oldest first."""
    raw = stock("journal")
    decks = {
        f"{part}/{name}": Deck(cards, chance)
        for part in ("open", "work", "life", "away", "close")
        for name, cards in raw[part].items()
    }
    monday = world.today - timedelta(days=world.today.weekday())
    for week in range(WEEKS, -1, -1):
        first = monday - timedelta(weeks=week)
        for offset in sorted(chance.sample(range(7), 2 + (week % 4 == 0))):
            day = first + timedelta(days=offset)
            if day <= world.today:
                yield _entry(world, day, decks, chance)
        if week:
            yield _review(world, first)


def _entry(world: World, day: date, decks: dict[str, Deck], chance: random.Random) -> Page:
    away = next((trip for trip in world.trips if trip.starts <= day <= trip.ends), None)
    lines = [decks[f"open/{_SEASONS[day.month - 1]}"].draw()]
    met = [m for project in world.projects.values() for m in project.meetings if m.day == day]
    if away:
        company = " and ".join(person.first for person in away.people)
        lines.append(f"{away.name}, day {(day - away.starts).days + 1}, with {company}.")
    elif met:
        project = world.projects[met[0].project]
        lines.append(f"{project.name} today: {met[0].title.lower()}. {met[0].talk[-1]}")
    elif day.weekday() < 5:
        busy = [one.id for one in world.projects.values() if one.client and one.starts <= day <= one.ends]
        lines.append(decks[f"work/{chance.choice(busy) if busy else 'none'}"].draw())
    for person in world.people.values():
        if person.birthday == f"{day:%m-%d}":
            lines.append(f"{person.first}'s birthday! 🎂")
    lines.append(decks["away/any" if away else "life/any"].draw())
    if chance.random() < 0.5 and not away:
        lines.append(decks["life/any"].draw())
    lines.append(decks["close/any"].draw())
    text = f"# {spoken(day)}\n\n" + "\n\n".join(line for line in lines if line)
    return note(f"journal/{day}.md", text, day, tags=["journal"])


def hours(world: World, first: date) -> dict[str, float]:
    """Hours worked for each client's project in the week that begins on `first`."""
    worked = {}
    for project in world.projects.values():
        if not project.client or not project.starts <= first + timedelta(days=4) or first > project.ends:
            continue
        seed = (first.toordinal() // 7 * 31 + len(project.name) * 17) % 13
        worked[project.id] = 4 + seed * 1.25
    return worked


def _review(world: World, first: date) -> Page:
    last = first + timedelta(days=6)
    year, week, _ = first.isocalendar()
    met = [m for project in world.projects.values() for m in project.meetings if first <= m.day <= last]
    worked = hours(world, first)
    lines = [f"# Week {week}", "", f"{spoken(first)} to {spoken(last)}.", ""]
    if met:
        lines += [
            "## Meetings",
            "",
            *(f"- {m.day:%A}: {world.projects[m.project].name}, {m.title}" for m in met),
            "",
        ]
    if worked:
        lines += ["## Hours", "", "| project | hours | euros |", "|---------|------:|------:|"]
        rate = world.me["rate"]
        lines += [
            f"| {world.projects[name].name} | {spent:.2f} | {round(spent * rate):,} |"
            for name, spent in worked.items()
        ]
        lines += [f"| **all** | **{sum(worked.values()):.2f}** | |", ""]
    for invoice in world.invoices:
        if first <= invoice.issued <= last:
            lines.append(f"- sent invoice {invoice.id} to {invoice.project.client}: {euros(invoice.amount)}")
        if invoice.paid and first <= invoice.paid <= last:
            lines.append(f"- {invoice.project.client} paid {invoice.id}")
    lines += [f"- away: {trip.name}" for trip in world.trips if trip.starts <= last and trip.ends >= first]
    return note(f"weekly/{year}-W{week:02}.md", "\n".join(lines), last, tags=["weekly"])

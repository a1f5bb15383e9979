"""World: who and what recurs in the demo's year, on real dates before a given today.

Stories (projects, trips, invoices) keep their order by counting weeks back from today; what belongs
to a season or a birthday keeps its day of the year. The same today gives the same world, always.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, NamedTuple

WEEKDAYS = {"harbour": 1, "meridian": 2, "tidewater": 3, "kestrel": 0, "attic": 5}
"""On which day of the week a project meets."""


class Person(NamedTuple):
    id: str
    name: str
    email: str
    role: str
    birthday: str
    circle: str
    about: str

    @property
    def first(self) -> str:
        return self.name.split()[0]


class Meeting(NamedTuple):
    project: str
    day: date
    title: str
    talk: Sequence[str]
    decisions: Sequence[str]
    actions: Sequence[tuple[str, str]]
    """Who does what."""


class Project(NamedTuple):
    id: str
    name: str
    client: str
    people: Sequence[Person]
    starts: date
    ends: date
    budget: int
    spent: int
    summary: str
    goals: Sequence[str]
    meetings: Sequence[Meeting]


class Invoice(NamedTuple):
    id: str
    project: Project
    what: str
    amount: int
    issued: date
    due: date
    paid: date | None


class Trip(NamedTuple):
    id: str
    name: str
    starts: date
    ends: date
    people: Sequence[Person]


class World(NamedTuple):
    """Everything that notes, tasks and files are derived from."""

    today: date
    me: Mapping[str, Any]
    people: Mapping[str, Person]
    projects: Mapping[str, Project]
    invoices: Sequence[Invoice]
    trips: Sequence[Trip]

    def fill(self, text: str, day: date) -> str:
        """`text` with its `{d}`, `{d-3}`, `{year}` and `{inv12}` filled in."""

        def value(found: re.Match[str]) -> str:
            name, offset = found[1], int(found[2] or 0)
            if name == "d":
                return str(day + timedelta(days=offset))
            return str(day.year) if name == "year" else self.invoices[int(name[3:]) - 1].id

        return re.sub(r"\{(d|year|inv\d+)([+-]\d+)?\}", value, text)


def stock(name: str) -> dict[str, Any]:
    """One of the hand-written collections beside this module."""
    return tomllib.loads(files("spatio.demo").joinpath("stock", f"{name}.toml").read_text("utf-8"))


def build_world(today: date) -> World:
    """The world as it stands on `today`."""
    raw, told = stock("world"), stock("meetings")
    monday = today - timedelta(days=today.weekday())
    people = {one["id"]: Person(**one) for one in raw["people"]}
    projects = {
        one["id"]: _project(one, told.get(one["id"], []), people, monday, today) for one in raw["projects"]
    }
    trips = [
        Trip(
            one["id"],
            one["name"],
            monday - timedelta(weeks=one["weeks"]),
            monday - timedelta(weeks=one["weeks"]) + timedelta(days=one["days"]),
            [people[name] for name in one["with"]],
        )
        for one in raw["trips"]
    ]
    return World(
        today, raw["me"], people, projects, _invoices(raw["invoices"], projects, monday, today), trips
    )


def _project(
    one: Mapping[str, Any],
    told: Sequence[Mapping[str, Any]],
    people: Mapping[str, Person],
    monday: date,
    today: date,
) -> Project:
    starts = monday - timedelta(weeks=one["starts"])
    last = max(one["ends"], 1)
    step = (one["starts"] - last) / max(len(told) - 1, 1)
    meetings = []
    for at, topic in enumerate(told):
        week = monday - timedelta(weeks=round(one["starts"] - at * step))
        day = min(week + timedelta(days=WEEKDAYS[one["id"]]), today)
        actions = [
            (who.strip(), what.strip()) for who, _, what in (a.partition(":") for a in topic["actions"])
        ]
        meetings.append(Meeting(one["id"], day, topic["title"], topic["talk"], topic["decisions"], actions))
    return Project(
        one["id"],
        one["name"],
        one["client"],
        [people[name] for name in one["people"]],
        starts,
        monday - timedelta(weeks=one["ends"]),
        one["budget"],
        one["spent"],
        one["summary"],
        one["goals"],
        meetings,
    )


def _invoices(
    raw: Sequence[Mapping[str, Any]], projects: Mapping[str, Project], monday: date, today: date
) -> Sequence[Invoice]:
    numbers: dict[int, int] = {}
    made = []
    for one in raw:
        issued = monday - timedelta(weeks=one["weeks"]) + timedelta(days=-3)
        first = 0 if issued.year == today.year else 28
        numbers[issued.year] = numbers.get(issued.year, first) + 1
        paid = issued + timedelta(days=one["paid_after"]) if one["paid_after"] else None
        made.append(
            Invoice(
                f"INV-{issued.year}-{numbers[issued.year]:03}",
                projects[one["project"]],
                one["what"],
                one["amount"],
                issued,
                issued + timedelta(days=30),
                paid if paid and paid <= today else None,
            )
        )
    return made


def spoken(day: date) -> str:
    """A day as one writes it in a note: Tuesday 3 March."""
    return f"{day:%A} {day.day} {day:%B}"


def euros(amount: int) -> str:
    return f"{amount:,} euros"


def slug(text: str) -> str:
    """A file name for a title in Latin letters."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")

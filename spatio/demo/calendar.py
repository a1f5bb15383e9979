"""The demo's calendars: what recurs, what is ahead, and the meetings, trips and birthdays of the world.

Hours are those of the person who looks at the demo, as its mails' are; a few events keep another zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from providers.calendar.compose import Draft, composed
from providers.calendar.editing import Spot, cancelled, moved
from providers.calendar.event import Person
from spatio.demo.notes import Page
from spatio.demo.world import Meeting, Project, Trip, World, slug, stock
from spatio.demo.world import Person as Known
from vfs.zone import home_zone, zone_of

DOMAIN = "veldman.example"
AHEAD = timedelta(weeks=30)


def all_events(world: World) -> Iterator[Page]:
    """The files of the calendars, below `calendars/`."""
    told = stock("calendar")
    taken: set[str] = set()
    for calendar, title, day, data in _all(world, told):
        name = f"calendars/{calendar}/{slug(title)[:40].strip('-')}"
        number = next(at for at in range(1, 1000) if (f"{name}-{at}" if at > 1 else name) not in taken)
        path = f"{name}-{number}" if number > 1 else name
        taken.add(path)
        yield Page(f"{path}.ics", data, min(day, world.today))


def _all(world: World, told: Mapping[str, Any]) -> Iterator[tuple[str, str, date, bytes]]:
    for one in told["series"]:
        yield one["calendar"], one["title"], _first(world, one), _series(world, one)
    for one in told["events"]:
        day = world.today - timedelta(days=one["days"])
        yield one["calendar"], one["title"], day, _made(world, _draft(world, one, day), day)
    for project in world.projects.values():
        for meeting in project.meetings:
            calendar = "work" if project.client else "family"
            yield (
                calendar,
                meeting.title,
                meeting.day,
                _made(world, _meeting(world, project, meeting), meeting.day),
            )
    for trip in world.trips:
        yield from _trip(world, trip)
    for known in world.people.values():
        if known.birthday:
            yield _birthday(world, known)
    day = date(world.today.year - 1, 1, 10)
    draft = Draft("VAT papers to Willem", day, rule="FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=10", busy=False)
    yield "work", draft.title, day, _made(world, draft, day)


def _first(world: World, one: Mapping[str, Any]) -> date:
    monday = world.today - timedelta(days=world.today.weekday())
    return monday + timedelta(days=one["weekday"]) - timedelta(weeks=one["weeks"])


def _series(world: World, one: Mapping[str, Any]) -> bytes:
    """A series, with the instances that were moved, and without those during a trip."""
    first = _first(world, one)
    data = _made(world, _draft(world, one, first), first)
    if "at" not in one:
        return data
    for trip in sorted(world.trips, key=lambda trip: trip.starts) if one.get("away") else ():
        for before in _during(first, trip, _at(first, one["at"]), "INTERVAL=2" in one["rule"]):
            data = cancelled(data, _spot(before)).kept or data
    for weeks, days, hour in one.get("moved", ()):
        monday = world.today - timedelta(days=world.today.weekday())
        before = _at(monday - timedelta(weeks=weeks) + timedelta(days=one["weekday"]), one["at"])
        data = moved(data, _spot(before), _at(before.date() + timedelta(days=days), hour)).kept or data
    return data


def _during(first: date, trip: Trip, start: datetime, every_second: bool) -> Iterator[datetime]:
    step = timedelta(weeks=2 if every_second else 1)
    day = first
    while day <= trip.ends:
        if day >= trip.starts:
            yield datetime.combine(day, start.timetz())
        day += step


def _spot(start: datetime) -> Spot:
    """One instance of a series, by when it would have been."""
    key = f"{start:%Y%m%dT%H%M%S}"
    return Spot(key, "this", start, home_zone(), "")


def _draft(world: World, one: Mapping[str, Any], day: date) -> Draft:
    """What the stock says of an event."""
    start: datetime | date = day
    end: datetime | date | None = None
    if "at" in one:
        start = _at(day, one["at"], one.get("zone", ""))
        end = start + timedelta(minutes=one["minutes"])
    elif "until" in one:
        end = world.today - timedelta(days=one["until"] - 1)
    invited = [_person(world.people[name]) for name in one.get("with", ())]
    organizer = _person(world.people[one["from"]], "accepted") if "from" in one else None
    if organizer is not None:
        invited = [person for person in invited if person.address != organizer.address]
        invited.append(_me(world, "needs-action"))
    elif invited:
        organizer = _me(world, "accepted")
    return Draft(
        one["title"],
        start,
        end,
        one.get("zone", ""),
        one.get("place", ""),
        one.get("text", ""),
        invited,
        organizer,
        one.get("rule", ""),
        (30,) if one.get("place") and "at" in one and "rule" not in one else (),
        one.get("busy", True),
        link=one.get("link", ""),
    )


def _meeting(world: World, project: Project, meeting: Meeting) -> Draft:
    """A project's meeting, at the hour that its mails say."""
    start = _at(meeting.day, "10:00")
    invited = [_person(person, "accepted") for person in project.people if person.email]
    text = "\n".join([f"- {decision}" for decision in meeting.decisions])
    return Draft(
        f"{project.name}: {meeting.title}",
        start,
        start + timedelta(minutes=90),
        description=text,
        attendees=invited,
        organizer=_me(world, "accepted"),
        categories=(project.id,),
    )


def _trip(world: World, trip: Trip) -> Iterator[tuple[str, str, date, bytes]]:
    """The days of a trip, and to Crete the flights, each end in its own zone."""
    draft = Draft(
        trip.name, trip.starts, trip.ends + timedelta(1), location=trip.name.split(",")[0], busy=True
    )
    yield "personal", trip.name, trip.starts, _made(world, draft, trip.starts)
    if trip.id != "crete":
        return
    for title, day, zone, at, hours, place in (
        ("Flight to Heraklion", trip.starts, "Europe/Amsterdam", "09:35", 3.5, "Schiphol"),
        ("Flight home", trip.ends, "Europe/Athens", "15:10", 3.75, "Heraklion"),
    ):
        start = _at(day, at, zone)
        flight = Draft(title, start, start + timedelta(hours=hours), zone, place)
        yield "personal", title, day, _made(world, flight, day)


def _birthday(world: World, known: Known) -> tuple[str, str, date, bytes]:
    month, day = map(int, known.birthday.split("-"))
    first = date(world.today.year - 1, month, day)
    draft = Draft(f"{known.first}'s birthday", first, rule="FREQ=YEARLY", busy=False)
    calendar = "family" if known.circle == "family" else "personal"
    return calendar, draft.title, first, _made(world, draft, first)


def _made(world: World, draft: Draft, day: date) -> bytes:
    stamp = datetime.combine(min(day, world.today) - timedelta(days=7), time(9), UTC)
    return composed(draft, f"{slug(draft.title)}-{day:%Y%m%d}@{DOMAIN}", stamp)


def _at(day: date, hour: str, zone: str = "") -> datetime:
    return datetime.combine(day, time.fromisoformat(hour), zone_of(zone) if zone else home_zone())


def _me(world: World, answer: str) -> Person:
    return Person(world.me["name"], world.me["email"], answer)


def _person(known: Known, answer: str = "accepted") -> Person:
    return Person(known.name, known.email, answer)

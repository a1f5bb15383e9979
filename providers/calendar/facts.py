"""Facts: an event's attributes, as columns and `where` see them, and what an index keeps of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from providers.calendar.event import Person, Said
from vfs.node import Value

Kept = list[object]
"""What JSON can hold."""


def packed(said: Said) -> Kept:
    """What is said, for JSON; fields at the end that hold nothing are left out."""
    made: Kept = list(said)
    made[4] = list(said.organizer) if said.organizer else None
    made[5] = [list(person) for person in said.attendees]
    made[7] = list(said.categories)
    blank: Kept = ["", "", "confirmed", True, None, [], "", [], "", False, ""]
    while made and made[-1] == blank[len(made) - 1]:
        made.pop()
    return made


def unpacked(kept: Sequence[object]) -> Said:
    """What `packed` was given."""
    said = Said(*kept)  # type: ignore[arg-type]
    return said._replace(
        organizer=_person(said.organizer) if said.organizer else None,
        attendees=tuple(_person(one) for one in said.attendees),
        categories=tuple(said.categories),
    )


def _person(kept: Iterable[object]) -> Person:
    return Person(*kept)  # type: ignore[arg-type]


def attributes(
    said: Said,
    start: datetime | date,
    end: datetime | date,
    *,
    all_day: bool = False,
    uid: str,
    zone: str = "",
    instance: str = "",
    recurring: bool = False,
    calendar: str = "",
    account: str = "",
    series: str = "",
    mine: Collection[str] = (),
) -> dict[str, Value]:
    """An entry's attributes. An all-day event has dates; its `end` is the first day after it, as in files.

    `mine` are the own addresses, in lower case: they tell what the person has answered.
    """
    return {
        "title": said.title,
        "start": start,
        "end": end,
        "all_day": all_day or not isinstance(start, datetime),
        "location": said.location,
        "calendar": calendar,
        "account": account,
        "status": said.status,
        "busy": said.busy and said.status != "cancelled",
        "organizer": str(said.organizer) if said.organizer else "",
        "attendees": tuple(str(person) for person in said.attendees),
        "answer": answer_of(said, mine),
        "recurring": recurring,
        "rule": said.rule,
        "zone": zone,
        "uid": uid,
        "instance": instance,
        "series": series,
        "link": said.link,
        "categories": said.categories,
        "private": said.private,
        "problem": said.problem,
    }


def answer_of(said: Said, mine: Collection[str]) -> str:
    """What the owner of the addresses `mine` has answered; "" when not invited."""
    for person in said.attendees:
        if person.address.lower() in mine:
            return person.answer
    return ""

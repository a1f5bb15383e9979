"""Where an instance lies, for guards: they ask at once, and what is denied in a calendar is denied by day."""

from __future__ import annotations

import time
from datetime import date
from threading import Thread
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from providers.calendar import days, naming
from vfs.drive import drive, event_loop, looping
from vfs.errors import VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from providers.calendar.days import Happening
    from providers.calendar.looking import Looking

HOLDS = 0.5
"""Seconds for which what was found holds, so that the entries of a day are looked for once."""

_found: WeakKeyDictionary[Looking, dict[date, tuple[float, list[Happening]]]] = WeakKeyDictionary()


def file_of(lens: Looking, plain: Path) -> Path:
    """The stored file of the instance at a plain path; the path itself where nothing is there."""
    day = naming.day_of(plain.parts[0])
    if day is None:
        return plain
    known = _found.setdefault(lens, {})
    at, listed = known.get(day, (0.0, []))
    one = days.named(listed, plain.parts[1]) if time.monotonic() - at < HOLDS else None
    if one is None:
        listed = _asked(lens, day)
        if len(known) > 100:
            known.clear()
        known[day] = time.monotonic(), listed
        one = days.named(listed, plain.parts[1])
    return plain if one is None else one.file


def _asked(lens: Looking, day: date) -> list[Happening]:
    """What happens on a day. Blocks; under an event loop another thread waits for the store."""
    shelf, zone = lens.shelf, lens.zone()
    answer: list[Happening] = []

    async def ask(apart: bool) -> None:
        if apart:
            await event_loop()
        answer.extend(
            (await lens.store.read(lambda connection: days.spread(connection, shelf, day, day, zone)))[day]
        )

    def run() -> None:
        try:
            drive(ask(True))
        except VfsError:
            answer.clear()

    if looping():
        thread = Thread(target=run, name="calendar-guard", daemon=True)
        thread.start()
        thread.join()
    else:
        try:
            drive(ask(False))
        except VfsError:
            answer.clear()
    return answer

"""Where an instance lies, for guards: they ask at once, and what is denied in a calendar is denied by day."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from threading import Thread
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from providers.calendar import days, kept, naming
from providers.calendar.looking import FOLDER
from providers.store import rows
from vfs.drive import drive, event_loop, looping
from vfs.errors import VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from providers.calendar.days import Happening
    from providers.calendar.looking import Looking

T = TypeVar("T")

HOLDS = 0.5
"""Seconds for which what was found holds, so that the entries of a day are looked for once."""

_found: WeakKeyDictionary[Looking, dict[date, tuple[float, list[Happening]]]] = WeakKeyDictionary()


def file_of(lens: Looking, plain: Path) -> Path:
    """The stored file of the instance at a plain path; where nothing is there, the one that would be made."""
    day = naming.day_of(plain.parts[0])
    if day is None:
        return plain
    known = _found.setdefault(lens, {})
    at, listed = known.get(day, (0.0, []))
    one = days.named(listed, plain.parts[1]) if time.monotonic() - at < HOLDS else None
    if one is None:
        listed = _waited(lambda: _on_day(lens, day)) or []
        if len(known) > 100:
            known.clear()
        known[day] = time.monotonic(), listed
        one = days.named(listed, plain.parts[1])
    if one is not None:
        return one.file
    calendar = lens.default or _waited(lambda: _first(lens))
    return FOLDER.child(calendar).child(plain.parts[1]) if calendar else plain


async def _first(lens: Looking) -> str:
    """The first calendar that is kept; no service is asked, as a guard must answer at once."""
    shelf = lens.shelf
    names = await lens.store.read(lambda connection: kept.names_in(connection, shelf, rows.path_text(FOLDER)))
    return min(names, default="")


async def _on_day(lens: Looking, day: date) -> list[Happening]:
    shelf, zone = lens.shelf, lens.zone()
    return (await lens.store.read(lambda connection: days.spread(connection, shelf, day, day, zone)))[day]


def _waited(asked: Callable[[], Awaitable[T]]) -> T | None:
    """What the store answers; None where it cannot. Blocks; under an event loop another thread waits."""
    answer: list[T] = []

    async def ask(apart: bool) -> None:
        if apart:
            await event_loop()
        answer.append(await asked())

    def run(apart: bool = True) -> None:
        with suppress(VfsError):
            drive(ask(apart))

    if looping():
        thread = Thread(target=run, name="calendar-guard", daemon=True)
        thread.start()
        thread.join()
    else:
        run(False)
    return answer[0] if answer else None

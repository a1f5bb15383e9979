"""A month of 500 events that recur, beside recurring-ical-events; a day's folder beside a folder of notes."""

from __future__ import annotations

import functools
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from benchmarks.bench import PROGRAMS, Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import compare, report, run
from providers.calendar.local import Calendars
from providers.notes import Markdown
from providers.store.provider import StoreProvider
from providers.store.sqlite import SqliteStore
from spatio.entry import calm_collector
from vfs.action import Change
from vfs.drive import drive
from vfs.path import ROOT, Path

EVENTS = 500
MONTH = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
WARM = 0.05
"""Seconds for a month's instances, in a session."""

RULES = (
    "FREQ=WEEKLY;BYDAY=MO", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=YEARLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
    "FREQ=WEEKLY;UNTIL=20301231T000000Z",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=WEEKLY;COUNT=900",
)  # fmt: skip
ZONES = ("Europe/Helsinki", "America/New_York", "Europe/Berlin")


def events() -> dict[str, bytes]:
    """Calendar files by their names: meetings that began in the last ten years."""
    lot = random.Random(5)
    files = {}
    for number in range(EVENTS):
        begun = datetime(lot.randint(2016, 2025), lot.randint(1, 12), lot.randint(1, 28), lot.randint(8, 17))
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN", "BEGIN:VEVENT", f"UID:{number}@bench",
            "DTSTAMP:20160101T000000Z", f"DTSTART;TZID={lot.choice(ZONES)}:{begun:%Y%m%dT%H%M%S}",
            "DURATION:PT1H", f"SUMMARY:Meeting {number}", f"RRULE:{RULES[number % len(RULES)]}",
            "END:VEVENT", "END:VCALENDAR", "",
        ]  # fmt: skip
        files[f"meeting-{number:04}.ics"] = "\r\n".join(lines).encode()
    return files


def calendar(bench: Bench) -> None:
    """Warm: a month's instances in one process, as a session's. Cold: whole programs side by side."""
    calm_collector()
    with tempfile.TemporaryDirectory(dir=bench.data) as scratch:
        _in_process(pathlib.Path(scratch))
    home, folder = _workspace(bench)
    line = f"calendar agenda {MONTH[0]:%Y-%m}"
    rounds = bench.in_session(home, line, 7)
    seconds = statistics.median(one.cpu for one in rounds)
    print(f"     {line}, in a session: {seconds * 1000:.1f} ms of CPU")
    peer = functools.partial(
        run,
        [
            sys.executable,
            str(PROGRAMS / "agenda_others.py"),
            str(folder),
            str(MONTH[0].year),
            str(MONTH[0].month),
        ],
        env=clean_environment(bench.data),
    )
    ratio = compare(bench.run(home, *line.split()), peer, pairs=5)
    report(f"{line}, {EVENTS} events, beside recurring-ical-events", ratio, 1.2)
    today = compare(bench.run(home, "ls", "/calendar/today"), bench.run(home, "ls", "/notes/many"), pairs=15)
    report("ls /calendar/today beside ls of a folder with as many notes", today, 1.1)


def _in_process(place: pathlib.Path) -> None:
    store = SqliteStore(place / "spatio.db", place / "objects", keep_copy=False)
    lens = Calendars(store, "calendar")
    notes = StoreProvider(store, "notes", Markdown())
    drive(_fill(lens))

    async def month() -> int:
        return sum([len(page) async for page in lens.between(ROOT, *MONTH)])

    count = drive(month())
    seconds = min(_timed(month) for _ in range(9))
    mark = "ok  " if seconds <= WARM else "MISS"
    took, goal = f"{seconds * 1000:.1f} ms", f"{WARM * 1000:.0f} ms"
    print(f"{mark} a month of {EVENTS} events that recur, {count:,} instances: {took}, goal {goal}")
    day = ROOT.child(f"{MONTH[0] + timedelta(days=17):%Y-%m-%d}")
    entries = drive(_listed(lens, day))
    drive(notes.mkdir(ROOT.child("many"), Change("many")))
    drive(_write(notes, {f"many/note-{number:04}.md": b"x" for number in range(entries)}))
    of_day = min(_timed(lambda: _listed(lens, day)) for _ in range(9))
    of_notes = min(_timed(lambda: _listed(notes, ROOT.child("many"))) for _ in range(9))
    print(
        f"     a day of {entries} entries listed, beside a folder of as many notes: {of_day / of_notes:.1f}x",
        end="",
    )
    print(f" ({of_day * 1000:.1f} ms beside {of_notes * 1000:.1f} ms)")
    drive(store.aclose())


def _timed(work: object) -> float:
    began = time.process_time()
    drive(work())  # type: ignore[operator]
    return time.process_time() - began


async def _listed(provider: StoreProvider, path: Path) -> int:
    return sum([len(page) async for page in provider.list(path)])


async def _fill(lens: Calendars) -> None:
    await _write(lens, {f"calendars/{lens.default}/{name}": data for name, data in events().items()})


async def _write(provider: StoreProvider, files: dict[str, bytes]) -> None:
    async def given() -> AsyncIterator[tuple[Path, bytes]]:
        for name, data in files.items():
            yield Path.parse(f"/{name}"), data

    async for _ in provider.write_many(given(), Change("fill")):
        pass


def _workspace(bench: Bench) -> tuple[pathlib.Path, pathlib.Path]:
    """A workspace of the installed program with the events in it, and the folder that has them as files."""
    folder = bench.data / "calendar-files"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in events().items():
        (folder / name).write_bytes(data)
    home = bench.data / "calendar-home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    script = (
        f"mount /others local path={folder}; cp /others/*.ics /calendar/calendars/personal/;"
        " mkdir /notes/many; ls /calendar/today"
    )
    today = _output(bench, home, script)
    last = 1000 + sum(line.endswith(".ics") for line in today.splitlines()) - 1
    _output(bench, home, f"for n in {{1000..{last}}}; do echo x > /notes/many/note-$n.md; done")
    return home, folder


def _output(bench: Bench, home: pathlib.Path, line: str) -> str:
    argv = [bench.spatio, "-c", line]
    return subprocess.run(
        argv, check=True, env=clean_environment(home), stdout=subprocess.PIPE, text=True
    ).stdout

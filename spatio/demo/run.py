"""`spatio demo`: everything that `spatio` does, on a workspace that is made for it and then removed.

The story is told as of today, so that deadlines are near; `--today` tells it as of another day, on
which the session's clock then stands still. The small local models serve, whatever accounts there are.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import date, datetime, time
from types import FrameType

from providers.store.sqlite import SqliteStore
from spatio import front
from spatio.demo.fill import fill
from spatio.founding import found
from spatio.paths import places, write_private
from spatio.start import Start, say
from vfs.drive import drive

CONFIG = """\
# The demo needs no account: its agents work with the small local models.
[[endpoints]]
name = "local"
local = true
"""

GREETING = "a year of one Nora Veldman's notes, tasks and files"
FIRST = "  try: search invoice, ls /tasks | sort-by due, undo, help"


def run_demo(begun: Start, keep: str | None, today: date | None) -> int:
    """Runs `begun` on a demo workspace: a temporary one, or the one in `keep`, made when missing."""
    if not begun.words and os.isatty(0) and os.isatty(2):
        say(f"{GREETING}\n{FIRST}" if keep else f"{GREETING}\n  it is removed when you leave\n{FIRST}")
    if keep is not None:
        return _run(begun, keep, today)
    folder = tempfile.mkdtemp(prefix="spatio-demo-")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        return _run(begun, folder, today)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _run(begun: Start, folder: str, today: date | None) -> int:
    make_demo(folder, today or date.today())
    clock: Callable[[], datetime] | None = None
    if today is not None:
        stands = datetime.combine(today, time(9, 30)).astimezone()
        clock = lambda: stands
    return front.run(begun._replace(home=folder), clock=clock)


def make_demo(folder: str, today: date) -> int:
    """Fills `folder` with the demo's workspace; returns the number of entries, 0 if one is there."""
    where = places(folder)
    if os.path.exists(where.database):
        return 0
    found(where)
    write_private(where.config_file, CONFIG)

    async def work() -> int:
        store = SqliteStore(where.database, where.objects)
        try:
            return await fill(store, today)
        finally:
            await store.aclose()

    return drive(work())

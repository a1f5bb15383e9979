"""`spatio demo`: everything that `spatio` does, on a workspace that is made for it and then removed.

With `--store ADDRESS` it is filled into that database, and stays there.

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

from spatio import front
from spatio.demo.fill import fill
from spatio.initial import make
from spatio.paths import places, write_private
from spatio.start import Start, say
from spatio.storing import Chosen, choose
from vfs.drive import drive

CONFIG = """\
# The demo needs no account: its agents work with the small local models.
[[endpoints]]
name = "local"
local = true

# Its mailbox is a folder beside its database: what is sent is filed there, and goes nowhere.
[mounts."/mail"]
provider = "maildir"
path = "mail"
send = "file"
address = "Nora Veldman <nora@veldman.example>"

# Invitations to this address can be answered.
[mounts."/calendar"]
provider = "calendar"
address = "nora@veldman.example"
"""

_ANY = "SELECT 1 FROM node WHERE user_id = ? AND mount IN ('notes', 'tasks', 'files') LIMIT 1"

GREETING = "a year of one Nora Veldman's notes, tasks, files, mail, calendar and money"
FIRST = "  try: calendar, plan today, mail list, bank balance, search invoice, undo, help"


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
    chosen = chosen_for(folder, begun.store, begun.objects)
    if not make_demo(folder, today or date.today(), chosen) and begun.store:
        say(f"there is a workspace in {chosen.address.name} already: nothing was added to it")
    clock: Callable[[], datetime] | None = None
    if today is not None:
        stands = datetime.combine(today, time(9, 30)).astimezone()
        clock = lambda: stands
    # Named outright, so that the store that the environment names is left alone.
    objects = begun.objects or (None if begun.store else chosen.facts["objects"])
    named = begun._replace(home=folder, store=begun.store or chosen.address.text, objects=objects)
    return front.run(named, clock=clock)


def chosen_for(folder: str, store: str | None = None, objects: str | None = None) -> Chosen:
    """The demo's store: the one that is named, else the folder's own. Raises ConfigError."""
    return choose(places(folder), None, store, objects, {})


def make_demo(folder: str, today: date, chosen: Chosen | None = None) -> int:
    """Fills `folder`, or another store, with the demo's workspace; returns the number of entries.

    0 if there is a workspace with notes, tasks or files in it already.
    """
    where = places(folder)
    chosen = chosen or chosen_for(folder)
    make(chosen)
    if not os.path.exists(where.config_file):
        write_private(where.config_file, CONFIG)

    async def work() -> int:
        store = chosen.connect()
        try:
            if await store.read(lambda connection: connection.execute(_ANY, (store.user,)).fetchall()):
                return 0
            return await fill(store, today, where.data)
        finally:
            await store.aclose()

    return drive(work())

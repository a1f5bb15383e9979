"""A mount whose replica is fresh loads nothing that speaks to servers."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

from tests.imap.post import drive, message, options
from tests.imap.test_mirror import mounted
from tests.servers.dovecot import Mailbox

_LINE = """
import json, pathlib, sys
from providers.mail.imap.provider import PROVIDER
from providers.spec import Opening
from providers.store.sqlite import SqliteStore
from vfs.drive import drive
from vfs.path import Path

place = pathlib.Path(sys.argv[1])
store = SqliteStore(place / "spatio.db", place / "objects", keep_copy=False)
mount = PROVIDER.open(Opening(json.loads(sys.argv[2]), lambda: store))

async def names():
    return [node.name async for page in mount.list(Path.parse("/inbox")) for node in page]

print(*drive(names()))
heavy = {"asyncio", "ssl", "socket", "imaplib", "smtplib", "email", "httpx", "concurrent.futures"}
print(*sorted(heavy & set(sys.modules)))
"""


def test_a_listing_of_a_fresh_replica_asks_and_loads_nothing(box: Mailbox, tmp_path: pathlib.Path) -> None:
    box.append([message(1)])

    async def synced() -> None:
        async with mounted(box, tmp_path) as mirror:
            await mirror.engine.sync()

    drive(synced())
    given = json.dumps({**options(box), "max_age": "1h", "port": "1"})
    done = subprocess.run(
        [sys.executable, "-c", _LINE, str(tmp_path), given],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=pathlib.Path(__file__).parent.parent.parent,
    )
    listed, loaded = done.stdout.splitlines()
    assert listed == "2024-01-15-letter-1"
    assert loaded == ""

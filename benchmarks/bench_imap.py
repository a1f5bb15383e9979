"""A mailbox brought here beside imap-tools, which stores nothing, and mbsync, which stores files."""

from __future__ import annotations

import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from benchmarks.bench import PROGRAMS, Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import Run, compare, report
from benchmarks.text import documents
from tests.servers.dovecot import PASSWORD, Mailbox, running_dovecot

COUNT = int(os.environ.get("SPATIO_BENCH_MAILS", "10000"))
PEOPLE = 400


def imap(bench: Bench) -> None:
    """10,000 messages: headers, whole, and again with nothing new."""
    with running_dovecot() as server, tempfile.TemporaryDirectory(dir=bench.data) as scratch:
        box = server.mailbox()
        box.fill(_mails())
        box.uids()
        place = pathlib.Path(scratch)
        headers = compare(
            lambda: _timed(bench, box, "headers", _new(place)),
            lambda: _timed(bench, box, "imap-tools", _new(place)),
            pairs=3,
            wall=True,
        )
        report(f"{COUNT:,} headers listed and stored, wall, beside imap-tools bulk", headers, 1.0)
        if shutil.which("mbsync") is None:
            print("     mbsync is not installed (apt install isync): left out")
            return
        whole = compare(
            lambda: _timed(bench, box, "bodies", _new(place)),
            lambda: _mbsync(box, _new(place)),
            pairs=3,
            warmups=0,
            wall=True,
        )
        report(f"{COUNT:,} messages fetched and stored, wall, beside mbsync", whole, 1 / 3)
        ours, theirs = _new(place), _new(place)
        _timed(bench, box, "bodies", ours)
        _mbsync(box, theirs)
        again = compare(
            lambda: _timed(bench, box, "again", ours), lambda: _mbsync(box, theirs), pairs=3, wall=True
        )
        report(f"nothing new among {COUNT:,}, wall, beside mbsync", again, None)


def _mails() -> list[bytes]:
    """Mails of some kilobytes, in threads, from a few hundred people, some of them to lists."""
    chance = random.Random(1)
    first = datetime(2023, 1, 1, tzinfo=UTC)
    mails: list[bytes] = []
    for number, body in enumerate(documents(COUNT, 400)):
        made = EmailMessage()
        person = chance.randrange(PEOPLE)
        made["Received"] = (
            "from mail.example.org by mx.example.net with ESMTPS id 4Xy7; Mon, 2 Jan 2023 10:00:00 +0000"
        )
        made["From"] = f"Person {person} <person{person}@example.org>"
        made["To"] = "Ada <ada@example.org>, " + ", ".join(
            f"p{chance.randrange(PEOPLE)}@example.org" for _ in range(2)
        )
        made["Subject"] = ("Re: " if number % 3 else "") + " ".join(body.split()[3:9])
        made["Date"] = format_datetime(first + timedelta(minutes=47 * number))
        made["Message-ID"] = f"<{number}@example.org>"
        if number % 3:
            made["References"] = f"<{number - number % 3}@example.org>"
        if number % 5 == 0:
            made["List-Id"] = "<list.example.org>"
        made.set_content(body)
        mails.append(made.as_bytes().replace(b"\n", b"\r\n"))
    return mails


def _new(place: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(tempfile.mkdtemp(dir=place))


def _timed(bench: Bench, box: Mailbox, who: str, folder: pathlib.Path) -> Run:
    argv = [
        bench.python,
        str(PROGRAMS / "imap_sync.py"),
        who,
        str(box.server.imap),
        box.user,
        PASSWORD,
        str(folder),
    ]
    done = subprocess.run(argv, check=True, env=clean_environment(bench.data), stdout=subprocess.PIPE)
    return Run(*json.loads(done.stdout))


def _mbsync(box: Mailbox, folder: pathlib.Path) -> Run:
    config = folder / "mbsyncrc"
    config.write_text(
        f"IMAPAccount there\nHost 127.0.0.1\nPort {box.server.imap}\nUser {box.user}\nPass {PASSWORD}\n"
        f"SSLType None\nAuthMechs LOGIN\n\nIMAPStore remote\nAccount there\n\n"
        f"MaildirStore local\nPath {folder}/mail/\nInbox {folder}/mail/inbox\n\n"
        f"Channel all\nFar :remote:\nNear :local:\nCreate Near\nSyncState {folder}/state\n"
    )
    (folder / "mail").mkdir(exist_ok=True)
    started = time.perf_counter()
    subprocess.run(["mbsync", "-q", "-c", str(config), "all"], check=True, capture_output=True)
    return Run(time.perf_counter() - started, 0.0, 0.0)

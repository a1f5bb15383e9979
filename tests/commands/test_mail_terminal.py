"""Mail on a real terminal: tables, and nothing of what others wrote acts on it."""

from __future__ import annotations

import os
import pathlib
import sys

import pexpect
import pytest

from tests.commands.mailbox import Mailbox
from tests.commands.render.screen import ESCAPES, findings

ROOT = pathlib.Path(__file__).parents[2]


def on_terminal(box: Mailbox, *lines: str, columns: int = 100) -> bytes:
    """What a terminal gets of a script."""
    script = box.home.parent / "lines.spatio"
    script.write_text("\n".join(lines) + "\n", "utf-8")
    env = {**os.environ, "SPATIO_HOME": str(box.home), "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    child = pexpect.spawn(
        sys.executable, ["-m", "spatio", str(script)], env=env, timeout=60, dimensions=(24, columns)
    )
    seen = child.read()
    child.close()
    return bytes(seen).replace(b"\r\n", b"\n")


def plain(seen: bytes) -> str:
    """Without colours."""
    out = seen.decode("utf-8", "replace")
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[1;34m", "\x1b[34m", "\x1b[1;33m", "\x1b[34;1m"):
        out = out.replace(code, "")
    return out


@pytest.fixture
def box(tmp_path: pathlib.Path) -> Mailbox:
    made = Mailbox(tmp_path)
    made.deliver("Invoice #1234", "client@example.com", "Please pay the invoice.\n", days=1)
    made.deliver("Lunch on Friday?", flags="FS", days=0.2)
    return made


def test_a_search_prints_what_and_who(box: Mailbox) -> None:
    seen = plain(on_terminal(box, "ls /mail/inbox >/dev/null", 'search "invoice" in /mail/inbox'))
    assert seen.splitlines()[:3] == [
        "Found 1 message:",
        '1. "Invoice #1234" from client@example.com',
        "   /mail/inbox/2026-11-19-invoice-1234",
    ]


def test_the_tables_show_what_tells_mails_apart(box: Mailbox) -> None:
    seen = plain(on_terminal(box, "mail list", "ls -l /mail/inbox", columns=90)).splitlines()
    assert seen[0].split() == ["date", "flags", "from", "subject", "name"]
    assert "F" not in seen[1].split()
    assert "Ada Lovelace" in seen[1]
    assert "Lunch on Friday?" in seen[1]
    assert seen[3].split()[:4] == ["size", "date", "flags", "name"]
    assert "2026-11-19-invoice-1" in seen[4]
    assert "client@example.com" in seen[4]


def test_nothing_that_others_wrote_acts_on_the_terminal(tmp_path: pathlib.Path) -> None:
    box = Mailbox(tmp_path)
    for number, text in enumerate(ESCAPES):
        line = "".join([char for char in text if char not in "\r\n\0"])
        name = line.replace('"', "").replace("\\", "")
        part = (
            f'Content-Disposition: attachment; filename="{name}.txt"\r\nContent-Type: text/plain\r\n\r\nx\r\n'
        )
        box.deliver(
            f"canary {number} {line}",
            f'"{name}" <x{number}@example.org>',
            f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\ncanary {text}\r\n--b\r\n{part}--b--\r\n",
            more="Content-Type: multipart/mixed; boundary=b\r\n",
        )
    seen = on_terminal(
        box,
        "mail list",
        "mail list --threads",
        "ls -l /mail/inbox",
        "ls -l /mail/inbox | where unread",
        "mail list | mail read",
        "mail list | mail attachments",
        "mail read canary",
        "stat /mail/inbox/*",
        "search canary in /mail",
        "mail rules add x --when 'subject ~ canary' --mark read --label canary",
        "mail rules test x",
        "mail list | mail archive",
        "mail list archive | mail mark --flag",
        "mail list archive | mail attachments --save /files",
        "mail draft --to x@example.org -s 'canary' < /mail/archive/*canary-0*",
        "history /mail",
        "undo",
    )
    assert seen.count(b"canary") > 10 * len(ESCAPES)
    assert b"Traceback" not in seen
    assert b"a bug in Spatio" not in seen
    assert findings(seen) == []


def test_what_a_sync_says_does_not_stand_behind_its_progress(box: Mailbox) -> None:
    seen = on_terminal(box, "sync")
    assert b"spatio: /mail: " in seen
    shown = [line.rsplit(b"\r\x1b[K", 1)[-1] for line in seen.split(b"\n")]
    assert plain(shown[0]).split() == ["path", "new", "changed", "gone", "bodies", "pushed"]
    assert plain(shown[1]).split()[:2] == ["/mail", "2"]

"""A workspace with a mailbox in it: a maildir of this computer, and lines that are run on it."""

from __future__ import annotations

import json
import os
import pathlib
from datetime import datetime, timedelta
from typing import Any

from commands.stream import Collected, Given, Io
from spatio.workspace import open_workspace
from tests.workspaces import Answer
from vfs.drive import drive

NOW = datetime.fromisoformat("2026-11-20T09:30:00+01:00")

CONFIG = """
[mounts."/mail"]
provider = "maildir"
path = "{root}"
address = "Nora Vermeer <nora@example.org>"
send = "file"
max_age = "1h"
"""

FOLDERS = ("", ".Sent", ".Drafts", ".Archive", ".Trash", ".Junk", ".work")


class Mailbox:
    """One person's mails. Each `run` is a program of its own, unless it is given several lines."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.home = folder / "home"
        self.root = folder / "maildir"
        for name in FOLDERS:
            for place in ("cur", "new", "tmp"):
                os.makedirs(self.root / name / place)
        self.home.mkdir()
        (self.home / "config.toml").write_text(CONFIG.format(root=self.root))
        self.count = 0
        self.interactive = False
        self.answers: list[bool] = []
        self.asked: list[str] = []

    def deliver(
        self,
        subject: str,
        sender: str = "Ada Lovelace <ada@example.org>",
        text: str = "Hello.\n",
        *,
        folder: str = "",
        flags: str = "",
        days: float = 0.0,
        more: str = "",
        raw: bytes | None = None,
    ) -> str:
        """Puts a mail into a folder, `days` ago; its Message-ID."""
        self.count += 1
        date = (NOW - timedelta(days=days)).strftime("%a, %d %b %Y %H:%M:%S %z")
        message_id = f"m{self.count}@example.org"
        head = (
            f"From: {sender}\r\nTo: Nora Vermeer <nora@example.org>\r\nSubject: {subject}\r\n"
            f"Date: {date}\r\nMessage-ID: <{message_id}>\r\n{more}"
        )
        if "Content-Type" not in more:
            head += "Content-Type: text/plain; charset=utf-8\r\n"
        data = raw if raw is not None else f"{head}\r\n{text}".encode("utf-8", "surrogatepass")
        stamp = int(NOW.timestamp()) + self.count
        file = self.root / folder / "cur" / f"{stamp}.{self.count}.test:2,{flags}"
        file.write_bytes(data)
        return message_id

    def run(self, *lines: str, stdin: bytes = b"") -> Answer:
        return drive(self._run(lines, stdin))

    async def _run(self, lines: tuple[str, ...], stdin: bytes) -> Answer:
        workspace = open_workspace(self.home)
        session = workspace.session(
            env={"HOME": "/"}, clock=lambda: NOW, interactive=self.interactive, asker=self._ask
        )
        out, errors = Collected(), Collected()
        status = 0
        try:
            for line in lines:
                status = (await session.run(line, Io(Given(stdin), out, errors), last=False)).status
        finally:
            await session.aclose()
            await workspace.aclose()
        return Answer(status, out.data.decode("utf-8", "replace"), errors.data.decode("utf-8", "replace"))

    async def _ask(self, question: str) -> bool:
        self.asked.append(question)
        return bool(self.answers) and self.answers.pop(0)

    def rows(self, *lines: str) -> list[dict[str, Any]]:
        """The records that the last line yields."""
        *before, last = lines
        ran = self.run(*before, f"{last} | to json")
        assert ran.out.strip(), ran
        return list(json.loads(ran.out))

    def names(self, *lines: str) -> list[str]:
        """Their names."""
        return [str(row["name"]) for row in self.rows(*lines)]

    def there(self, folder: str = "") -> list[str]:
        """What the folder of this computer holds."""
        return sorted(os.listdir(self.root / folder / "cur")) + sorted(os.listdir(self.root / folder / "new"))

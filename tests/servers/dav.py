"""Another client of a calendar server, as small as it can be: what the tests look at the other end with."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PASSWORD = "correct-horse-battery"


@dataclass(frozen=True)
class DavUser:
    """A user of a server, and a home in which nobody else puts anything."""

    origin: str
    user: str
    home: str
    """Where calendars lie: `/alice/`."""

    def ask(
        self, method: str, path: str, body: bytes = b"", depth: str = "", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        pair = base64.b64encode(f"{self.user}:{PASSWORD}".encode()).decode()
        said = {
            "Authorization": f"Basic {pair}",
            **{name.replace("_", "-"): headers[name] for name in headers},
        }
        if depth:
            said["Depth"] = depth
        if body and "Content-Type" not in said:
            said["Content-Type"] = "text/calendar" if method == "PUT" else "application/xml"
        request = urllib.request.Request(self.origin + path, body or None, said, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()

    def make(self, name: str, title: str = "") -> str:
        """A new calendar; its path."""
        path = f"{self.home}{name}/"
        title = title or name
        body = (
            '<?xml version="1.0"?><C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f"<set><prop><displayname>{title}</displayname></prop></set></C:mkcalendar>"
        )
        status, _, said = self.ask("MKCALENDAR", path, body.encode())
        assert status == 201, said
        return path

    def put(self, path: str, content: bytes) -> None:
        status, _, said = self.ask("PUT", path, content)
        assert status in (200, 201, 204), said

    def get(self, path: str) -> bytes:
        status, _, content = self.ask("GET", path)
        assert status == 200, (status, content)
        return content

    def delete(self, path: str) -> None:
        assert self.ask("DELETE", path)[0] in (200, 204)

    def names(self, calendar: str) -> list[str]:
        """What lies in a calendar."""
        body = b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
        status, _, said = self.ask("PROPFIND", calendar, body, "1")
        assert status == 207, said
        hrefs = re.findall(rb"href>([^<]+)</", said)
        found = {urllib.parse.unquote(href.decode()).rpartition("/")[2] for href in hrefs}
        return sorted(name for name in found if name)

    def expanded(self, calendar: str, start: str, end: str) -> bytes:
        """What the server itself makes of all its events in a span, in UTC."""
        body = f"""<?xml version="1.0"?>
            <C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
            <prop><C:calendar-data><C:expand start="{start}" end="{end}"/></C:calendar-data></prop>
            <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
            <C:time-range start="{start}" end="{end}"/>
            </C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""
        status, _, said = self.ask("REPORT", calendar, body.encode(), "1")
        assert status == 207, said
        return said


class Program:
    """A server in a process of its own, which ends with this one; `words` make its command of its port."""

    def __init__(self, log: pathlib.Path, words: Callable[[int], Sequence[str]], **env: str) -> None:
        self.log = log
        self.port = 0
        self._words = words
        self._env = {**os.environ, **env}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """On a port that is free, at first; later on the same one."""
        for port in [self.port] if self.port else [_free_port() for _ in range(5)]:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._words(port), stdout=log, stderr=log, env=self._env, preexec_fn=_die_with_parent
                )
            if self._answers(port):
                self.port = port
                return
            self.stop()
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(timeout=20)
            self._process = None

    def _answers(self, port: int) -> bool:
        """Whether this program listens, after waiting for it."""
        assert self._process is not None
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    return self._process.poll() is None
            time.sleep(0.02)
        return False


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _free_port() -> int:
    """One that is free, and that the system gives to nobody by itself while the server starts, or is down."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                one.bind(("127.0.0.1", port))
                return port

"""A real calendar server for tests: Radicale on the loopback, with logins. Each test has its own user."""

from __future__ import annotations

import importlib.util
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from tests.servers.dav import PASSWORD, DavUser, answers, free_port

USERS = 500


class Radicale:
    """The server; `stop` and `start` keep what it has."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._names = count()
        self._process: subprocess.Popen[bytes] | None = None
        users = folder / "users"
        users.write_text("".join(f"user{number}:{PASSWORD}\n" for number in range(USERS)))

    def start(self) -> None:
        words = [
            sys.executable, "-m", "radicale", "--config", "", f"--server-hosts=127.0.0.1:{self.port}",
            "--auth-type=htpasswd", f"--auth-htpasswd-filename={self.folder / 'users'}",
            "--auth-htpasswd-encryption=plain", "--auth-delay=0", "--logging-level=error",
            f"--storage-filesystem-folder={self.folder / 'collections'}",
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log)
        assert answers(self.port), (self.folder / "log").read_text()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None

    def user(self) -> DavUser:
        """One who has nothing yet."""
        name = f"user{next(self._names)}"
        return DavUser(self.origin, name, f"/{name}/")


@contextmanager
def serving() -> Iterator[Radicale]:
    if importlib.util.find_spec("radicale") is None:
        pytest.skip("radicale is not installed")
    with tempfile.TemporaryDirectory(prefix="radicale-") as folder:
        server = Radicale(pathlib.Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def radicale() -> Iterator[Radicale]:
    with serving() as server:
        yield server

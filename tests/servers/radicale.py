"""A real calendar server for tests: Radicale on the loopback, with logins. Each test has its own user."""

from __future__ import annotations

import importlib.util
import pathlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from tests.servers.dav import PASSWORD, DavUser, Program

USERS = 500


class Radicale(Program):
    """The server; `stop` and `start` keep what it has."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(folder / "log", lambda port: [
            sys.executable, "-m", "radicale", "--config", "", f"--server-hosts=127.0.0.1:{port}",
            "--auth-type=htpasswd", f"--auth-htpasswd-filename={folder / 'users'}",
            "--auth-htpasswd-encryption=plain", "--auth-delay=0", "--logging-level=error",
            f"--storage-filesystem-folder={folder / 'collections'}",
        ])  # fmt: skip
        self._names = count()
        users = folder / "users"
        users.write_text("".join(f"user{number}:{PASSWORD}\n" for number in range(USERS)))

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

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
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def radicale() -> Iterator[Radicale]:
    with serving() as server:
        yield server

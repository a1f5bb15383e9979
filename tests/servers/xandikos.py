"""Another real calendar server: Xandikos on the loopback, over git. It lets everybody in, as one user."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import sys
import tempfile
from collections.abc import Iterator
from itertools import count

import pytest

from tests.servers.dav import DavUser, Program


class Xandikos(Program):
    """The server."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(folder / "log", lambda port: [
            sys.executable, "-m", "xandikos", "serve", "-d", str(folder / "data"), "--autocreate",
            "--defaults", "-l", "127.0.0.1", "-p", str(port), "--current-user-principal", "/user/",
            "--no-detect-systemd", "--state-dir", str(folder / "state"),
        ], HOME=str(folder), GIT_CONFIG_GLOBAL=os.devnull)  # fmt: skip
        self._names = count()

    @property
    def user(self) -> DavUser:
        return DavUser(f"http://127.0.0.1:{self.port}", "user", "/user/calendars/")

    def calendar(self) -> str:
        """A new calendar; its path."""
        return self.user.make(f"calendar{next(self._names)}")


@pytest.fixture(scope="session")
def xandikos() -> Iterator[Xandikos]:
    if importlib.util.find_spec("xandikos") is None:
        pytest.skip("xandikos is not installed")
    with tempfile.TemporaryDirectory(prefix="xandikos-") as folder:
        server = Xandikos(pathlib.Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()

"""Another real calendar server: Xandikos on the loopback, over git. It lets everybody in, as one user."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count

import pytest

from tests.servers.dav import DavUser, answers, free_port


class Xandikos:
    """The server."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.user = DavUser(f"http://127.0.0.1:{self.port}", "user", "/user/calendars/")
        self._names = count()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = [
            sys.executable, "-m", "xandikos", "serve", "-d", str(self.folder / "data"), "--autocreate",
            "--defaults", "-l", "127.0.0.1", "-p", str(self.port), "--current-user-principal", "/user/",
            "--no-detect-systemd", "--state-dir", str(self.folder / "state"),
        ]  # fmt: skip
        own = {**os.environ, "HOME": str(self.folder), "GIT_CONFIG_GLOBAL": os.devnull}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log, env=own)
        assert answers(self.port), (self.folder / "log").read_text()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None

    def calendar(self) -> str:
        """A new calendar; its path."""
        return self.user.make(f"calendar{next(self._names)}")


@pytest.fixture(scope="session")
def xandikos() -> Iterator[Xandikos]:
    if importlib.util.find_spec("xandikos") is None:
        pytest.skip("xandikos is not installed")
    with tempfile.TemporaryDirectory(prefix="xandikos-") as folder:
        server = Xandikos(pathlib.Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()

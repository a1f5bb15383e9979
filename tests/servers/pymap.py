"""A poorer mail server for tests: pymap, in memory, without CONDSTORE, ESEARCH or SPECIAL-USE."""

from __future__ import annotations

import ctypes
import imaplib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

USER = "demouser"
PASSWORD = "demopass"


@dataclass(frozen=True)
class Pymap:
    """Where it listens. It has one user; a test makes folders of its own."""

    imap: int
    user: str = USER

    @contextmanager
    def client(self, folder: str | None = None) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=20) as client:
            client.login(USER, PASSWORD)
            if folder is not None:
                assert client.select(folder)[0] == "OK"
            yield client


@contextmanager
def running_pymap() -> Iterator[Pymap]:
    """A server with its demo's mailbox, gone with it when the block ends."""
    beside = pathlib.Path(sys.executable).parent / "pymap"
    program = str(beside) if beside.exists() else shutil.which("pymap")
    if program is None:
        pytest.skip("pymap is not installed")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    process = subprocess.Popen(
        [program, "--host", "127.0.0.1", "--port", str(port), "dict", "--demo-data"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL),
    )
    server = Pymap(port)
    try:
        for _ in range(200):
            assert process.poll() is None, "pymap ended before it was ready"
            try:
                with server.client():
                    break
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.05)
        yield server
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def pymap() -> Iterator[Pymap]:
    """One server for all tests of this process."""
    with running_pymap() as server:
        yield server

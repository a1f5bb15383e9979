"""Somebody else's Gmail and Calendar: the package myworld, on the loopback, seeded with what people have.

It stands behind a server of ours that holds each request and answer to Google's own description.
"""

from __future__ import annotations

import ctypes
import http.client
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.servers.discovery import contract, held_to
from tests.servers.web import Reply, Request, Web, serving

GMAIL = "gmail"
CALENDAR = "calendar"
HOSTS = {GMAIL: "/gw/gmail.googleapis.com", CALENDAR: "/gw/www.googleapis.com"}
CONTRACTS = {GMAIL: "gmail.v1", CALENDAR: "calendar.v3"}


@dataclass(frozen=True)
class Account:
    """A mailbox or calendar of the service."""

    web: Web
    token: str
    violations: list[str]


@contextmanager
def running_myworld() -> Iterator[int]:
    """The service's port; gone with all it kept when the block ends."""
    program = pathlib.Path(sys.executable).parent / "myworld"
    if not program.exists() or importlib.util.find_spec("graphql") is None:
        pytest.skip("myworld is not installed")
    folder = tempfile.mkdtemp(prefix="spatio-myworld-")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    process = subprocess.Popen(
        [
            program,
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--time",
            "realtime",
            "--log-level",
            "error",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": folder},
        preexec_fn=_die_with_parent,
    )
    try:
        _wait_until_ready(port, process)
        yield port
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise RuntimeError("myworld ended before it was ready")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("myworld was not ready after 20 seconds")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


@contextmanager
def account(port: int, seed: int = 3, server: str = GMAIL) -> Iterator[Account]:
    """A new mailbox, or calendar; at the end every request and answer must have been in form."""
    spec = {"name": server, "task": server, "servers": {server: {"noise": True}}}
    made = urllib.request.Request(
        f"http://127.0.0.1:{port}/envs",
        json.dumps({"spec": spec, "seed": seed}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(made, timeout=30) as answer:
        token = json.load(answer)["credentials"]["agent"]["google_access_token"]
    violations: list[str] = []
    with serving(held_to(contract(CONTRACTS[server]), _forwarded(port, HOSTS[server]), violations)) as web:
        yield Account(web, token, violations)
    assert not violations


def _forwarded(port: int, host: str) -> Callable[[Request], Reply]:
    def forward(request: Request) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        query = urllib.parse.urlencode(request.query, doseq=True)
        path = host + urllib.parse.quote(request.path) + (f"?{query}" if query else "")
        sent = {
            name: request.headers[name]
            for name in ("authorization", "content-type")
            if name in request.headers
        }
        try:
            connection.request(request.method, path, request.body, sent)
            answer = connection.getresponse()
            kind = {"Content-Type": answer.headers.get("content-type", "")}
            return Reply(answer.status, answer.read(), kind)
        finally:
            connection.close()

    return forward


@pytest.fixture(scope="session")
def myworld() -> Iterator[int]:
    """One service for all tests of this process."""
    with running_myworld() as port:
        yield port

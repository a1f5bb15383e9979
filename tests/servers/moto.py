"""An S3 service that keeps any key as it is, in the order of its bytes; it checks no signatures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.servers.s3 import S3Service


@contextmanager
def running_moto() -> Iterator[S3Service]:
    """A service in threads of this process, with nothing in it."""
    server = pytest.importorskip("moto.server", reason="moto is not installed").ThreadedMotoServer(
        ip_address="127.0.0.1", port=0, verbose=False
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Service(f"http://{host}:{port}")
    finally:
        server.stop()


@pytest.fixture(scope="session")
def moto_service() -> Iterator[S3Service]:
    """One service for all tests of this process."""
    with running_moto() as service:
        yield service

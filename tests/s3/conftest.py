"""Fixtures of the tests of buckets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.s3.world import without_keys
from tests.servers.moto import moto_service
from tests.servers.s3 import bucket, s3_service
from tests.servers.stub import Stub, running_stub

__all__ = ["bucket", "moto_service", "s3_service"]


@pytest.fixture
def stub() -> Iterator[Stub]:
    """A service that fails as it is told."""
    with running_stub() as service:
        yield service


@pytest.fixture(autouse=True)
def no_keys_about(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from without_keys(monkeypatch)

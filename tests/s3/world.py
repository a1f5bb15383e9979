"""What the tests of buckets share: clients of either library, on the real service or on the stub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from providers.s3.address import Location
from providers.s3.bucket import Bucket
from providers.s3.client import Page
from providers.s3.engine import Patience
from tests.servers.s3 import ACCESS, SECRET

LIBRARIES = ("obs", "boto")

QUICK = Patience(connect=10.0, read=20.0, whole=60.0, attempts=4, pause=0.01, longest_pause=0.02)
"""Of somebody who knows that the service is on this machine."""


def client(
    endpoint: str,
    bucket: str = "bucket",
    library: str = "obs",
    *,
    keys: str = f"{ACCESS}:{SECRET}",
    patience: Patience = QUICK,
) -> Bucket:
    """A client of a bucket, its keys out of an app's secrets."""
    location = Location.parse(f"s3://{bucket}?endpoint={endpoint}&region=us-east-1")
    return Bucket(location, lambda name: keys, library=library, patience=patience)


async def collected(blocks: AsyncIterator[bytes]) -> bytes:
    return b"".join([block async for block in blocks])


async def keys_of(pages: AsyncIterator[Page]) -> list[str]:
    return [facts.key async for page in pages for facts in page.objects]


async def pieces(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    """`data` as somebody hands it on who has it in pieces."""
    for first in range(0, len(data), size):
        yield data[first : first + size]


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that no part of is like another."""
    return _random(seed).randbytes(size)


def _random(seed: int) -> Any:
    import random

    return random.Random(seed)


def without_keys(monkeypatch: Any) -> Iterator[None]:
    """No keys in the environment, no profiles, no machine's role."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE", "REGION"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent/config")
    yield

"""Over TLS: only to whom a trusted certificate was given, however one asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.s3.client import PART
from tests.s3.test_faults import IMPATIENT
from tests.s3.world import LIBRARIES, client, collected, keys_of
from tests.servers.stub import AUTHORITY, Stub, running_stub
from vfs.drive import drive
from vfs.errors import Refused


@pytest.fixture(scope="module")
def secure() -> Iterator[Stub]:
    with running_stub(secure=True) as service:
        yield service


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_certificate_that_nobody_trusts_is_told_and_not_passed_over(
    secure: Stub, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    there = client(secure.endpoint, library=library, patience=IMPATIENT)
    for call in (
        there.put("a", b"x"),
        there.put("a", bytes(PART + 1)),
        keys_of(there.list()),
        there.head("a"),
    ):
        with pytest.raises(Refused, match="certificate is not trusted"):
            drive(call)
    assert secure.seen == []
    drive(there.aclose())


@pytest.mark.parametrize("library", LIBRARIES)
def test_who_is_told_whom_to_trust_asks_over_tls(
    secure: Stub, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(AUTHORITY))
    there = client(secure.endpoint, library=library)

    async def go() -> None:
        await there.put("a", bytes(PART + 1))
        await there.put("b", b"hello")
        assert await keys_of(there.list()) == ["a", "b"]
        assert await collected(there.get("b")) == b"hello"
        await there.delete(["a", "b"])

    drive(go())
    drive(there.aclose())
    secure.seen.clear()

"""A service that is busy, slow, lying, forgetful or gone: what was asked is done once and right, or told."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator

import pytest

from providers.s3.address import Location
from providers.s3.bucket import Bucket
from providers.s3.client import PART
from providers.s3.engine import Patience
from tests.s3.world import LIBRARIES, QUICK, client, collected, keys_of, noise, pieces
from tests.servers.s3 import S3Service
from tests.servers.stub import Kept, Stub
from vfs.drive import drive, event_loop
from vfs.errors import Conflict, Corrupt, LoginNeeded, NoSpace, Unavailable, VfsError

LARGE = noise(2 * PART + 12_345)
IMPATIENT = Patience(connect=0.5, read=0.5, whole=2.0, attempts=2, pause=0.01, longest_pause=0.02)


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def small(stub: Stub, library: str) -> Iterator[Bucket]:
    made = client(stub.endpoint, library=library)
    yield made
    drive(made.aclose())


@pytest.fixture
def impatient(stub: Stub, library: str) -> Iterator[Bucket]:
    made = client(stub.endpoint, library=library, patience=IMPATIENT)
    yield made
    drive(made.aclose())


BUSY = [(503, "SlowDown"), (500, "InternalError"), (429, "TooManyRequests"), (503, "ServiceUnavailable")]


@pytest.mark.parametrize(("status", "code"), BUSY)
def test_a_service_that_is_busy_is_asked_again(small: Bucket, stub: Stub, status: int, code: str) -> None:
    async def go() -> None:
        for call in (
            lambda: small.put("a", b"hello"),
            lambda: small.head("a"),
            lambda: collected(small.get("a")),
            lambda: keys_of(small.list()),
            lambda: small.copy("a", "b"),
            lambda: small.delete(["b"]),
        ):
            stub.fail("answer", times=2, status=status, code=code)
            await call()

    drive(go())
    assert {key: there.data for key, there in stub.objects.items()} == {"a": b"hello"}
    assert not any(fault.times for fault in stub.faults)


def test_a_service_that_stays_busy_is_given_up(small: Bucket, stub: Stub) -> None:
    stub.fail("answer", times=1000)
    for call in (small.put("a", b"x"), small.head("a"), collected(small.get("a")), keys_of(small.list())):
        stub.seen.clear()
        with pytest.raises(Unavailable, match="busy") as caught:
            drive(call)
        assert len(stub.seen) == QUICK.attempts
        assert caught.value.hint == "try again later"
    assert stub.objects == {}


@pytest.mark.parametrize("kind", ["drop", "lost"])
def test_an_answer_that_is_lost_after_the_put_was_done_does_no_harm(
    small: Bucket, stub: Stub, kind: str
) -> None:
    stub.fail(kind, times=2, method="PUT")
    facts = drive(small.put("a", b"hello", only_new=True))
    assert facts.etag == hashlib.md5(b"hello").hexdigest()
    assert stub.objects["a"].data == b"hello"


def test_a_lost_answer_does_not_hide_what_another_wrote(small: Bucket, stub: Stub) -> None:
    stub.objects["a"] = Kept(b"other", etag="e" * 32)
    stub.fail("lost", method="PUT")
    with pytest.raises(Conflict):
        drive(small.put("a", b"hello", only_new=True))
    assert stub.objects["a"].data == b"other"


def test_a_lost_answer_of_a_comparing_put_is_found_to_have_been_done(small: Bucket, stub: Stub) -> None:
    async def go() -> None:
        first = await small.put("a", b"first")
        stub.fail("lost", method="PUT")
        await small.put("a", b"second", etag=first.etag)

    drive(go())
    assert stub.objects["a"].data == b"second"


@pytest.mark.parametrize("kind", ["drop", "lost"])
@pytest.mark.parametrize("about", ["uploads", "partNumber=2", "uploadId"])
def test_a_large_upload_survives_lost_answers(small: Bucket, stub: Stub, kind: str, about: str) -> None:
    method = "POST" if about in ("uploads", "uploadId") else "PUT"
    stub.fail(kind, method=method, about=about)
    drive(small.put("a", pieces(LARGE), only_new=True))
    assert stub.objects["a"].data == LARGE


def test_a_large_upload_whose_condition_is_lost_leaves_nothing(small: Bucket, stub: Stub) -> None:
    stub.objects["a"] = Kept(b"other", etag="e" * 32)
    with pytest.raises(Conflict):
        drive(small.put("a", pieces(LARGE), only_new=True))
    assert stub.objects["a"].data == b"other"
    assert stub.uploads == {}


@pytest.mark.parametrize("size", [1000, len(LARGE)])
def test_a_body_that_is_cut_half_way_is_fetched_again(small: Bucket, stub: Stub, size: int) -> None:
    async def go() -> bytes:
        await small.put("a", LARGE[:size])
        stub.fail("cut", times=2, method="GET", about="/a")
        return await collected(small.get("a"))

    assert drive(go()) == LARGE[:size]


def test_a_listing_that_is_cut_half_way_is_asked_for_again(small: Bucket, stub: Stub) -> None:
    stub.objects |= {f"k{number:05}": Kept(b"x") for number in range(2500)}
    stub.fail("cut", times=2, method="GET")
    assert len(drive(keys_of(small.list()))) == 2500


@pytest.mark.parametrize("size", [5, len(LARGE)])
def test_bytes_that_change_on_their_way_up_are_refused_by_the_service_and_sent_again(
    small: Bucket, stub: Stub, size: int
) -> None:
    stub.fail("answer", times=1, method="PUT", status=400, code="BadDigest")
    drive(small.put("a", LARGE[:size]))
    assert stub.objects["a"].data == LARGE[:size]


def test_bytes_that_always_change_on_their_way_up_are_told(small: Bucket, stub: Stub) -> None:
    stub.fail("answer", times=1000, method="PUT", status=400, code="XAmzContentSHA256Mismatch")
    with pytest.raises(Corrupt, match="checksum"):
        drive(small.put("a", b"hello"))


def test_a_put_carries_a_checksum_that_the_service_can_check(small: Bucket, stub: Stub) -> None:
    drive(small.put("a", b"hello"))
    drive(small.put("large", LARGE))
    assert stub.unchecked == []


def test_a_service_that_knows_only_older_checksums_is_served(small: Bucket, stub: Stub) -> None:
    stub.modern = False

    async def go() -> None:
        for number in range(3):
            await small.put(f"k{number}", b"hello", only_new=True)
        with pytest.raises(Conflict):
            await small.put("k0", b"hello", only_new=True)
        assert await collected(small.get("k0")) == b"hello"

    drive(go())
    assert stub.count("PUT") <= 5


def test_bytes_that_changed_on_their_way_down_once_are_fetched_again(small: Bucket, stub: Stub) -> None:
    async def go() -> bytes:
        await small.put("a", b"hello")
        stub.fail("flip", method="GET", about="/a")
        return await collected(small.get("a"))

    assert drive(go()) == b"hello"


def test_bytes_that_are_always_wrong_are_told_not_served(small: Bucket, stub: Stub) -> None:
    served: list[bytes] = []

    async def go() -> None:
        await small.put("a", b"hello")
        stub.fail("flip", times=1000, method="GET", about="/a")
        async for block in small.get("a"):
            served.append(block)

    with pytest.raises(Corrupt, match="checksum"):
        drive(go())
    assert served == []


@pytest.mark.parametrize("known", [True, False])
def test_an_etag_that_is_no_checksum_is_no_reason_to_refuse(small: Bucket, stub: Stub, known: bool) -> None:
    if known:
        drive(small.put("other", b"x"))
        stub.encrypted = True
    stub.objects["a"] = Kept(b"hello", etag="0123456789abcdef" * 2)
    assert drive(collected(small.get("a"))) == b"hello"


def test_an_object_that_lost_a_bit_where_it_lies_is_told(small: Bucket, stub: Stub) -> None:
    drive(small.put("a", b"hello"))
    stub.objects["a"].data = b"hallo"
    with pytest.raises(Corrupt, match="checksum"):
        drive(collected(small.get("a")))


@pytest.mark.parametrize("what", ["head", "get", "list"])
def test_an_answer_without_an_end_is_given_up_and_not_kept(impatient: Bucket, stub: Stub, what: str) -> None:
    stub.objects["a"] = Kept(b"hello", etag=hashlib.md5(b"hello").hexdigest())
    stub.fail("endless", times=100)
    calls = {
        "head": lambda: impatient.head("a"),
        "get": lambda: collected(impatient.get("a")),
        "list": lambda: keys_of(impatient.list()),
    }
    with pytest.raises(VfsError):
        drive(calls[what]())  # type: ignore[arg-type]


@pytest.mark.parametrize("what", ["get", "list", "put"])
def test_a_service_that_does_not_answer_is_given_up_in_time(impatient: Bucket, stub: Stub, what: str) -> None:
    stub.objects["a"] = Kept(b"hello", etag=hashlib.md5(b"hello").hexdigest())
    stub.fail("slow", times=100, seconds=3.0)
    calls = {
        "get": lambda: collected(impatient.get("a")),
        "list": lambda: keys_of(impatient.list()),
        "put": lambda: impatient.put("a", b"x"),
    }
    with pytest.raises(Unavailable, match="in time"):
        drive(calls[what]())  # type: ignore[arg-type]


def test_an_answer_that_drips_is_given_up_in_time(impatient: Bucket, stub: Stub) -> None:
    stub.objects["a"] = Kept(noise(1000), etag=hashlib.md5(noise(1000)).hexdigest())
    stub.fail("drip", times=100, seconds=0.1)
    with pytest.raises(Unavailable):
        drive(collected(impatient.get("a")))


def test_other_answers_come_while_one_is_slow(small: Bucket, stub: Stub) -> None:
    stub.objects |= {key: Kept(b"hello", etag=hashlib.md5(b"hello").hexdigest()) for key in ("slow", "a")}
    stub.fail("slow", about="/slow", seconds=1.5)

    async def go() -> list[str]:
        await event_loop()
        order: list[str] = []

        async def read(key: str) -> None:
            await collected(small.get(key))
            order.append(key)

        await asyncio.gather(read("slow"), read("a"))
        return order

    assert drive(go()) == ["a", "slow"]


def test_a_service_that_is_not_there_is_told(library: str) -> None:
    gone = client("http://127.0.0.1:9", library=library, patience=IMPATIENT)
    for call in (gone.head("a"), gone.put("a", b"x"), keys_of(gone.list()), collected(gone.get("a"))):
        with pytest.raises(Unavailable, match="cannot be reached"):
            drive(call)
    drive(gone.aclose())


def test_a_host_that_has_no_address_is_told(library: str) -> None:
    gone = client("http://no-such-host.invalid", library=library, patience=IMPATIENT)
    for call in (gone.head("a"), keys_of(gone.list())):
        with pytest.raises(Unavailable, match="cannot be reached"):
            drive(call)
    drive(gone.aclose())


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (400, "ExpiredToken", LoginNeeded, "expired"),
        (403, "InvalidAccessKeyId", LoginNeeded, "does not accept the keys"),
        (403, "RequestTimeTooSkewed", LoginNeeded, "clock"),
        (403, "QuotaExceeded", NoSpace, "quota"),
        (507, "InsufficientStorage", NoSpace, "quota"),
        (400, "AuthorizationHeaderMalformed", VfsError, "another region"),
        (418, "Teapot", VfsError, r"refused the request \(Teapot\)"),
    ],
)
def test_what_the_service_refuses_is_told_at_once(
    small: Bucket, stub: Stub, status: int, code: str, kind: type[VfsError], words: str
) -> None:
    stub.fail("answer", times=1000, status=status, code=code)
    for call in (small.put("a", b"x"), collected(small.get("a")), keys_of(small.list())):
        stub.seen.clear()
        with pytest.raises(kind, match=words):
            drive(call)
        assert len(stub.seen) == 1


def test_a_wrong_secret_is_told_and_not_repeated(s3_service: S3Service, bucket: str, library: str) -> None:
    wrong = client(s3_service.endpoint, bucket, library, keys="testkey:TOPSECRET")
    for call in (wrong.put("a", b"x"), collected(wrong.get("a")), keys_of(wrong.list())):
        with pytest.raises(LoginNeeded, match="does not accept the keys") as caught:
            drive(call)
        assert "TOPSECRET" not in f"{caught.value} {caught.value.hint}"
    drive(wrong.aclose())


def test_keys_that_were_renewed_meanwhile_are_used(s3_service: S3Service, bucket: str, library: str) -> None:
    kept = ["testkey:old", "testkey:testsecret"]
    location = Location.parse(f"s3://{bucket}?endpoint={s3_service.endpoint}")
    renewed = Bucket(location, lambda name: kept.pop(0) if len(kept) > 1 else kept[0], library=library)

    async def many() -> None:
        await event_loop()
        await asyncio.gather(*[renewed.put(f"k{number}", b"x") for number in range(30)])

    drive(many())
    drive(renewed.aclose())


@pytest.mark.parametrize(("status", "code"), [(301, "PermanentRedirect"), (307, "TemporaryRedirect")])
def test_a_bucket_of_another_region_is_told_with_a_next_step(
    small: Bucket, stub: Stub, status: int, code: str
) -> None:
    stub.fail("answer", times=10_000, status=status, code=code)
    for call in (small.put("a", b"x"), small.head("a"), collected(small.get("a")), keys_of(small.list())):
        with pytest.raises(VfsError, match="another region") as caught:
            drive(call)
        assert "region=REGION" in str(caught.value.hint)


@pytest.mark.parametrize("body", [b"", b"<html>a portal</html>", b"<a><b></a>", b"\xff\xfe", b"{}"])
def test_a_listing_that_is_none_is_told(small: Bucket, stub: Stub, body: bytes) -> None:
    stub.instead = body
    with pytest.raises(VfsError, match="not S3's"):
        drive(keys_of(small.list()))


def test_a_listing_that_goes_in_circles_is_told(small: Bucket, stub: Stub) -> None:
    page = (
        b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>'
        b"<NextContinuationToken>same</NextContinuationToken></ListBucketResult>"
    )
    stub.instead = page
    with pytest.raises(VfsError, match="does not go on"):
        drive(keys_of(small.list()))


def test_entities_that_explode_are_refused(small: Bucket, stub: Stub) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "' + "x" * 1000 + '">'
    for name, of in zip("bcdefgh", "abcdefg", strict=True):
        bomb += f'<!ENTITY {name} "' + f"&{of};" * 10 + '">'
    stub.instead = (bomb + "]><ListBucketResult><Name>&h;</Name></ListBucketResult>").encode()
    with pytest.raises(VfsError, match="not S3's"):
        drive(keys_of(small.list()))

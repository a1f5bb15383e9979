"""The client of a bucket, through either library, on a real service and on one that keeps odd keys."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.s3.bucket import Bucket
from providers.s3.client import PART, Abilities
from tests.s3.world import LIBRARIES, client, collected, keys_of, noise, pieces
from tests.servers.s3 import S3Service
from tests.servers.stub import Kept, Stub
from vfs.drive import drive, event_loop
from vfs.errors import BadName, Conflict, NotFound, Refused, Unavailable, VfsError

ODD = [
    "a//b",
    "a/",
    "/lead",
    "tab\there",
    "e\x01",
    "../up",
    "a/./b",
    "a/../b",
    " ",
    "ünï/é",
    "a+b c%25&=?#~'()*",
    "\u202e",
]
LARGE = noise(2 * PART + 12_345)


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def real(s3_service: S3Service, bucket: str, library: str) -> Iterator[Bucket]:
    made = client(s3_service.endpoint, bucket, library)
    yield made
    drive(made.aclose())


@pytest.fixture
def small(stub: Stub, library: str) -> Iterator[Bucket]:
    made = client(stub.endpoint, library=library)
    yield made
    drive(made.aclose())


def test_an_object_is_written_told_and_read(real: Bucket) -> None:
    async def go() -> None:
        put = await real.put("notes/a.md", b"hello", mime="text/markdown", metadata={"who": "me"})
        facts = await real.head("notes/a.md")
        assert (facts.key, facts.size, facts.etag) == ("notes/a.md", 5, put.etag)
        assert (facts.mime, dict(facts.metadata)) == ("text/markdown", {"who": "me"})
        assert facts.mtime is not None
        assert abs(facts.mtime - datetime.now(UTC)) < timedelta(minutes=1)
        assert await collected(real.get("notes/a.md")) == b"hello"

    drive(go())


def test_what_is_missing_is_told_with_its_name(real: Bucket) -> None:
    for coroutine in (real.head("none"), collected(real.get("none")), real.copy("none", "other")):
        with pytest.raises(NotFound, match=f"^{real.name}/none: no such file or directory$"):
            drive(coroutine)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 0), (0, 3), (2, None), (4, 100), (5, None), (90, None), (7, 3)]
)
def test_a_part_of_an_object_is_read_as_far_as_it_is_there(
    real: Bucket, start: int, stop: int | None
) -> None:
    async def go() -> bytes:
        await real.put("a", b"hello")
        return await collected(real.get("a", start, stop))

    assert drive(go()) == b"hello"[start:stop]


def test_an_empty_object_is_an_object(real: Bucket) -> None:
    async def go() -> None:
        await real.put("empty", b"")
        assert (await real.head("empty")).size == 0
        assert await collected(real.get("empty")) == b""

    drive(go())


def test_a_large_content_goes_in_parts_and_comes_back_whole(real: Bucket) -> None:
    async def go() -> None:
        facts = await real.put("large", pieces(LARGE), mime="image/png", metadata={"who": "me"})
        assert (facts.size, facts.mime, dict(facts.metadata)) == (len(LARGE), "image/png", {"who": "me"})
        assert facts.etag.endswith("-3")
        assert await collected(real.get("large")) == LARGE
        assert await collected(real.get("large", 5, 2 * PART)) == LARGE[5 : 2 * PART]
        assert [page async for page in real.uploads()] == []

    drive(go())


def test_bytes_of_more_than_a_part_go_in_parts_too(small: Bucket, stub: Stub) -> None:
    drive(small.put("large", LARGE))
    assert stub.objects["large"].data == LARGE
    assert stub.count("PUT", "partNumber") == 3


def test_a_content_of_exactly_one_part_is_one_request(small: Bucket, stub: Stub) -> None:
    drive(small.put("one", pieces(LARGE[:PART])))
    assert stub.objects["one"].data == LARGE[:PART]
    assert len(stub.seen) == 1


def test_of_blocks_none_is_larger_than_a_part(real: Bucket) -> None:
    async def go() -> list[int]:
        await real.put("large", pieces(LARGE))
        return [len(block) async for block in real.get("large")]

    assert max(drive(go())) <= PART


def test_only_the_first_is_asked_for_until_somebody_wants_more(small: Bucket, stub: Stub) -> None:
    async def go() -> None:
        await small.put("large", LARGE)
        blocks = small.get("large")
        await anext(blocks)
        await blocks.aclose()  # type: ignore[attr-defined]

    drive(go())
    assert stub.count("GET", "/large") == 1


@pytest.mark.parametrize("size", [5, PART + 5])
def test_who_asks_for_a_new_object_does_not_replace_one(real: Bucket, size: int) -> None:
    async def go() -> None:
        await real.put("a", pieces(LARGE[:size]), only_new=True)
        with pytest.raises(Conflict):
            await real.put("a", pieces(b"x" * size), only_new=True)
        assert await collected(real.get("a")) == LARGE[:size]
        assert [page async for page in real.uploads()] == []

    drive(go())


@pytest.mark.parametrize("size", [5, PART + 5])
def test_who_names_a_version_replaces_only_that(real: Bucket, size: int) -> None:
    async def go() -> None:
        first = await real.put("a", b"first")
        second = await real.put("a", pieces(LARGE[:size]), etag=first.etag)
        with pytest.raises(Conflict):
            await real.put("a", pieces(b"x" * size), etag=first.etag)
        with pytest.raises(Conflict):
            await real.put("none", pieces(b"x" * size), etag=first.etag)
        assert (await real.head("a")).etag == second.etag

    drive(go())


def test_a_version_that_is_gone_is_not_read(real: Bucket) -> None:
    async def go() -> None:
        first = await real.put("a", b"first")
        await real.put("a", b"other")
        with pytest.raises(Conflict):
            await collected(real.get("a", etag=first.etag))

    drive(go())


@pytest.mark.parametrize("conditions", [True, False])
def test_a_version_replaced_while_it_is_read_is_told_not_mixed(
    small: Bucket, stub: Stub, conditions: bool
) -> None:
    stub.conditions = conditions

    async def go() -> None:
        await small.put("a", LARGE)
        blocks = small.get("a")
        await anext(blocks)
        await small.put("a", LARGE[::-1])
        with pytest.raises(Conflict, match=r"replaced|changed"):
            await collected(blocks)

    drive(go())


def test_an_object_of_another_size_than_it_should_be_is_told(real: Bucket) -> None:
    async def go() -> None:
        await real.put("a", b"hello")
        with pytest.raises(VfsError, match="has 5 bytes, but should have 6"):
            await collected(real.get("a", size=6))

    drive(go())


def test_copies_are_made_by_the_service(real: Bucket) -> None:
    async def go() -> None:
        facts = await real.put("a", b"hello", mime="text/markdown", metadata={"who": "me"})
        copy = await real.copy("a", "b/ünï c")
        assert (copy.etag, copy.mime, dict(copy.metadata)) == (facts.etag, "text/markdown", {"who": "me"})
        with pytest.raises(Conflict):
            await real.copy("a", "b/ünï c", only_new=True)
        with pytest.raises(Conflict):
            await real.copy("a", "c", etag="0" * 32)
        assert (await real.copy("a", "c", etag=facts.etag)).size == 5

    drive(go())


def test_what_is_too_large_for_one_copy_is_copied_in_parts(
    real: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.s3.bucket.LARGEST_COPY", PART)
    monkeypatch.setattr("providers.s3.sending.COPIED_PART", 6 * 1024 * 1024)

    async def go() -> None:
        await real.put("a", pieces(LARGE), mime="image/png", metadata={"who": "me"})
        copy = await real.copy("a", "b")
        assert (copy.size, copy.mime, dict(copy.metadata)) == (len(LARGE), "image/png", {"who": "me"})
        assert await collected(real.get("b")) == LARGE
        with pytest.raises(Conflict):
            await real.copy("a", "b", only_new=True)

    drive(go())


def test_removing_takes_what_is_there_and_does_not_mind_what_is_not(real: Bucket) -> None:
    async def go() -> None:
        for key in ("a", "b", "c"):
            await real.put(key, b"x")
        await real.delete(["a", "none", "c"])
        assert await keys_of(real.list()) == ["b"]
        await real.delete([])

    drive(go())


def test_many_are_removed_in_few_requests(small: Bucket, stub: Stub) -> None:
    stub.objects |= {f"k{number:05}": Kept(b"") for number in range(2500)}
    drive(small.delete(sorted(stub.objects)))
    assert stub.objects == {}
    assert len(stub.seen) == 3


def test_a_listing_comes_in_pages_in_the_order_of_the_keys(real: Bucket) -> None:
    names = [f"n/{number:02}" for number in range(7)] + ["n/é", "o"]

    async def go() -> None:
        for name in names:
            await real.put(name, b"xy")
        pages = [page async for page in real.list("n/", limit=3)]
        assert [facts.key for page in pages for facts in page.objects] == names[:-1]
        assert {facts.size for page in pages for facts in page.objects} == {2}
        assert all(facts.mtime is not None for page in pages for facts in page.objects)
        assert max(len(page.objects) for page in pages) <= 3
        assert await keys_of(real.list("n/", after="n/03")) == names[4:-1]
        assert await keys_of(real.list("none/")) == []

    drive(go())


def test_a_listing_with_a_delimiter_tells_folders_once(real: Bucket) -> None:
    async def go() -> None:
        for name in ("a/1", "a/2", "b", "c/d/e", "z/1"):
            await real.put(name, b"")
        pages = [page async for page in real.list(delimiter="/")]
        assert [prefix for page in pages for prefix in page.prefixes] == ["a/", "c/", "z/"]
        assert [facts.key for page in pages for facts in page.objects] == ["b"]

    drive(go())


def test_a_listing_of_many_pages_is_complete(small: Bucket, stub: Stub) -> None:
    stub.objects |= {f"folder/{number:05}": Kept(b"x") for number in range(5321)}
    assert drive(keys_of(small.list("folder/"))) == sorted(stub.objects)
    assert stub.count("GET") == 6


def test_who_leaves_a_listing_asks_for_no_more(small: Bucket, stub: Stub) -> None:
    stub.objects |= {f"k{number:05}": Kept(b"x") for number in range(9000)}

    async def go() -> None:
        pages = small.list()
        await anext(pages)
        await pages.aclose()  # type: ignore[attr-defined]

    drive(go())
    assert stub.count("GET") <= 2


@pytest.mark.parametrize("key", ODD)
def test_odd_keys_are_kept_exactly_as_they_are(small: Bucket, stub: Stub, key: str) -> None:
    async def go() -> None:
        await small.put(key, b"hello", metadata={"a": "b"})
        assert list(stub.objects) == [key]
        facts = await small.head(key)
        assert (facts.key, facts.size) == (key, 5)
        assert await collected(small.get(key, 1)) == b"ello"
        assert await keys_of(small.list()) == [key]
        await small.copy(key, "plain")
        await small.copy("plain", f"{key}2")
        await small.delete([key, "plain", f"{key}2"])
        assert stub.objects == {}

    drive(go())


@pytest.mark.parametrize("key", ["a//b", "e\x01", "../ü+"])
def test_odd_keys_hold_large_contents_too(small: Bucket, stub: Stub, key: str) -> None:
    drive(small.put(key, LARGE))
    assert stub.objects[key].data == LARGE
    assert drive(collected(small.get(key))) == LARGE


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_any_key_is_kept_exactly_as_it_is(small: Bucket, stub: Stub, key: str) -> None:
    async def go() -> None:
        await small.put(key, b"hello")
        assert list(stub.objects) == [key]
        assert await keys_of(small.list()) == [key]
        assert await collected(small.get(key)) == b"hello"
        await small.delete([key])
        assert stub.objects == {}

    drive(go())


@pytest.mark.parametrize("key", ["", "x" * 1025, "\udc80"])
def test_names_that_no_service_takes_are_told_before_anything_is_asked(
    small: Bucket, stub: Stub, key: str
) -> None:
    for coroutine in (small.put(key, b"x"), small.head(key), small.delete([key]), small.sign(key, 60)):
        with pytest.raises(BadName):
            drive(coroutine)
    assert stub.seen == []


def test_a_link_reads_the_object_for_anybody(real: Bucket) -> None:
    async def go() -> str:
        await real.put("a/ünï +&.txt", b"hello")
        return await real.sign("a/ünï +&.txt", 60, filename='q"3 é\n.pdf', mime="application/pdf")

    with urllib.request.urlopen(drive(go())) as answer:
        assert answer.read() == b"hello"
        assert answer.headers["content-type"] == "application/pdf"
        said = answer.headers["content-disposition"]
    assert said == "attachment; filename=\"q_3 __.pdf\"; filename*=UTF-8''q%223%20%C3%A9%0A.pdf"


@pytest.mark.parametrize("seconds", [0, -1, 8 * 24 * 3600])
def test_a_link_lives_seven_days_at_most(real: Bucket, seconds: int) -> None:
    with pytest.raises(VfsError, match="seven days"):
        drive(real.sign("a", seconds))


def test_uploads_that_were_left_behind_are_told_and_dropped(
    real: Bucket, s3_service: S3Service, bucket: str
) -> None:
    with closing(s3_service.client()) as bare:
        bare.create_multipart_upload(Bucket=bucket, Key="left/a b")

    async def go() -> None:
        (found,) = [upload async for page in real.uploads("left/") for upload in page]
        assert found.key == "left/a b"
        assert abs(found.begun - datetime.now(UTC)) < timedelta(minutes=1)
        await real.abort(found)
        await real.abort(found)
        assert [page async for page in real.uploads()] == []

    drive(go())


def test_what_the_service_can_do_is_tried_out_once(real: Bucket) -> None:
    async def go() -> None:
        assert await real.probe("p/") == Abilities(True, True, True)
        assert await keys_of(real.list()) == []
        assert await real.probe("p/") is await real.probe("p/")

    drive(go())


def test_a_service_without_conditions_is_found_out(small: Bucket, stub: Stub) -> None:
    stub.conditions = False
    assert drive(small.probe()) == Abilities(False, False, True)


def test_who_may_only_read_is_told_so(s3_service: S3Service, bucket: str, library: str) -> None:
    reader = client(s3_service.endpoint, bucket, library, keys="readkey:readsecret")
    assert drive(keys_of(reader.list())) == []
    with pytest.raises(Refused, match="not allowed"):
        drive(reader.put("a", b"x"))
    drive(reader.aclose())


def test_one_client_serves_one_loop_after_another(real: Bucket) -> None:
    drive(real.put("a", b"1"))
    drive(real.put("b", b"2"))
    assert drive(keys_of(real.list())) == ["a", "b"]
    drive(real.aclose())
    drive(real.aclose())
    assert drive(keys_of(real.list())) == ["a", "b"]


def test_no_more_than_sixteen_requests_are_under_way(small: Bucket, stub: Stub) -> None:
    stub.fail("slow", times=100, seconds=0.05)

    async def go() -> None:
        await asyncio.gather(*[small.put(f"k{number}", b"x") for number in range(100)])

    drive(_looped(go()))
    assert len(stub.objects) == 100
    assert 2 <= stub.most_busy <= 16


async def _looped(coroutine: object) -> None:
    await event_loop()
    await coroutine  # type: ignore[misc]


@pytest.mark.parametrize("size", [10, 3 * PART])
def test_data_that_fails_half_way_changes_nothing(small: Bucket, stub: Stub, size: int) -> None:
    async def failing() -> AsyncIterator[bytes]:
        async for piece in pieces(LARGE[:size]):
            yield piece
        raise RuntimeError("the producer failed")

    async def go() -> None:
        await small.put("a", b"old")
        with pytest.raises(RuntimeError, match="the producer failed"):
            await small.put("a", failing())

    drive(go())
    assert stub.objects["a"].data == b"old"
    assert stub.uploads == {}


def test_an_upload_whose_source_is_away_is_dropped(small: Bucket, stub: Stub) -> None:
    async def failing() -> AsyncIterator[bytes]:
        async for piece in pieces(LARGE):
            yield piece
        raise Unavailable("somewhere else")

    with pytest.raises(Unavailable, match="somewhere else"):
        drive(small.put("a", failing()))
    assert stub.uploads == {}


def test_a_cancelled_upload_leaves_nothing_behind(small: Bucket, stub: Stub) -> None:
    begun: list[None] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            begun.append(None)
            yield bytes(PART)
            await asyncio.sleep(0)

    async def go() -> None:
        await event_loop()
        task = asyncio.ensure_future(small.put("a", endless()))
        while len(begun) < 6:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    drive(go())
    assert stub.objects == {}
    assert stub.uploads == {}


def test_an_upload_that_was_cut_off_is_gone_on_with(small: Bucket, stub: Stub) -> None:
    stub.fail("answer", times=100, method="PUT", about="partNumber=3")
    with pytest.raises(VfsError):
        drive(small.put("a", LARGE))
    (left,) = stub.uploads.values()
    assert sorted(left.parts) == [1, 2]
    for number, (data, _) in left.parts.items():
        left.parts[number] = (data, datetime.now(UTC) - timedelta(minutes=5))
    stub.faults.clear()
    stub.seen.clear()
    drive(small.put("a", LARGE))
    assert stub.objects["a"].data == LARGE
    assert stub.count("PUT", "partNumber") == 1
    assert stub.uploads == {}


def test_of_an_upload_that_was_cut_off_only_equal_parts_are_taken(small: Bucket, stub: Stub) -> None:
    stub.fail("answer", times=100, method="PUT", about="partNumber=3")
    with pytest.raises(VfsError):
        drive(small.put("a", LARGE))
    (left,) = stub.uploads.values()
    for number, (data, _) in left.parts.items():
        left.parts[number] = (data, datetime.now(UTC) - timedelta(minutes=5))
    stub.faults.clear()
    other = bytes([LARGE[0] ^ 1]) + LARGE[1:]
    drive(small.put("a", other))
    assert stub.objects["a"].data == other


def test_an_upload_that_is_under_way_is_not_taken_over(small: Bucket, stub: Stub) -> None:
    stub.fail("answer", times=100, method="PUT", about="partNumber=3")
    with pytest.raises(VfsError):
        drive(small.put("a", LARGE))
    stub.faults.clear()
    drive(small.put("a", LARGE))
    assert len(stub.uploads) == 1

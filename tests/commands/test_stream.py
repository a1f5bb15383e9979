"""commands.stream: one kind in a pipe, back pressure, readers that leave."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.stream import (
    Collected,
    Given,
    Nothing,
    NotRecords,
    Pipe,
    ReaderGone,
    Record,
    lines_of,
    records_of,
)
from vfs.drive import drive

RECORDS = [Record("one", {"n": 1}), Record("two", {"n": 2})]


def test_a_reader_of_bytes_gets_each_record_as_its_line() -> None:
    assert drive(Given(RECORDS).readall()) == b"one\ntwo\n"


def test_a_reader_of_records_that_meets_bytes_is_told() -> None:
    async def read() -> None:
        async for _ in Given(b"text\n").records():
            pass

    with pytest.raises(NotRecords):
        drive(read())


def test_the_first_item_decides_what_a_reader_of_either_sees() -> None:
    assert drive(Given(RECORDS).carries_records()) is True
    assert drive(Given(b"x").carries_records()) is False
    assert drive(Nothing().carries_records()) is False


def test_a_line_is_read_and_the_rest_stays() -> None:
    async def read() -> tuple[bytes, bytes, bytes]:
        source = Given(b"a", b"b\nc", b"d\ne")
        return await source.readline(), await source.readline(), await source.readall()

    assert drive(read()) == (b"ab\n", b"cd\n", b"e")


@given(st.binary(max_size=60), st.lists(st.integers(1, 7), max_size=30))
def test_line_blocks_hold_whole_lines_and_lose_nothing(data: bytes, cuts: list[int]) -> None:
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(data[at : at + cut])
        at += cut
    pieces.append(data[at:])

    async def read() -> list[bytes]:
        return [block async for block in Given(*pieces).line_blocks()]

    blocks = drive(read())
    assert b"".join(blocks) == data
    assert all(block.endswith(b"\n") for block in blocks[:-1])


@given(st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=8), min_size=1))
def test_lines_and_records_are_inverse(lines: list[str]) -> None:
    records = [Record(line) for line in lines]
    assert records_of(lines_of(records)) == records


def test_bytes_after_records_reach_a_reader_of_either_as_records() -> None:
    async def read() -> list[str]:
        source = Given(RECORDS, b"three\nfo", b"ur\n")
        return [record.text async for batch in source.as_records() for record in batch]

    assert drive(read()) == ["one", "two", "three", "four"]


def test_a_full_pipe_makes_its_writer_wait() -> None:
    async def both() -> tuple[int, bytes]:
        pipe = Pipe(capacity=2)
        written = 0

        async def write() -> None:
            nonlocal written
            for _ in range(10):
                await pipe.write(b"x")
                written += 1
            pipe.end()

        async with asyncio.TaskGroup() as group:
            group.create_task(write())
            await asyncio.sleep(0.01)
            early = written
            data = await pipe.readall()
        return early, data

    assert asyncio.run(both()) == (2, b"x" * 10)


def test_a_writer_learns_that_its_reader_left_even_while_it_waits() -> None:
    async def both() -> None:
        pipe = Pipe(capacity=1)

        async def write() -> None:
            while True:
                await pipe.write(b"y\n")

        task = asyncio.ensure_future(write())
        assert await pipe.readline() == b"y\n"
        await pipe.leave()
        with pytest.raises(ReaderGone):
            await asyncio.wait_for(task, 5)

    asyncio.run(both())


def test_a_cancelled_writer_does_not_strand_the_next_one() -> None:
    async def both() -> bytes:
        pipe = Pipe(capacity=1)
        await pipe.write(b"1")
        first = asyncio.ensure_future(pipe.write(b"2"))
        second = asyncio.ensure_future(pipe.write(b"3"))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        got = [await pipe.fetch()]
        await asyncio.wait_for(second, 5)
        pipe.end()
        got.append(await pipe.readall())
        return b"".join(item for item in got if isinstance(item, bytes))

    assert asyncio.run(both()) == b"13"


def test_what_is_collected_keeps_records_and_lines() -> None:
    sink = Collected()
    drive(sink.put(RECORDS))
    drive(sink.write(b"end"))
    assert sink.data == b"one\ntwo\nend"
    assert sink.records == RECORDS

"""Notices of changes: they tick for one's own user, survive restarts, and miss nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from providers.store.postgres.session import Times
from providers.store.watching import watch
from tests.servers.postgres import Database, Server, alone
from tests.servers.proxy import running_proxy
from tests.store.desk import change, notes, path, put
from tests.store.postgres.desk import adding, opened
from vfs.errors import LoginNeeded


@pytest.fixture(scope="module")
def lone() -> Iterator[Server]:
    with alone() as server:
        yield server


async def soon(iterator: AsyncIterator[Any]) -> Any:
    return await asyncio.wait_for(anext(iterator), 30)


async def quiet(iterator: AsyncIterator[Any]) -> bool:
    """Whether nothing comes for a while."""
    coming = asyncio.ensure_future(anext(iterator))
    done, _ = await asyncio.wait({coming}, timeout=0.3)
    if not done:
        coming.cancel()
        await asyncio.wait({coming})
    return not done


def test_every_change_of_ones_own_rows_is_a_tick_and_no_others(database: Database) -> None:
    async def run() -> None:
        ticks = store.changes()
        await soon(ticks)
        await other.write(adding("one"))
        await soon(ticks)
        await store.write(adding("two"))
        await soon(ticks)
        await ada.write(adding("hers", user="ada"))
        assert await quiet(ticks)

    with opened(database) as store, opened(database) as other, opened(database, user="ada") as ada:
        asyncio.run(run())


def test_a_change_that_was_undone_is_no_tick(database: Database) -> None:
    def work(connection: Any) -> None:
        adding("lost")(connection)
        raise ValueError

    async def run() -> None:
        ticks = store.changes()
        await soon(ticks)
        with pytest.raises(ValueError):
            await store.write(work)
        assert await quiet(ticks)

    with opened(database) as store:
        asyncio.run(run())


def test_all_who_watch_a_store_share_one_connection(database: Database) -> None:
    async def run() -> None:
        several = [store.changes() for _ in range(5)]
        for ticks in several:
            await soon(ticks)
        assert listeners() == 1
        await other.write(adding("one"))
        for ticks in several:
            await soon(ticks)
            await ticks.aclose()
        again = store.changes()
        await soon(again)
        await other.write(adding("two"))
        await soon(again)

    def listeners() -> int:
        ask = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'LISTEN %'"
        return database.sql(ask, database.name)[0][0]

    with opened(database) as store, opened(database) as other:
        asyncio.run(run())


def test_after_a_restart_it_listens_again_and_says_what_was_missed(lone: Server) -> None:
    database = lone.database(keep=True)

    async def run() -> None:
        batches = watch(store, "notes", path("/"))
        assert await soon(batches) == ()
        proxy.refusing = True
        proxy.cut_all()
        for name in ("a", "b"):
            await put(notes(other), f"/{name}", name)
        lone.restart()
        proxy.refusing = False
        seen: list[str] = []
        while len(seen) < 2:
            seen += [str(one.path) for one in await soon(batches)]
        assert seen == ["/a", "/b"]
        await put(notes(other), "/c", "c")
        assert [str(one.path) for one in await soon(batches)] == ["/c"]
        await notes(other).move(path("/c"), path("/d"), change())
        [moved] = await soon(batches)
        assert (str(moved.path), moved.op, str(moved.target)) == ("/c", "move", "/d")
        await batches.aclose()

    with (
        running_proxy(lone.port) as proxy,
        opened(database, port=proxy.port, times=Times()) as store,
        opened(database, times=Times()) as other,
    ):
        asyncio.run(run())


def test_who_may_not_come_in_is_told_and_not_left_waiting(database: Database) -> None:
    async def run() -> None:
        with pytest.raises(LoginNeeded):
            await soon(store.changes())

    with opened(database, login="nobody") as store:
        asyncio.run(run())


def test_closing_the_store_ends_the_listening(database: Database) -> None:
    async def run() -> None:
        ticks = store.changes()
        await soon(ticks)
        listening = asyncio.ensure_future(anext(ticks))
        await asyncio.sleep(0.05)
        await store.aclose()
        with pytest.raises(OSError, match="closed meanwhile"):
            await asyncio.wait_for(listening, 20)

    with opened(database) as store:
        asyncio.run(run())
    mine = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    # The server's process ends when it reads that nobody is there any more.
    end = time.monotonic() + 20
    while database.sql(mine, database.name) != [(0,)]:
        assert time.monotonic() < end
        time.sleep(0.05)

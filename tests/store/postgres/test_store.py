"""A server that goes away in the middle of anything, callers that are cancelled, loops, forks, the end."""

import asyncio
import gc
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from providers.store.postgres.session import Times
from providers.store.store import Connection
from tests.servers.postgres import Database, Server, alone
from tests.servers.proxy import Proxy, running_proxy
from tests.store.postgres.desk import QUICK, adding, names, opened, there
from vfs.drive import drive
from vfs.errors import Unavailable, VfsError


@pytest.fixture(scope="module")
def lone() -> Iterator[Server]:
    with alone() as server:
        yield server


@pytest.fixture
def proxy(database: Database) -> Iterator[Proxy]:
    with running_proxy(database.server.port) as running:
        yield running


# -- cut off


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_connection_cut_at_any_byte_of_a_write_leaves_it_made_once(
    database: Database, proxy: Proxy, way: str
) -> None:
    chance = random.Random(7)
    with opened(database, port=proxy.port) as store:
        for number in range(12):
            proxy.cut_all()
            proxy.add(chance.randrange(20, 1500), "pass and cut", way=way)
            store.write_here(adding(f"{number:02}"))
            proxy.faults.clear()
    assert there(database) == [f"{number:02}" for number in range(12) for _ in range(2)]


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_read_goes_on_by_itself_wherever_it_was_cut(database: Database, proxy: Proxy, way: str) -> None:
    with opened(database, port=proxy.port) as store:
        store.write_here(adding("one", entries=200))
        chance = random.Random(3)
        for _ in range(10):
            proxy.add(chance.randrange(20, 6000), "pass and cut", way=way)
            assert len(store.read_here(names)) == 200
            proxy.faults.clear()
            proxy.cut_all()


def test_a_server_that_is_restarted_or_killed_between_statements_is_waited_for(lone: Server) -> None:
    database = lone.database(keep=True)
    told: list[str] = []
    with opened(database, waiting=told.append, times=Times()) as store:
        for name, end in (("stopped", lone.stop), ("killed", lone.kill)):
            ended: list[str] = []

            def work(connection: Connection, name: str = name, end=end, ended=ended) -> None:
                adding(name)(connection)
                if not ended:
                    ended.append(name)
                    end()
                    threading.Timer(0.5, lone.start).start()

            store.write_here(work)
            assert len(store.read_here(names)) % 2 == 0
    assert there(database) == ["stopped", "stopped", "killed", "killed"]
    assert any("waiting for postgresql://" in line for line in told)
    assert not any("correct-horse" in line for line in told)


def test_a_server_that_stays_away_is_one_clear_error_and_then_used_again(lone: Server) -> None:
    database = lone.database(keep=True)
    with opened(database, times=QUICK._replace(patience=0.5)) as store:
        store.write_here(adding("before"))
        lone.stop()
        for call in (lambda: store.read_here(names), lambda: store.write_here(adding("lost"))):
            with pytest.raises(Unavailable, match="cannot be reached") as caught:
                call()
            assert "correct-horse" not in str(caught.value)
        lone.start()
        assert store.read_here(names) == ["before", "before"]


def test_writers_under_restarts_lose_nothing_that_was_acknowledged(lone: Server) -> None:
    database = lone.database(keep=True)
    acknowledged: list[str] = []
    ended = threading.Event()

    def write() -> None:
        number = 0
        with opened(database, times=Times()) as store:
            while not ended.is_set():
                store.write_here(adding(f"{number:05}"))
                acknowledged.append(f"{number:05}")
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    chance = random.Random(5)
    for _ in range(40 if os.environ.get("SPATIO_FULL") == "1" else 4):
        some = len(acknowledged) + 5
        while len(acknowledged) < some and writer.is_alive():
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.03))
        chance.choice((lone.stop, lone.kill))()
        lone.start()
    ended.set()
    writer.join(60)
    assert not writer.is_alive()
    assert there(database) == [name for name in acknowledged for _ in range(2)]
    assert len(acknowledged) >= 20


# -- a server that is slow, or silent


def test_a_slow_network_is_only_slow(database: Database, proxy: Proxy) -> None:
    proxy.delay, proxy.block = 0.002, 100
    with opened(database, port=proxy.port, times=Times()) as store:
        store.write_here(adding("one"))
        assert store.read_here(names) == ["one", "one"]


def test_a_server_that_says_nothing_more_is_lost_and_called_again(database: Database, proxy: Proxy) -> None:
    with opened(database, port=proxy.port, times=QUICK._replace(statement=0.3, answering=0.3)) as store:
        store.write_here(adding("one"))
        proxy.freeze_all()
        assert store.read_here(names) == ["one", "one"]
        proxy.add(b"INSERT INTO event", "freeze")
        proxy.cut_all()
        store.write_here(adding("two"))
    assert there(database) == ["one", "one", "two", "two"]


def test_a_server_that_accepts_and_never_answers_is_one_clear_error(database: Database, proxy: Proxy) -> None:
    proxy.add(0, "freeze", times=100)
    with (
        opened(database, port=proxy.port, times=QUICK._replace(connecting=0.2, patience=0.3)) as store,
        pytest.raises(Unavailable, match="cannot be reached"),
    ):
        store.read_here(names)


# -- many at once


def test_hundreds_of_readers_and_writers_share_four_connections(database: Database) -> None:
    async def run() -> None:
        with_names = [f"{number:03}" for number in range(40)]
        await asyncio.gather(
            *(store.write(adding(name)) for name in with_names),
            *(
                store.read(lambda c: c.execute("SELECT count(*) FROM event").fetchone()[0])
                for _ in range(300)
            ),
        )

    with opened(database, times=Times()) as store:
        asyncio.run(run())
        count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'program' AND datname = $1"
        assert database.sql(count, database.name)[0][0] <= 4
    assert sorted(set(there(database))) == [f"{number:03}" for number in range(40)]


def test_a_store_serves_several_loops_and_threads_without_any(database: Database) -> None:
    failed: list[BaseException] = []

    def in_thread(number: int) -> None:
        try:
            if number % 2:
                store.write_here(adding(f"{number}"))
            else:
                asyncio.run(store.write(adding(f"{number}")))
        except BaseException as error:
            failed.append(error)

    with opened(database, times=Times()) as store:
        threads = [threading.Thread(target=in_thread, args=(number,)) for number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        drive(store.write(adding("driven")))
    assert failed == []
    assert len(there(database)) == 22


# -- cancelled


def test_a_cancelled_write_is_made_whole_or_not_at_all_and_the_store_goes_on(database: Database) -> None:
    async def run() -> None:
        chance = random.Random(11)
        for number in range(60):
            task = asyncio.ensure_future(store.write(adding(f"{number:02}", entries=5)))
            await asyncio.sleep(chance.uniform(0, 0.012))
            task.cancel()
            try:
                await task
                done.append(f"{number:02}")
            except asyncio.CancelledError:
                pass
        await store.write(adding("last"))

    done: list[str] = []
    with opened(database, times=Times()) as store:
        asyncio.run(run())
        found = store.read_here(names)
    gc.collect()
    assert there(database) == found
    whole = {name: found.count(name) for name in found}
    assert whole.pop("last") == 2
    assert set(whole.values()) <= {5}
    assert set(done) <= set(whole)


def test_cancelling_while_commit_is_under_way_waits_for_its_end(database: Database, proxy: Proxy) -> None:
    proxy.delay = 0.05
    fault = proxy.add(b"COMMIT\0", "pass and cut")

    async def run() -> None:
        task = asyncio.ensure_future(store.write(adding("one")))
        while not fault.happened.is_set():
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # Whatever it became, it is that already.
        count = len(await store.read(names))
        assert count in (0, 2)
        await asyncio.sleep(0.3)
        assert len(await store.read(names)) == count

    with opened(database, port=proxy.port, times=Times()) as store:
        asyncio.run(run())


def test_a_statement_that_is_cancelled_ends_on_the_server_too(database: Database) -> None:
    async def run() -> None:
        task = asyncio.ensure_future(store.read(lambda c: c.execute("SELECT pg_sleep(60)").fetchall()))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with opened(database, times=Times()) as store:
        asyncio.run(run())
        assert store.read_here(names) == []
    assert (
        database.sql(
            "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'"
        )
        == []
    )


INTERRUPTED = """
import os, signal, sys, threading
from vfs.drive import drive
from providers.store.objects import LocalObjects
from providers.store.postgres.store import PostgresStore
store = PostgresStore(sys.argv[1], LocalObjects(sys.argv[2]))
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    store.read_here(lambda connection: connection.execute("SELECT pg_sleep(60)").fetchall())
except KeyboardInterrupt:
    print(store.read_here(lambda connection: connection.execute("SELECT 42").fetchone()[0]))
drive(store.aclose())
"""


def test_an_interrupt_ends_a_call_without_a_loop_and_the_store_goes_on(database: Database, tmp_path) -> None:
    argv = [
        sys.executable,
        "-W",
        "error",
        "-c",
        INTERRUPTED,
        database.program + "?sslmode=disable",
        str(tmp_path),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("42\n", "", 0)


# -- closed, forked, forgotten


def test_closing_waits_for_what_is_under_way_and_opens_again(database: Database) -> None:
    async def run() -> None:
        tasks = [asyncio.ensure_future(store.write(adding(f"{number}"))) for number in range(5)]
        await asyncio.sleep(0.02)
        await store.aclose()
        await asyncio.gather(*tasks)
        assert len(await store.read(names)) == 10
        await store.aclose()
        await store.aclose()

    with opened(database, times=Times()) as store:
        asyncio.run(run())


def test_closing_while_others_begin_anew_mixes_nothing_up(database: Database) -> None:
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(15):
                store.write_here(adding(f"{name}{number}", entries=1))
        except BaseException as error:
            failed.append(error)

    with opened(database, times=Times()) as store:
        threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            drive(store.aclose())
    assert failed == []
    assert len(there(database)) == 45


def test_closing_ends_what_does_not_end_by_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.store.postgres.store.CLOSING", 0.2)

    async def run() -> None:
        task = asyncio.ensure_future(store.read(lambda c: c.execute("SELECT pg_sleep(60)").fetchall()))
        await asyncio.sleep(0.2)
        await store.aclose()
        with pytest.raises(VfsError, match="closed meanwhile"):
            await task

    with opened(database, times=Times()) as store:
        asyncio.run(run())


def test_a_forked_process_opens_connections_of_its_own(database: Database) -> None:
    with opened(database, times=Times()) as store:
        store.write_here(adding("parent"))
        child = os.fork()
        if not child:
            status = 1
            try:
                store.write_here(adding("child"))
                status = 0
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        store.write_here(adding("after"))
        assert store.read_here(names) == ["parent", "parent", "child", "child", "after", "after"]


UNCLOSED = """
import asyncio, sys
from providers.store.objects import LocalObjects
from providers.store.postgres.store import PostgresStore
store = PostgresStore(sys.argv[1], LocalObjects(sys.argv[2]))
ask = lambda connection: connection.execute("SELECT 42").fetchone()[0]
print(store.read_here(ask))
async def run():
    task = asyncio.ensure_future(store.read(lambda c: c.execute("SELECT pg_sleep(60)").fetchall()))
    await asyncio.sleep(0.2)
if sys.argv[3] == "busy":
    asyncio.run(run())
"""


@pytest.mark.parametrize("how", ["idle", "busy"])
def test_a_store_that_nobody_closed_does_not_hold_up_the_end(database: Database, tmp_path, how: str) -> None:
    argv = [
        sys.executable,
        "-c",
        UNCLOSED,
        database.program + "?sslmode=disable",
        str(tmp_path),
        how,
    ]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("42\n", "", 0)

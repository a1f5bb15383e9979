"""COMMIT, and a connection that is lost just then: done means done, once; an error, not done or unknown."""

import threading
import time
from collections.abc import Iterator

import pytest

from providers.store.postgres import outcome
from providers.store.postgres.pool import Pool
from providers.store.postgres.session import Transaction
from providers.store.store import Connection
from tests.servers.postgres import Database, Server, alone
from tests.servers.proxy import Proxy, running_proxy
from tests.store.postgres.desk import QUICK, adding, names, opened, there
from vfs.errors import VfsError


@pytest.fixture(scope="module")
def lone() -> Iterator[Server]:
    with alone() as server:
        yield server


@pytest.fixture
def proxy(database: Database) -> Iterator[Proxy]:
    with running_proxy(database.server.port) as running:
        yield running


def test_a_lost_answer_to_commit_is_a_change_that_was_made_once(database: Database, proxy: Proxy) -> None:
    fault = proxy.add(b"COMMIT\0", "swallow answer")
    with opened(database, port=proxy.port) as store:
        assert store.write_here(adding("one")) == (1, 2)
        assert fault.happened.is_set()
    assert there(database) == ["one", "one"]


def test_a_commit_that_never_arrived_is_made_again(database: Database, proxy: Proxy) -> None:
    fault = proxy.add(b"COMMIT\0", "cut", times=2)
    with opened(database, port=proxy.port) as store:
        assert store.write_here(adding("one")) == (1, 2)
        assert fault.times == 0
    assert there(database) == ["one", "one"]


def test_a_commit_that_arrived_before_the_cut_is_found(database: Database, proxy: Proxy) -> None:
    proxy.add(b"COMMIT\0", "pass and cut")
    with opened(database, port=proxy.port) as store:
        assert store.write_here(adding("one")) == (1, 2)
    assert there(database) == ["one", "one"]


def test_a_commit_that_hangs_on_the_way_is_ended_on_the_server_and_made_again(
    database: Database, proxy: Proxy
) -> None:
    # The server has not noticed anything: the transaction is open, and holds the user's lock.
    proxy.add(b"COMMIT\0", "freeze")
    with opened(database, port=proxy.port) as store:
        assert store.write_here(adding("one")) == (1, 2)
    assert there(database) == ["one", "one"]


def test_where_the_server_stays_away_the_outcome_is_not_known(database: Database, proxy: Proxy) -> None:
    proxy.add(b"COMMIT\0", "swallow answer")
    with opened(database, port=proxy.port) as store:

        def work(connection: Connection) -> None:
            adding("one")(connection)
            proxy.refusing = True

        with pytest.raises(VfsError, match="whether it was made is not known") as caught:
            store.write_here(work)
        assert not caught.value.retryable
        proxy.refusing = False
        assert store.read_here(names) == ["one", "one"]


def test_a_server_that_is_restarted_during_commit_is_asked_when_it_is_back(lone: Server) -> None:
    database = lone.database(keep=True)
    with running_proxy(lone.port) as proxy:
        proxy.add(b"COMMIT\0", "swallow answer")
        proxy.add(b"COMMIT\0", "cut")
        with opened(database, port=proxy.port) as store:
            for name in ("made", "again"):
                fault = proxy.faults[0] if name == "made" else proxy.faults[1]
                restart = threading.Thread(
                    target=lambda fault=fault: fault.happened.wait(20) and lone.restart()
                )
                restart.start()
                store.write_here(adding(name))
                restart.join()
    assert there(database) == ["made", "made", "again", "again"]


def test_a_commit_before_a_crash_is_told_from_one_that_the_crash_undid(lone: Server) -> None:
    database = lone.database(keep=True)
    with running_proxy(lone.port) as proxy, opened(database, port=proxy.port) as store:
        for name, then in (("made", "swallow answer"), ("undone", "cut")):
            fault = proxy.add(b"COMMIT\0", then)

            def crash(fault=fault) -> None:
                fault.happened.wait(20)
                lone.kill()
                lone.start()

            crashing = threading.Thread(target=crash)
            crashing.start()
            store.write_here(adding(name))
            crashing.join()
    assert there(database) == ["made", "made", "undone", "undone"]


def test_a_number_that_a_crashed_server_gives_again_proves_nothing(lone: Server) -> None:
    database = lone.database(keep=True)
    seen: list[Transaction] = []

    async def note(store) -> None:
        session = await store.pool().acquire()
        await session.begin("me", writing=True)
        seen.append(await session.lock("me"))
        store.pool().release(session, broken=True)

    async def ask(store, number: Transaction) -> bool | None:
        return await outcome.committed(Pool(store.address, store.password, QUICK), number, print)

    with opened(database) as store:
        store.write_here(adding("before"))
        store._cross_here(note(store))
        lost = seen[-1]
        lone.kill()
        lone.start()
        # Another transaction is given the number that was never on the disk, and is committed.
        for number in range(50):
            store.write_here(adding(f"other{number}"))
        status = "SELECT pg_xact_status($1::text::xid8)"
        assert database.sql(status, lost.number) == [("committed",)]
        assert store._cross_here(ask(store, lost)) is False
        # What was committed before the crash is still known to be; after a later checkpoint nobody can say.
        store._cross_here(note(store))
        assert store._cross_here(ask(store, seen[-1])) is False
        lone.sql("CHECKPOINT")
        assert store._cross_here(ask(store, lost)) is None


def test_a_server_that_may_not_tell_leaves_the_outcome_unknown(lone: Server) -> None:
    database = lone.database(keep=True)
    database.sql("REVOKE EXECUTE ON FUNCTION pg_xact_status FROM PUBLIC")
    with running_proxy(lone.port) as proxy, opened(database, port=proxy.port) as store:
        proxy.add(b"COMMIT\0", "cut")
        with pytest.raises(VfsError, match="is not known"):
            store.write_here(adding("one"))


def test_a_transaction_of_long_ago_is_not_taken_for_another(database: Database) -> None:
    with opened(database) as store:
        future = Transaction("999999999999", "0", 1)

        async def ask() -> bool | None:
            return await outcome.committed(Pool(store.address, store.password, QUICK), future, print)

        begun = time.monotonic()
        assert store._cross_here(ask()) is False
        assert time.monotonic() - begun < 60

"""Behind a proxy that gives each transaction another connection: nothing is mixed up, nothing lasts."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from providers.store.objects import LocalObjects
from providers.store.postgres.session import Times
from providers.store.postgres.store import PostgresStore
from tests.servers.pgbouncer import PgBouncer, running_pgbouncer
from tests.servers.postgres import PASSWORD, Database
from tests.servers.proxy import running_proxy
from tests.store.postgres.desk import QUICK, adding, names, opened, there
from vfs.drive import drive
from vfs.errors import LoginNeeded, Unsupported, VfsError


@pytest.fixture
def bouncer(database: Database) -> Iterator[PgBouncer]:
    with running_pgbouncer(database.server) as running:
        yield running


def is_proxied(store: PostgresStore) -> bool:
    async def ask() -> bool:
        session = await store.pool().acquire()
        try:
            await session.begin(store.user, writing=False)
            await session.commit()
            return session.proxied
        finally:
            store.pool().release(session)

    return store._cross_here(ask())


def test_a_proxy_is_recognised_and_the_server_itself_is_not_taken_for_one(
    database: Database, bouncer: PgBouncer
) -> None:
    for _ in range(5):
        with opened(database, port=bouncer.port) as store, opened(database) as straight:
            assert is_proxied(store)
            assert not is_proxied(straight)


def test_two_users_at_once_over_two_connections_see_their_own_rows_only(
    database: Database, bouncer: PgBouncer
) -> None:
    async def work(store: PostgresStore, user: str) -> None:
        async def change(number: int) -> None:
            await store.write(adding(f"{user}{number:02}", user=user))
            assert {name[: len(user)] for name in await store.read(names)} == {user}

        await asyncio.gather(*(change(number) for number in range(15)))

    async def both() -> None:
        await asyncio.gather(work(ada, "ada"), work(bob, "bob"))

    with (
        opened(database, port=bouncer.port, user="ada", times=Times()) as ada,
        opened(database, port=bouncer.port, user="bob", times=Times()) as bob,
    ):
        asyncio.run(both())
    for user in ("ada", "bob"):
        assert sorted(there(database, user)) == [
            f"{user}{number:02}" for number in range(15) for _ in range(2)
        ]


WRITER = """
import sys, tempfile
from providers.store.objects import LocalObjects
from providers.store.postgres.store import PostgresStore
from tests.store.postgres.desk import adding
from vfs.drive import drive
store = PostgresStore(sys.argv[1], LocalObjects(tempfile.mkdtemp()), password=sys.argv[2])
for number in range(int(sys.argv[4])):
    store.write_here(adding(f"{sys.argv[3]}{number:04}"))
drive(store.aclose())
"""


def test_several_programs_change_one_users_rows_in_turns(database: Database, bouncer: PgBouncer) -> None:
    count = 300 if os.environ.get("SPATIO_FULL") == "1" else 30
    address = f"postgresql://program@127.0.0.1:{bouncer.port}/{database.name}?sslmode=disable"
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, address, PASSWORD, who, str(count)], cwd=os.getcwd())
        for who in ("a", "b", "c")
    ]
    assert [process.wait(100) for process in running] == [0, 0, 0]
    assert sorted(there(database)) == [
        f"{who}{n:04}" for who in "abc" for n in range(count) for _ in range(2)
    ]


def test_nothing_of_a_transaction_stays_on_the_servers_connection(
    database: Database, bouncer: PgBouncer
) -> None:
    with opened(database, port=bouncer.port, user="ada") as store:
        store.write_here(adding("hers", user="ada"))

        async def bare() -> tuple[object, ...]:
            raw = await store.pool().connect()
            try:
                settings = ("role", "spatio.user_id", "search_path", "statement_timeout")
                asked = ", ".join(f"current_setting('{name}', true)" for name in settings)
                rows = await (await raw.prepare(f"SELECT {asked}", name="")).fetch()
                named = await (
                    await raw.prepare("SELECT count(*) FROM pg_prepared_statements", name="")
                ).fetch()
                locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                held = await (await raw.prepare(locks, name="")).fetch()
                return (*rows[0], named[0][0], held[0][0])
            finally:
                raw.terminate()

        assert store._cross_here(bare()) == ("none", "", '"$user", public', "0", 0, 0)


def test_rows_that_come_as_they_are_asked_for_come_through(database: Database, bouncer: PgBouncer) -> None:
    with opened(database, port=bouncer.port) as store:
        store.write_here(adding("many", entries=3000))
        streamed = store.read_here(
            lambda c: [row[0] for row in c.stream("SELECT seq FROM event ORDER BY seq")]
        )
        assert streamed == list(range(1, 3001))


def test_a_proxy_that_is_restarted_or_away_is_waited_for(database: Database, bouncer: PgBouncer) -> None:
    told: list[str] = []
    with opened(database, port=bouncer.port, waiting=told.append, times=Times()) as store:
        store.write_here(adding("one"))
        bouncer.restart()
        assert store.read_here(names) == ["one", "one"]
        bouncer.stop()
        writing = threading.Thread(target=lambda: store.write_here(adding("two")))
        writing.start()
        time.sleep(0.6)
        bouncer.start()
        writing.join()
    assert there(database) == ["one", "one", "two", "two"]
    assert len(told) == 1


def test_a_commit_whose_answer_the_proxy_never_gave_is_asked_for(
    database: Database, bouncer: PgBouncer
) -> None:
    with running_proxy(bouncer.port) as cut, opened(database, port=cut.port, times=Times()) as store:
        for number, then in enumerate(("swallow answer", "cut", "pass and cut")):
            fault = cut.add(b"COMMIT\0", then)
            store.write_here(adding(f"{number}"))
            assert fault.happened.is_set()
    assert there(database) == ["0", "0", "1", "1", "2", "2"]


def test_a_server_that_is_lost_behind_the_proxy_is_waited_for(database: Database, bouncer: PgBouncer) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'program' AND datname = $1"
    with opened(database, port=bouncer.port, times=Times()) as store:
        for number in range(4):

            def work(connection, number: int = number, ended=[]) -> None:  # noqa: B006
                adding(f"{number}")(connection)
                if len(ended) <= number:
                    ended.append(database.sql(end, database.name))

            store.write_here(work)
            database.sql(end, database.name)
            assert len(store.read_here(names)) == 2 * number + 2
    assert there(database) == [f"{number}" for number in range(4) for _ in range(2)]


def test_what_the_proxy_refuses_is_told_at_once(database: Database, bouncer: PgBouncer, tmp_path) -> None:
    begun = time.monotonic()
    times = QUICK._replace(patience=60)
    for login, password in (("program", "wrong"), ("nobody", "correct-horse")):
        address = f"postgresql://{login}:{password}@127.0.0.1:{bouncer.port}/{database.name}?sslmode=disable"
        store = PostgresStore(address, LocalObjects(str(tmp_path)), times=times)
        with pytest.raises(LoginNeeded, match="refuses this user or password"):
            store.read_here(names)
        drive(store.aclose())
    address = f"postgresql://program:{PASSWORD}@127.0.0.1:{bouncer.port}/missing?sslmode=disable"
    store = PostgresStore(address, LocalObjects(str(tmp_path)), times=times)
    with pytest.raises(VfsError, match="no such database"):
        store.read_here(names)
    drive(store.aclose())
    assert time.monotonic() - begun < 30


def test_notices_need_the_server_itself(database: Database, bouncer: PgBouncer) -> None:
    direct = (
        f"postgresql://program:{PASSWORD}@127.0.0.1:{database.server.port}/{database.name}?sslmode=disable"
    )

    async def ticks(store: PostgresStore, other: PostgresStore) -> int:
        count = 0
        changes = store.changes()
        try:
            async for _ in changes:
                count += 1
                if count == 3:
                    return count
                await other.write(adding(f"{count}"))
        finally:
            await changes.aclose()
        return count

    with opened(database, port=bouncer.port) as other:
        with opened(database, port=bouncer.port) as store:
            with pytest.raises(Unsupported, match="forwards no notices") as caught:
                asyncio.run(ticks(store, other))
            assert caught.value.hint is not None
            assert "direct" in caught.value.hint
        with opened(database, port=bouncer.port, direct=direct) as store:
            assert asyncio.run(asyncio.wait_for(ticks(store, other), 20)) == 3

"""Statements that take too long, locks that others hold, tables that change under a connection."""

import threading
import time

import pytest

from providers.store.postgres.session import Times, quoted
from providers.store.postgres.store import PostgresStore
from providers.store.store import Connection
from tests.servers.postgres import Database
from tests.store.postgres.desk import QUICK, adding, names, opened, there
from vfs.errors import Unavailable


def test_a_statement_that_takes_too_long_is_ended_and_the_connection_stays(database: Database) -> None:
    with opened(database, times=QUICK._replace(statement=0.2)) as store:
        before = store.read_here(lambda c: c.execute("SELECT pg_backend_pid()").fetchone()[0])
        with pytest.raises(Unavailable, match="longer than a statement may"):
            store.read_here(lambda c: c.execute("SELECT pg_sleep(30)").fetchall())
        assert store.read_here(lambda c: c.execute("SELECT pg_backend_pid()").fetchone()[0]) == before


def test_a_program_that_sleeps_in_a_transaction_is_undone_by_the_server_and_begins_again(
    database: Database,
) -> None:
    slept: list[int] = []

    def work(connection: Connection) -> None:
        adding("one")(connection)
        if not slept:
            slept.append(1)
            time.sleep(0.6)
        connection.execute("SELECT 1")

    with opened(database, times=Times(idle=0.2)) as store:
        store.write_here(work)
    assert there(database) == ["one", "one"]


def hold(store: PostgresStore, held: threading.Event, done: threading.Event) -> threading.Thread:
    """Another device in the middle of a change."""

    def work(connection: Connection) -> None:
        adding("held")(connection)
        held.set()
        while not done.is_set():
            connection.execute("SELECT pg_sleep(0.02)")

    thread = threading.Thread(target=lambda: store.write_here(work))
    thread.start()
    held.wait(10)
    return thread


def test_another_sessions_change_is_waited_for_and_its_holder_named(database: Database) -> None:
    held, done = threading.Event(), threading.Event()
    told: list[str] = []

    def waiting(what: str) -> None:
        told.append(what)
        done.set()

    with opened(database, times=Times()) as other, opened(database, waiting=waiting, times=Times()) as store:
        thread = hold(other, held, done)
        store.write_here(adding("mine"))
        thread.join()
        assert there(database) == ["held", "held", "mine", "mine"]
    assert len(told) == 1
    assert told[0].startswith("waiting for spatio on ")
    assert "(the server's process " in told[0]


def test_who_holds_on_for_too_long_is_named_in_the_error(database: Database) -> None:
    held, done = threading.Event(), threading.Event()
    with (
        opened(database, times=Times()) as other,
        opened(database, times=QUICK._replace(patience=0.3)) as store,
    ):
        thread = hold(other, held, done)
        with pytest.raises(Unavailable, match=r"in use by spatio on .* \(the server's process \d+\)"):
            store.write_here(adding("mine"))
        done.set()
        thread.join()
        store.write_here(adding("mine"))
        assert there(database) == ["held", "held", "mine", "mine"]


def test_reading_and_other_users_changes_do_not_wait(database: Database) -> None:
    held, done = threading.Event(), threading.Event()
    with opened(database, times=Times()) as store, opened(database, user="ada", times=Times()) as ada:
        thread = hold(store, held, done)
        assert store.read_here(names) == []
        ada.write_here(adding("hers", user="ada"))
        assert ada.read_here(names) == ["hers", "hers"]
        done.set()
        thread.join()


def test_a_table_that_another_session_changes_is_read_on(database: Database) -> None:
    ask = "SELECT * FROM collection"
    row = "INSERT INTO collection (user_id, name, number) VALUES ('me', 'notes', 1)"
    with opened(database, pool=1) as store:
        store.write_here(lambda c: c.execute(row))
        assert len(store.read_here(lambda c: c.execute(ask).fetchone())) == 3
        database.sql("ALTER TABLE spatio.collection ADD COLUMN more int")
        assert len(store.read_here(lambda c: c.execute(ask).fetchone())) == 4
        database.sql("ALTER TABLE spatio.collection DROP COLUMN more")
        assert len(store.read_here(lambda c: c.execute(ask).fetchone())) == 3


def test_a_deadlock_is_undone_by_the_server_and_run_again(database: Database) -> None:
    database.sql(f"ALTER DATABASE \"{database.name}\" SET deadlock_timeout = '50ms'")
    database.sql("CREATE TABLE spatio.apart (id int, x int)")
    database.sql("INSERT INTO spatio.apart VALUES (1, 0), (2, 0)")
    database.sql("GRANT SELECT, UPDATE ON spatio.apart TO spatio_app")
    both = threading.Barrier(2)

    def crossing(first: int, second: int):
        tried: list[int] = []

        def work(connection: Connection) -> None:
            connection.execute("UPDATE spatio.apart SET x = x + 1 WHERE id = ?", (first,))
            tried.append(first)
            if len(tried) == 1:
                both.wait(10)
            connection.execute("UPDATE spatio.apart SET x = x + 1 WHERE id = ?", (second,))

        return work, tried

    with opened(database, times=Times()) as store, opened(database, user="ada", times=Times()) as ada:
        (mine, tries), (hers, more) = crossing(1, 2), crossing(2, 1)
        thread = threading.Thread(target=lambda: ada.write_here(hers))
        thread.start()
        store.write_here(mine)
        thread.join()
    assert len(tries) + len(more) == 3
    assert database.sql("SELECT x FROM spatio.apart ORDER BY id") == [(2,), (2,)]


def test_no_setting_of_a_transaction_outlives_it(database: Database) -> None:
    ask = "SELECT " + ", ".join(
        f"current_setting('{name}', true)" for name in ("role", "spatio.user_id", "lock_timeout")
    )
    with opened(database, pool=1) as store:
        store.write_here(adding("one"))

        async def bare() -> list[tuple[str, ...]]:
            session = await store.pool().acquire()
            try:
                return [tuple(row) for row in await session.raw.fetch(ask)]
            finally:
                store.pool().release(session)

        assert store._cross_here(bare()) == [("none", "", "0")]


@pytest.mark.parametrize("user", ["o'neil", "back\\slash'", "ß🙂", "$1", "a;b--"])
def test_a_user_of_any_name_has_rows_of_their_own(database: Database, user: str) -> None:
    with opened(database, user=user) as store:
        store.write_here(adding("mine", user=user))
        assert store.read_here(names) == ["mine", "mine"]
    with opened(database) as other:
        assert other.read_here(names) == []


def test_a_value_is_quoted_as_the_server_reads_it(database: Database) -> None:
    for text in ("plain", "o'neil", "\\", "\\'", "a\nb", "$$", "%s"):
        assert database.sql(f"SELECT {quoted(text)}") == [(text,)]

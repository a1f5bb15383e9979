"""The end of a transaction that only read goes with the beginning of the next one, or comes soon after."""

import time

from providers.store.store import Connection
from tests.servers.postgres import Database, Server
from tests.store.postgres.desk import adding, opened, there

STATES = "SELECT state FROM pg_stat_activity WHERE application_name LIKE 'spatio on %' AND datname = $1"


def states(database: Database) -> set[str]:
    return {state for (state,) in database.sql(STATES, database.name)}


def process(connection: Connection) -> int:
    return int(connection.execute("SELECT pg_backend_pid()").fetchone()[0])


def test_what_was_read_is_let_go_when_nothing_follows(database: Database) -> None:
    with opened(database) as store:
        store.read_here(process)
        end = time.monotonic() + 10
        while states(database) != {"idle"} and time.monotonic() < end:
            time.sleep(0.01)
        assert states(database) == {"idle"}


def test_readings_that_follow_each_other_share_a_connection_and_see_what_is_new(database: Database) -> None:
    with opened(database, pool=1) as store:
        first = store.read_here(process)
        for number in range(5):
            database.sql("INSERT INTO spatio.collection VALUES ('me', $1, $2)", f"c{number}", 100 + number)
            assert store.read_here(process) == first
            count = "SELECT count(*) FROM collection WHERE user_id = 'me' AND number >= 100"
            assert store.read_here(lambda c, count=count: c.execute(count).fetchone()[0]) == number + 1


def test_a_change_after_reading_is_a_transaction_of_its_own(database: Database) -> None:
    with opened(database) as store:
        store.read_here(process)
        store.write_here(adding("one"))
        store.read_here(process)
        store.write_here(adding("two"))
    assert there(database) == ["one", "one", "two", "two"]


def test_a_server_that_was_restarted_after_reading_is_read_again(lone_server: Server) -> None:
    database = lone_server.database()
    with opened(database) as store:
        store.read_here(process)
        lone_server.restart()
        assert store.read_here(process) > 0

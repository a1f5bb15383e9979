"""Two people in one database: neither sees, changes or is told anything of the other's."""

from __future__ import annotations

import asyncio
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import asyncpg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from providers.store.history import StoreHistory
from providers.store.objects import LocalObjects
from providers.store.postgres.session import Times, frame
from providers.store.postgres.store import PostgresStore
from providers.store.sqlite import SqliteStore
from tests.moving.desk import MEETING, replicate
from tests.servers.postgres import PASSWORD, Database, shared
from tests.store.deeds import DEEDS, IN_BULK, LEFT_OUT, Person, offered, told
from tests.store.desk import FULL, change, names, notes, path, put, read
from vfs.drive import drive
from vfs.errors import Conflict, Refused, VfsError

USERS = ("nora", "ada")
SECRETS = ("zyx-noras-secret", "zyx-adas-secret")
EXAMPLES, LENGTH = (200, 50) if FULL else (4, 50)


def store_of(database: Database, user: str, folder: pathlib.Path, login: str = "program") -> PostgresStore:
    return PostgresStore(
        f"{database.address(login)}?sslmode=disable&pool=2", LocalObjects(str(folder / user)), user
    )


def rows_of(database: Database, user: str) -> dict[str, list[Any]]:
    """All that the database holds of a user, as its administrator sees it."""
    return {
        table: sorted(database.sql(f"SELECT t.*::text FROM spatio.{table} t WHERE user_id = $1", user))
        for table in tables(database)
    }


def tables(database: Database) -> list[str]:
    found = database.sql(
        "SELECT relname FROM pg_class c WHERE relnamespace = 'spatio'::regnamespace AND relkind = 'r'"
        " AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'user_id') ORDER BY 1"
    )
    return [name for (name,) in found]


# -- everything that can be asked


def test_every_ability_of_the_store_is_among_the_deeds() -> None:
    assert offered() - LEFT_OUT <= {*DEEDS, *IN_BULK}


drawn = st.lists(
    st.tuples(st.booleans(), st.sampled_from(sorted(DEEDS)), *[st.integers(0, 63)] * 3),
    min_size=LENGTH,
    max_size=LENGTH,
)


@pytest.mark.timeout(3600 if FULL else 120)
@settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate])
@given(deeds=drawn)
def test_whatever_two_people_do_each_gets_the_answers_of_one_who_is_alone(
    deeds: list[tuple[bool, str, int, int, int]],
) -> None:
    """Each has a twin alone in a store of SQLite, who does the same and must be told the same."""
    database = shared().database()
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        together = [
            Person(store_of(database, user, place), secret)
            for user, secret in zip(USERS, SECRETS, strict=True)
        ]
        alone = [
            Person(SqliteStore(place / f"{user}.db", place / f"{user}-alone", user, keep_copy=False), secret)
            for user, secret in zip(USERS, SECRETS, strict=True)
        ]
        try:
            for who, name, a, b, c in deeds:
                me, other = together[who], together[not who]
                me.others = alone[who].others = other.intents
                answer = drive(told(partial(DEEDS[name], me, a, b, c)))
                twin = drive(told(partial(DEEDS[name], alone[who], a, b, c)))
                assert other.secret not in repr(answer), (USERS[who], name, a, b, c)
                # None: this engine leaves it to a scan, which the tree would make.
                if name != "search" or None not in (answer, twin):
                    assert answer == twin, (USERS[who], name, a, b, c)
        finally:
            for person in (*together, *alone):
                drive(person.store.aclose())
            database.drop()


# -- plain SQL, over the program's own connection


@pytest.fixture
def both(database: Database, tmp_path: pathlib.Path) -> Iterator[dict[str, PostgresStore]]:
    """A store each, in one database, with the same names and contents in them."""
    stores = {user: store_of(database, user, tmp_path) for user in USERS}
    for store in stores.values():
        drive(a_day(store))
    yield stores
    for store in stores.values():
        drive(store.aclose())


async def a_day(store: PostgresStore) -> None:
    person = Person(store, f"secret of {store.user}")
    deeds = [
        ("write", 0, 0, 3), ("write", 0, 1, 1), ("mkdir", 0, 2, 0), ("write", 0, 3, 4), ("remove", 0, 1, 1),
        ("start_run", 0, 0, 0), ("step_before", 0, 0, 0), ("intend", 0, 0, 1),
    ]  # fmt: skip
    for name, a, b, c in deeds:
        await DEEDS[name](person, a, b, c)
    await put(notes(store), "/team.ics", MEETING)
    await store.write(lambda connection: replicate(connection, store.user))


def asked(store: PostgresStore, *statements: str) -> list[Any]:
    """The rows of the last of some statements within one transaction of the program."""

    def work(connection: Any) -> list[Any]:
        for statement in statements[:-1]:
            connection.execute(statement)
        return [tuple(row) for row in connection.execute(statements[-1]).fetchall()]

    return store.write_here(work)


def test_a_days_work_leaves_rows_in_every_table(database: Database, both: dict[str, PostgresStore]) -> None:
    assert {table for table, rows in rows_of(database, "ada").items() if not rows} == set()


def test_direct_sql_sees_and_changes_nothing_of_another_user(
    database: Database, both: dict[str, PostgresStore]
) -> None:
    before = rows_of(database, "ada")
    for table in tables(database):
        assert asked(both["nora"], f"SELECT count(*) FROM {table} WHERE user_id = 'ada'") == [(0,)], table
        users = asked(both["nora"], f"SELECT DISTINCT user_id FROM {table}")
        assert users == [("nora",)], table
        for statement in (
            f"DELETE FROM {table} WHERE user_id = 'ada' RETURNING 1",
            f"UPDATE {table} SET user_id = 'nora' WHERE user_id = 'ada' RETURNING 1",
        ):
            try:
                assert asked(both["nora"], statement) == [], statement
            except Refused:
                continue
    assert rows_of(database, "ada") == before


def test_no_row_can_be_written_for_another_user(database: Database, both: dict[str, PostgresStore]) -> None:
    before = rows_of(database, "ada")
    for table in tables(database):
        columns = ", ".join(
            "'ada'" if name == "user_id" else name
            for (name,) in database.sql(
                "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0"
                " ORDER BY attnum", f"spatio.{table}",
            )
        )  # fmt: skip
        for statement in (
            f"INSERT INTO {table} SELECT {columns} FROM {table}",
            f"UPDATE {table} SET user_id = 'ada'",
        ):
            with pytest.raises(VfsError):
                asked(both["nora"], statement)
    assert rows_of(database, "ada") == before


def test_a_key_that_another_user_has_is_free_to_be_taken(
    database: Database, both: dict[str, PostgresStore], tmp_path: pathlib.Path
) -> None:
    """A copy of each of ada's rows, but for whose it is: no key says that it is there already."""
    third = store_of(database, "eve", tmp_path)
    theirs = {
        table: database.sql(f"SELECT * FROM spatio.{table} WHERE user_id = 'ada'")
        for table in tables(database)
    }

    def copy(connection: Any) -> None:
        for table in ("run", *(name for name in theirs if name != "run")):
            for row in theirs[table]:
                values = ["eve" if value == "ada" else value for value in row]
                places = ", ".join("?" * len(values))
                connection.execute(f"INSERT INTO {table} VALUES ({places})", values)

    third.write_here(copy)
    assert {table: len(rows) for table, rows in rows_of(database, "eve").items()} == {
        table: len(rows) for table, rows in theirs.items()
    }
    drive(third.aclose())


def test_with_no_user_set_there_are_no_rows_and_none_can_be_made(
    database: Database, both: dict[str, PostgresStore]
) -> None:
    for nobody in ("RESET spatio.user_id", "SELECT set_config('spatio.user_id', '', true)"):
        for table in tables(database):
            assert asked(both["nora"], nobody, f"SELECT count(*) FROM {table}") == [(0,)], table
        with pytest.raises(Refused, match="row-level security"):
            asked(both["nora"], nobody, "INSERT INTO collection VALUES ('', 'x', 1)")


def test_a_login_of_the_program_alone_is_nobody_outside_of_its_role(
    database: Database, both: dict[str, PostgresStore]
) -> None:
    for table in tables(database):
        found = database.sql(f"SELECT count(*) FROM spatio.{table}", login="program")
        assert found == [(0,)], table
        assert asked(both["nora"], "RESET ROLE", f"SELECT count(*) FROM {table}") == [(0,)], table


def test_the_owner_sees_no_rows_either_until_it_says_for_whom_it_acts(
    database: Database, both: dict[str, PostgresStore]
) -> None:
    for table in set(tables(database)) - {"words"}:
        assert database.sql(f"SELECT count(*) FROM spatio.{table}", login="owner") == [(0,)], table


def test_what_a_session_was_left_with_does_not_reach_the_next_transaction(
    database: Database, both: dict[str, PostgresStore]
) -> None:
    """A proxy may hand on a connection on which somebody has used SET instead of SET LOCAL."""

    async def on_one_connection() -> list[Any]:
        connection = await asyncpg.connect(database.program, ssl=False, statement_cache_size=0)
        try:
            await connection.execute(
                "SET ROLE spatio_app; SET spatio.user_id = 'ada'; SET search_path = pg_catalog"
            )
            await connection.execute(frame("nora", False, Times()))
            found = await connection.fetch("SELECT DISTINCT user_id FROM node")
            await connection.execute("COMMIT")
            return [tuple(row) for row in found]
        finally:
            await connection.close()

    assert asyncio.run(on_one_connection()) == [("nora",)]


def test_what_a_transaction_has_set_ends_with_it(database: Database, both: dict[str, PostgresStore]) -> None:
    async def afterwards() -> list[Any]:
        connection = await asyncpg.connect(database.program, ssl=False, statement_cache_size=0)
        try:
            await connection.execute(frame("nora", True, Times()))
            assert await connection.fetchval("SELECT count(*) FROM node") > 0
            await connection.execute("COMMIT")
            return await connection.fetch("SELECT user_id FROM spatio.node")
        finally:
            await connection.close()

    assert asyncio.run(afterwards()) == []


@pytest.mark.parametrize("user", ["o'hara", 'a"b', "x\\", "%", "ada'; SET ROLE owner; --", "名前", "a$1?"])
def test_any_name_of_a_user_is_only_a_name(
    database: Database, both: dict[str, PostgresStore], tmp_path: pathlib.Path, user: str
) -> None:
    store = store_of(database, user, tmp_path / "x")
    drive(put(notes(store), "/mine.md", "x"))
    assert drive(names(notes(store))) == ["mine.md"]
    assert database.sql("SELECT DISTINCT user_id FROM spatio.node WHERE name = 'mine.md'") == [(user,)]
    drive(store.aclose())


# -- equal contents


def test_equal_contents_of_two_people_are_kept_and_purged_apart(
    database: Database, both: dict[str, PostgresStore]
) -> None:
    for store in both.values():
        drive(put(notes(store), "/same.md", "exactly the same"))
    digest = drive(notes(both["ada"]).stat(path("/same.md"))).etag
    assert digest is not None
    drive(StoreHistory(both["nora"]).forget(path("/notes/same.md")))
    assert drive(StoreHistory(both["nora"]).content(digest)) is None
    assert drive(StoreHistory(both["ada"]).content(digest)) == b"exactly the same"
    assert drive(read(notes(both["ada"]), "/same.md")) == b"exactly the same"


def test_a_content_that_only_another_user_has_is_not_there(both: dict[str, PostgresStore]) -> None:
    drive(put(notes(both["ada"]), "/hers.md", "only hers"))
    digest = drive(notes(both["ada"]).stat(path("/hers.md"))).etag
    assert digest is not None
    with pytest.raises(VfsError, match="its content is missing"):
        drive(StoreHistory(both["nora"]).content(digest))


# -- a login each


@contextmanager
def personal(database: Database, *names: str) -> Iterator[None]:
    """Logins of people who share a database and do not trust each other."""
    for name in names:
        database.sql(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'; GRANT spatio_person TO {name}")
    try:
        yield
    finally:
        database.drop()
        for name in names:
            database.server.sql(f"DROP ROLE {name}; SELECT 1")


def test_a_persons_own_login_serves_that_person_and_nobody_else(
    database: Database, tmp_path: pathlib.Path
) -> None:
    with personal(database, *USERS):
        stores = {user: store_of(database, user, tmp_path, login=user) for user in USERS}
        for user, store in stores.items():
            drive(a_day(store))
            drive(put(notes(store), f"/{user}.md", f"an invoice of {user}"))
        assert "ada.md" in drive(names(notes(stores["ada"])))
        assert "ada.md" not in drive(names(notes(stores["nora"])))
        found = drive(DEEDS["search"](Person(stores["nora"], ""), 0, 0, 0))
        assert [str(hit.path) for hit in found.hits] == ["/nora.md"]
        assert drive(StoreHistory(stores["nora"]).verify()) is None

        false = store_of(database, "ada", tmp_path, login="nora")
        with pytest.raises(Refused, match="this login is that of the user nora alone") as failed:
            drive(names(notes(false)))
        assert 'user = "nora"' in str(failed.value.hint)
        for store in (false, *stores.values()):
            drive(store.aclose())


ATTEMPTS = [
    ("SELECT set_config('spatio.user_id', 'ada', true)",),
    ("SET spatio.user_id = 'ada'",),
    ("RESET ROLE", "SET LOCAL spatio.user_id = 'ada'"),
    ("SET LOCAL ROLE spatio_app", "SET LOCAL spatio.user_id = 'ada'"),
    ("SET LOCAL ROLE owner",),
    ("SET LOCAL ROLE ada",),
    ("SET LOCAL SESSION AUTHORIZATION ada",),
    ("SET LOCAL row_security = off",),
    ("ALTER TABLE node NO FORCE ROW LEVEL SECURITY",),
    ("DROP POLICY own ON node",),
    ("CREATE OR REPLACE FUNCTION reader() RETURNS text LANGUAGE sql RETURN 'ada'",),
    ("CREATE FUNCTION pg_temp.reader() RETURNS text LANGUAGE sql RETURN 'ada'", "SET search_path = pg_temp"),
    ("SET session_replication_role = replica",),
    ("GRANT spatio_app TO nora",),
]


def test_nothing_in_a_session_makes_a_persons_login_another(
    database: Database, tmp_path: pathlib.Path
) -> None:
    with personal(database, *USERS):
        stores = {user: store_of(database, user, tmp_path, login=user) for user in USERS}
        for store in stores.values():
            drive(a_day(store))
        before = rows_of(database, "ada")
        for attempt in ATTEMPTS:
            for table in tables(database):
                try:
                    users = asked(stores["nora"], *attempt, f"SELECT DISTINCT user_id FROM spatio.{table}")
                except VfsError:
                    continue
                assert set(users) <= {("nora",)}, (attempt, table)
        for table in ("node", "words"):
            with pytest.raises(VfsError):
                asked(stores["nora"], f"INSERT INTO {table} SELECT 'ada', t.* FROM {table} t")
        assert rows_of(database, "ada") == before
        for store in stores.values():
            drive(store.aclose())


@pytest.mark.parametrize("login", ["owner", "postgres", "program"])
def test_whoever_the_login_is_a_store_is_held_to_its_user(
    database: Database, both: dict[str, PostgresStore], tmp_path: pathlib.Path, login: str
) -> None:
    """Even an administrator's: the program is `spatio_app` within each of its transactions."""
    store = store_of(database, "eve", tmp_path, login=login)
    drive(a_day(store))
    assert asked(store, "SELECT DISTINCT user_id FROM node") == [("eve",)]
    assert asked(store, "SELECT current_user, spatio.reader()") == [("spatio_app", "eve")]
    with pytest.raises(Refused):
        asked(store, "TRUNCATE node")
    drive(store.aclose())


def test_a_login_with_no_part_in_it_is_told_what_to_ask_for(
    database: Database, tmp_path: pathlib.Path
) -> None:
    store = store_of(database, "me", tmp_path, login="stranger")
    with pytest.raises(VfsError) as failed:
        drive(names(notes(store)))
    assert "GRANT spatio_app" in str(failed.value.hint)
    drive(store.aclose())


# -- two programs, one note

COUNTING = """
import asyncio, sys
from providers.store.objects import LocalObjects
from providers.store.postgres.store import PostgresStore
from tests.store.alone import blocks, change, notes, path, read
from vfs.errors import Conflict

async def count(address, folder, times):
    store = PostgresStore(address, LocalObjects(folder))
    provider = notes(store)
    for _ in range(times):
        while True:
            node = await provider.stat(path("/count.md"))
            number = int(await read(provider, "/count.md"))
            try:
                data = blocks(b"%d" % (number + 1))
                await provider.write(path("/count.md"), data, change(), etag=node.etag)
                break
            except Conflict:
                pass
    await store.aclose()

asyncio.run(count(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@pytest.mark.timeout(1800 if FULL else 120)
def test_two_programs_that_count_in_one_note_lose_no_step(database: Database, tmp_path: pathlib.Path) -> None:
    times = 1000 if FULL else 20
    store = store_of(database, "me", tmp_path)
    drive(put(notes(store), "/count.md", "0"))
    argv = [sys.executable, "-c", COUNTING, f"{database.program}?sslmode=disable", str(tmp_path), str(times)]
    programs = [subprocess.Popen(argv, stderr=subprocess.PIPE) for _ in range(2)]
    for program in programs:
        _, said = program.communicate(timeout=1700 if FULL else 110)
        assert (program.returncode, said.decode()) == (0, "")
    assert drive(read(notes(store), "/count.md")) == b"%d" % (2 * times)
    assert drive(StoreHistory(store).verify()) is None
    drive(store.aclose())


def test_a_write_that_came_second_is_told(database: Database, tmp_path: pathlib.Path) -> None:
    first, second = (store_of(database, "me", tmp_path) for _ in range(2))
    drive(put(notes(first), "/a.md", "one"))
    etag = drive(notes(second).stat(path("/a.md"))).etag
    drive(put(notes(first), "/a.md", "two"))

    async def late() -> None:
        async def three() -> Any:
            yield b"three"

        await notes(second).write(path("/a.md"), three(), change(), etag=etag)

    with pytest.raises(Conflict):
        drive(late())
    assert drive(read(notes(second), "/a.md")) == b"two"
    for store in (first, second):
        drive(store.aclose())

"""What statements read: under the program's role, with many rows, none reads a whole table."""

from __future__ import annotations

import asyncio
import pathlib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from providers.store.history import StoreHistory
from providers.store.objects import LocalObjects
from providers.store.postgres.session import Session
from providers.store.postgres.store import PostgresStore
from tests.servers.postgres import Database, shared
from tests.store.desk import blocks, change, notes, path, put, read
from vfs.drive import drive
from vfs.errors import NotFound
from vfs.provider import Mode
from vfs.query import parse_query

FILLING = """
INSERT INTO spatio.collection VALUES ('ME', 'notes', 1);
INSERT INTO spatio.node SELECT (1::bigint << 40) + g, 'ME' || g, 'ME', 'notes', '/d' || g % 100,
    'n' || g || '.md', 'file', 100, 1, decode(md5(g::text), 'hex'), 'text/markdown', '', true, 1, null
    FROM generate_series(1, 100000) g;
INSERT INTO spatio.content SELECT 'ME', decode(md5(g::text), 'hex'), 100, 1, 'rows', 'x', null, 1
    FROM generate_series(1, 100000) g;
INSERT INTO spatio.event SELECT 'ME', g, 1, 'c' || g / 10, 'user', 'write', 'ME' || g, null,
    decode(md5(g::text), 'hex'), null, 'x', 'y' FROM generate_series(1, 20000) g;
INSERT INTO spatio.event_name SELECT 'ME', g, 'notes', '/d' || g % 100 || '/n' || g || '.md', null, '', 'x'
    FROM generate_series(1, 20000) g;
INSERT INTO spatio.command SELECT 'ME', 'c' || g, 'line', 'user', 1, g * 10, g * 10 + 9, null, null
    FROM generate_series(0, 2000) g;
"""


@pytest.fixture(scope="module", params=["analyzed", "just written"])
def filled(request: pytest.FixtureRequest) -> Iterator[Database]:
    """100,000 nodes of one user, and as many of another, that the server has looked through, or not yet."""
    database = shared().database(keep=True)
    for user in ("me", "ada"):
        database.sql(FILLING.replace("ME", user))
    if request.param == "analyzed":
        database.sql("ANALYZE; SELECT 1")
    yield database
    database.drop()


def plans(database: Database, statements: list[tuple[str, tuple[Any, ...]]]) -> list[str]:
    """How the server would run statements within a transaction of the program."""

    async def ask() -> list[str]:
        connection = await asyncpg.connect(database.program, ssl=False)
        found = []
        try:
            async with connection.transaction():
                await connection.execute(
                    "SELECT set_config('role', 'spatio_app', true), set_config('spatio.user_id', 'me', true),"
                    " set_config('search_path', 'spatio, pg_temp', true),"
                    " set_config('plan_cache_mode', 'force_generic_plan', true)"
                )
                for sql, values in statements:
                    rows = await connection.fetch(f"EXPLAIN {sql}", *values)
                    found.append("\n".join([sql, *(row[0] for row in rows)]))
        finally:
            await connection.close()
        return found

    return asyncio.run(ask())


def recorded(
    database: Database, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, tuple[Any, ...]]]:
    """Every statement, once, that looking, changing, searching and taking back send to the server."""
    statements: dict[str, tuple[Any, ...]] = {}
    fetch, execute_many = Session.fetch, Session.execute_many

    async def noting(session: Session, sql: str, values: Sequence[Any]) -> list[Any]:
        statements.setdefault(sql, tuple(values))
        return await fetch(session, sql, values)

    async def noting_many(session: Session, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        statements.setdefault(sql, tuple(rows[0]))
        await execute_many(session, sql, rows)

    monkeypatch.setattr(Session, "fetch", noting)
    monkeypatch.setattr(Session, "execute_many", noting_many)
    store = PostgresStore(f"{database.program}?sslmode=disable", LocalObjects(str(folder)))
    drive(whole_day(store))
    drive(store.aclose())
    return list(statements.items())


async def whole_day(store: PostgresStore) -> None:
    """Not what goes through the whole log by its nature: the trash, redo, forgetting, proofs."""
    provider, history = notes(store), StoreHistory(store)
    await put(provider, "/a.md", "an invoice for ada")
    await provider.mkdir(path("/d200"), change())
    await provider.stat(path("/a.md"))
    with suppress(NotFound):
        await provider.stat(path("/d1/none.md"))
    await put(provider, "/d200/b.md", "more")
    await anext(provider.list(path("/")))
    await anext(provider.walk(path("/d200")))
    await provider.write(path("/d200/b.md"), blocks(b" and more"), change(), mode=Mode.APPEND)
    assert await read(provider, "/d200/b.md") == b"more and more"
    async for _ in provider.read_many([path("/d200/b.md"), path("/a.md")], limit=100):
        pass
    async for _ in provider.read_below(path("/d200"), limit=100):
        pass
    await provider.search(path("/"), parse_query("invoice"), 10)
    await provider.search(path("/d200"), parse_query("more"), 10)
    await provider.copy(path("/a.md"), path("/c.md"), change())
    await provider.mkdir_many([path("/e"), path("/f")], change())
    await provider.copy_many([(path("/a.md"), path("/e/a.md")), (path("/c.md"), path("/f/c.md"))], change())
    await provider.move_many([(path("/e"), path("/g")), (path("/f/c.md"), path("/g/c.md"))], change())
    await provider.stat_many([path("/g"), path("/g/c.md"), path("/none")])
    await provider.remove_many([path("/g"), path("/f")], change(), recursive=True)
    await provider.move(path("/d200"), path("/d300"), change())
    await provider.remove(path("/d300"), change(), recursive=True)
    await history.undo()
    await anext(history.events())
    await anext(history.events(under=path("/notes/c.md")))


def test_no_statement_of_everyday_use_reads_a_whole_table(
    filled: Database, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = recorded(filled, tmp_path, monkeypatch)
    assert len(statements) > 25
    found = plans(filled, [(sql, values) for sql, values in statements if not sql.startswith("SELECT pg_")])
    scanned = [
        plan for plan in found if re.search(r"Seq Scan on (node|content|event|event_name|command)\b", plan)
    ]
    assert scanned == [], "\n\n".join(scanned)

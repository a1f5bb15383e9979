"""Operations of the store on PostgreSQL, each beside bare asyncpg doing the very same statements.

python postgres_operations.py ADDRESS one COUNT     single operations, COUNT pairs each
python postgres_operations.py ADDRESS bulk ROUNDS   10,000 notes in one command
python postgres_operations.py ADDRESS list COUNT    a long folder, page by page, beside a cursor

What the store asks is written down, and asked again by a bare connection as another user, whose rows are
the same: BEGIN, the settings, the statements (prepared), COMMIT, each a message. A line is a name, the
statements in it, and of each pair the seconds: wall of both, CPU of both.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import asyncpg

from providers.notes import Markdown
from providers.store.objects import LocalObjects
from providers.store.postgres.bridge import numbered
from providers.store.postgres.store import PostgresStore
from providers.store.provider import StoreProvider
from vfs.action import Change
from vfs.ids import uuid7
from vfs.path import Path

SETTINGS = (
    "SELECT set_config('role', 'spatio_app', true), set_config('search_path', 'spatio, public', true),"
    " set_config('spatio.user_id', '{}', true)"
)
BODY = b"# A note\n\nSome words of a note that says little, and says it twice.\n" * 20


Taken = tuple[float, float]
"""Wall and CPU seconds of this process."""


def now() -> Taken:
    return time.perf_counter(), time.process_time()


def since(began: Taken) -> Taken:
    return time.perf_counter() - began[0], time.process_time() - began[1]


def told(ours: Taken, theirs: Taken) -> str:
    return "/".join(f"{value:.6f}" for value in (ours[0], theirs[0], ours[1], theirs[1]))


class Recorded:
    """The connection of a transaction, which writes down what is asked."""

    def __init__(self, connection: Any, asked: list[tuple[str, str, Any]]) -> None:
        self._connection = connection
        self._asked = asked

    @property
    def words(self) -> Any:
        return self._connection.words

    def execute(self, sql: str, values: Any = ()) -> Any:
        self._asked.append(("one", sql, values))
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, values: Any) -> Any:
        rows = values if isinstance(values, list) else list(values)
        self._asked.append(("many", sql, rows))
        return self._connection.executemany(sql, rows)

    def stream(self, sql: str, values: Any = ()) -> Any:
        self._asked.append(("one", sql, values))
        return self._connection.stream(sql, values)


class Recording:
    """A store whose transactions are written down."""

    def __init__(self, store: PostgresStore) -> None:
        self.store = store
        self.transactions: list[list[tuple[str, str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def read(self, work: Any) -> Any:
        asked: list[tuple[str, str, Any]] = []
        self.transactions.append(asked)
        return await self.store.read(lambda connection: work(Recorded(connection, asked)))

    async def write(self, work: Any, *, clearing: bool = False) -> Any:
        asked: list[tuple[str, str, Any]] = []
        self.transactions.append(asked)
        return await self.store.write(lambda connection: work(Recorded(connection, asked)), clearing=clearing)


class Bare:
    """A connection as asyncpg gives it, for another user."""

    def __init__(self, connection: Any, user: str) -> None:
        self.connection = connection
        self.user = user
        self.prepared: dict[str, Any] = {}

    def mine(self, values: Any, user: str) -> list[Any]:
        return [self.user if value == user else value for value in values]

    async def statement(self, sql: str) -> Any:
        if sql not in self.prepared:
            self.prepared[sql] = await self.connection.prepare(numbered(sql))
        return self.prepared[sql]

    async def again(self, transactions: list[list[tuple[str, str, Any]]], user: str) -> Taken:
        """What the same transactions take."""
        await self.connection.execute("BEGIN")
        await self.connection.execute(SETTINGS.format(self.user))
        plans = [
            [
                (how, await self.statement(sql),
                 [self.mine(row, user) for row in values] if how == "many" else self.mine(values, user))
                for how, sql, values in asked
            ]
            for asked in transactions
        ]  # fmt: skip
        await self.connection.execute("COMMIT")
        began = now()
        for plan in plans:
            await self.connection.execute("BEGIN")
            await self.connection.execute(SETTINGS.format(self.user))
            for how, statement, values in plan:
                if how == "many":
                    await statement.executemany(values)
                else:
                    await statement.fetch(*values)
            await self.connection.execute("COMMIT")
        return since(began)


def change() -> Change:
    return Change(uuid7(), "benchmark")


async def blocks(data: bytes) -> AsyncIterator[bytes]:
    yield data


class Sides:
    """The store as one user, bare asyncpg as another, on the same rows."""

    def __init__(self, address: str, number: int) -> None:
        self.user = f"store-{number}-{uuid7()}"
        self.store = Recording(PostgresStore(address, LocalObjects(tempfile.mkdtemp()), self.user))
        self.notes = StoreProvider(self.store, "notes", Markdown())
        self.address = address
        self.bare: Bare

    async def begin(self) -> "Sides":
        connection = await asyncpg.connect(self.address, statement_cache_size=0)
        self.bare = Bare(connection, f"bare-{self.user}")
        return self

    async def end(self) -> None:
        await self.store.aclose()
        await self.bare.connection.close()

    async def both(self, call: Callable[[], Awaitable[Any]]) -> tuple[Taken, Taken, int]:
        self.store.transactions = []
        began = now()
        await call()
        ours = since(began)
        count = sum(map(len, self.store.transactions))
        return ours, await self.bare.again(self.store.transactions, self.user), count

    async def put(self, count: int, folder: str = "") -> None:
        async def files() -> AsyncIterator[tuple[Path, bytes]]:
            for number in range(count):
                yield Path.parse(f"{folder}/note-{number:05}.md"), BODY + str(number).encode()

        async for _ in self.notes.write_many(files(), change()):
            pass


async def one(address: str, count: int) -> None:
    sides = await Sides(address, 1).begin()
    await sides.both(lambda: sides.notes.mkdir(Path.parse("/old"), change()))
    await sides.both(lambda: sides.put(500))
    notes = sides.notes

    async def cat(number: int) -> None:
        async with notes.open(Path.parse(f"/note-{number:05}.md")) as content:
            async for _ in content:
                pass

    async def page(number: int) -> None:
        async for _ in notes.list(Path()):
            return

    operations: dict[str, Callable[[int], Awaitable[Any]]] = {
        "stat": lambda n: notes.stat(Path.parse(f"/note-{n:05}.md")),
        "ls, a page": page,
        "cat": cat,
        "write, new": lambda n: notes.write(Path.parse(f"/new-{n}.md"), blocks(BODY + b"%d" % n), change()),
        "write, again": lambda n: notes.write(
            Path.parse(f"/note-{n:05}.md"), blocks(BODY + b"again %d" % n), change()
        ),
        "mkdir": lambda n: notes.mkdir(Path.parse(f"/folder-{n}"), change()),
        "mv": lambda n: notes.move(Path.parse(f"/new-{n}.md"), Path.parse(f"/old/new-{n}.md"), change()),
        "rm": lambda n: notes.remove(Path.parse(f"/note-{n:05}.md"), change()),
    }
    for name, operation in operations.items():
        pairs = []
        for number in range(count):
            ours, theirs, statements = await sides.both(partial(operation, number))
            if number >= 5:
                pairs.append(told(ours, theirs))
        print(f"{name}\t{statements}\t{' '.join(pairs)}", flush=True)
    await sides.end()


async def bulk(address: str, rounds: int) -> None:
    pairs = []
    statements = 0
    for number in range(rounds):
        sides = await Sides(address, number).begin()
        ours, theirs, statements = await sides.both(partial(sides.put, 10_000))
        pairs.append(told(ours, theirs))
        await sides.end()
    print(f"10,000 notes\t{statements}\t{' '.join(pairs)}", flush=True)


async def listing(address: str, count: int) -> None:
    """`count` entries, which the server makes itself."""
    sides = await Sides(address, 1).begin()
    await sides.notes.mkdir(Path.parse("/long"), change())
    user = sides.store.user
    await sides.bare.connection.execute("BEGIN")
    await sides.bare.connection.execute(SETTINGS.format(user))
    await sides.bare.connection.execute(
        "INSERT INTO node (seq, id, user_id, mount, parent, name, kind, size, mtime, digest, mime, attrs,"
        " indexed, created_at) SELECT 4000000000000 + n, 'id-' || n, $1, 'notes', '/long',"
        " 'note-' || lpad(n::text, 7, '0') || '.md', 'file', 2, 1, sha256('-'), 'text/markdown', '', false, 1"
        " FROM generate_series(1, $2::int) n",
        user,
        count,
    )
    await sides.bare.connection.execute("COMMIT")
    statement = (
        "SELECT name, kind, size, mtime, digest, mime, id, attrs FROM node WHERE user_id = $1"
        " AND mount = 'notes' AND parent = '/long' AND deleted_at IS NULL ORDER BY name"
    )
    pairs = []
    for _ in range(6):
        began = now()
        seen = 0
        async for page in sides.notes.list(Path.parse("/long")):
            seen += len(page)
        ours = since(began)
        assert seen == count, seen
        connection = sides.bare.connection
        began = now()
        await connection.execute("BEGIN")
        await connection.execute(SETTINGS.format(user))
        cursor = await (await sides.bare.statement(numbered(statement))).cursor(user)
        while rows := await cursor.fetch(2000):
            for row in rows:
                seen -= bool(row[0])
        await connection.execute("COMMIT")
        pairs.append(told(ours, since(began)))
    print(f"ls of {count:,}\t1\t{' '.join(pairs[1:])}", flush=True)
    await sides.end()


if __name__ == "__main__":
    what = {"one": one, "bulk": bulk, "list": listing}[sys.argv[2]]
    asyncio.run(what(sys.argv[1], int(sys.argv[3])))

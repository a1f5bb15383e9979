"""What the tests of faults share: stores with short patience, changes that can be counted, what is there."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from providers.store import log
from providers.store.objects import LocalObjects
from providers.store.postgres.session import Times
from providers.store.postgres.store import PostgresStore
from providers.store.store import Connection
from tests.servers.postgres import PASSWORD, Database
from vfs.action import Change
from vfs.drive import drive

QUICK = Times(patience=4, connecting=2, answering=1, statement=5, idle=5)
"""Short enough for a test that waits for the end, long enough for a busy machine."""


@contextmanager
def opened(
    database: Database, *, port: int | None = None, user: str = "me", login: str = "program", **options: Any
) -> Iterator[PostgresStore]:
    """A store on a database, by way of `port`; closed when the block ends."""
    pool = options.pop("pool", 4)
    options.setdefault("times", QUICK)
    place = f"{login}@127.0.0.1:{port or database.server.port}/{database.name}"
    address = f"postgresql://{place}?sslmode=disable&pool={pool}"
    with tempfile.TemporaryDirectory() as folder:
        objects = LocalObjects(str(pathlib.Path(folder, "objects")))
        store = PostgresStore(address, objects, user, password=PASSWORD, **options)
        try:
            yield store
        finally:
            drive(store.aclose())


def adding(name: str, user: str = "me", entries: int = 2) -> Any:
    """Work that adds events under a command of that name."""

    def work(connection: Connection) -> tuple[int, int]:
        written = [log.Entry("write", "notes", f"/{name}/{number}") for number in range(entries)]
        return log.append(connection, user, Change(name, name, "user"), 1, written)

    return work


def names(connection: Connection) -> list[str]:
    """The commands whose events are there, in their order, once for each event."""
    return [row[0] for row in connection.execute("SELECT command_id FROM event ORDER BY seq")]


def there(database: Database, user: str = "me") -> list[str]:
    """The same, read by another way, once the chain was found to be whole."""
    with opened(database, user=user, times=Times()) as store:
        assert store.read_here(lambda connection: list(log.breaks(connection, user))) == []
        return store.read_here(names)

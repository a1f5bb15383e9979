"""Which engine the stores of a test lie on.

A module (or a class) that says `ENGINES = BOTH` has each of its tests run on each engine; what
`new_store(folder)` gives is then a database file in the folder, or a database of the tests' server
that belongs to that folder.
"""

from __future__ import annotations

import functools
import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from providers.store.objects import LocalObjects
from providers.store.sqlite import SqliteStore
from tests.servers import postgres
from vfs.drive import drive

BOTH = ("sqlite", "postgres")


class Chosen:
    """The engine of the test that runs, the databases that its folders have, and who uses a server."""

    engine = "sqlite"
    databases: dict[str, postgres.Database] = {}
    stores: list[Any] = []
    users = itertools.count(1)


def new_store(folder: pathlib.Path, **options: Any) -> Any:
    """The store in `folder`, on the engine of the test; the same folder is the same store."""
    if Chosen.engine == "sqlite":
        options.setdefault("keep_copy", False)
        return SqliteStore(folder / "spatio.db", folder / "objects", **options)
    from providers.store.postgres.store import PostgresStore

    options.pop("keep_copy", None)
    database = Chosen.databases.get(str(folder))
    if database is None:
        database = Chosen.databases[str(folder)] = postgres.shared().database()
    address = f"{database.program}?sslmode=disable"
    store = PostgresStore(address, LocalObjects(str(folder / "objects")), **options)
    Chosen.stores.append(store)
    return store


def new_user_store(folder: pathlib.Path, **options: Any) -> Any:
    """As `new_store`; on a server, of a user of its own in a database that many tests share.

    For the many tests that look at nothing below the store: a database each is what takes time.
    """
    if Chosen.engine != "sqlite" and str(folder) not in Chosen.databases:
        Chosen.databases[str(folder)] = common(postgres.shared())
    return new_store(folder, user=f"user-{next(Chosen.users)}", **options)


@functools.cache
def common(server: postgres.Server) -> postgres.Database:
    """The database of a server that tests share, each as another user."""
    made = server.database(keep=True)
    server.sql(f'ALTER DATABASE "{made.name}" RENAME TO common')
    return postgres.Database(server, "common")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    engines = getattr(metafunc.cls, "ENGINES", None) or getattr(metafunc.module, "ENGINES", None)
    if engines:
        metafunc.parametrize("on_engine", engines, indirect=True, scope="function")


@pytest.fixture(autouse=True)
def on_engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Chooses the engine, and clears away what the test made on a server."""
    Chosen.engine = getattr(request, "param", "sqlite")
    if Chosen.engine == "postgres":
        postgres.binaries()
    try:
        yield
    finally:
        Chosen.engine = "sqlite"
        while Chosen.stores:
            drive(Chosen.stores.pop().aclose())
        if Chosen.databases:
            Chosen.databases.clear()
            postgres.forget_databases()

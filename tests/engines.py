"""Which engine the stores of a test lie on.

A module (or a class) that says `ENGINES = BOTH` has each of its tests run on each engine; what
`new_store(folder)` gives is then a database file in the folder, or a database of the tests' server
that belongs to that folder.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from providers.store.objects import LocalObjects
from providers.store.sqlite import SqliteStore
from tests.servers import postgres

BOTH = ("sqlite", "postgres")


class Chosen:
    """The engine of the test that runs, and the databases that its folders have."""

    engine = "sqlite"
    databases: dict[str, postgres.Database] = {}


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
    return PostgresStore(
        f"{database.program}?sslmode=disable", LocalObjects(str(folder / "objects")), **options
    )


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
        if Chosen.databases:
            Chosen.databases.clear()
            postgres.forget_databases()

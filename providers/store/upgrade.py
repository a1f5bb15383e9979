"""Bringing an older SQLite file to the present schema: a copy put aside first, then Alembic, in one step.

All revisions and the new version number are one transaction: killed at any moment, the database has
the old schema or the new one.
"""

from __future__ import annotations

import os
import sqlite3

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from providers.store import copies, database, schema
from providers.store.store import Waiting


def upgrade(connection: sqlite3.Connection, path: str, version: int, waiting: Waiting | None) -> None:
    """Brings the file at `path` from `version` to the present one. Raises NoSpace, ReadOnly, Unavailable."""
    if waiting is not None:
        waiting(f"bringing {path} from schema {version} to {schema.VERSION}; a copy is put aside first")
    copies.put_aside(connection, path, f"before-{schema.VERSION}")
    database.patiently(lambda: migrate(path), path, waiting)


def migrate(path: str, target: int = schema.VERSION, scripts: ScriptDirectory | None = None) -> None:
    """Runs the revisions that lead from the file's version to `target`."""
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "connect", _manual)
    try:
        with engine.begin() as connection:
            _revise(connection, target, scripts or revisions())
    except Exception as error:
        # SQLAlchemy wraps what SQLite said; the caller knows SQLite's own errors.
        cause = getattr(error, "orig", None)
        if isinstance(cause, sqlite3.Error):
            raise cause from error
        raise
    finally:
        engine.dispose()


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=0.2, isolation_level=None)


def _manual(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    connection.cursor().execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _revise(connection: Connection, target: int, scripts: ScriptDirectory) -> None:
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if version >= target:
        return
    context = MigrationContext.configure(connection)
    with Operations.context(context):
        for number in range(version + 1, target + 1):
            script = scripts.get_revision(f"{number:04d}")
            assert script is not None
            script.module.upgrade()
    if not version:
        connection.exec_driver_sql(f"PRAGMA application_id={schema.APPLICATION}")
    connection.exec_driver_sql(f"PRAGMA user_version={target}")


def revisions() -> ScriptDirectory:
    """The revisions that are shipped."""
    return ScriptDirectory(os.path.join(os.path.dirname(os.path.abspath(__file__)), "migrations"))

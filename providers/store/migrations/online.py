"""What revisions do to large tables in use: on PostgreSQL in parts of their own, on SQLite as it is.

A revision consists of SQL alone (it is run as text on PostgreSQL), and leaves the rights and the row
security of a table that it makes as those of the others are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from alembic import op
from sqlalchemy import text


def run(statements: Iterable[str]) -> None:
    """Runs statements as they stand: nothing in them is a parameter."""
    for statement in statements:
        op.execute(statement.replace(":", "\\:"))


def create_index(
    name: str, table: str, columns: Sequence[str], *, where: str | None = None, unique: bool = False
) -> None:
    """Makes an index; nobody who writes to the table waits for it."""
    condition = None if where is None else text(where)
    if not _on_postgres():
        op.create_index(name, table, columns, unique=unique, sqlite_where=condition)
        return
    with op.get_context().autocommit_block():
        op.create_index(
            name,
            table,
            columns,
            unique=unique,
            if_not_exists=True,
            postgresql_concurrently=True,
            postgresql_where=condition,
        )


@contextmanager
def all_rows(table: str) -> Iterator[None]:
    """Within, statements reach the rows of all users, which row security hides from the owner, too.

    The program's roles stay held by it all the while.
    """
    if not _on_postgres():
        yield
        return
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _on_postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"

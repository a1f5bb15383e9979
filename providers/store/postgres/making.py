"""make_tables: the tables of a store's database, made or brought to the present by the store's own login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.store.postgres import errors
from providers.store.postgres.pool import Pool
from providers.store.postgres.prepare import prepare

if TYPE_CHECKING:
    from providers.store.postgres.store import PostgresStore


async def make_tables(store: PostgresStore) -> None:
    """Does nothing where all is as it should be. Raises Refused with the next step, Unavailable, VfsError."""
    await store.cross(_make(store))


async def _make(store: PostgresStore) -> None:
    # Not through a pooling proxy: what is made here takes more than one statement of a session.
    try:
        connection = await Pool(store.direct, store.password).connect()
        try:
            await prepare(connection, name=store.name)
        finally:
            connection.terminate()
    except Exception as error:
        raise errors.from_postgres(error, store.name) from error

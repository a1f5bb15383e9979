"""What became of a transaction whose connection was lost, asked of the server by the transaction's number.

A number alone can lie: after a crash the server gives again those of which nothing had reached its disk.
So the answer "committed" counts when the server has not crashed since, or when the number lies below
those that were free when it came back. Otherwise the outcome is not known, and that is said.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import asyncpg

from providers.store.postgres import errors
from providers.store.postgres.pool import Pool
from providers.store.postgres.session import LIFE, Transaction

_ASK = f"SELECT {LIFE} = $2, pg_xact_status($1::text::xid8)"
# The checkpoint that a server makes when it comes back from a crash has its own begin as its end, and is
# younger than the server; the free numbers that it names are those of before all others.
_BEFORE = """
SELECT CASE WHEN redo_lsn = checkpoint_lsn
    AND checkpoint_time >= date_trunc('second', pg_postmaster_start_time())
    THEN $1::text::bigint
        < (split_part(next_xid, ':', 1)::bigint << 32) + split_part(next_xid, ':', 2)::bigint END
FROM pg_control_checkpoint()
"""
_END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = $1 AND backend_xid IS NOT NULL AND backend_xid::text = ($2::text::bigint % 4294967296)::text
"""

_FIRST = 0.05
"""Seconds until it is asked again, at first."""


async def committed(pool: Pool, transaction: Transaction, tell: Callable[[str], None]) -> bool | None:
    """Whether the server has committed it; None when that cannot be found out with the pool's patience.

    A transaction that the server still holds open is ended first.
    """
    give_up = time.monotonic() + pool.times.patience
    wait = _FIRST
    while time.monotonic() < give_up:
        try:
            answer = await _ask(pool, transaction)
            if answer is not _OPEN:
                return answer
        except Exception as error:
            if not errors.is_lost(error):
                raise
            if wait == _FIRST:
                tell(f"waiting for {pool.address.name}, which {errors.absence(error)}")
        await asyncio.sleep(wait)
        wait = min(1.0, 2 * wait)
    return None


async def end(pool: Pool, transaction: Transaction) -> None:
    """Undoes a transaction of a connection that was lost, where the server has not noticed the loss.

    Until it did, nobody else could change the user's rows. Does nothing when the server is away.
    """
    try:
        raw = await pool.connect()
        try:
            async with asyncio.timeout(pool.times.answering):
                await (await raw.prepare(_END, name="")).fetch(transaction.process, transaction.number)
        finally:
            raw.terminate()
    except Exception as error:
        if not errors.is_ours(error):
            raise


_OPEN: Any = object()


async def _ask(pool: Pool, transaction: Transaction) -> bool | None:
    raw = await pool.connect()
    try:
        async with asyncio.timeout(pool.times.answering):
            return await _answer(raw, transaction)
    except asyncpg.PostgresError as error:
        if errors.is_lost(error):
            raise
        return None  # a server that does not tell, such as one that is no PostgreSQL inside
    finally:
        raw.terminate()


async def _answer(raw: asyncpg.Connection[Any], transaction: Transaction) -> bool | None:
    await raw.execute("BEGIN")
    try:
        statement = await raw.prepare(_ASK, name="")
        same, status = (await statement.fetch(transaction.number, transaction.life))[0]
    except asyncpg.InvalidParameterValueError:
        # The server came back without ever having heard of the number.
        return False
    if status == "in progress" and same:
        await (await raw.prepare(_END, name="")).fetch(transaction.process, transaction.number)
        return _OPEN  # type: ignore[no-any-return]
    if status in ("aborted", "in progress"):
        return False
    if status != "committed" or same:
        return True if status == "committed" else None
    before: bool | None = (await (await raw.prepare(_BEFORE, name="")).fetch(transaction.number))[0][0]
    return before

"""PostgresStore: one user's part of a workspace in a PostgreSQL database.

A transaction that the server undoes, or that a lost connection ends before its COMMIT was sent, is run
again. When the connection is lost while COMMIT is under way, the server is asked for the outcome by the
transaction's number: acknowledged means there, and an error means not there, or says that it does not
know. Changes of one user follow one another (an advisory lock for each transaction), as on SQLite.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from providers.store.postgres import bridge, errors
from providers.store.postgres.address import Address, parse_address
from providers.store.postgres.pool import LoopThread, Pool
from providers.store.postgres.session import PATIENCE, Session
from vfs.drive import looping
from vfs.errors import VfsError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from providers.rendering.renderer import Renderer
    from providers.store.objects import ObjectStore
    from providers.store.store import Waiting, Work

T = TypeVar("T")

TOLD_AFTER = 0.5
"""Seconds after which a person is told what is waited for."""
_OUTCOME = "SELECT pg_xact_status($1::text::xid8)"


class PostgresStore:
    """A Store on a server; the contract is `providers.store.store.Store`."""

    def __init__(
        self,
        address: Address | str,
        objects: ObjectStore,
        user: str = "me",
        *,
        password: str | None = None,
        direct: Address | str | None = None,
        waiting: Waiting | None = None,
    ) -> None:
        """`direct` is the server itself where `address` is a proxy. Raises BadName for what is no address."""
        self.address = address if isinstance(address, Address) else parse_address(address)
        self.direct = self.address
        if direct is not None:
            self.direct = direct if isinstance(direct, Address) else parse_address(direct)
        self.objects = objects
        self.user = user
        self.waiting = waiting
        self.patience: float = PATIENCE
        self.mark = secrets.token_hex(8)
        """Tells this store's own changes from others'."""
        self.password = password
        self._thread: LoopThread | None = None
        self._pool: Pool | None = None
        self._renderer: Renderer | None = None

    def __repr__(self) -> str:
        return f"PostgresStore({self.name!r}, user={self.user!r})"

    @property
    def name(self) -> str:
        return self.address.name

    @property
    def topic(self) -> str:
        """What notices of this user's changes begin with; tells others nothing of the user's name."""
        return sha256(self.user.encode()).hexdigest()[:16]

    # -- crossing

    async def read(self, work: Work[T]) -> T:
        """See Store.read. One snapshot, whatever `work` asks."""
        return await self.cross(self._transaction(work, writing=False))

    async def snapshot(self, work: Work[T]) -> T:
        """See Store.snapshot: every reading is one."""
        return await self.read(work)

    async def write(self, work: Work[T], *, clearing: bool = False) -> T:
        """See Store.write."""
        return await self.cross(self._transaction(work, writing=True))

    def read_here(self, work: Work[T]) -> T:
        return self._cross_here(self._transaction(work, writing=False))

    def write_here(self, work: Work[T], *, clearing: bool = False) -> T:
        return self._cross_here(self._transaction(work, writing=True))

    async def cross(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Awaits a coroutine on the store's own loop."""
        if not looping():
            return self._cross_here(coroutine)
        return await asyncio.wrap_future(self.submit(coroutine))

    def _cross_here(self, coroutine: Coroutine[Any, Any, T]) -> T:
        future = self.submit(coroutine)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Runs a coroutine on the store's own loop; cancelling the future cancels it."""
        if self._thread is None:
            self._thread = LoopThread("store-postgres")
        return self._thread.submit(coroutine)

    # -- transactions

    def pool(self) -> Pool:
        """The connections; on the store's own loop only."""
        if self._pool is None:
            self._pool = Pool(self.address, self.password)
        return self._pool

    async def _transaction(self, work: Work[T], *, writing: bool) -> T:
        give_up = time.monotonic() + self.patience
        tries, told = 0, False
        while True:
            try:
                return await self._attempt(work, writing=writing)
            except Exception as error:
                lost, passing = errors.is_lost(error), errors.is_passing(error)
                if not (lost or passing) or time.monotonic() >= give_up:
                    if errors.is_ours(error):
                        raise errors.from_postgres(error, self.name) from error
                    raise
                if lost and tries and not told:
                    told = True
                    self._tell(f"waiting for {self.name}, which cannot be reached")
            tries += 1
            await asyncio.sleep(min(1.0, 0.02 * 2**tries) * random.uniform(0.5, 1.0))  # noqa: S311 (jitter)

    async def _attempt(self, work: Work[T], *, writing: bool) -> T:
        pool = self.pool()
        session = await pool.acquire()
        sound = False
        try:
            await session.begin(self.user, writing=writing)
            number = await self._lock(session) if writing else ""
            result: T = await bridge.run(lambda: work(bridge.Bridged(session)))
            if not writing:
                await session.commit()
            else:
                await _to_its_end(self._commit(session, number))
            sound = True
            return result
        except BaseException as error:
            sound = not errors.is_lost(error) and await self._undone(session)
            raise
        finally:
            pool.release(session, broken=not sound)

    async def _lock(self, session: Session) -> str:
        """The transaction's number, once it is this session's turn to change the user's rows."""
        turn = asyncio.ensure_future(session.lock(self.user))
        try:
            done, _ = await asyncio.wait({turn}, timeout=TOLD_AFTER)
            if not done:
                self._tell(f"waiting for another session, which changes {self.name}")
            return await turn
        finally:
            turn.cancel()

    async def _commit(self, session: Session, number: str) -> None:
        try:
            await session.commit(f"{self.topic}:{self.mark}")
        except Exception as error:
            if not errors.is_lost(error) or isinstance(error, VfsError):
                raise
            session.raw.terminate()
            self.pool().drop_idle()
            if not await self._was_committed(number):
                raise

    async def _was_committed(self, number: str) -> bool:
        """Asks the server, as soon as it is there, what became of a transaction. Raises Unavailable."""
        give_up = time.monotonic() + max(self.patience, PATIENCE)
        wait = 0.05
        while time.monotonic() < give_up:
            with suppress(OSError, TimeoutError, *errors.LOST):
                raw = await self.pool().connect()
                try:
                    await raw.execute("BEGIN")
                    status = (await (await raw.prepare(_OUTCOME, name="")).fetch(number))[0][0]
                    if status in ("committed", "aborted"):
                        return bool(status == "committed")
                except errors.OUT_OF_RANGE:
                    # The server came back without ever having heard of it.
                    return False
                finally:
                    raw.terminate()
            await asyncio.sleep(wait)
            wait = min(1.0, 2 * wait)
        raise errors.unknown_outcome(self.name)

    async def _undone(self, session: Session) -> bool:
        try:
            if session.raw.is_in_transaction():
                await _to_its_end(session.rollback())
        except BaseException:  # whatever it is, the connection is not used again
            return False
        return not session.raw.is_closed()

    def _tell(self, what: str) -> None:
        if self.waiting is not None:
            self.waiting(what)

    # -- the rest

    def changes(self) -> AsyncIterator[None]:
        """Ticks once it listens, and whenever this user's rows were changed by anybody; see `listen`."""
        ticks: AsyncIterator[None] = import_module("providers.store.postgres.listen").changes(self)
        return ticks

    async def fold(self) -> bool:
        """False: when the server overwrites what was purged is for its own vacuum to say."""
        return False

    def renderer(self) -> Renderer:
        if self._renderer is None:
            self._renderer = import_module("providers.rendering.renderer").Renderer()
        assert self._renderer is not None
        return self._renderer

    async def aclose(self) -> None:
        if self._renderer is not None:
            renderer, self._renderer = self._renderer, None
            await import_module("vfs.drive").hop(renderer.close)
        thread, pool, self._thread, self._pool = self._thread, self._pool, None, None
        if thread is None:
            return
        if pool is not None:
            closing = thread.submit(pool.close())
            await (asyncio.wrap_future(closing) if looping() else _result(closing))
        thread.close()


async def _to_its_end(coroutine: Coroutine[Any, Any, None]) -> None:
    """Awaits a coroutine that must not be cut short: a cancellation counts when it has ended."""
    task = asyncio.ensure_future(coroutine)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is not None:
            raise task.exception() from None  # type: ignore[misc]
        raise


async def _result(future: Future[Any]) -> Any:
    return future.result()

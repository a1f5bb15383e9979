"""PostgresStore: one user's part of a workspace in a PostgreSQL database.

A transaction that the server undoes, or that a lost connection ends before its COMMIT was sent, is run
again. When the connection is lost while COMMIT is under way, the server is asked for the outcome by the
transaction's number: acknowledged means there, and an error means not there, or says that it does not
know. Changes of one user follow one another (an advisory lock for each transaction), as on SQLite.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from providers.store.postgres import bridge, errors, outcome
from providers.store.postgres.address import Address, parse_address
from providers.store.postgres.pool import Pool
from providers.store.postgres.session import Session, Times, Transaction
from providers.store.postgres.thread import Crossing, LoopThread
from vfs.drive import looping

if TYPE_CHECKING:
    from providers.rendering.renderer import Renderer
    from providers.store.objects import ObjectStore
    from providers.store.postgres.listen import Listening
    from providers.store.store import Waiting, Work

T = TypeVar("T")

TOLD_AFTER = 0.5
"""Seconds after which a person is told what is waited for."""
CLOSING = 5.0
"""Seconds that transactions under way have to end by themselves when the store is closed."""


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
        times: Times | None = None,
    ) -> None:
        """`direct` is the server itself where `address` is a proxy. Raises BadName for what is no address."""
        self.address = address if isinstance(address, Address) else parse_address(address)
        self.direct = self.address
        if direct is not None:
            self.direct = direct if isinstance(direct, Address) else parse_address(direct)
        self.objects = objects
        self.user = user
        self.waiting = waiting
        self.times = times if times is not None else Times()
        self.mark = secrets.token_hex(8)
        """Tells this store's own changes from others'."""
        self.password = password if password is not None else self.address.password
        self._opening = threading.Lock()
        self._process = os.getpid()
        self._thread: LoopThread | None = None
        self._pools: dict[asyncio.AbstractEventLoop, Pool] = {}
        self._under_way: set[asyncio.Task[Any]] = set()
        self._abandoned: list[Any] = []
        self._listening: Listening | None = None
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
        crossing = self.submit(coroutine)
        return await crossing.wait() if looping() else crossing.result()

    def _cross_here(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.submit(coroutine).result()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Crossing[T]:
        """Starts a coroutine on the store's own loop."""
        with self._opening:
            if self._process != os.getpid():
                # A fork has neither the thread nor a right to the connections, which are its parent's.
                self._abandoned += [self._thread, self._pools, self._under_way]
                self._process, self._thread, self._pools, self._under_way = os.getpid(), None, {}, set()
            if self._thread is None:
                self._thread = LoopThread("store-postgres")
            return self._thread.submit(coroutine)

    # -- transactions

    def pool(self) -> Pool:
        """The connections of the loop that runs: the store's own, another one after each closing."""
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            pool = self._pools[loop] = Pool(self.address, self.password, self.times)
        return pool

    async def _transaction(self, work: Work[T], *, writing: bool) -> T:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            return await self._insistent(work, writing=writing)
        finally:
            self._under_way.discard(task)

    async def _insistent(self, work: Work[T], *, writing: bool) -> T:
        """Tries again what the server undid, and what was cut off before its COMMIT was sent."""
        give_up = time.monotonic() + self.times.patience
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
                if lost:
                    self.pool().drop_idle()
                    if tries and not told:
                        told = True
                        self._tell(f"waiting for {self.name}, which {errors.absence(error)}")
            tries += 1
            await asyncio.sleep(min(1.0, 0.02 * 2**tries) * random.uniform(0.5, 1.0))  # noqa: S311 (jitter)

    async def _attempt(self, work: Work[T], *, writing: bool) -> T:
        pool = self.pool()
        session = await pool.acquire()
        sound = False
        transaction = None
        try:
            await session.begin(self.user, writing=writing)
            if writing:
                transaction = await self._lock(session)
            result: T = await bridge.run(lambda: work(bridge.Bridged(session)))
            if transaction is None:
                session.has_read = True
            else:
                await _to_its_end(self._commit(session, transaction))
            sound = True
            return result
        except BaseException as error:
            if errors.is_passing(error):
                session.forget()
            lost = errors.is_lost(error)
            sound = not lost and await self._undone(session)
            if lost and transaction is not None:
                await outcome.end(pool, transaction)
            raise
        finally:
            pool.release(session, broken=not sound)

    async def _lock(self, session: Session) -> Transaction:
        """Which transaction this is, once it is this session's turn to change the user's rows."""
        turn = asyncio.ensure_future(session.lock(self.user))
        holder = ""
        try:
            done, _ = await asyncio.wait({turn}, timeout=TOLD_AFTER)
            if not done:
                holder = await self._holder()
                self._tell(f"waiting for {holder}, which changes {self.name}")
            return await turn
        except asyncpg.LockNotAvailableError as error:
            raise errors.in_use(self.name, holder or await self._holder()) from error
        except BaseException:
            turn.cancel()
            await asyncio.wait({turn})
            raise

    async def _holder(self) -> str:
        """Who changes the user's rows, asked on a connection that waits for nothing."""
        try:
            raw = await self.pool().connect()
            try:
                return await Session(raw, self.name, self.times).holder(self.user)
            finally:
                raw.terminate()
        except Exception as error:
            if not errors.is_ours(error):
                raise
            return "another session"

    async def _commit(self, session: Session, transaction: Transaction) -> None:
        try:
            await session.commit(f"{self.topic}:{self.mark}")
        except Exception as error:
            if not errors.is_lost(error):
                raise
            session.raw.terminate()
            pool = self.pool()
            pool.drop_idle()
            done = await outcome.committed(pool, transaction, self._tell)
            if done is None:
                raise errors.unknown_outcome(self.name) from error
            if not done:
                raise

    async def _undone(self, session: Session) -> bool:
        """Whether the session is as it was before its transaction, and can be used again."""
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
        module = import_module("providers.store.postgres.listen")
        with self._opening:
            if self._listening is None:
                self._listening = module.Listening(self)
        ticks: AsyncIterator[None] = module.changes(self._listening)
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
        await self.objects.aclose()
        with self._opening:
            thread, self._thread = (self._thread if self._process == os.getpid() else None), None
        if thread is None:
            return
        closing = thread.submit(self._close())
        await (closing.wait() if looping() else _result(closing))
        thread.close()

    async def _close(self) -> None:
        """Lets what is under way end, or ends it; closes the connections."""
        loop = asyncio.get_running_loop()
        left = {task for task in self._under_way if task.get_loop() is loop}
        if left:
            _, left = await asyncio.wait(left, timeout=CLOSING)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=CLOSING)
        pool = self._pools.pop(loop, None)
        if pool is not None:
            await pool.close()


async def _to_its_end(coroutine: Coroutine[Any, Any, None]) -> None:
    """Awaits a coroutine that must not be cut short: a cancellation counts when it has ended."""
    task = asyncio.ensure_future(coroutine)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError from task.exception()
    task.result()


async def _result(crossing: Crossing[Any]) -> None:
    crossing.result()

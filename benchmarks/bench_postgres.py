"""The store on PostgreSQL, beside bare asyncpg on the same server, which this run starts for itself.

The server is on loopback, with `fsync` on and its settings as they come.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.bench import PROGRAMS, Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import Ratio, Run, compare, report, run
from tests.servers.postgres import Database, Server
from tests.servers.proxy import Proxy

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
AWAY = 0.01
"""Seconds each way to a server that is far."""


@contextmanager
def _prepared() -> Iterator[Database]:
    server = Server(**DURABLE, shared_buffers="128MB")
    try:
        yield server.database(keep=True)
    finally:
        server.close()


def _address(database: Database, port: int = 0) -> str:
    address = database.owner.replace(f":{database.server.port}/", f":{port or database.server.port}/")
    return f"{address}?sslmode=disable"


class Pairs(NamedTuple):
    """An operation, how many statements it takes, and both sides compared."""

    name: str
    statements: int
    wall: Ratio
    cpu: Ratio

    def __str__(self) -> str:
        return f"{self.name}, {self.statements} statement{'s' if self.statements > 1 else ''}"


def _pairs(bench: Bench, address: str, *words: str) -> Iterator[Pairs]:
    """What `postgres_operations.py` measured."""
    argv = [bench.python, str(PROGRAMS / "postgres_operations.py"), address, *words]
    environment = clean_environment(bench.data)
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    for line in done.stdout.splitlines():
        name, statements, pairs = line.split("\t")
        taken = [tuple(map(float, pair.split("/"))) for pair in pairs.split()]
        wall, cpu = ([pair[at : at + 2] for pair in taken] for at in (0, 2))
        yield Pairs(name, int(statements), _ratio(wall), _ratio(cpu))


def _ratio(pairs: list[tuple[float, ...]]) -> Ratio:
    firsts, seconds = zip(*pairs, strict=True)
    ratios = [first / second for first, second in pairs]
    return Ratio(statistics.median(firsts), statistics.median(seconds), statistics.median(ratios), 0)


def operations(bench: Bench) -> None:
    """Single operations: the same statements for other rows, in BEGIN, settings, statements, COMMIT."""
    with _prepared() as database:
        for pairs in _pairs(bench, _address(database), "one", "150"):
            report(f"{pairs}, wall, beside asyncpg", pairs.wall, 1.5)
            report(f"{pairs}, cpu of the program", pairs.cpu, None)


def distant(bench: Bench) -> None:
    """How many times each waits for a server 10 ms away."""
    with _prepared() as database:
        proxy = Proxy(database.server.port)
        proxy.delay = AWAY
        try:
            for pairs in _pairs(bench, _address(database, proxy.port), "one", "15"):
                trips = [round(side / (2 * AWAY), 1) for side in (pairs.wall.a, pairs.wall.b)]
                told = f"{pairs!s:<30} waits {trips[0]} times, bare asyncpg {trips[1]} times"
                print(f"     {told}", flush=True)
        finally:
            proxy.close()


def bulk(bench: Bench) -> None:
    """10,000 notes of 1.4 KB in one command, beside the same statements with the same rows."""
    with _prepared() as database:
        for pairs in _pairs(bench, _address(database), "bulk", "3"):
            report(f"{pairs}, in one command, wall", pairs.wall, 2)


def listing(bench: Bench) -> None:
    """100,000 entries: all of them beside a cursor, the first line beside `ls` of 1,000."""
    with _prepared() as database:
        for pairs in _pairs(bench, _address(database), "list", "100000"):
            report(f"{pairs.name}, page by page, wall, beside a cursor", pairs.wall, None)
            report(f"{pairs.name}, page by page, cpu", pairs.cpu, None)
        long = _workspace(bench, database.server.database(keep=True), 100_000)
        short = _workspace(bench, database.server.database(keep=True), 1000)
        ratio = compare(
            lambda: _first_byte(bench, long), lambda: _first_byte(bench, short), pairs=9, wall=True
        )
        report("ls of 100,000, wall to the first line, beside 1,000", ratio, 1.1)


def start(bench: Bench) -> None:
    """A whole `ls` of 1,000 notes as a process, beside a bare script that prints the same names."""
    with _prepared() as database:
        environment = _workspace(bench, database, 1000)
        theirs = bench.program("ls_asyncpg.py", _address(database))
        for name, wall in (("cpu", False), ("wall", True)):
            ratio = compare(
                lambda: run([bench.spatio, "ls", "/notes"], env=environment), theirs, pairs=9, wall=wall
            )
            report(f"ls of 1,000 on PostgreSQL, {name}, beside asyncpg", ratio, None)


def _workspace(bench: Bench, database: Database, count: int) -> dict[str, str]:
    """A workspace with so many notes more, which the server makes itself: only a listing looks at them."""
    home = bench.data / f"postgres-{count}"
    shutil.rmtree(home, ignore_errors=True)
    environment = {**clean_environment(home), "SPATIO_DATABASE_URL": _address(database)}
    subprocess.run([bench.spatio, "init"], check=True, env=environment, stdout=subprocess.DEVNULL)
    database.sql(
        "INSERT INTO spatio.collection (user_id, name, number)"
        " SELECT 'me', 'notes', coalesce(max(number), 0) + 1 FROM spatio.collection ON CONFLICT DO NOTHING;"
        "INSERT INTO spatio.node (seq, id, user_id, mount, parent, name, kind, size, mtime, digest, mime,"
        " attrs, indexed, created_at) SELECT 9000000000000 + n, 'id-' || n, 'me', 'notes', '',"
        " 'note-' || lpad(n::text, 7, '0') || '.md', 'file', 2, 1, sha256('-'), 'text/markdown', '', false, 1"
        f" FROM generate_series(1, {count}) n; ANALYZE spatio.node;"
    )
    return environment


def _first_byte(bench: Bench, environment: dict[str, str]) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen([bench.spatio, "ls", "/notes"], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    os.read(process.stdout.fileno(), 1)
    taken = time.perf_counter() - started
    process.stdout.close()
    process.wait()
    return Run(taken, 0, 0)

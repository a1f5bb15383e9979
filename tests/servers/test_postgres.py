"""The server that tests of PostgreSQL run on: fast, apart from each other, nothing left behind."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from providers.store.schema import VERSION
from tests.servers.postgres import Database, Server


def test_a_database_is_prepared_and_its_owner_may_become_the_program(database: Database) -> None:
    assert database.sql("SELECT version FROM spatio.meta", login="owner") == [(VERSION,)]
    assert database.sql("SELECT pg_has_role('owner', 'spatio_app', 'MEMBER')") == [(True,)]


def test_each_test_has_a_database_of_its_own(database: Database) -> None:
    others = database.server.sql("SELECT datname FROM pg_database WHERE datname LIKE 'test_%'")
    assert others == [(database.name,)]


def test_a_server_keeps_what_it_acknowledged_when_it_is_restarted_or_killed(lone_server: Server) -> None:
    database = lone_server.empty()
    database.sql("CREATE TABLE kept (x int)")
    database.sql("INSERT INTO kept VALUES (1)")
    lone_server.restart()
    database.sql("INSERT INTO kept VALUES (2)")
    lone_server.kill()
    lone_server.start()
    assert database.sql("SELECT x FROM kept ORDER BY x") == [(1,), (2,)]


def test_a_stopped_server_cannot_be_reached(lone_server: Server) -> None:
    lone_server.stop()
    with pytest.raises(OSError):
        lone_server.sql("SELECT 1")


PROGRAM = """
import sys
from tests.servers.postgres import shared
print(shared().folder, shared().process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, None])
def test_nothing_is_left_however_the_tests_end(how: signal.Signals | None) -> None:
    tests = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert tests.stdin is not None
    assert tests.stdout is not None
    folder, server = tests.stdout.readline().decode().split()
    if how is None:
        tests.stdin.close()
    else:
        tests.send_signal(how)
    tests.wait(30)
    tests.stdout.close()
    tests.stdin.close()
    end = time.monotonic() + 30
    while time.monotonic() < end and (pathlib.Path(folder).exists() or _runs(int(server))):
        time.sleep(0.05)
    assert not pathlib.Path(folder).exists()
    assert not _runs(int(server))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # One that has ended and that nobody has asked about yet is no longer running.
    status = pathlib.Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"

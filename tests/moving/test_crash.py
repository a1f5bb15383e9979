"""Killed, failing and full: a backup is whole or not there, a workspace is the old one or the new one."""

from __future__ import annotations

import collections
import os
import pathlib
import random
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence

import pytest

from tests.moving.home import arguments, database, grown, rows_of, spatio
from tests.servers import postgres
from tests.store.desk import FULL
from tests.workspaces import outside_env, run_in

HAS_STRACE = os.path.exists("/usr/bin/strace")

pytestmark = pytest.mark.timeout(3600 if FULL else 300)

ROUNDS = 60 if FULL else 3
STEPS = range(1, 60) if FULL else (1,)
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "link", "unlink", "mkdir")
SAMPLE = (
    ("openat", "error=ENOSPC"), ("write", "signal=KILL"), ("write", "error=ENOSPC"),
    ("pwrite64", "error=EIO"), ("link", "signal=KILL"),
)  # fmt: skip


@pytest.fixture(scope="module")
def grown_once(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return grown(tmp_path_factory.mktemp("grown") / "home")


@pytest.fixture(scope="module")
def taken_once(grown_once: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    file = tmp_path_factory.mktemp("taken") / "backup"
    assert spatio(grown_once, "backup", file).status == 0
    return file


@pytest.fixture
def home(grown_once: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(grown_once, tmp_path / "home"))


def killed(words: Sequence[str], env: dict[str, str], after: float) -> bool:
    """Runs a program and kills it (-9) after a while; False when it had ended by then."""
    process = subprocess.Popen(words, env=env, stderr=subprocess.DEVNULL)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def moments(words: Sequence[str], env: dict[str, str], seed: int) -> Iterator[float]:
    """Times within a run, from its first work on; the whole run is measured once."""
    begun = time.monotonic()
    subprocess.run(words, env=env, check=True, stderr=subprocess.DEVNULL)
    whole = time.monotonic() - begun
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        yield chance.uniform(0.4 * whole, whole)


def test_a_backup_killed_at_any_moment_is_whole_or_not_there(
    home: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "backup"
    words = arguments(home, "backup", file, "--force")
    rows = rows_of(database(home))
    for after in moments(words, outside_env(home), 1):
        file.unlink(missing_ok=True)
        killed(words, outside_env(home), after)
        if file.exists():
            assert spatio(home, "backup", "--check", file).status == 0
    assert rows_of(database(home)) == rows


def test_a_restore_killed_at_any_moment_shows_nothing_or_all(
    home: pathlib.Path, taken_once: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    rows = rows_of(database(home))
    words = arguments(tmp_path / "first", "restore", taken_once)
    for number, after in enumerate(moments(words, outside_env(home), 2)):
        other = tmp_path / f"other{number}"
        killed(arguments(other, "restore", taken_once), outside_env(other), after)
        if not database(other).exists():
            assert spatio(other, "restore", taken_once).status == 0
        assert rows_of(database(other)) == rows
        assert run_in(other, "tail -1 /files/large").out == "60000\n"


def test_a_workspace_that_is_replaced_is_the_old_one_or_the_new_one_at_any_moment(
    home: pathlib.Path, taken_once: pathlib.Path
) -> None:
    new = rows_of(database(home))
    run_in(home, "echo more > /notes/more.md; seq 1 65000 > /files/more")
    old = rows_of(database(home))
    words = arguments(home, "restore", taken_once, "--force")
    for after in moments(words, outside_env(home), 3):
        killed(words, outside_env(home), after)
        now = rows_of(database(home))
        assert now in (old, new)
        assert (run_in(home, "tail -1 /files/more").out == "65000\n") is (now == old)
        run_in(home, "echo more > /notes/more.md; seq 1 65000 > /files/more")
        old = rows_of(database(home))
        for kept in database(home).parent.glob("spatio.db-before-*"):
            shutil.rmtree(kept)


def test_a_migration_killed_at_any_moment_goes_on(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    config, rows = home / "config.toml", rows_of(database(home))
    target = tmp_path / "else" / "spatio.db"
    words = arguments(home, "migrate", "--to", target)
    before = config.read_text()
    for after in moments(words, outside_env(home), 4):
        shutil.rmtree(target.parent)
        config.write_text(before)
        killed(words, outside_env(home), after)
        assert rows_of(database(home)) == rows
        if "[store]" not in config.read_text():
            assert spatio(home, "migrate", "--to", target).status == 0
        assert rows_of(target) == rows
        assert run_in(home, "tail -1 /files/large").out == "60000\n"


def test_a_migration_to_postgresql_and_back_killed_at_any_moment_goes_on(home: pathlib.Path) -> None:
    config, rows = home / "config.toml", rows_of(database(home))
    env = outside_env(home) | {"PGPASSWORD": postgres.PASSWORD}
    before = config.read_text()

    def moved(after: float | None, *words: str | pathlib.Path) -> None:
        argv = arguments(home, "migrate", "--to", *words)
        if after is None or killed(argv, env, after):
            subprocess.run(argv, env=env, check=False, stderr=subprocess.DEVNULL)

    first = True
    for after in [None, *moments(arguments(home, "ls", "/"), env, 5)]:
        base = 0.0 if first else random.Random(after).uniform(0.5, 2.5)
        address = f"{postgres.shared().empty().owner}?sslmode=disable"
        moved(None if first else base, address)
        assert "postgresql://" in config.read_text()
        moved(None if first else base, database(home))
        assert config.read_text() == before
        assert rows_of(database(home)) == rows
        for kept in database(home).parent.glob("spatio.db-before-*"):
            shutil.rmtree(kept)
        first = False


@pytest.mark.skipif(not HAS_STRACE, reason="strace is not installed")
@pytest.mark.parametrize("verb", ["backup", "restore", "migrate"])
def test_whatever_call_of_the_system_fails_it_is_told_and_nothing_is_half(
    home: pathlib.Path, taken_once: pathlib.Path, tmp_path: pathlib.Path, verb: str
) -> None:
    rows, before = rows_of(database(home)), (home / "config.toml").read_text()
    found: collections.Counter[str] = collections.Counter()
    for call, fault in [(call, fault) for call in CALLS for fault in FAULTS] if FULL else SAMPLE:
        for step in STEPS:
            work = tmp_path / f"{call}-{fault}-{step}"
            work.mkdir()
            place = work / "backup" if verb == "backup" else work / "data" / "spatio.db"
            words = {
                "backup": arguments(home, "backup", place),
                "restore": arguments(work, "restore", taken_once),
                "migrate": arguments(home, "migrate", "--to", place),
            }[verb]
            injected, status, err = _injected(words, work, call, fault, step)
            if not injected:
                shutil.rmtree(work)
                break
            assert "Traceback" not in err, err
            assert "a bug in Spatio" not in err, (call, fault, step, err)
            assert rows_of(database(home)) == rows
            switched = (home / "config.toml").read_text() != before
            if place.exists() and verb == "backup":
                assert spatio(home, "backup", "--check", place).status == 0
            elif place.exists():
                assert rows_of(place) == rows, (call, fault, step)
            assert place.exists() or status != 0, (call, fault, step)
            assert place.exists() or not switched, (call, fault, step)
            (home / "config.toml").write_text(before)
            found["done" if status == 0 else "told"] += 1
            shutil.rmtree(work)
    assert found["told"] > (5 if FULL else 0)


def _injected(
    words: Sequence[str], work: pathlib.Path, call: str, fault: str, step: int
) -> tuple[bool, int, str]:
    """Runs a program of which one call of the system fails, on what lies in `work`."""
    trace = work.parent / "trace"
    data = work / "data"
    argv = ["strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={call}"]
    for place in (work, data, work / "backup", *(data / name for name in _NAMES)):
        argv += ["-P", str(place)]
    argv += ["-e", f"inject={call}:{fault}:when={step}", *words]
    done = subprocess.run(argv, env=outside_env(work), capture_output=True, text=True, check=False)
    return (
        "INJECTED" in trace.read_text(errors="replace") or done.returncode < 0,
        done.returncode,
        done.stderr,
    )


_NAMES = (
    "spatio.db", "spatio.db.moving", "spatio.db.moving-wal", "spatio.db.moving.lock",
    "spatio.db.moving.head", "spatio.db.head", "objects",
)  # fmt: skip


@pytest.fixture
def small_disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


def test_on_a_full_disk_there_is_no_part_of_a_backup_and_none_of_a_workspace(
    home: pathlib.Path, taken_once: pathlib.Path, small_disk: pathlib.Path
) -> None:
    rows, config = rows_of(database(home)), (home / "config.toml").read_text()
    (small_disk / "there").write_bytes(bytes(700_000))
    for words in (
        arguments(home, "backup", small_disk / "backup"),
        arguments(small_disk / "other", "restore", taken_once),
        arguments(home, "migrate", "--to", small_disk / "else" / "spatio.db"),
    ):
        done = subprocess.run(words, env=outside_env(home), capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stderr
        assert "disk full" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (small_disk / "else" / "spatio.db").exists()
        assert not list(small_disk.glob("backup*"))
        assert not database(small_disk / "other").exists()
        assert (home / "config.toml").read_text() == config
    assert not (small_disk / "other" / "data" / "objects").exists()
    assert rows_of(database(home)) == rows
    (small_disk / "there").unlink()
    subprocess.run(["mount", "-o", "remount,size=30m", small_disk], check=True)
    assert spatio(home, "backup", small_disk / "backup").status == 0
    assert spatio(small_disk / "other", "restore", taken_once).status == 0
    assert spatio(home, "migrate", "--to", small_disk / "else" / "spatio.db").status == 0

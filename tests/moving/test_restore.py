"""A backup and back: the same rows, contents and history, on either engine."""

from __future__ import annotations

import json
import os
import pathlib
import random
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from typing import Any

import pytest

from providers.store.history import StoreHistory
from providers.store.moving import tables
from providers.store.moving.archive import Archive, examine
from providers.store.moving.backup import Summary, backup
from providers.store.moving.blocks import BlockReader, BlockWriter, packed
from providers.store.moving.proof import head_of, is_empty
from providers.store.moving.restore import restore
from providers.store.moving.tables import DEED, Row, Table
from providers.store.store import Connection, Store
from tests.engines import BOTH
from tests.moving.desk import BIG, NOISE, PAIRS, fill, said, sound, store_on
from tests.store.desk import FULL, change, files, names, notes, path, put, read
from vfs.drive import drive
from vfs.errors import Conflict, Corrupt, Exists, IsADirectory, Unavailable, VfsError

ROOT = pathlib.Path(__file__).parents[2]
STATES = ("waiting", "sending", "leaving", "unknown", "failed", "done", "cancelled")
PURGED = 1
"""Events whose names were forgotten."""

pytestmark = pytest.mark.timeout(180)


async def taken(store: Store, file: pathlib.Path, **options: Any) -> Summary:
    return await backup(store, str(file), version="0", **options)


async def filled_and_taken(store: Store, file: pathlib.Path) -> Summary:
    await fill(store)
    return await taken(store, file)


def opened(place: pathlib.Path) -> Archive:
    with open(place, "rb") as file:
        return examine(file, str(place))


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_row_and_every_content_comes_back(tmp_path: pathlib.Path, source: str, target: str) -> None:
    first, second = store_on(source, tmp_path / "one"), store_on(target, tmp_path / "two")
    summary = drive(filled_and_taken(first, tmp_path / "backup"))
    with open(tmp_path / "backup", "rb") as file:
        drive(restore(examine(file, "backup"), second))
    assert said(first) == said(second)
    assert summary.rows == {name: len(rows) for name, rows in said(second).items()}
    assert drive(sound(second)) == []
    assert drive(read(files(second), "/big")) == BIG
    for store in (first, second):
        drive(store.aclose())


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_what_comes_back_can_be_taken_back_and_goes_on(tmp_path: pathlib.Path, engine: str) -> None:
    first, second = store_on("sqlite", tmp_path / "one"), store_on(engine, tmp_path / "two")

    async def work() -> None:
        await fill(first)
        await put(notes(first), "/n001.md", "again", change("echo again"))
        await taken(first, tmp_path / "backup")
        with open(tmp_path / "backup", "rb") as file:
            await restore(examine(file, "backup"), second)
        undone = await StoreHistory(second).undo()
        assert undone.command == "echo again"
        assert await read(notes(second), "/n001.md") == b"changed"
        assert "n004.md" not in await names(notes(second))
        await put(notes(second), "/new.md", "new")
        await put(files(second), "/more", BIG + b"more")
        assert await sound(second) == []

    drive(work())
    for store in (first, second):
        drive(store.aclose())


def one(tmp_path: pathlib.Path) -> Any:
    return store_on("sqlite", tmp_path / "one")


def damaged(place: pathlib.Path) -> str:
    with open(place, "rb") as file, pytest.raises(VfsError) as caught:
        examine(file, place.name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_backup_is_for_its_owner_alone_and_nothing_is_left_beside_it(tmp_path: pathlib.Path) -> None:
    store = one(tmp_path)
    os.umask(0o022)
    drive(filled_and_taken(store, tmp_path / "backup"))
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600
    assert sorted(found.name for found in tmp_path.iterdir()) == ["backup", "one"]
    drive(store.aclose())


def test_a_file_that_is_there_is_replaced_only_when_asked_for(tmp_path: pathlib.Path) -> None:
    store = one(tmp_path)
    (tmp_path / "backup").write_bytes(b"mine")
    with pytest.raises(Exists, match="is there already"):
        drive(filled_and_taken(store, tmp_path / "backup"))
    assert (tmp_path / "backup").read_bytes() == b"mine"
    drive(taken(store, tmp_path / "backup", force=True))
    opened(tmp_path / "backup")
    with pytest.raises(IsADirectory):
        drive(taken(store, tmp_path / "one", force=True))
    with pytest.raises(VfsError, match="no such file"):
        drive(taken(store, tmp_path / "none" / "backup"))
    drive(store.aclose())


def test_a_store_that_is_in_use_is_backed_up_as_of_one_moment(tmp_path: pathlib.Path) -> None:
    """Each write adds a note and an event: as many as there are, whatever is written meanwhile."""
    code = (
        "import pathlib, sys\n"
        "from tests.store.desk import make_store, notes, put\n"
        "from vfs.drive import drive\n"
        "store = make_store(pathlib.Path(sys.argv[1]))\n"
        "for number in range(10_000):\n"
        "    drive(put(notes(store), f'/w{number:05}.md', f'{number}'))\n"
        "    print(number, flush=True)\n"
    )
    store = one(tmp_path)
    drive(fill(store))
    writer = subprocess.Popen([sys.executable, "-c", code, tmp_path / "one"], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    try:
        seen = set()
        for number in range(8):
            drive(taken(store, tmp_path / f"backup{number}"))
            archive = opened(tmp_path / f"backup{number}")
            rows = archive.summary.rows
            assert rows["event_name"] + PURGED == rows["event"] == archive.summary.events
            seen.add(archive.summary.events)
    finally:
        writer.kill()
        writer.stdout.close()
        writer.wait()
    assert len(seen) > 3
    second = store_on("sqlite", tmp_path / "two")
    with open(tmp_path / "backup7", "rb") as file:
        drive(restore(examine(file, "backup"), second))
    assert drive(sound(second)) == []
    for either in (store, second):
        drive(either.aclose())


def test_every_kind_of_damage_is_refused(tmp_path: pathlib.Path) -> None:
    store = one(tmp_path)
    place = tmp_path / "backup"
    drive(filled_and_taken(store, place))
    drive(store.aclose())
    data = place.read_bytes()
    chance = random.Random(5)
    for _ in range(1000 if FULL else 25):
        flipped = bytearray(data)
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        place.write_bytes(flipped)
        assert "backup" in damaged(place)
    for length in (len(data) - 1, len(data) - 512, len(data) // 2, 1000, 511, 5, 0):
        place.write_bytes(data[:length])
        assert "backup" in damaged(place)
    place.write_bytes(data + b"\0")
    assert "another than" in damaged(place)


def test_what_is_no_backup_or_a_newer_one_is_told_apart(tmp_path: pathlib.Path) -> None:
    place = tmp_path / "FILE"
    for foreign in (b"", b"hello" * 1000, bytes(4096), (ROOT / "pyproject.toml").read_bytes()):
        place.write_bytes(foreign)
        assert damaged(place) == "FILE: not a backup of Spatio"
    for facts in ({"format": 2, "schema": 2}, {"format": 1, "schema": 99}):
        with open(place, "wb") as file, closing(BlockWriter(file, 0)) as writer:
            manifest = {"what": "a workspace of Spatio", "at": "2026-11-21T00:00:00+00:00", **facts}
            writer.add("spatio-backup.json", json.dumps(manifest).encode())
            writer.finish()
        assert "written by a newer Spatio" in damaged(place)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows/node.0001.jsonl.gz", b'{"seq":1}\n'),
        ("rows/nodes.0001.jsonl.gz", b""),
        ("rows/collection.0001.jsonl.gz", b"[1]\n"),
        (f"objects/{'0' * 64}.0001.gz", b"an object that no row names"),
        ("summary.json", b'{"rows":{},"objects":0,"bytes":0,"events":0,"chain":"","damaged":[]}'),
        ("summary.json", b"{}"),
        ("elsewhere", b""),
        ("spatio-backup.json", b"{}"),
    ],
)
def test_a_file_with_right_hashes_and_wrong_parts_is_refused(
    tmp_path: pathlib.Path, name: str, text: bytes
) -> None:
    place = tmp_path / "FILE"
    manifest = {"what": "a workspace of Spatio", "at": "2026-11-21T00:00:00", "format": 1, "schema": 2}
    with open(place, "wb") as file, closing(BlockWriter(file, 0)) as writer:
        writer.add("spatio-backup.json", json.dumps(manifest).encode())
        writer.add(name, packed(text, 1) if name.endswith(".gz") else text)
        writer.finish()
    assert "the backup is damaged" in damaged(place)


@pytest.mark.parametrize("engine", BOTH)
def test_a_store_that_holds_anything_is_left_as_it_is(tmp_path: pathlib.Path, engine: str) -> None:
    first, second = one(tmp_path), store_on(engine, tmp_path / "two")
    drive(filled_and_taken(first, tmp_path / "backup"))
    drive(put(notes(second), "/mine.md", "mine"))
    before = said(second)
    with open(tmp_path / "backup", "rb") as file, pytest.raises(Conflict, match="another workspace"):
        drive(restore(examine(file, "backup"), second))
    assert said(second) == before
    for store in (first, second):
        drive(store.aclose())


@pytest.mark.parametrize("engine", BOTH)
def test_nothing_leaves_by_itself_out_of_a_restored_workspace_and_nobody_holds_anything(
    tmp_path: pathlib.Path, engine: str
) -> None:
    first, second = one(tmp_path), store_on(engine, tmp_path / "two")

    def queue(connection: Connection) -> None:
        for number, state in enumerate(STATES):
            row = (number + 10, "mail", "send", state, f"{state}@x", "{}", "to ada", "c", "user")
            tables.put(connection, DEED, first.user, [(*row, 1, 2, 3, 0, "", "", "worker", 99)])
        connection.execute("UPDATE replica SET lease = 'worker', lease_until = 99")

    async def work() -> None:
        await fill(first)
        await first.write(queue)
        await taken(first, tmp_path / "backup")
        for _ in range(2):
            with open(tmp_path / "backup", "rb") as file:
                await restore(examine(file, "backup"), second)

    drive(work())
    rows = said(second)
    at = {column: index for index, column in enumerate(DEED.columns)}
    after = {row[at["key"]]: row for row in rows["deed"]}
    for state in STATES:
        row = after[f"{state}@x"]
        open_before = state in ("waiting", "sending", "leaving")
        assert row[at["state"]] == ("unknown" if open_before else state)
        assert ("may have left since" in row[at["problem"]]) == open_before
    assert [row for name in ("deed", "replica") for row in rows[name] if row[-2:] != (None, None)] == []
    for store in (first, second):
        drive(store.aclose())


def of_version_2(place: pathlib.Path) -> None:
    """Makes a backup what the version before replicas wrote of the same, which had none."""
    with open(place, "rb") as file:
        blocks = list(BlockReader(file, "backup").checked())
    with open(place, "wb") as file, closing(BlockWriter(file, 0)) as writer:
        for block, data in blocks:
            if block.name == "spatio-backup.json":
                data = json.dumps({**json.loads(data), "schema": 2}).encode()
            elif block.name == "summary.json":
                facts = json.loads(data)
                for name in ("replica", "item", "push", "deed", "span"):
                    assert facts["rows"].pop(name) == 0
                data = json.dumps(facts).encode()
            writer.add(block.name, data)
        writer.finish()


def test_a_backup_of_the_version_before_replicas_is_restored(tmp_path: pathlib.Path) -> None:
    first, second = one(tmp_path), store_on("sqlite", tmp_path / "two")
    drive(put(notes(first), "/a.md", "old"))
    drive(taken(first, tmp_path / "backup"))
    of_version_2(tmp_path / "backup")
    with open(tmp_path / "backup", "rb") as file:
        drive(restore(examine(file, "backup"), second))
    assert said(first) == said(second)
    for store in (first, second):
        drive(store.aclose())


@pytest.mark.parametrize("engine", BOTH)
def test_a_restore_that_was_broken_off_shows_nothing_and_is_done_again(
    tmp_path: pathlib.Path, engine: str
) -> None:
    first, second = one(tmp_path), store_on(engine, tmp_path / "two")
    drive(filled_and_taken(first, tmp_path / "backup"))
    with open(tmp_path / "backup", "rb") as file:
        archive = examine(file, "backup")
        rows = archive.rows
        for broken in ("node", "event"):

            def failing(table: Table, broken: str = broken) -> Iterator[Row]:
                for row in rows(table):
                    yield row
                    if table.name == broken:
                        raise OSError(5, "the disk failed")

            archive.rows = failing  # type: ignore[method-assign]
            with pytest.raises(OSError, match="the disk failed"):
                drive(restore(archive, second))
            assert drive(is_empty(second))
        archive.rows = rows  # type: ignore[method-assign]
        drive(restore(archive, second))
        assert said(first) == said(second)
        drive(restore(archive, second))
    assert said(first) == said(second)
    for store in (first, second):
        drive(store.aclose())


def test_contents_that_were_damaged_already_are_named_and_stay_as_they_were(tmp_path: pathlib.Path) -> None:
    store, second = one(tmp_path), store_on("sqlite", tmp_path / "two")
    drive(fill(store))
    digest, other, row = (sha256(data).digest() for data in (BIG, NOISE, b"note 7"))
    place = store.objects.place(digest)
    os.truncate(place, 1000)
    data = bytearray(pathlib.Path(store.objects.place(other)).read_bytes())
    data[5] ^= 1
    pathlib.Path(store.objects.place(other)).write_bytes(data)
    row = drive(
        store.read(lambda c: c.execute("SELECT digest FROM node WHERE name = 'n007.md'").fetchone()[0])
    )
    store.write_here(lambda c: c.execute("UPDATE content SET data = X'00' WHERE digest = ?", (row,)) and None)
    summary = drive(taken(store, tmp_path / "backup"))
    assert set(summary.damaged) == {digest.hex(), other.hex(), row.hex()}
    with open(tmp_path / "backup", "rb") as file:
        drive(restore(examine(file, "backup"), second))
    assert said(store) == said(second)
    assert drive(read(notes(second), "/n008.md")).endswith(b"note 8\n")
    for name in ("/big", "/noise"):
        with pytest.raises(Corrupt):
            drive(read(files(second), name))
    for either in (store, second):
        drive(either.aclose())


def test_contents_purged_while_a_backup_is_taken_are_told(tmp_path: pathlib.Path) -> None:
    store = one(tmp_path)
    drive(fill(store))
    snapshot = store.snapshot

    async def then_purged(work: Any) -> Any:
        result = await snapshot(work)
        await StoreHistory(store).forget(path("/files/noise"))
        return result

    store.snapshot = then_purged
    with pytest.raises(Unavailable, match="purged while"):
        drive(taken(store, tmp_path / "backup"))
    assert [found.name for found in tmp_path.iterdir()] == ["one"]
    drive(store.aclose())


def test_an_empty_workspace_is_backed_up_too(tmp_path: pathlib.Path) -> None:
    first, second = one(tmp_path), store_on("sqlite", tmp_path / "two")
    assert drive(taken(first, tmp_path / "backup")).events == 0
    with open(tmp_path / "backup", "rb") as file:
        drive(restore(examine(file, "backup"), second))
    assert drive(head_of(second)).seq == 0
    for store in (first, second):
        drive(store.aclose())

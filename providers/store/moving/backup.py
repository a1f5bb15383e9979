"""A store in one file, taken while the workspace is in use.

    spatio-backup.json              what it is: the format's number, the schema's, when it was made
    config.toml                     the workspace's settings, without where its store is
    rows/TABLE.0001.jsonl.gz        the rows, a line of JSON each
    objects/HASH.0001.gz            the contents that are objects, in pieces
    summary.json                    how much there is, and the last event of the log
    SHA256SUMS, SHA256              the hashes of the blocks, and of the whole

`tar xf FILE`, `sha256sum -c SHA256SUMS` and `zcat objects/HASH.* | sha256sum` read it without Spatio.
All rows are of one moment. Objects never change, so that they are read after it.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from providers.store import errors, schema
from providers.store.moving import rowtext, tables
from providers.store.moving.blocks import BlockWriter, packed
from providers.store.moving.tables import CONTENT, EVENT, TABLES, Row, Table
from vfs.drive import hop
from vfs.errors import Corrupt, Exists, IsADirectory, Unavailable

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

FORMAT = 1
WHAT = "a workspace of Spatio"

MANIFEST, CONFIG, SUMMARY = "spatio-backup.json", "config.toml", "summary.json"

ROWS = 1024 * 1024
"""Bytes of lines that make a block."""
PIECE = 4 * 1024 * 1024
"""Bytes of an object that make a block."""
LEVEL = 6
SQUEEZED = 0.95
"""An object whose beginning does not become smaller than this share is kept as it is."""

Progress = Callable[[str, int, int], None]
"""Told what is under way, and how many of how many are done (0: nobody knows)."""


class Summary(NamedTuple):
    """What a backup holds."""

    rows: Mapping[str, int]
    objects: int
    """How many contents are objects."""
    bytes: int
    """All contents together."""
    events: int
    chain: str
    """The last event, and its link of the chain."""
    damaged: tuple[str, ...] = ()
    """Contents that were damaged in the store already, by hash: they are as they were there."""


async def backup(
    store: Store,
    file: str,
    *,
    version: str,
    config: str = "",
    force: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Writes `file` beside its place and moves it there when it is whole; nobody else may read it.

    Raises Exists unless `force`, and always for what is no file; IsADirectory, NoSpace, ReadOnly,
    Corrupt, Unavailable.
    """
    part = f"{file}.{os.getpid()}.part"
    try:
        with _opened(part, file, force) as opened:
            with closing(_Backup(store, opened, version, config, progress)) as work:
                summary = await work.write()
            opened.flush()
            await hop(lambda: os.fsync(opened.fileno()))
        _place(part, file, force)
    except OSError as error:
        raise errors.from_os(error, file) from error
    finally:
        with suppress(OSError):
            os.unlink(part)
    return summary


def _opened(part: str, file: str, force: bool) -> IO[bytes]:
    if os.path.isdir(file):
        raise IsADirectory(file, hint="name a file in it")
    if os.path.exists(file) and not os.path.isfile(file):
        raise Exists(file, "is a device, not a file", hint="take another name")
    if not force and os.path.lexists(file):
        raise _is_there(file)
    return os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def _is_there(file: str) -> Exists:
    return Exists(file, "is there already", hint="take another name, or --force to replace it")


def _place(part: str, file: str, force: bool) -> None:
    if force:
        os.replace(part, file)
    else:
        try:
            os.link(part, file)
        except FileExistsError:
            raise _is_there(file) from None
        except OSError:
            # A file system without links: somebody may put a file there in between.
            os.rename(part, file)
    folder = os.open(os.path.dirname(file) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class _Backup:
    """One backup under way."""

    def __init__(
        self, store: Store, file: IO[bytes], version: str, config: str, progress: Progress | None
    ) -> None:
        self.store = store
        self.file = file
        self.version = version
        self.config = config
        self.progress = progress
        self.blocks: BlockWriter | None = None
        self._begin()

    def _begin(self) -> None:
        self.close()
        self.at = datetime.now(UTC)
        self.counts: dict[str, int] = {}
        self.objects: list[tuple[bytes, int]] = []
        self.damaged: list[str] = []
        self.bytes = 0
        self.last = (0, b"")

    def close(self) -> None:
        if self.blocks is not None:
            self.blocks.close()

    async def write(self) -> Summary:
        blocks = await self.store.snapshot(self._rows)
        for number, (digest, size) in enumerate(self.objects):
            self._say("objects", number, len(self.objects))
            await self._object(blocks, digest, size)
        seq, chain = self.last
        summary = Summary(self.counts, len(self.objects), self.bytes, seq, chain.hex(), tuple(self.damaged))
        blocks.add(SUMMARY, _json(summary._asdict()))
        blocks.finish()
        return summary

    def _rows(self, connection: Connection) -> BlockWriter:
        """Begins the file anew, since work on a store may be run again."""
        self._begin()
        self.file.seek(0)
        self.file.truncate()
        blocks = self.blocks = BlockWriter(self.file, int(self.at.timestamp()))
        blocks.add(
            MANIFEST,
            _json(
                {
                    "what": WHAT,
                    "format": FORMAT,
                    "schema": schema.VERSION,
                    "spatio": self.version,
                    "at": self.at.isoformat(timespec="seconds"),
                }
            ),
        )
        if self.config:
            blocks.add(CONFIG, self.config.encode("utf-8", "surrogateescape"))
        for table in TABLES:
            with closing(tables.rows(connection, table, self.store.user)) as rows:
                self._table(blocks, table, rows)
        return blocks

    def _table(self, blocks: BlockWriter, table: Table, rows: Iterable[Row]) -> None:
        lines: list[bytes] = []
        held = number = self.counts[table.name] = 0
        for row in rows:
            if table is CONTENT:
                self._content(row)
            elif table is EVENT:
                self.last = (row[0], bytes(row[-1]))
            line = rowtext.line(table, row)
            lines.append(line)
            held += len(line)
            self.counts[table.name] += 1
            if held >= ROWS:
                number += 1
                self._say(table.name, self.counts[table.name], 0)
                blocks.add(f"rows/{table.name}.{number:04}.jsonl.gz", packed(b"".join(lines), LEVEL))
                lines, held = [], 0
        if lines:
            blocks.add(f"rows/{table.name}.{number + 1:04}.jsonl.gz", packed(b"".join(lines), LEVEL))

    def _content(self, row: Row) -> None:
        digest, size, crc, place, data = row[:5]
        self.bytes += size
        if place == "objects":
            self.objects.append((bytes(digest), size))
        elif place == "rows" and not whole(digest, size, crc, data):
            self.damaged.append(bytes(digest).hex())

    async def _object(self, blocks: BlockWriter, digest: bytes, size: int) -> None:
        """Copies an object in pieces. One that is damaged is named, and what there is of it is kept."""
        hashed, number, level = sha256(), 0, 0
        piece = bytearray()
        try:
            async for block in self.store.objects.read(digest, size, 0, size):
                hashed.update(block)
                piece += block
                while len(piece) >= PIECE:
                    number += 1
                    level = level if number > 1 else _level(piece)
                    await hop(self._adding(blocks, digest, number, bytes(piece[:PIECE]), level))
                    del piece[:PIECE]
        except Corrupt as error:
            if await self._was_purged(digest):
                raise Unavailable(
                    self.store.name, "contents were purged while the backup was taken", hint="run it again"
                ) from error
            self.damaged.append(digest.hex())
            return
        if piece or not number:
            level = level if number else _level(piece)
            await hop(self._adding(blocks, digest, number + 1, bytes(piece), level))
        if hashed.digest() != digest:
            self.damaged.append(digest.hex())

    def _adding(
        self, blocks: BlockWriter, digest: bytes, number: int, data: bytes, level: int
    ) -> Callable[[], None]:
        return lambda: blocks.add(f"objects/{digest.hex()}.{number:04}.gz", packed(data, level))

    async def _was_purged(self, digest: bytes) -> bool:
        def purged(connection: Connection) -> bool:
            row = tables.one(connection, CONTENT, self.store.user, (digest,))
            return row is None or row[3] != "objects"

        return await self.store.read(purged)

    def _say(self, what: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(what, done, total)


def whole(digest: bytes, size: int, crc: int, data: bytes | None) -> bool:
    """Whether a content that lies in a row is what was written."""
    if data is None or len(data) != size or zlib.crc32(data) != crc:
        return False
    return sha256(data).digest() == bytes(digest)


def _level(beginning: bytes | bytearray) -> int:
    """How much work packing an object is worth."""
    sample = bytes(beginning[: 64 * 1024])
    return 1 if len(zlib.compress(sample, 1)) < SQUEEZED * len(sample) else 0


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()

"""A backup's file, checked from its first byte to its last, and its parts.

`examine` proves more than that no byte has changed: every row can be read, every content has its hash,
and the log's chain is unbroken. Only a file that passes is ever used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import IO, Any, NamedTuple

from providers.store import log, schema
from providers.store.moving import rowtext, tables
from providers.store.moving.backup import CONFIG, FORMAT, MANIFEST, SUMMARY, WHAT, Progress, Summary, whole
from providers.store.moving.blocks import Block, BlockReader, unpacked
from providers.store.moving.tables import CONTENT, EVENT, TABLES, Row, Table
from vfs.errors import VfsError

_ROWS = re.compile(r"rows/([a-z_]+)\.(\d+)\.jsonl\.gz")
_OBJECT = re.compile(r"objects/([0-9a-f]{64})\.(\d+)\.gz")

BEGINNING = MANIFEST.encode() + b"\0"


class Kept(NamedTuple):
    """A content that is an object: how long it is, and where its pieces lie."""

    digest: bytes
    size: int
    pieces: tuple[Block, ...]


class Archive:
    """A backup that was found whole."""

    def __init__(self, reader: BlockReader) -> None:
        self._reader = reader
        self.made = ""
        """When, as the backup says."""
        self.config = ""
        self.summary = Summary({}, 0, 0, 0, "")
        self.rows_of: dict[str, list[Block]] = {table.name: [] for table in TABLES}
        self.objects: list[Kept] = []

    def rows(self, table: Table) -> Iterator[Row]:
        """The rows of a table, in the order of the keys."""
        for block in self.rows_of[table.name]:
            yield from self._lines(table, self._reader.read(block))

    def pieces(self, kept: Kept) -> Iterator[bytes]:
        """The bytes of an object."""
        for block in kept.pieces:
            yield unpacked(self._reader.read(block))

    def _lines(self, table: Table, data: bytes) -> Iterator[Row]:
        for line in unpacked(data).splitlines():
            yield rowtext.read(table, line)


def examine(file: IO[bytes], name: str, progress: Progress | None = None) -> Archive:
    """The parts of a backup, all of it checked. Raises Corrupt, VfsError for what is no backup of ours."""
    file.seek(0)
    if file.read(len(BEGINNING)) != BEGINNING:
        raise VfsError(name, "not a backup of Spatio", hint="spatio backup FILE makes one")
    reader = BlockReader(file, name)
    check = _Examination(reader)
    for block, data in reader.checked():
        try:
            check.take(block, data)
        except (ValueError, KeyError, TypeError) as error:
            raise reader.damaged(f"{block.name}: {error}") from error
        if progress is not None:
            progress("checking", block.offset + block.size, reader.size)
    check.end()
    return check.archive


class _Examination:
    def __init__(self, reader: BlockReader) -> None:
        self.reader = reader
        self.archive = Archive(reader)
        self.counts: dict[str, int] = {}
        self.contents: dict[bytes, int] = {}
        """Objects that rows name, and their sizes."""
        self.damaged: set[str] = set()
        self.bytes = 0
        self.last = (0, log.START)
        self._order = 0
        self._object = b""
        self._pieces: list[Block] = []
        self._hash = sha256()
        self._size = 0
        self._ended = False

    def take(self, block: Block, data: bytes) -> None:
        rows, piece = _ROWS.fullmatch(block.name), _OBJECT.fullmatch(block.name)
        if self._ended or (not self.archive.made) != (block.name == MANIFEST):
            raise ValueError("stands in the wrong place")
        if rows is not None:
            self._rows(rows[1], block, data)
        elif piece is not None:
            self._piece(bytes.fromhex(piece[1]), block, data)
        elif block.name == MANIFEST:
            self._manifest(json.loads(data))
        elif block.name == CONFIG:
            self.archive.config = data.decode("utf-8", "surrogateescape")
        elif block.name == SUMMARY:
            self._end_object()
            self._summary(json.loads(data))
        else:
            raise ValueError("no part of a backup")

    def _manifest(self, facts: Mapping[str, Any]) -> None:
        if facts["what"] != WHAT:
            raise ValueError("no part of a backup")
        if facts["format"] > FORMAT or facts["schema"] > schema.VERSION:
            raise VfsError(
                self.reader.name,
                f"written by a newer Spatio (format {facts['format']}, schema {facts['schema']};"
                f" this one knows {FORMAT} and {schema.VERSION})",
                hint="update Spatio, then run it again; nothing was changed",
            )
        self.archive.made = str(facts["at"])
        self.counts = {table.name: 0 for table in TABLES if table.since <= facts["schema"]}

    def _rows(self, name: str, block: Block, data: bytes) -> None:
        table = tables.named(name)
        if table is None or name not in self.counts or TABLES.index(table) < self._order:
            raise ValueError("stands in the wrong place")
        self._order = TABLES.index(table)
        self.archive.rows_of[name].append(block)
        for line in unpacked(data).splitlines():
            row = rowtext.read(table, line)
            self.counts[name] += 1
            if table is CONTENT:
                self._content(row)
            elif table is EVENT:
                self._event(row)

    def _content(self, row: Row) -> None:
        digest, size, crc, place, data = row[:5]
        self.bytes += size
        if place == "objects":
            self.contents[digest] = size
        elif place == "rows" and not whole(digest, size, crc, data):
            self.damaged.add(digest.hex())

    def _event(self, row: Row) -> None:
        seq, chain = self.last
        if row[0] != seq + 1 or log.link(chain, *row[:10]) != row[10]:
            raise ValueError(f"event {seq + 1} does not fit the one before")
        self.last = (row[0], row[10])

    def _piece(self, digest: bytes, block: Block, data: bytes) -> None:
        if digest != self._object:
            self._end_object()
            if digest not in self.contents:
                raise ValueError("an object that no row names")
            self._object = digest
        text = unpacked(data)
        self._hash.update(text)
        self._size += len(text)
        self._pieces.append(block)

    def _end_object(self) -> None:
        if not self._pieces:
            return
        if self._hash.digest() != self._object or self._size != self.contents[self._object]:
            self.damaged.add(self._object.hex())
        self.archive.objects.append(Kept(self._object, self._size, tuple(self._pieces)))
        self._hash, self._size, self._pieces = sha256(), 0, []

    def _summary(self, facts: dict[str, Any]) -> None:
        said = self.archive.summary = Summary(**{**facts, "damaged": tuple(facts["damaged"])})
        self._ended = True
        there = {kept.digest for kept in self.archive.objects}
        missing = {digest.hex() for digest in self.contents.keys() - there}
        found = Summary(
            self.counts, len(self.contents), self.bytes, self.last[0], said.chain, tuple(sorted(said.damaged))
        )
        if found != said._replace(damaged=tuple(sorted(said.damaged))):
            raise ValueError("there is more, or less, than it says")
        if said.events and self.last[1].hex() != said.chain:
            raise ValueError("it ends with another event than it says")
        if (self.damaged | missing) - set(said.damaged):
            raise ValueError("a content has another hash than when it was written")

    def end(self) -> None:
        """Raises Corrupt unless all parts were there."""
        if not self._ended:
            raise self.reader.damaged("parts of it are missing")

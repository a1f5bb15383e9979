"""A file of named blocks, a tar archive that any tool lists and unpacks, of which each byte is checked.

The last but one block, SHA256SUMS, has the hash of every block before it, as `sha256sum -c` reads it. The
last, SHA256, has the hash of all of the file that stands before it; what follows is what every such
file ends with, so that no byte can change, be missing or be added without being noticed.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from tarfile import REGTYPE, USTAR_FORMAT, HeaderError, TarInfo
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple

from vfs.errors import Corrupt

SUMS, WHOLE = "SHA256SUMS", "SHA256"
ALIGNED = 512
END = bytes(2 * ALIGNED)
READ = 1024 * 1024
LARGEST = 256 * 1024 * 1024
"""Bytes of a block that are still believed to be one."""


class Block(NamedTuple):
    """Where a block's bytes lie in the file."""

    name: str
    offset: int
    size: int


def packed(data: bytes, level: int) -> bytes:
    """The bytes as gzip keeps them, the same for the same bytes."""
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def unpacked(data: bytes) -> bytes:
    """What `packed` was given. Raises ValueError."""
    unpacker = zlib.decompressobj(31)
    try:
        text = unpacker.decompress(data, LARGEST)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("not one whole block")
    return text


class BlockWriter:
    """Writes blocks one after the other. Raises OSError."""

    def __init__(self, file: IO[bytes], at: int) -> None:
        self.file = file
        self.at = at
        """When it is written, in seconds since 1970: what listing the archive shows."""
        self.size = 0
        self._hash = sha256()
        self._sums = SpooledTemporaryFile(max_size=READ)  # noqa: SIM115 (closed by `close`)

    def add(self, name: str, data: bytes) -> None:
        self._sums.write(_sum(name, data))
        self._begin(name, len(data))
        self._write(data)
        self._align(len(data))

    def finish(self) -> None:
        """The hashes, and the end."""
        length = self._sums.tell()
        self._begin(SUMS, length)
        self._sums.seek(0)
        while text := self._sums.read(READ):
            self._write(text)
        self._align(length)
        self._write(_ending(self._hash.hexdigest(), self.at))

    def close(self) -> None:
        self._sums.close()

    def _begin(self, name: str, size: int) -> None:
        self._write(_header(name, size, self.at))

    def _align(self, size: int) -> None:
        self._write(bytes(-size % ALIGNED))

    def _write(self, data: bytes) -> None:
        self._hash.update(data)
        self.file.write(data)
        self.size += len(data)


class BlockReader:
    """Reads a file of blocks. Raises Corrupt for any byte that is not as it was written."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.file = file
        self.name = name
        self.size = os.fstat(file.fileno()).st_size

    def checked(self) -> Iterator[tuple[Block, bytes]]:
        """Every block in order; whoever comes to the end has read a file that is whole."""
        self.file.seek(0)
        whole, sums, at = sha256(), sha256(), None
        while True:
            header = self._take(ALIGNED)
            try:
                facts = TarInfo.frombuf(header, "ascii", "strict")
                at = int(facts.mtime) if at is None else at
                as_written = _header(facts.name, facts.size, at)
            except (HeaderError, ValueError) as error:
                raise self.damaged("a block does not begin as it should") from error
            if facts.name == WHOLE:
                break
            if header != as_written:
                raise self.damaged("a block does not begin as it should")
            whole.update(header)
            if facts.name == SUMS:
                self._check_sums(facts.size, whole.update, sums.digest())
                continue
            if facts.size > LARGEST:
                raise self.damaged("a block is larger than any can be")
            offset = self.file.tell()
            data = self._take(facts.size)
            rest = self._take(-facts.size % ALIGNED)
            whole.update(data)
            whole.update(rest)
            sums.update(_sum(facts.name, data))
            yield Block(facts.name, offset, facts.size), data
        ending = _ending(whole.hexdigest(), at)
        if header + self.file.read(len(ending)) != ending:
            raise self.damaged("its hash is another than when it was written")

    def read(self, block: Block) -> bytes:
        """The bytes of a block; safe to call from several threads."""
        data = os.pread(self.file.fileno(), block.size, block.offset)
        if len(data) != block.size:
            raise self.damaged("it became shorter while it was read")
        return data

    def damaged(self, what: str) -> Corrupt:
        """The file must not be used."""
        return Corrupt(
            self.name, f"the backup is damaged: {what}", hint="nothing was changed; take another copy of it"
        )

    def _take(self, size: int) -> bytes:
        data = self.file.read(size)
        if len(data) != size:
            raise self.damaged("it ends before its end")
        return data

    def _check_sums(self, size: int, seen: Callable[[bytes], None], expected: bytes) -> None:
        found = sha256()
        for start in range(0, size, READ):
            text = self._take(min(READ, size - start))
            seen(text)
            found.update(text)
        seen(self._take(-size % ALIGNED))
        if found.digest() != expected:
            raise self.damaged("a block has another hash than when it was written")


def _header(name: str, size: int, at: int) -> bytes:
    facts = TarInfo(name)
    facts.size, facts.mtime, facts.mode, facts.type = size, at, 0o600, REGTYPE
    return facts.tobuf(USTAR_FORMAT, "ascii", "strict")


def _sum(name: str, data: bytes) -> bytes:
    return f"{sha256(data).hexdigest()}  {name}\n".encode()


def _ending(digest: str, at: int) -> bytes:
    text = f"{digest}\n".encode()
    return _header(WHOLE, len(text), at) + text + bytes(-len(text) % ALIGNED) + END

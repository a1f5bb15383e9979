"""Package: a document that is a zip archive of XML parts, read within bounds.

Limited are the directory, each part (size and ratio), all that is unpacked together, the length of a
tag, the depth of elements, the length of the text and the time. A part with a DOCTYPE is refused, so
that no entity is ever declared, and none expanded.
"""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from typing import Protocol
from xml.parsers import expat

SECONDS = 10.0
"""Time that one document may take."""

LONGEST = 16 * 1024 * 1024
"""Characters of text that a document may have."""

_DIRECTORY = 2 * 1024 * 1024
_PART = 128 * 1024 * 1024
_TOGETHER = 256 * 1024 * 1024
_RATIO = 300
_SMALL = 1024 * 1024
"""Bytes up to which a part may be packed as tightly as it likes."""
_TAG = 1024 * 1024
_DEPTH = 200
_BLOCK = 64 * 1024
_END = b"PK\x05\x06"
_END_SIZE = 22
_LONGEST_REMARK = 65535

Attributes = dict[str, str]


class Unreadable(Exception):
    """A document that has no text within bounds."""


BROKEN = (
    Unreadable, zipfile.BadZipFile, zlib.error, struct.error, expat.ExpatError,
    EOFError, LookupError, NotImplementedError, OSError, RuntimeError, ValueError, OverflowError, MemoryError,
)  # fmt: skip
"""What reading a broken or hostile package may raise."""


class Events(Protocol):
    """Told of a part's elements, by their names without prefixes."""

    def start(self, name: str, attributes: Attributes) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


class Package:
    """The parts of a document. Raises what is in BROKEN."""

    def __init__(self, data: bytes, *, clock: Callable[[], float] = time.monotonic) -> None:
        _check_directory(data)
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._clock = clock
        self._until = clock() + SECONDS
        self._left = _TOGETHER

    def has(self, part: str) -> bool:
        return part in self._archive.NameToInfo

    def parse(self, part: str, events: Events) -> None:
        """Tells `events` all that a part says."""
        entry = self._archive.getinfo(part)
        packed, size = entry.compress_size, entry.file_size
        if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("encrypted, or packed in a way that is not read")
        if size > min(_PART, self._left) or (size > _SMALL and size > _RATIO * packed):
            raise Unreadable("unpacks to more than it may")
        parser = _parser(events)
        told = 0
        with self._archive.open(entry) as part_file:
            while block := part_file.read(_BLOCK):
                self._left -= len(block)
                if self._left < 0 or self._clock() > self._until:
                    raise Unreadable("takes more than it may")
                parser.Parse(block, False)
                told += len(block)
                if told - parser.CurrentByteIndex > _TAG:
                    raise Unreadable("has a tag that is too long")
        parser.Parse(b"", True)


def _check_directory(data: bytes) -> None:
    """Raises Unreadable when the archive's list of entries is too long to be read."""
    at = data.rfind(_END, max(0, len(data) - _END_SIZE - _LONGEST_REMARK))
    if at < 0 or len(data) < at + _END_SIZE:
        raise Unreadable("no archive")
    if int.from_bytes(data[at + 12 : at + 16], "little") > _DIRECTORY:
        raise Unreadable("too many entries")


def _parser(events: Events) -> expat.XMLParserType:
    depth = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEPTH:
            raise Unreadable("nested too deep")
        events.start(
            name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in attributes.items()}
        )

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        events.end(name.rpartition(":")[2])

    def doctype(*declared: str | int | None) -> None:
        raise Unreadable("declares a DOCTYPE")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = events.text
    parser.StartDoctypeDeclHandler = doctype
    return parser


class Lines:
    """The lines of a text, counted. Raises Unreadable when it becomes too long."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0

    def add(self, line: str) -> None:
        self._size += len(line) + 1
        if self._size > LONGEST:
            raise Unreadable("longer than it may be")
        self._lines.append(line)

    def blank(self) -> None:
        """A blank line, unless there is one, or nothing yet."""
        if self._lines and self._lines[-1]:
            self.add("")

    def whole(self) -> str:
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        return "".join([line + "\n" for line in self._lines])

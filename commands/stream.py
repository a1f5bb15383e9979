"""Record, Source, Sink, Pipe, Io: what flows between the stages of a pipeline.

A pipe carries bytes or batches of records; its reader sees one kind only. A reader of bytes gets
each record as its line; a reader of records that meets bytes raises NotRecords; a reader of either
sees what came first, and what follows in that form. Stages push: `write` and `put` wait while the
pipe is full and raise ReaderGone once its reader has left, which is no failure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from vfs.drive import looping, until
from vfs.node import NO_ATTRS, Value
from vfs.path import Path

if TYPE_CHECKING:
    from asyncio import Future

BLOCK = 64 * 1024
"""Bytes a stage aims to hand on at once."""

CAPACITY = 16
"""Items (blocks or batches) that a pipe holds before its writer waits."""

PIPE_BYTES = 4 * 1024 * 1024
"""Bytes that a pipe holds before its writer waits, however few the items."""

RECORD_BYTES = 16 * 1024
"""Bytes that a record counts for: few wait in a pipe, so that a reader of one line costs little."""


class Record(NamedTuple):
    """One line, the fields that it came from, and the entry that it is about."""

    text: str
    """The line without its end; what any byte reader sees."""
    fields: Mapping[str, Value] = NO_ATTRS
    path: Path | None = None


class ReaderGone(Exception):
    """Nobody reads this stream any more. The writer ends quietly, with status 141."""


class NotRecords(Exception):
    """A command that needs records was given text."""


LINE_ONLY: Mapping[str, Value] = MappingProxyType({})
"""The fields (this very object) of a record that is only a line, such as a heading or the empty
line above it: readers of bytes see it, readers of records do not."""

Item = bytes | Sequence[Record]


def to_bytes(text: str) -> bytes:
    """Text as UTF-8, undecodable bytes as they came; any other lone surrogate keeps its three bytes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def lines_of(records: Iterable[Record]) -> bytes:
    """Records as the lines that a byte reader sees."""
    return to_bytes("".join([record.text + "\n" for record in records]))


def records_of(block: bytes) -> list[Record]:
    """Whole lines as records without fields."""
    text = block.decode("utf-8", "surrogateescape")
    return [Record(line) for line in text.removesuffix("\n").split("\n")]


class Source:
    """What a stage reads. Subclasses provide `fetch`; the rest derives from it."""

    tty: bool = False
    regular: bool = False
    """A stored file, whole (an operand, `< FILE`), rather than a pipe, a terminal or a here-document."""

    def __init__(self) -> None:
        self._kept: deque[Item] = deque()

    async def fetch(self) -> Item | None:
        """The next non-empty item; None at the end, and again after it."""
        return None

    async def leave(self) -> None:
        """The reader needs no more: whoever writes gets ReaderGone."""

    async def next(self) -> Item | None:
        """The next item, pushed-back ones first."""
        return self._kept.popleft() if self._kept else await self.fetch()

    @property
    def holds(self) -> bool:
        """Whether something was put back, or is known beforehand, that `fetch` will not give."""
        return bool(self._kept)

    def unread(self, item: Item) -> None:
        """Puts an item back, to be read next."""
        if item:
            self._kept.appendleft(item)

    async def blocks(self) -> AsyncIterator[bytes]:
        """Everything as bytes."""
        while (item := await self.next()) is not None:
            yield item if isinstance(item, bytes) else lines_of(item)

    async def line_blocks(self) -> AsyncIterator[bytes]:
        """Everything as blocks of whole lines; only the very last may lack its newline."""
        rest: list[bytes] = []
        async for block in self.blocks():
            cut = block.rfind(b"\n") + 1
            if not cut:
                rest.append(block)
                continue
            yield b"".join((*rest, block[:cut])) if rest else (block if cut == len(block) else block[:cut])
            rest = [block[cut:]] if cut < len(block) else []
        if rest:
            yield b"".join(rest)

    async def records(self) -> AsyncIterator[Sequence[Record]]:
        """Everything as batches of records, headings left out. Raises NotRecords when it meets bytes."""
        while (item := await self.next()) is not None:
            if isinstance(item, bytes):
                self.unread(item)
                raise NotRecords
            kept = [record for record in item if record.fields is not LINE_ONLY]
            if kept:
                yield kept

    async def carries_records(self) -> bool:
        """Whether the stream is one of records; waits for its first item, consumes nothing."""
        item = await self.next()
        if item is None:
            return False
        self.unread(item)
        return not isinstance(item, bytes)

    async def as_records(self) -> AsyncIterator[Sequence[Record]]:
        """Everything as records, lines of bytes becoming records without fields."""
        rest = b""
        while (item := await self.next()) is not None:
            if not isinstance(item, bytes):
                yield item
                continue
            block = rest + item
            cut = block.rfind(b"\n") + 1
            rest = block[cut:]
            if cut:
                yield records_of(block[:cut])
        if rest:
            yield records_of(rest)

    async def readline(self) -> bytes:
        """One line with its newline, what is left at the end, or b""; the rest stays unread."""
        parts: list[bytes] = []
        while (item := await self.next()) is not None:
            block = item if isinstance(item, bytes) else lines_of(item)
            cut = block.find(b"\n") + 1
            if cut:
                self.unread(block[cut:])
                parts.append(block[:cut])
                break
            parts.append(block)
        return b"".join(parts)

    async def readall(self) -> bytes:
        """Everything as bytes, in memory."""
        return b"".join([block async for block in self.blocks()])


class Nothing(Source):
    """An empty input."""


class Given(Source):
    """An input known beforehand."""

    def __init__(self, *items: Item) -> None:
        super().__init__()
        self._kept.extend(item for item in items if item)


class Sink:
    """Where a stage writes. Subclasses provide `write`, and `put` where records mean more."""

    tty: bool = False
    """A person sees this as it comes: colour, columns and progress are welcome."""
    width: int = 80
    """Columns of the terminal, where there is one."""
    announce: bool = False
    """Set by a command that takes long: a redirect then says `Created PATH (SIZE)` on standard
    error once the new content stands, and nothing when it was abandoned."""

    def abandon(self) -> None:
        """What was written here is not to be kept: the command failed, not just answered no.

        A redirect leaves the old content in place, whatever the command's status, and says so.
        Everything else ignores it.
        """

    async def write(self, data: bytes) -> None:
        """Hands on bytes. Raises ReaderGone."""
        raise NotImplementedError

    async def put(self, records: Sequence[Record]) -> None:
        """Hands on a batch of records, here as lines. Raises ReaderGone."""
        if records:
            await self.write(lines_of(records))

    async def text(self, text: str) -> None:
        """Writes text as UTF-8."""
        await self.write(to_bytes(text))

    async def line(self, text: str) -> None:
        """Writes one line."""
        await self.text(text + "\n")

    async def paint(self, spans: Sequence[tuple[str, str]]) -> None:
        """Writes text in styles (`bold`, `dim`, `red`, `blue bold`, ``), here as plain text.

        The only way to colour: a terminal makes control characters in all other output visible.
        """
        await self.text("".join([text for text, _ in spans]))

    async def clear(self) -> None:
        """Empties the screen, where there is one."""

    async def flush(self) -> None:
        """Hands on whatever is held back."""


class Discard(Sink):
    """`/dev/null`."""

    async def write(self, data: bytes) -> None:
        return None

    async def put(self, records: Sequence[Record]) -> None:
        return None


class Collected(Sink):
    """Keeps what is written, for `$(…)`, tests and callers that want it whole."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.records: list[Record] = []

    async def write(self, data: bytes) -> None:
        self.parts.append(data)

    async def put(self, records: Sequence[Record]) -> None:
        self.records.extend(records)
        self.parts.append(lines_of(records))

    @property
    def data(self) -> bytes:
        return b"".join(self.parts)


def _size(item: Item) -> int:
    return len(item) if isinstance(item, bytes) else len(item) * RECORD_BYTES


class Pipe(Source, Sink):
    """A bounded pipe between two stages that run together."""

    def __init__(self, capacity: int = CAPACITY, most: int = PIPE_BYTES) -> None:
        Source.__init__(self)
        self._items: deque[Item] = deque()
        self._capacity = capacity
        self._most = most
        self._held = 0
        self._ended = False
        self._left = False
        self._reader: Future[None] | None = None
        self._writers: deque[Future[None]] = deque()

    async def _add(self, item: Item) -> None:
        if self._left:
            raise ReaderGone
        size = _size(item)
        while self._is_full(size):
            if looping():
                await self._wait_to_write()
            else:
                await until(lambda: self._left or not self._is_full(size))
            if self._left:
                raise ReaderGone
        self._items.append(item)
        self._held += size
        self._wake_reader()

    def _is_full(self, size: int) -> bool:
        return len(self._items) >= self._capacity or (self._held > 0 and self._held + size > self._most)

    async def write(self, data: bytes) -> None:
        if data:
            await self._add(data)
        elif self._left:
            raise ReaderGone

    async def put(self, records: Sequence[Record]) -> None:
        if records:
            await self._add(records)
        elif self._left:
            raise ReaderGone

    def end(self) -> None:
        """The writer is done; the reader gets what is held, then the end."""
        self._ended = True
        self._wake_reader()

    async def leave(self) -> None:
        self._left = True
        self._items.clear()
        self._held = 0
        for waiting in self._writers:
            if not waiting.done():
                waiting.set_result(None)

    async def fetch(self) -> Item | None:
        while not self._items:
            if self._ended or self._left:
                return None
            if not looping():
                await until(lambda: bool(self._items) or self._ended or self._left)
                continue
            self._reader = import_module("asyncio").get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        item = self._items.popleft()
        self._held -= _size(item)
        while self._writers and self._writers[0].done():
            self._writers.popleft()
        if self._writers:
            self._writers.popleft().set_result(None)
        return item

    async def _wait_to_write(self) -> None:
        waiting: Future[None] = import_module("asyncio").get_running_loop().create_future()
        self._writers.append(waiting)
        try:
            await waiting
        except BaseException:
            if not waiting.cancelled() and self._writers:
                following = self._writers.popleft()
                if not following.done():
                    following.set_result(None)
            raise

    def _wake_reader(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


class Io(NamedTuple):
    """The three streams of a stage."""

    stdin: Source
    stdout: Sink
    stderr: Sink

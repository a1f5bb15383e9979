"""Spill: lines sorted in bounded memory; what is too much goes to temporary files and is merged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from importlib import import_module
from typing import IO, Any

MEMORY = 64 * 1024 * 1024
"""Bytes of lines that are sorted at once."""
_OVERHEAD = 50
"""What a line costs beside its bytes."""


class Spill:
    """Collects lines, sorts them with `order`, and gives them back merged by `key`."""

    def __init__(
        self, order: Callable[[list[bytes]], list[bytes]], key: Callable[[bytes], Any], memory: int = MEMORY
    ) -> None:
        self._order = order
        self._key = key
        self._memory = memory
        self._lines: list[bytes] = []
        self._size = 0
        self._runs: list[IO[bytes]] = []

    def add(self, lines: list[bytes]) -> None:
        """Takes lines without their newlines."""
        self._lines += lines
        self._size += sum(map(len, lines)) + _OVERHEAD * len(lines)
        if self._size >= self._memory:
            self._write_run()

    def sorted(self) -> Iterable[bytes]:
        """All lines in order; those that compare equal in the order in which they came."""
        last = self._order(self._lines)
        if not self._runs:
            return last
        return merge(*[_lines_of(run) for run in self._runs], last, key=self._key)

    def close(self) -> None:
        """Lets go of the temporary files."""
        for run in self._runs:
            run.close()
        self._runs.clear()

    def _write_run(self) -> None:
        run: IO[bytes] = import_module("tempfile").TemporaryFile(buffering=1 << 18)
        self._runs.append(run)
        for line in self._order(self._lines):
            run.write(b"%d\n%b" % (len(line), line))
        run.flush()
        run.seek(0)
        self._lines = []
        self._size = 0


def _lines_of(run: IO[bytes]) -> Iterator[bytes]:
    while size := run.readline():
        yield run.read(int(size))

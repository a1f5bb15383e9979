"""Selection: which lines of a block grep chooses, found by searching the block and widening each hit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from commands.regex.regex import Find, Searcher

Range = tuple[int, int]
"""One or several whole lines of a block, as (start, stop)."""


class Selection:
    """The lines that match `regex`, or with `inverted` those that do not; at most `most` in all."""

    def __init__(self, regex: Searcher | None, *, inverted: bool = False, most: int | None = None) -> None:
        self.regex = regex
        """None for no pattern at all, which matches nothing."""
        self.inverted = inverted
        self.most = most
        self._find: Find | None = regex.finder() if regex is not None else None
        self.count = 0
        """Lines selected so far."""

    @property
    def full(self) -> bool:
        """Whether no more lines are wanted."""
        return self.most is not None and self.count >= self.most

    @property
    def matches_all(self) -> bool:
        """Whether the pattern is the empty text, which every line holds."""
        return self.regex is not None and self.regex.literal == b""

    def fresh(self) -> Selection:
        """The same for another input."""
        other = Selection(self.regex, inverted=self.inverted, most=self.most)
        other._find = self._find
        return other

    def misses(self) -> Callable[[bytes], bool] | None:
        """A quick look at whole contents: True where nothing is selected. None where most are."""
        find = self._find
        return None if self.inverted or find is None else lambda data: not data or find(data, 0) < 0

    def may_select(self, block: bytes) -> bool:
        """Whether anything in the block is selected; a cheap look before the work."""
        if self.inverted:
            return bool(block)
        return self.regex is not None and bool(block) and self.regex.find(block) >= 0

    def ranges(self, block: bytes, start: int = 0) -> list[Range]:
        """The selected lines from `start` on; consecutive ones may come as one range."""
        hits = self._hits(block, start)
        if self.most is None and not self.inverted:
            found = list(hits)
            self.count += len(found)
            return found
        ranges = self._others(block, start, hits) if self.inverted else hits
        return list(self._counted(block, ranges))

    def _hits(self, block: bytes, at: int) -> Iterator[Range]:
        if self._find is None:
            return
        size = len(block)
        find, back, forward = self._find, block.rfind, block.find
        while at < size:
            place = find(block, at)
            if place < 0:
                return
            start = back(b"\n", at, place) + 1 or at
            stop = forward(b"\n", place) + 1 or size
            yield start, stop
            at = stop

    def _others(self, block: bytes, at: int, hits: Iterator[Range]) -> Iterator[Range]:
        for start, stop in hits:
            if start > at:
                yield at, start
            at = stop
        if at < len(block):
            yield at, len(block)

    def _counted(self, block: bytes, ranges: Iterator[Range]) -> Iterator[Range]:
        for start, stop in ranges:
            lines = block.count(b"\n", start, stop) + (block[stop - 1] != 0x0A)
            if self.most is not None and self.count + lines > self.most:
                for _ in range(self.most - self.count):
                    end = block.find(b"\n", start) + 1 or stop
                    yield start, end
                    self.count += 1
                    start = end
                return
            self.count += lines
            yield start, stop


def lines_in(block: bytes, start: int, stop: int) -> Iterator[Range]:
    """The single lines of a range."""
    while start < stop:
        end = block.find(b"\n", start, stop) + 1 or stop
        yield start, end
        start = end


def matches_in(regex: Searcher, line: bytes) -> Iterator[Range]:
    """Where in one line (without its newline) the pattern matches something, left to right."""
    at = 0
    while at <= len(line):
        spans = regex.search(line, at)
        if spans is None:
            return
        start, stop = spans[0]
        if stop > start:
            yield start, stop
            at = stop
        else:
            at = stop + 1

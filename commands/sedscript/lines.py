"""The lines that a sed program reads: across all inputs, with one line of foresight."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator

from commands.text.whole import split_lines, whole_lines


class Lines:
    """Lines without their ends; `fill` must be awaited while `wanting`, before anything else.

    `unended` says that the last line taken had no newline.
    """

    def __init__(self, blocks: AsyncIterator[bytes], end: bytes) -> None:
        self._blocks = whole_lines(blocks, end)
        self._end = end
        self._held: deque[bytes] = deque()
        self._ended = False
        self._partial = False
        self.number = 0
        self.unended = False

    @property
    def wanting(self) -> bool:
        """Whether more must be read before the next line, or the last, is known."""
        return len(self._held) < 2 and not self._ended

    @property
    def over(self) -> bool:
        """Whether no line is left: the one taken last is the last of all."""
        return not self._held

    async def fill(self) -> None:
        """Reads on."""
        while self.wanting:
            block = await anext(self._blocks, None)
            if block is None:
                self._ended = True
                return
            self._partial = not block.endswith(self._end)
            self._held.extend(split_lines(block, self._end))

    def take(self) -> bytes:
        """The next line. Raises IndexError when there is none."""
        line = self._held.popleft()
        self.number += 1
        self.unended = self._partial and not self._held
        return line


async def no_blocks() -> AsyncIterator[bytes]:
    """Nothing to read."""
    for block in tuple[bytes, ...]():
        yield block

"""Inputs: the operands of a text command, one after the other, and standard input for `-`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from commands.command import Context
from commands.entry import look, place, wants_folder
from commands.report import report
from commands.stream import Io, Item, Source
from vfs.closing import Closing
from vfs.errors import VfsError
from vfs.path import Path
from vfs.reading import Content

STDIN = ("-",)
"""What a command reads that was given no operand."""


class Inputs:
    """Opens operands for the command `name`; what cannot be read is reported and counted in `status`.

    `raw` is for who writes back what it has read: the stored bytes instead of the rendered text.
    """

    def __init__(
        self, ctx: Context, io: Io, name: str, *, failure: int = 1, quiet: bool = False, raw: bool = False
    ) -> None:
        self.ctx = ctx
        self.io = io
        self.name = name
        self.status = 0
        """0, or the worst status so far: `failure`, or what the error carries when that says more."""
        self._failure = failure
        self._quiet = quiet
        self._raw = raw

    async def each(self, operands: Sequence[str]) -> AsyncIterator[tuple[str, Source]]:
        """Every operand with its rendered text, or `raw`; what cannot be read is reported and left out.

        Runs of files are asked for together. To leave early, wrap the iteration in Closing.
        """
        words = operands or STDIN
        at = 0
        while at < len(words):
            if words[at] == "-":
                yield "-", self.io.stdin
                at += 1
                continue
            stop = next((i for i in range(at, len(words)) if words[i] == "-"), len(words))
            async with Closing(self._files(words[at:stop])) as files:
                async for pair in files:
                    yield pair
            at = stop

    async def blocks(self, operands: Sequence[str]) -> AsyncIterator[bytes]:
        """All operands, or standard input when there are none, as one stream of bytes."""
        async with Closing(self.each(operands)) as each:
            async for _, source in each:
                async for block in source.blocks():
                    yield block

    async def lines(self, operands: Sequence[str]) -> AsyncIterator[bytes]:
        """All operands, or standard input when there are none, as blocks of whole lines.

        An operand that lacks its last newline gets it, unless it is the very last.
        """
        unended = b""
        async with Closing(self.each(operands)) as each:
            async for _, source in each:
                async for block in source.line_blocks():
                    if unended:
                        yield unended + b"\n"
                    unended = b"" if block.endswith(b"\n") else block
                    if not unended:
                        yield block
        if unended:
            yield unended

    async def failed(self, operand: str, error: VfsError) -> None:
        """Reports that an operand cannot be read."""
        status = error.status if error.status > 2 else self._failure
        self.status = max(self.status, status)
        if not self._quiet:
            await report(self.io, self.name, error, path=operand)

    async def _files(self, words: Sequence[str]) -> AsyncIterator[tuple[str, Source]]:
        wanted: list[tuple[str, Path]] = []
        for word in words:
            try:
                path = (await look(self.ctx, word))[0] if wants_folder(word) else place(self.ctx, word)
                wanted.append((word, path))
            except VfsError as error:
                await self.failed(word, error)
        names = iter(wanted)
        paths = [path for _, path in wanted]
        async with Closing(self.ctx.tree.contents(paths, text=not self._raw)) as contents:
            async for content in contents:
                word, _ = next(names)
                if content.error is not None:
                    await self.failed(word, content.error)
                else:
                    yield word, Operand(self, word, content)


class Operand(Source):
    """One operand's content; a failure while reading is reported, and ends it."""

    regular = True

    def __init__(self, inputs: Inputs, name: str, content: Content) -> None:
        super().__init__()
        self.data = content.data
        """The whole content where it is at hand already."""
        self._inputs = inputs
        self._name = name
        self._blocks = content.blocks()
        self._ended = False

    async def fetch(self) -> Item | None:
        if self._ended:
            return None
        try:
            async for block in self._blocks:
                if block:
                    return block
        except VfsError as error:
            await self._inputs.failed(self._name, error)
        self._ended = True
        return None

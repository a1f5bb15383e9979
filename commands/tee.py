"""tee: copies its input to files on the way to standard output."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from commands.command import Arguments, Command, Context, Example, Shape, operand, switch
from commands.report import report
from commands.stream import Io, Pipe, ReaderGone, lines_of
from vfs.action import Effect
from vfs.drive import event_loop
from vfs.errors import VfsError
from vfs.path import Path
from vfs.provider import Mode

if TYPE_CHECKING:
    from asyncio import Task

    from vfs.node import Node

MEMORY = 4 * 1024 * 1024
"""What is kept in memory before the files are written alongside."""


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, required=False, help="files to write")
    append: bool = switch("-a", "--append", help="add to the end of the files")
    ignore_interrupts: bool = switch("-i", "--ignore-interrupts", help="accepted")


async def run(ctx: Context, args: Args, io: Io) -> int:
    streams = {"/dev/stdout": io.stdout, "/dev/stderr": io.stderr}
    sinks = [streams[word] for word in args.paths if word in streams]
    mode = Mode.APPEND if args.append else Mode.REPLACE
    copies = [Copy(ctx, word, mode) for word in args.paths if word not in streams]
    gone = False
    try:
        while (item := await io.stdin.next()) is not None:
            block = item if isinstance(item, bytes) else lines_of(item)
            for copy in copies:
                await copy.add(block)
            for sink in sinks:
                await sink.write(block)
            if isinstance(item, bytes):
                await io.stdout.write(item)
            else:
                await io.stdout.put(item)
    except ReaderGone:
        gone = True
    except BaseException:
        for copy in copies:
            copy.drop()
        raise
    status = 0
    for copy in copies:
        error = await copy.finish()
        if error is not None:
            status = max(status, await report(io, "tee", error, path=copy.word))
    if gone:
        raise ReaderGone
    return status


class Copy:
    """One file: its old content stays until the new one is complete."""

    def __init__(self, ctx: Context, word: str, mode: Mode) -> None:
        self.word = word
        self._ctx = ctx
        self._mode = mode
        self._held: list[bytes] = []
        self._size = 0
        self._pipe: Pipe | None = None
        self._writing: Task[Node] | None = None
        self._error: VfsError | None = None
        self._path: Path | None = None
        try:
            self._path = ctx.resolve(word)
        except VfsError as error:
            self._error = error

    async def add(self, block: bytes) -> None:
        """Takes a block; large contents are written while they come."""
        if self._error is not None or self._path is None:
            return
        if self._pipe is None:
            self._held.append(block)
            self._size += len(block)
            if self._size > MEMORY:
                await self._start()
            return
        await self._put([block])

    async def finish(self) -> VfsError | None:
        """Completes the file; what went wrong, if anything did."""
        if self._error is not None or self._path is None:
            return self._error
        try:
            if self._writing is None or self._pipe is None:
                await self._ctx.tree.write(self._path, b"".join(self._held), mode=self._mode)
            else:
                self._pipe.end()
                await self._writing
        except VfsError as error:
            return error
        return None

    def drop(self) -> None:
        """Leaves the old content in place."""
        if self._writing is not None:
            self._writing.cancel()

    async def _start(self) -> None:
        assert self._path is not None
        await event_loop()
        self._pipe = Pipe()
        writing = self._ctx.tree.write(self._path, self._pipe.blocks(), mode=self._mode)
        self._writing = import_module("asyncio").get_running_loop().create_task(self._write(writing))
        held, self._held = self._held, []
        await self._put(held)

    async def _write(self, writing: Awaitable[Node]) -> Node:
        assert self._pipe is not None
        try:
            return await writing
        finally:
            await self._pipe.leave()

    async def _put(self, blocks: Sequence[bytes]) -> None:
        assert self._pipe is not None
        try:
            for block in blocks:
                await self._pipe.write(block)
        except ReaderGone:
            self._error = await self.finish()


COMMAND = Command(
    "tee",
    "copy the input to files and to the output",
    Args,
    run,
    effects=Effect.WRITE,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Text",
    misuse=1,
    description="A file keeps its old content until the input has ended. Records go on as records.",
    examples=[
        Example("echo hello | tee /tmp/a /tmp/b", "into two files, and on", "hello\n"),
        Example("ls /notes | tee /tmp/names | head -n 1", "keeps the whole list on the side"),
    ],
)

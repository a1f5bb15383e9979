"""Material: what an agent is given to work on: files, everything below folders, standard input.

It is read with the rights of the session that called, not of the agent. What is no text is left out,
named on standard error, and the run then ends with status 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from commands.command import Context, Failure, Usage
from commands.report import report
from commands.stream import Io
from spatio.agents.chunk import Piece
from spatio.shell.draft import FileSink
from vfs.closing import Closing
from vfs.errors import VfsError
from vfs.path import Path
from vfs.tree import Content
from vfs.visible import visible_line

STDIN = "standard input"
TOO_MUCH = "more than {most} MB of material is more than an agent's budget allows"


class Material(NamedTuple):
    """What was read, and whether all of it could be."""

    pieces: tuple[Piece, ...]
    """One a file; `source` is its path."""
    words: str
    """The operands that are no paths: what the person said."""
    status: int
    """0, or the worst of what could not be read."""


async def gather(ctx: Context, words: Sequence[str], io: Io, *, most: int) -> Material:
    """Reads the operands: paths that exist, `-`, and (with a space inside) plain words.

    Standard input is read as well when no path is given and it is no terminal. Raises Failure beyond
    `most` bytes, and for an operand that is neither a path nor words.
    """
    paths, said, dash = await _sorted_out(ctx, words)
    reader = _Reader(io, most)
    if dash or (not paths and not io.stdin.tty):
        await reader.stdin()
    files = await _files(ctx, paths, reader)
    if isinstance(io.stdout, FileSink) and io.stdout.path in files:
        files.remove(io.stdout.path)
        await io.stderr.line(
            f"{visible_line(str(io.stdout.path))} is what is being written, so it is not read"
        )
    await reader.files(ctx, files)
    return Material(tuple(reader.pieces), " ".join(said), reader.status)


async def _sorted_out(ctx: Context, words: Sequence[str]) -> tuple[list[Path], list[str], bool]:
    paths: list[Path] = []
    said: list[str] = []
    for word in words:
        if word == "-":
            continue
        path = None if "\n" in word or len(word) > 4096 else ctx.resolve(word)
        if path is not None and await ctx.tree.exists(path):
            paths.append(path)
        elif " " in word.strip() and not word.startswith(("/", "./", "../")):
            said.append(word)
        else:
            hint = "to say something in one word, use -m"
            raise Failure(f"{word}: no such file or directory", hint=None if "/" in word else hint)
    return list(dict.fromkeys(paths)), said, "-" in words


async def _files(ctx: Context, paths: Sequence[Path], reader: _Reader) -> list[Path]:
    """The operands' files, folders opened up."""
    files: list[Path] = []
    for path in paths:
        if not await ctx.tree.is_folder(path):
            files.append(path)
            continue
        try:
            async for page in ctx.tree.walk(path):
                files.extend(below for below, node in page if not node.is_folder)
        except VfsError as error:
            await reader.lacks(error)
    return list(dict.fromkeys(files))


class _Reader:
    """Collects pieces until there are too many bytes."""

    def __init__(self, io: Io, most: int) -> None:
        self.io = io
        self.most = most
        self.held = 0
        self.pieces: list[Piece] = []
        self.status = 0

    async def files(self, ctx: Context, paths: Sequence[Path]) -> None:
        async for content in ctx.tree.contents(paths):
            try:
                data = await self._text_of(content)
            except VfsError as error:
                await self.lacks(error)
                continue
            await self._add(str(content.path), data)

    async def _text_of(self, content: Content) -> bytes | None:
        """The content, None as soon as it shows that it is no text."""
        parts: list[bytes] = []
        async with Closing(content.blocks()) as blocks:
            async for block in blocks:
                if b"\0" in block:
                    return None
                parts.append(self._counted(block))
        return b"".join(parts)

    async def stdin(self) -> None:
        parts: list[bytes] = []
        async for block in self.io.stdin.blocks():
            parts.append(self._counted(block))
        await self._add(STDIN, b"".join(parts))

    def _counted(self, block: bytes) -> bytes:
        self.held += len(block)
        if self.held > self.most:
            megabytes = f"{self.most / 1e6:.1f}"
            hint = "name fewer files, or raise `tokens` under `budget` in the agent's file"
            raise Failure(TOO_MUCH.format(most=megabytes), hint=hint)
        return block

    async def _add(self, source: str, data: bytes | None) -> None:
        try:
            text = "\0" if data is None else data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            await self.lacks(f"{source}: not text, left out")
        elif text.strip():
            self.pieces.append(Piece(source, text))

    async def lacks(self, error: VfsError | str) -> None:
        """Something is known to be missing from the material."""
        await report(self.io, "agent", error)
        self.status = 3


def need(material: Material, name: str) -> None:
    """Raises Usage when there is nothing to work on."""
    if not material.pieces and not material.words:
        raise Usage(f"{name} has nothing to work on", hint=f"such as: agent run {name} /notes/*")

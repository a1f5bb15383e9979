"""Redirects: opened before a command, settled after it, atomically.

The new content is put in place when the command ends by itself, whatever its ordinary status. When it
was cancelled, refused, timed out, hit a bug or gave its output up, the old content stays, and says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from commands.render.cells import size_text
from commands.stream import Discard, Given, Item, ReaderGone, Sink, Source
from spatio.shell.ast import HereText, Redirect, Word
from spatio.shell.draft import Draft, FileSink, open_draft, would_overwrite
from spatio.shell.expand import Expander
from spatio.shell.flow import ShellError
from spatio.shell.ports import CLOSED, NO_INPUT, Ports
from spatio.status import is_spoiled
from vfs.errors import IsADirectory, VfsError
from vfs.path import Path
from vfs.visible import visible_line

if TYPE_CHECKING:
    from spatio.session import Session
    from vfs.tree import Tree


class FileSource(Source):
    """`< path`: the stored bytes, opened by the first read."""

    regular = True

    def __init__(self, tree: Tree, path: Path) -> None:
        super().__init__()
        self.tree = tree
        self.path = path
        self._context: AbstractAsyncContextManager[AsyncIterator[bytes]] | None = None
        self._blocks: AsyncIterator[bytes] | None = None
        self._ended = False

    async def fetch(self) -> Item | None:
        if self._ended:
            return None
        if self._blocks is None:
            self._context = self.tree.open(self.path)
            self._blocks = await self._context.__aenter__()
        block = b""
        while not block:
            try:
                block = await anext(self._blocks)
            except StopAsyncIteration:
                await self.leave()
                return None
        return block

    async def leave(self) -> None:
        self._ended = True
        context, self._context = self._context, None
        if context is not None:
            await context.__aexit__(None, None, None)


class Redirection:
    """The redirects of one command: `open` makes its ports, `settle` ends them."""

    def __init__(self, session: Session, ports: Ports, redirects: Sequence[Redirect]) -> None:
        self.session = session
        self.outer = ports
        self.redirects = redirects
        self.ports = ports.copy()
        self.drafts: list[Draft] = []
        self.sources: list[FileSource] = []

    async def open(self, expander: Expander) -> Ports:
        """Raises VfsError, ShellError, NoMatch; `abandon` is then to be called."""
        for redirect in self.redirects:
            await self._one(redirect, expander)
        return self.ports

    async def _one(self, redirect: Redirect, expander: Expander) -> None:
        op, ports = redirect.op, self.ports
        reads = op in {"<", "<>", "<&", "<<", "<<<"}
        fd = redirect.fd if redirect.fd is not None else 0 if reads else 1
        if isinstance(redirect.target, HereText):
            body = (await expander.here(redirect.target)).encode("utf-8", "surrogateescape")
            ports.put(fd, Given(body) if body else NO_INPUT)
            return
        if op == "<<<":
            text = await expander.text(redirect.target) + "\n"
            ports.put(fd, Given(text.encode("utf-8", "surrogateescape")))
            return
        word = await self._single(redirect.target, expander)
        if op in {"<&", ">&"} and (word == "-" or word.rstrip("-").isdecimal()):
            self._duplicate(fd, word)
        elif op == "<&":
            raise ShellError(f"{word}: ambiguous redirect")
        elif op in {"<", "<>"}:
            ports.put(fd, await self._input(word))
        elif op in {"&>", "&>>"} or (op == ">&" and redirect.fd is None):
            sink = await self._output(word, "&>>" if op == "&>>" else ">")
            ports.put(1, sink)
            ports.put(2, sink)
        else:
            ports.put(fd, await self._output(word, op))

    async def _single(self, target: Word, expander: Expander) -> str:
        words = await expander.words([target])
        if len(words) != 1:
            raise ShellError(f"a redirect needs one name, but is given {len(words)}")
        return words[0]

    def _duplicate(self, fd: int, word: str) -> None:
        if word == "-":
            self.ports.put(fd, CLOSED)
            return
        source = int(word.rstrip("-"))
        port = self.ports.get(source)
        if port is None:
            raise ShellError(f"{word}: bad file descriptor")
        self.ports.put(fd, port)
        if word.endswith("-") and source != fd:
            self.ports.put(source, CLOSED)

    async def _input(self, word: str) -> Source:
        path = self.session.resolve(word)
        if path.parts == ("dev", "null"):
            return NO_INPUT
        if path.parts == ("dev", "stdin"):
            return self.ports.io.stdin
        node = await self.session.tree.stat(path)
        if node.is_folder:
            raise IsADirectory(path)
        source = FileSource(self.session.tree, path)
        self.sources.append(source)
        return source

    async def _output(self, word: str, op: str) -> Sink:
        path = self.session.resolve(word)
        if path.parts[:1] == ("dev",) and len(path.parts) == 2:
            if path.name == "null":
                return Discard()
            if path.name in {"stdout", "stderr"}:
                return self.ports.io.stdout if path.name == "stdout" else self.ports.io.stderr
        appending = op in {">>", "&>>"}
        draft = self.ports.drafts.get(path)
        keep = self.session.has_option("noclobber") and op not in {">|", "<>"}
        if draft is None:
            draft = await open_draft(self.session.tree, path, appending=appending, keep=keep)
            self.drafts.append(draft)
            self.ports.drafts[path] = draft
        elif not appending:
            if keep:
                raise would_overwrite(path)
            draft.restart()
        return FileSink(draft, appending=appending)

    # -- the end

    async def settle(self, status: int) -> int:
        """Commits or keeps the old content; returns the status, 1 when a commit failed."""
        await self._leave()
        await self.session.jobs.let_go(self.drafts)
        failed = 0
        for draft in self.drafts:
            if draft.abandoned or is_spoiled(status):
                await self._kept(draft)
                continue
            try:
                node = await draft.commit()
            except VfsError as error:
                failed = max(failed, error.status)
                await self._say(f"{error}")
                continue
            finally:
                draft.close()
            if draft.announce:
                size = draft.spool.size if node.size is None else node.size
                await self._remark(f"Created {draft.path} ({size_text(size)})")
        return failed or status

    async def keep(self) -> None:
        """`exec`: the files are emptied now, and written as the data comes. Raises VfsError."""
        for draft in self.drafts:
            await draft.go_live()

    async def abandon(self, *, started: bool = True) -> None:
        """The command never ended (or never `started`): every old content stays."""
        await self._leave()
        for draft in self.drafts:
            if started:
                await self._kept(draft)
            else:
                draft.close()

    async def _leave(self) -> None:
        for source in self.sources:
            await source.leave()

    async def _kept(self, draft: Draft) -> None:
        draft.close()
        state = "the old content stays" if draft.existed else "not created"
        await self._say(f"{draft.path}: {state}, since the command did not finish")

    async def _say(self, text: str) -> None:
        await self._remark(f"{self.session.name}: {text}")

    async def _remark(self, text: str) -> None:
        try:
            await self.outer.io.stderr.line(visible_line(text))
        except (ReaderGone, VfsError):
            return

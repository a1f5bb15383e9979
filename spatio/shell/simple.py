"""SimpleCommands: assignments, redirects, and one command with its words."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from commands.stream import Io
from spatio.invoke import invoke
from spatio.shell.ast import Assignment, Literal, Simple, Word
from spatio.shell.ast import Command as Node
from spatio.shell.expand import Expander
from spatio.shell.flow import Break, Continue, Exit, NoMatch, Return, ShellError
from spatio.shell.ports import Ports
from spatio.shell.quoting import quote
from spatio.shell.variables import Variables
from spatio.status import FAILED, READER_GONE, Result
from vfs import coverage
from vfs.errors import VfsError

if TYPE_CHECKING:
    from spatio.session import Session

_ONE_WORD = "note: an unquoted $x is one word"
_DECLARING = frozenset({"export", "local", "readonly", "alias"})


class SimpleCommands:
    """The part of a Runner that runs simple commands."""

    session: Session
    expander: Expander
    variables: Variables
    last_substitution: int
    reader_gone: bool
    current_ports: Ports

    def deeper(self) -> None:
        raise NotImplementedError

    async def tell(self, ports: Ports, text: str, hint: str | None = None, *, name: str = "") -> None:
        raise NotImplementedError

    async def hint(self, ports: Ports, key: str, text: str) -> None:
        raise NotImplementedError

    async def command(self, node: Node, ports: Ports) -> int:
        raise NotImplementedError

    async def simple(self, node: Simple, ports: Ports) -> int:
        """Expands, opens the redirects, runs, settles; what expanding could not see, the command says."""
        with coverage.gathered():
            return await self._simple(node, ports)

    async def _simple(self, node: Simple, ports: Ports) -> int:
        expander = self.expander
        self.current_ports = ports
        self.last_substitution = 0
        expander.loose.clear()
        missing: NoMatch | None = None
        words: list[str] = []
        try:
            words = await self._words(node)
        except NoMatch as none:
            missing = none
        if not node.redirects:
            return await self._bare(node, words, missing, ports)
        redirection = import_module("spatio.shell.redirect").Redirection(self.session, ports, node.redirects)
        try:
            inner: Ports = await redirection.open(expander)
        except (VfsError, NoMatch) as error:
            await redirection.abandon(started=False)
            return await self.failed_redirect(error, ports)
        except ShellError as error:
            await redirection.abandon(started=False)
            await self.tell(ports, str(error), error.hint)
            return FAILED
        except BaseException:
            await redirection.abandon(started=False)
            raise
        try:
            if words[:1] == ["exec"] and len(words) == 1 and missing is None:
                await redirection.keep()
                ports.adopt(inner)
                return 0
            status = await self._bare(node, words, missing, inner)
        except (Exit, Return, Break, Continue, ShellError) as leaving:
            await redirection.settle(leaving.status)
            raise
        except VfsError as error:
            await redirection.abandon()
            return await self.failed_redirect(error, ports)
        except BaseException:
            await redirection.abandon()
            raise
        settled: int = await redirection.settle(status)
        return settled

    async def _words(self, node: Simple) -> list[str]:
        first = node.words[0].plain if node.words else None
        if first not in _DECLARING:
            return await self.expander.words(node.words)
        words = [first or ""]
        for word in node.words[1:]:
            if _is_assignment(word):
                words.append(await self.expander.text(_split_tilde(word), assigned=True))
            else:
                words += await self.expander.words([word])
        return words

    async def _bare(self, node: Simple, words: list[str], missing: NoMatch | None, ports: Ports) -> int:
        """The command within its redirects."""
        if missing is not None:
            return await self.no_match(missing, node.words[0].plain or "", ports)
        if self.session.options and "xtrace" in self.session.options:
            await self._trace(node, words, ports)
        if not words:
            await self.assign(node.assignments)
            return self.last_substitution
        if not node.assignments:
            return await self._called(words, ports)
        keep = words[0] in {"export", "readonly", "local"}
        names = [assignment.name for assignment in node.assignments]
        saved = self.variables.save(names)
        try:
            try:
                await self.assign(node.assignments)
            except ShellError as wrong:
                await self.tell(ports, str(wrong), wrong.hint)
                return FAILED
            self.variables.exported.update(names)
            return await self._called(words, ports)
        finally:
            if not keep:
                self.variables.restore(saved)

    async def assign(self, assignments: Sequence[Assignment]) -> None:
        """Raises ShellError when a variable is read-only."""
        for assignment in assignments:
            value = await self.expander.text(assignment.value, assigned=True)
            if assignment.append:
                value = (self.variables.get(assignment.name) or "") + value
            self.variables.set(assignment.name, value)

    async def _trace(self, node: Simple, words: list[str], ports: Ports) -> None:
        shown = " ".join([quote(word) for word in words])
        if not words:
            shown = " ".join([assignment.name + "=…" for assignment in node.assignments])
        await ports.io.stderr.line("+ " + shown)

    async def _called(self, words: list[str], ports: Ports) -> int:
        """A function, or a command. Notes when its reader has left."""
        session = self.session
        name = words[0]
        loose = list(self.expander.loose)
        if name in session.functions:
            return await self._function(words, ports)
        io = ports.io
        command = await session.find(name, io)
        if isinstance(command, Result):
            if name in loose:
                await self.hint(ports, "command", f"{_ONE_WORD}; to run it as a line: eval {quote(name)}")
            return command
        outer, session.ports = session.ports, ports
        before = self.expander.loose
        self.expander.loose = []
        try:
            status = await invoke(command, words[1:], session, io)
        finally:
            session.ports = outer
            self.expander.loose = before
            self.current_ports = ports
        if status == READER_GONE:
            self.reader_gone = status.spoiled
        elif status and any(word in loose for word in words[1:]):
            await self.hint(ports, "words", f"{_ONE_WORD}, and $(…) one word a line")
        return status

    async def call_function(self, words: Sequence[str], io: Io) -> int:
        """A function called from outside of the language."""
        return await self._function(list(words), Ports.of(io))

    async def _function(self, words: list[str], ports: Ports) -> int:
        session = self.session
        function = session.functions[words[0]]
        self.deeper()
        before = self.variables.enter(words[1:])
        try:
            return await self.command(function.body, ports)
        except Return as leaving:
            return leaving.status
        finally:
            self.variables.leave(before)
            session.depth -= 1

    # -- what fails before it starts

    async def no_match(self, missing: NoMatch, name: str, ports: Ports) -> int:
        """A pattern matches nothing: the command fails, within its own redirects."""
        hint = f"to pass it as it is, quote it: {quote(missing.pattern, always=True)}"
        await self.tell(ports, f"{missing.pattern}: no match", hint, name=name)
        return FAILED

    async def failed_redirect(self, error: VfsError | NoMatch, ports: Ports) -> int:
        if isinstance(error, NoMatch):
            return await self.no_match(error, "", ports)
        await self.tell(ports, str(error), error.hint)
        return error.status


def _is_assignment(word: Word) -> bool:
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Literal) or first.quoted:
        return False
    name, equals, _ = first.text.partition("=")
    return bool(equals) and name.removesuffix("+").isidentifier()


def _split_tilde(word: Word) -> Word:
    """`name=~/x` with the value as a part of its own, so that its tilde is found."""
    first = word.parts[0]
    if (
        not isinstance(first, Literal)
        or "=~" not in first.text
        or (word.plain is None and len(word.parts) > 1)
    ):
        return word
    return word._replace(plain=None)

"""Runner: walks the syntax tree of a script in a session.

Every method returns an exit status. What leaves its place (`exit`, `break`, `return`) and the
language's own errors are exceptions of `spatio.shell.flow`.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from commands.stream import Collected, Io, ReaderGone
from spatio.invoke import trace
from spatio.shell.ast import (
    AndOr,
    Calculation,
    Case,
    Command,
    Condition,
    CountedFor,
    For,
    Function,
    Group,
    Host,
    If,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Subshell,
    While,
)
from spatio.shell.control import ControlFlow
from spatio.shell.expand import Expander
from spatio.shell.flow import Break, Continue, Exit, Leaving, NoMatch, Return, ShellError, TooMuch, Unset
from spatio.shell.ports import Ports
from spatio.shell.syntax import ShellSyntax
from spatio.status import BUG, CANCELLED, FAILED, MISUSED, READER_GONE, Result, exhausted, spoiled
from vfs.drive import looping, sharing, until
from vfs.errors import VfsError
from vfs.visible import visible_line

if TYPE_CHECKING:
    from spatio.session import Session

DEEPEST = 300
"""Functions, substitutions and scripts that may be open inside one another."""
TURN = 64
"""Commands after which other work, and Ctrl-C, have their turn."""


class Runner(ControlFlow):
    """Runs scripts in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.variables = session.vars
        self.expander = Expander(self)
        self.checked = 0
        """Above zero where a failure is being asked about, and `set -e` looks away."""
        self.loops = 0
        self.since_turn = 0
        self.last_substitution = 0
        self.reader_gone = False
        self.hinted: set[str] = set()
        self.source, self.position = "", 0
        self.above: int | None = None
        """The text that runs, where in it, and how many lines came before it (None: it is whole)."""
        self.current_ports = Ports({})

    # -- texts

    async def text(self, text: str, io: Io) -> Result:
        """Runs all of a text, one command line after the other. Raises only cancellation."""
        parser = import_module("spatio.shell.parser").Parser(text, aliases=self.session.aliases)
        ports = Ports.of(io)
        try:
            return await self._lines(parser, ports)
        except Exit as leaving:
            result = Result(leaving.status)
            result.exited = True
            return result
        except ReaderGone:
            return spoiled(READER_GONE)

    async def _lines(self, parser: Any, ports: Ports) -> Result:
        session = self.session
        while True:
            begin = parser.at
            self.source = parser.text
            try:
                line = parser.line()
            except ShellSyntax as wrong:
                self.position = wrong.position
                await self.tell(ports, wrong.message, wrong.hint)
                session.last_status = MISUSED
                return Result(MISUSED)
            if line is None:
                return Result(session.last_status)
            session.load.told = False
            session.begin(parser.text[begin : line.stop].strip())
            if session.has_option("verbose"):
                await ports.io.stderr.line(visible_line(parser.text[line.start : line.stop]))
            await self._line(line, ports)

    async def _line(self, line: Script, ports: Ports) -> None:
        session = self.session
        try:
            status = await self.contained(lambda: self.script(line, ports), ports)
        except Unset as wrong:
            await self.tell(ports, str(wrong), wrong.hint)
            status = FAILED if session.subshell else 127
            if not session.interactive:
                raise Exit(status) from None
        except (Break, Continue, Return) as leaving:
            status = leaving.status
        session.last_status = status

    async def contained(self, work: Callable[[], Awaitable[int]], ports: Ports) -> int:
        """The status of `work`; an error of the language or a bug is told and has its own.

        Raises what leaves its place, Unset, ReaderGone and cancellation.
        """
        try:
            return await work()
        except (Leaving, Unset, ReaderGone):
            raise
        except ShellError as wrong:
            if not isinstance(wrong, TooMuch) or self.session.load.first():
                await self.tell(ports, str(wrong), wrong.hint)
            return wrong.status
        except (RecursionError, MemoryError) as wrong:
            await self.tell(ports, exhausted(wrong))
            return FAILED
        except VfsError as error:
            await self.tell(ports, str(error), error.hint)
            return error.status
        except Exception as error:
            await self.tell(ports, f"a bug in Spatio: {type(error).__name__}: {error}")
            await trace(ports.io)
            return BUG

    async def finish(self, io: Io, result: Result) -> Result:
        """Waits for jobs, then runs the EXIT trap, once."""
        session = self.session
        await session.jobs.wait_all() if session._jobs is not None else None
        handler = session.traps.pop("EXIT", "")
        if not handler:
            return result
        session.last_status = int(result)
        ended = await self.text(handler, io)
        return ended if ended.exited else result

    async def interrupted(self, io: Io) -> None:
        """The line was cancelled for good: what a trap on INT, then on EXIT, wants done."""
        self.session.last_status = CANCELLED
        handler = self.session.traps.pop("INT", "")
        if handler and not (await self.text(handler, io)).exited:
            self.session.last_status = CANCELLED
        if handler := self.session.traps.pop("EXIT", ""):
            await self.text(handler, io)

    async def tell(self, ports: Ports, text: str, hint: str | None = None, *, name: str = "") -> None:
        """A line of the shell's own on standard error, or of the command called `name`."""
        who = visible_line(name) or f"{self.session.name}: {self.where()}".removesuffix(": ")
        lines = f"{who}: {visible_line(text)}\n"
        if hint:
            lines += f"  {visible_line(hint)}\n"
        try:
            await ports.io.stderr.text(lines)
        except (ReaderGone, VfsError):
            return

    def where(self) -> str:
        """`line 3`, where the text that runs has lines; else nothing."""
        has_lines = self.above is not None or "\n" in self.source.strip()
        return f"line {import_module('spatio.shell.special').line_number(self)}" if has_lines else ""

    async def hint(self, ports: Ports, key: str, text: str) -> None:
        """A remark on where this language differs, once a session for each kind."""
        if key not in self.hinted:
            self.hinted.add(key)
            await self.tell(ports, text)

    # -- lists

    async def script(self, script: Script, ports: Ports) -> int:
        status = 0
        for statement in script.statements:
            if statement.background:
                status = await self.background(statement, ports)
            else:
                status = await self.and_or(statement.work, ports)
        return status

    async def background(self, statement: Any, ports: Ports) -> int:
        start: Callable[..., Awaitable[int]] = import_module("spatio.shell.pipeline").start_job
        return await start(self, statement, ports)

    async def and_or(self, node: AndOr, ports: Ports) -> int:
        if not node.rest:
            return await self.pipeline(node.first, ports)
        self.checked += 1
        try:
            status = await self.pipeline(node.first, ports)
            for place, (operator, pipeline) in enumerate(node.rest, 1):
                if (status == 0) != (operator == "&&"):
                    continue
                if place == len(node.rest):
                    self.checked -= 1
                    try:
                        status = await self.pipeline(pipeline, ports)
                    finally:
                        self.checked += 1
                else:
                    status = await self.pipeline(pipeline, ports)
        finally:
            self.checked -= 1
        return status

    async def pipeline(self, node: Pipeline, ports: Ports) -> int:
        if node.negated:
            self.checked += 1
            try:
                status = await self._stages(node, ports)
            finally:
                self.checked -= 1
            self.session.last_status = int(not status)
            return int(not status)
        status = await self._stages(node, ports)
        self.session.last_status = status
        if status and (len(node.stages) != 1 or type(node.stages[0]) not in _TOLD_INSIDE):
            self.exit_on(status)
        return status

    def exit_on(self, status: int) -> None:
        """`set -e`: a failure that nobody asks about ends the shell. Raises Exit."""
        if not self.checked and status != READER_GONE and self.session.has_option("errexit"):
            raise Exit(status)

    async def _stages(self, node: Pipeline, ports: Ports) -> int:
        if len(node.stages) == 1:
            return await self.command(node.stages[0], ports)
        if not node.stages:
            return 0
        run: Callable[..., Awaitable[int]] = import_module("spatio.shell.pipeline").run_pipeline
        return await run(self, node, ports)

    async def take_turns(self) -> None:
        """Lets other tasks run now and then; a cancelled line ends here."""
        self.since_turn += 1
        if self.since_turn >= TURN:
            self.since_turn = 0
            if looping():
                await sys.modules["asyncio"].sleep(0)
            elif sharing():
                await until(lambda: True)

    # -- commands

    async def command(self, node: Command, ports: Ports) -> int:
        await self.take_turns()
        self.current_ports = ports
        self.position = node.start
        if "noexec" in self.session.options and not self.session.interactive:
            return 0
        if isinstance(node, Simple):
            return await self.simple(node, ports)
        if isinstance(node, Function):
            self.session.functions[node.name] = node
            return 0
        if isinstance(node, Host):
            run: Callable[..., Awaitable[int]] = import_module("spatio.shell.host").run_on_host
            return await run(self.session, node.text, ports.io)
        if node.redirects:
            return await self._redirected(node, node.redirects, ports)
        return await self.compound(node, ports)

    async def _redirected(self, node: Any, redirects: Sequence[Redirect], ports: Ports) -> int:
        redirection = import_module("spatio.shell.redirect").Redirection(self.session, ports, redirects)
        try:
            inner = await redirection.open(self.expander)
        except (VfsError, NoMatch) as error:
            await redirection.abandon(started=False)
            status = await self.failed_redirect(error, ports)
            self.exit_on(status)
            return status
        except ShellError as error:
            await redirection.abandon(started=False)
            await self.tell(ports, str(error), error.hint)
            self.exit_on(FAILED)
            return FAILED
        try:
            status = await self.compound(node, inner)
        except (Exit, Return, Break, Continue, ShellError) as leaving:
            await redirection.settle(leaving.status)
            raise
        except BaseException:
            await redirection.abandon()
            raise
        settled: int = await redirection.settle(status)
        return settled

    async def compound(self, node: Any, ports: Ports) -> int:
        """A compound command whose redirects are done."""
        method: Callable[..., Awaitable[int]] = _METHODS[type(node)]
        return await method(self, node, ports)

    async def _group(self, node: Group, ports: Ports) -> int:
        return await self.script(node.body, ports)

    async def _subshell(self, node: Subshell, ports: Ports) -> int:
        return await self.isolated(lambda inner: inner.script(node.body, ports), ports)

    async def isolated(self, work: Callable[[Runner], Awaitable[int]], ports: Ports) -> int:
        """Runs `work` in a subshell; only its status comes back."""
        self.deeper()
        inner = Runner(self.session.inner())
        inner.session._runner = inner
        inner.checked = self.checked
        inner.hinted = self.hinted
        inner.source, inner.position, inner.above = self.source, self.position, self.above
        inner.session.depth = self.session.depth
        try:
            status = await work(inner)
        except Exit as leaving:
            status = leaving.status
        except (Break, Continue, Return) as leaving:
            status = leaving.status
        except TooMuch:
            raise
        except ShellError as wrong:
            await self.tell(ports, str(wrong), wrong.hint)
            status = FAILED
        finally:
            self.session.depth -= 1
        if inner.session.traps or inner.session._jobs is not None:
            status = await inner.finish(ports.io, Result(status))
        return status

    def deeper(self) -> None:
        """Counts one more open call. Raises ShellError beyond DEEPEST."""
        self.session.depth += 1
        if self.session.depth > DEEPEST:
            self.session.depth -= 1
            raise TooMuch(f"calls nested more than {DEEPEST} deep")

    # -- what expansion needs

    @property
    def tree(self) -> Any:
        return self.session.tree

    @property
    def cwd(self) -> Any:
        return self.session.cwd

    def has_option(self, name: str) -> bool:
        return name in self.session.options

    def special(self, name: str) -> str:
        text: str = import_module("spatio.shell.special").special(self.session, name)
        return text

    async def substitute(self, script: Script) -> str:
        """What a script prints, in a subshell, without its last line ends."""
        collected = Collected()
        outer = self.current_ports
        ports = outer.with_io(Io(outer.io.stdin, collected, outer.io.stderr))

        async def work(inner: Runner) -> int:
            inner.session.options.discard("errexit")
            inner.current_ports = ports
            return await inner.script(script, ports)

        try:
            self.last_substitution = await self.isolated(work, ports)
        except ReaderGone:
            self.last_substitution = READER_GONE
        self.session.last_status = self.last_substitution
        text = collected.data.replace(b"\0", b"").decode("utf-8", "surrogateescape")
        return text.rstrip("\n")


_TOLD_INSIDE = frozenset({Group, If, For, CountedFor, While, Case})
"""Compound commands whose parts have met `set -e` already."""

_METHODS: dict[type, Callable[..., Awaitable[int]]] = {
    Group: Runner._group,
    Subshell: Runner._subshell,
    If: Runner.if_,
    For: Runner.for_,
    CountedFor: Runner.counted_for,
    While: Runner.while_,
    Case: Runner.case,
    Calculation: Runner.calculation,
    Condition: Runner.condition,
}

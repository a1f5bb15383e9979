"""Session: one shell over the tree: where it stands, its variables and functions, and its rights.

`run` takes text in the shell language, `call` words that are words already. Subshells, stages of a
pipeline, jobs and agents work in a `fork`, with state of their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any

from commands.command import Failure
from commands.report import report
from commands.stream import Io
from spatio.invoke import invoke
from spatio.shell.flow import TooMuch
from spatio.shell.variables import Variables
from spatio.status import NO_SUCH_COMMAND, REFUSED, Result
from vfs import coverage
from vfs.action import Change
from vfs.errors import BadName, VfsError
from vfs.ids import uuid7
from vfs.path import ROOT, Path
from vfs.tree import Tree

if TYPE_CHECKING:
    from commands.command import Command
    from commands.services import Services
    from spatio.shell.ast import Function
    from spatio.shell.jobs import Jobs
    from spatio.shell.ports import Ports
    from spatio.shell.run import Runner
    from vfs.mount import MountTable
    from vfs.tree import Guard, Journal

Asker = Callable[[str], Awaitable[bool]]
Clock = Callable[[], datetime]


class Load:
    """What runs at once in a session and all that came of it; a fork bomb blows the fuse."""

    MOST = 1000

    def __init__(self) -> None:
        self.tasks = 0
        self.blown = False
        self.told = False

    def first(self) -> bool:
        """Whether this is the line's first complaint: a thousand jobs have one in common."""
        self.told, before = True, self.told
        return not before

    def add(self, count: int) -> None:
        """Raises TooMuch beyond MOST, and from then on until everything has ended."""
        self.blown = (self.blown and self.tasks > 0) or self.tasks + count > self.MOST
        if self.blown:
            raise TooMuch(f"more than {self.MOST:,} stages and jobs at once")
        self.tasks += count


class Session:
    """A shell. It is the Context of the commands that it runs."""

    def __init__(
        self,
        mounts: MountTable,
        services: Services,
        *,
        guard: Guard | None = None,
        actor: str = "user",
        cwd: Path = ROOT,
        env: Mapping[str, str] | None = None,
        interactive: bool = False,
        asker: Asker | None = None,
        journal: Journal | None = None,
        clock: Clock | None = None,
        host: bool | None = None,
    ) -> None:
        self.mounts = mounts
        self._services = services
        self.actor = actor
        self._cwd = cwd
        self._interactive = interactive
        self.asker = asker
        self.clock = clock
        self.host = interactive if host is None else host
        """Whether `!CMD` may be used; never for an agent."""
        self._tree = Tree(mounts, guard=guard, journal=journal)
        self.vars = Variables({"HOME": "/"} if env is None else env)
        self.vars.values.setdefault("PWD", str(cwd))
        self.functions: dict[str, Function] = {}
        self.aliases: dict[str, str] = {}
        self.options: set[str] = set()
        self.traps: dict[str, str] = {}
        self.last_status = 0
        self.depth = 0
        """Calls, substitutions and scripts that are open around what runs."""
        self.sourcing = 0
        """Sourced files that are open around what runs."""
        self.subshell = 0
        self.name = "spatio"
        self.started = monotonic()
        self.load = Load()
        self.ports: Ports | None = None
        """The streams of the command that runs, for builtins that change them."""
        self._runner: Runner | None = None
        self._jobs: Jobs | None = None

    # -- what a command sees

    @property
    def tree(self) -> Tree:
        return self._tree

    @property
    def cwd(self) -> Path:
        return self._cwd

    @property
    def env(self) -> Mapping[str, str]:
        return self.vars.environment()

    @property
    def interactive(self) -> bool:
        return self._interactive

    @property
    def services(self) -> Services:
        return self._services

    def resolve(self, word: str) -> Path:
        """The path that a word names, from the current folder. Raises BadName."""
        try:
            return Path.parse(word, self._cwd)
        except ValueError as error:
            raise BadName(word.replace("\0", "\\0"), str(error)) from None

    def now(self) -> datetime:
        """The time, in the user's zone."""
        return self.clock() if self.clock is not None else datetime.now().astimezone()

    async def ask(self, question: str) -> bool:
        """The person's answer to a yes-or-no question; False where nobody is there."""
        return await self.asker(question) if self.asker is not None else False

    # -- running

    async def run(
        self, text: str, io: Io, name: str = "spatio", args: Sequence[str] = (), *, last: bool = True
    ) -> Result:
        """Runs text in the shell language, `$0` and `$1` … being `name` and `args`.

        Returns the status of its last command; `exited` where it said `exit`. With `last` this is all
        there will be: jobs are waited for and the EXIT trap runs. A prompt says `last=False`, and
        `finish` at its end. Never raises, but for cancellation.
        """
        self.vars.name = name
        self.vars.args = list(args)
        before = self.tree.change
        try:
            with coverage.line():
                result = await self.runner.text(text, io)
            return await self.runner.finish(io, result) if last else result
        except BaseException:
            if last:
                await self.runner.interrupted(io)
            raise
        finally:
            self.tree.change = before

    async def finish(self, io: Io, status: int = 0) -> Result:
        """The end of what `run(…, last=False)` began: waits for jobs, runs the EXIT trap."""
        return await self.runner.finish(io, Result(status))

    async def call(self, argv: Sequence[str], io: Io) -> Result:
        """Runs one command whose words are words already; `127` when there is none of that name.

        At the top (not within another command) an operand with wildcards that names nothing is globbed.
        """
        if not argv:
            return Result(0)
        outermost = self.tree.change is None
        if outermost:
            argv = await import_module("spatio.shell.operands").globbed(self, argv) if _wild(argv) else argv
            self.begin(" ".join(argv))
        try:
            if argv[0] in self.functions:
                return Result(await self.runner.call_function(argv, io))
            command = await self.find(argv[0], io)
            if isinstance(command, Result):
                return command
            return await invoke(command, argv[1:], self, io)
        finally:
            if outermost:
                self.tree.change = None

    async def find(self, name: str, io: Io) -> Command[Any] | Result:
        """The command of this name; else the status, after having said why there is none."""
        if "/" in name:
            return await self._no_program(name, io)
        if name.startswith("@") and len(name) > 1:
            talk: Command[Any] = import_module("spatio.shell.talk").talking_to(name[1:])
            return talk
        try:
            command = self.services.commands.find(name)
        except Failure as error:
            return Result(await report(io, name, error))
        if command is not None:
            return command
        near = self.services.commands.nearest(name)
        hint = f"did you mean {near}?" if near and near.isalnum() else "run: help"
        line = self._runner.where() if self._runner is not None else ""
        reason = f"command not found ({line})" if line else "command not found"
        unknown = Failure(reason, status=NO_SUCH_COMMAND, hint=hint)
        return Result(await report(io, name or "''", unknown))

    async def _no_program(self, name: str, io: Io) -> Result:
        """A word with a `/` is no command: what it is instead, 127 when it is nothing."""
        try:
            node = await self.tree.stat(self.resolve(name))
        except VfsError as error:
            return Result(await report(io, name, Failure(error.reason, status=NO_SUCH_COMMAND)))
        why = "is a directory" if node.is_folder else "is a file, not a command"
        hint = f"run: {'cd' if node.is_folder else 'source'} {name}"
        return Result(await report(io, name, Failure(why, status=REFUSED, hint=hint)))

    def begin(self, line: str) -> None:
        """A new command of the person begins: all that it changes carries one id."""
        self.tree.change = Change(uuid7(), import_module("spatio.shell.masking").masked(line), self.actor)

    # -- the shell's state

    @property
    def runner(self) -> Runner:
        """What runs the shell language in this session."""
        if self._runner is None:
            self._runner = import_module("spatio.shell.run").Runner(self)
        return self._runner

    @property
    def jobs(self) -> Jobs:
        if self._jobs is None:
            self._jobs = import_module("spatio.shell.jobs").Jobs()
        return self._jobs

    def has_option(self, name: str) -> bool:
        return name in self.options

    def change_folder(self, path: Path) -> None:
        """Moves the session; whether a folder is there is the caller's to have checked."""
        self.vars.set("OLDPWD", str(self._cwd))
        self._cwd = path
        self.vars.set("PWD", str(path))

    def fork(
        self,
        *,
        guard: Guard | None = None,
        actor: str | None = None,
        interactive: bool | None = None,
        asker: Asker | None = None,
        cwd: Path | None = None,
    ) -> Session:
        """A session that begins where this one stands and shares nothing that either may change.

        With a `guard` it has other rights, and no way to the host's shell.
        """
        twin = self.inner()
        change = self.tree.change
        if change is not None and actor is not None:
            change = change._replace(actor=actor)
        own = self.tree.guard if guard is None else guard
        twin._tree = Tree(self.mounts, guard=own, change=change, journal=self.tree.journal)
        twin.actor = self.actor if actor is None else actor
        twin.host = self.host and guard is None and twin.actor == self.actor
        twin._interactive = self._interactive if interactive is None else interactive
        twin.asker = self.asker if asker is None else asker
        if cwd is not None:
            twin._cwd = cwd
        return twin

    def inner(self) -> Session:
        """A subshell: a copy of the state over the same tree."""
        twin = Session.__new__(Session)
        twin.__dict__.update(self.__dict__)
        twin.vars = self.vars.copy()
        twin.functions = dict(self.functions)
        twin.aliases = dict(self.aliases)
        twin.options = set(self.options)
        twin.traps = {}
        twin.subshell = self.subshell + 1
        twin._runner = None
        twin._jobs = None
        return twin

    def own_tree(self) -> None:
        """For a job, whose changes go on under its own line while the shell begins others."""
        tree = self._tree
        self._tree = Tree(self.mounts, guard=tree.guard, change=tree.change, journal=tree.journal)

    async def aclose(self) -> None:
        """Ends what still runs in the background."""
        if self._jobs is not None:
            await self._jobs.aclose()


def _wild(argv: Sequence[str]) -> bool:
    return any(char in word for word in argv[1:] for char in "*?[")

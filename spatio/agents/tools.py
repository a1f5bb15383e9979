"""Toolbox: the tools of one run: `shell`, and a typed tool for each of its commands that can delete,
send or spend.

They are Spatio's own commands in a forked session, whose guard is the run's policy and whose
variables are none of the person's. A long result is bounded; the whole of it lies at a path
that the run may read, until it ends.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from commands import registry
from commands.command import Command, Failure, Usage
from commands.nearest import nearest
from commands.schema import schema_of, words_of
from commands.stream import Io, Nothing, ReaderGone, Sink
from spatio.agents.model import ToolCall
from spatio.policy import Policy
from spatio.session import Session
from spatio.status import Result
from vfs.action import Effect
from vfs.errors import VfsError
from vfs.path import Path
from vfs.tree import Tree

_READING = """
    basename cat comm cut date diff dirname du echo env expr find first fold from grep group-by head help jq
    last ls nl paste plot printf pwd rev search sed select seq sort sort-by stat tac tail tee time to tr tree
    uniq watch wc where whoami xargs
"""
_SHELL = """
    . : [ alias break cd command continue eval exit export false getopts jobs let local read readonly return
    set shift source test trap true type unalias unset wait which
"""
_NEVER = """
    audit config connect disconnect edit exec fg forget history index kill mount mounts redo release share
    status sync trash umount undo
"""

READING = frozenset(_READING.split())
"""Commands that reach data through the tree alone and only read it (or ask the policy)."""

SHELL = frozenset(_SHELL.split())
"""What the language itself is made of: it changes the run's own session and nothing else."""

NEVER = frozenset(_NEVER.split())
"""Commands that act beside the tree, where no path is judged, or that answer with a key: for no agent."""

SHOWN = 8_000
"""Characters of a result that the model sees."""

KEPT = 8 * 1024 * 1024
"""Bytes of a result that are kept; the command that writes more is stopped."""

LIMIT = 120.0
"""Seconds that one call may take."""

MEMORY = 1024 * 1024 * 1024
"""Bytes by which the program may grow during one call."""


def usable(tools: Sequence[str]) -> Callable[[str], bool]:
    """Which commands an agent with these `tools` may use. Raises Failure for one that none may."""
    names = set(SHELL)
    for tool in tools:
        if tool in NEVER:
            raise Failure(f"no agent may use {tool}: it acts beside the paths that are judged")
        names |= READING if tool == "reading" else {tool}
    return names.__contains__


class Bounded(Sink):
    """Keeps up to KEPT bytes, then stops the writer."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._held = 0

    async def write(self, data: bytes) -> None:
        if self._held >= KEPT:
            raise ReaderGone
        self._parts.append(data)
        self._held += len(data)

    @property
    def data(self) -> bytes:
        return b"".join(self._parts)

    @property
    def is_full(self) -> bool:
        return self._held >= KEPT


class Toolbox:
    """What the model of one run can call. `session` is the run's fork, `raw` the tree without a guard."""

    def __init__(
        self, tools: Sequence[str], session: Session, policy: Policy, raw: Tree, scratch: Path
    ) -> None:
        self.tools = tuple(tools)
        self.session = session
        self.policy = policy
        self._raw = raw
        self._scratch = scratch
        self._saved = 0
        self._typed: dict[str, Command[Any]] = {}
        for name in self.tools:
            if name == "reading":
                continue
            command = registry.find(name)
            if command is None:
                near = registry.nearest(name)
                hint = f"did you mean {near}?" if near else None
                raise Failure(f"tools: there is no command {name}", hint=hint)
            if command.effects & (Effect.DELETE | Effect.SEND | Effect.SPEND):
                self._typed[name] = command

    def schemas(self) -> list[dict[str, Any]]:
        """The tools as the protocol wants them; none when the agent has none."""
        if not self.tools:
            return []
        return [_function("shell", self._about(), _LINE), *map(_tool, self._typed.values())]

    def _about(self) -> str:
        names = sorted({*self.tools} - {"reading"} | (READING if "reading" in self.tools else set()))
        return (
            "Runs a line of a POSIX-like shell (pipes, quotes, globs, redirects, loops); returns its output. "
            f"Commands: {' '.join(names)}. `search WORDS in PATH` searches everything, ranked; "
            "`COMMAND --help` explains one."
        )

    async def call(self, call: ToolCall) -> tuple[str, str]:
        """The result as the model reads it, and how it went: `done`, `failed` or `refused`."""
        try:
            values = json.loads(call.arguments or "{}")
        except ValueError as error:
            return f"error: the arguments are not JSON ({error})", "failed"
        if not isinstance(values, Mapping):
            return "error: the arguments must be a JSON object", "failed"
        try:
            if call.name == "shell" and self.tools:
                line = values.get("line")
                if not isinstance(line, str) or not line.strip():
                    return 'error: give the line to run, as {"line": "ls /notes"}', "failed"
                return await self._run(line, None)
            if call.name in self._typed:
                words = [call.name, *words_of(self._typed[call.name], values)]
                return await self._run(json.dumps(words, ensure_ascii=False), words)
        except Usage as error:
            return f"error: {error}", "failed"
        known = ["shell", *self._typed] if self.tools else []
        near = nearest(call.name, known)
        meant = f"did you mean {near}?" if near else f"there are: {', '.join(known) or 'none'}"
        return f"error: there is no tool {call.name[:60]}; {meant}", "failed"

    async def _run(self, line: str, words: Sequence[str] | None) -> tuple[str, str]:
        out, err = Bounded(), Bounded()
        io = Io(Nothing(), out, err)
        with self.policy.deed(line):
            try:
                async with asyncio.timeout(LIMIT):
                    if words is None:
                        status = await _in_memory(self.session.run(line, io))
                    else:
                        status = await _in_memory(self.session.call(words, io))
            except (TimeoutError, MemoryError) as error:
                await self.session.aclose()
                why = f"{error}" if isinstance(error, MemoryError) else f"after {LIMIT:g} seconds"
                return f"error: stopped {why}", "failed"
        how = "refused" if status == 126 else "done"
        return await self._shown(status, out, err), how

    async def _shown(self, status: int, out: Bounded, err: Bounded) -> str:
        text = out.data.decode("utf-8", "replace")
        parts = [f"status {status}"]
        if err.data:
            parts.append("errors:\n" + err.data[:2_000].decode("utf-8", "replace").rstrip())
        if len(text) > SHOWN:
            where = await self._save(out.data)
            whole = "more than 8 MiB; the command was stopped" if out.is_full else f"{len(out.data)} bytes"
            cut = text.rfind("\n", 0, SHOWN) + 1 or SHOWN
            text = f"{text[:cut]}[cut here: the output is {whole}{where}]"
        parts.append(text.rstrip("\n") if text else "(no output)")
        return "\n".join(parts)

    async def _save(self, data: bytes) -> str:
        self._saved += 1
        path = self._scratch.child(f"{self._saved}.txt")
        try:
            await self._raw.mkdir(self._scratch, parents=True)
            await self._raw.write(path, data)
        except VfsError:
            return "; narrow it down with grep or head"
        return f"; all of it is in {path}"

    async def aclose(self) -> None:
        """Removes what was kept aside."""
        if self._saved:
            try:
                await self._raw.remove(self._scratch, recursive=True)
            except VfsError:
                return


async def _in_memory(work: Coroutine[Any, Any, Result]) -> int:
    """The status of `work`. Raises MemoryError, the work being cancelled, when it takes too much."""
    most = _peak() + MEMORY
    running = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait([running], timeout=0.1))[0]:
            if _peak() > most:
                raise MemoryError(f"at {MEMORY // 1024**2} MiB of memory")
        return running.result().status
    finally:
        if running.cancel():
            await asyncio.wait([running])


def _peak() -> int:
    """The most memory that this program has held so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


_LINE = {
    "type": "object",
    "properties": {"line": {"type": "string"}},
    "required": ["line"],
    "additionalProperties": False,
}


def _function(name: str, about: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": name, "description": about, "parameters": dict(parameters)},
    }


def _tool(command: Command[Any]) -> dict[str, Any]:
    return _function(command.name, command.summary, schema_of(command))

"""invoke: one command, from its words to its exit status, whatever goes wrong on the way."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol, runtime_checkable

from commands.command import Arguments, Command, Context, Failure, Shape, Usage
from commands.parse import parse
from commands.report import report
from commands.stream import Io, NotRecords, ReaderGone
from spatio.shell.flow import Leaving, ShellError
from spatio.status import (
    BUG,
    CANCELLED,
    FAILED,
    INCOMPLETE,
    MISUSED,
    READER_GONE,
    REFUSED,
    TIMED_OUT,
    Result,
    spoiled,
)
from vfs import coverage
from vfs.action import Effect
from vfs.errors import Refused, TimedOut, VfsError
from vfs.path import Path
from vfs.visible import visible_line

_AS_THEY_ARE = frozenset(["[", ":", "echo", "expr", "false", "printf", "test", "true"])
"""Commands for which `--help` is a word like any other."""


@runtime_checkable
class Screening(Protocol):
    """A guard that also judges commands before they start."""

    async def check_command(self, name: str, effects: Effect, paths: Sequence[Path] = ()) -> None:
        """Raises Refused."""
        ...


async def invoke(command: Command[Any], words: Sequence[str], ctx: Context, io: Io) -> Result:
    """Runs a command on its words. Errors become one line and a status; only what leaves the place
    where the shell stands (`exit`, `break`, its own errors) and cancellation come through.

    What the answer could not see is said at its end; an answer that lacks entries has the status 3.
    """
    with coverage.gathered(inherit=True) as gaps:
        result = await _attempt(command, words, ctx, io)
    if not gaps:
        return result
    for gap in coverage.unshown(gaps):
        await _tell(io, command.name, VfsError(gap.place, gap.reason, hint=gap.hint))
    lacking = result == 0 and any(gap.missing for gap in gaps)
    return Result(INCOMPLETE) if lacking else result


async def _attempt(command: Command[Any], words: Sequence[str], ctx: Context, io: Io) -> Result:
    try:
        if command.parts:
            command, words = import_module("commands.registry").narrowed(command, words)
        if "--help" in words and command.name not in _AS_THEY_ARE and "--" not in words:
            await io.stdout.text(import_module("commands.helptext").help_text(command))
            return Result(0)
        if command.writes & Shape.RECORDS and "--json" in words:
            words, io = _as_json(command, words, io)
        args = parse(command, words)
        await _screen(command, args, ctx)
        status = await command.run(ctx, args, io)
        await io.stdout.flush()
        return status if isinstance(status, Result) else Result(status)
    except ReaderGone:
        return spoiled(READER_GONE)
    except (VfsError, Failure, Usage) as error:
        await _flush(io)
        await _tell(io, command.name, error)
        broke_off = isinstance(error, (Refused, TimedOut)) or (
            isinstance(error, Failure) and error.status in {BUG, TIMED_OUT, REFUSED, CANCELLED}
        )
        if isinstance(error, Usage) and error.status == MISUSED:
            return Result(command.misuse)
        return spoiled(error.status) if broke_off else Result(error.status)
    except NotRecords:
        await _tell(
            io, command.name, Failure("needs records, but was given text", hint="run: from csv, from json")
        )
        return Result(FAILED)
    except (Leaving, ShellError):
        raise
    except RecursionError:
        await _tell(io, command.name, "nested too deeply")
        return spoiled(FAILED)
    except MemoryError:
        await _tell(io, command.name, "not enough memory")
        return spoiled(FAILED)
    except Exception as error:
        await _tell(io, command.name, f"a bug in Spatio: {type(error).__name__}: {error}")
        await trace(io)
        return spoiled(BUG)


async def _flush(io: Io) -> None:
    """Shows what was written before the error."""
    try:
        await io.stdout.flush()
    except (ReaderGone, VfsError):
        return


async def _tell(io: Io, name: str, error: VfsError | Failure | Usage | str) -> None:
    try:
        await report(io, name, error)
    except (ReaderGone, VfsError):
        return


async def trace(io: Io) -> None:
    """The traceback of the error being handled, where `--debug` wants one."""
    if os.environ.get("SPATIO_DEBUG"):
        lines: list[str] = import_module("traceback").format_exception(*sys.exc_info())
        await io.stderr.text(
            "".join(visible_line(line) + "\n" for text in lines for line in text.splitlines())
        )


def _as_json(command: Command[Any], words: Sequence[str], io: Io) -> tuple[Sequence[str], Io]:
    """The words without `--json`, and the streams with records as JSON Lines."""
    own = any("--json" in field.flags for field in command.args.FIELDS)
    place = words.index("--json")
    if own or "--" in words[:place]:
        return words, io
    sink = import_module("commands.render.jsonlines").JsonLines(io.stdout)
    return [*words[:place], *words[place + 1 :]], io._replace(stdout=sink)


async def _screen(command: Command[Any], args: Arguments, ctx: Context) -> None:
    """Asks the policy before anything starts. Raises Refused."""
    guard = ctx.tree.guard
    if guard is None or not isinstance(guard, Screening):
        return
    paths: list[Path] = []
    if Effect.DELETE in command.effects:
        words = getattr(args, "paths", ())
        paths = [ctx.resolve(word) for word in words if isinstance(word, str)]
    await guard.check_command(command.name.partition(" ")[0], command.effects, paths)

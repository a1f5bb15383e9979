"""`!CMD`: a line, or a stage of a pipeline, run by the host's shell."""

from __future__ import annotations

import os
import signal
from importlib import import_module
from typing import TYPE_CHECKING, Any

from commands.stream import BLOCK, Io, ReaderGone, Sink, Source
from spatio.status import FAILED, REFUSED, spoiled
from vfs.action import Effect
from vfs.drive import event_loop
from vfs.errors import VfsError

if TYPE_CHECKING:
    from asyncio import SubprocessTransport
    from asyncio.subprocess import Process

    from spatio.session import Session

GRACE = 1.0
"""Seconds between asking a host command to end and making it."""


async def run_on_host(session: Session, text: str, io: Io) -> int:
    """The status of the host's shell running `text`. A terminal is handed on as it is.

    Refused (126) where the session may not: scripts unless the config allows it, agents always.
    """
    guarded = getattr(session.tree.guard, "check_command", None)
    if guarded is not None:
        try:
            await guarded("!", Effect.RUN)
        except VfsError as error:
            await io.stderr.line(f"!: {error}")
            return spoiled(REFUSED)
    if not session.host or session.tree.guard is not None:
        await io.stderr.line("!: host commands are off here\n  in config.toml: [shell] host_commands = true")
        return spoiled(REFUSED)
    if not text:
        await io.stderr.line("!: which host command?")
        return FAILED
    await event_loop()
    asyncio = import_module("asyncio")
    own = _descriptor(io.stdin), _descriptor(io.stdout), _descriptor(io.stderr)
    pipe = asyncio.subprocess.PIPE
    await io.stdout.flush()
    try:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.subprocess_exec(
            lambda: asyncio.subprocess.SubprocessStreamProtocol(limit=BLOCK, loop=loop),
            "/bin/sh",
            "-c",
            text,
            stdin=pipe if own[0] is None else own[0],
            stdout=pipe if own[1] is None else own[1],
            stderr=pipe if own[2] is None else own[2],
            start_new_session=not io.stdin.tty,
        )
    except OSError as error:
        await io.stderr.line(f"!: the host's shell cannot be started: {error.strerror}")
        return REFUSED
    process = asyncio.subprocess.Process(transport, protocol, loop)
    alone = not io.stdin.tty
    try:
        async with asyncio.TaskGroup() as group:
            feeding = group.create_task(_feed(process, io.stdin)) if own[0] is None else None
            if own[1] is None:
                group.create_task(_carry(transport, 1, process.stdout, io.stdout))
            if own[2] is None:
                group.create_task(_carry(transport, 2, process.stderr, io.stderr))
            status: int = await process.wait()
            if feeding is not None:
                feeding.cancel()
    finally:
        _close(transport, 1)
        _close(transport, 2)
        await _end(process, alone=alone)
        transport.close()
        await asyncio.sleep(0)
    return 128 - status if status < 0 else status


def _descriptor(stream: Source | Sink) -> int | None:
    """The host's descriptor behind a stream, where a host command can use it directly."""
    if isinstance(stream, Source) and stream.holds:
        return None
    number = getattr(stream, "fd", None)
    return number if isinstance(number, int) else None


async def _feed(process: Process, source: Source) -> None:
    stdin: Any = process.stdin
    try:
        async for block in source.blocks():
            stdin.write(block)
            await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        await source.leave()
    finally:
        stdin.close()


async def _carry(transport: SubprocessTransport, number: int, stream: Any, sink: Sink) -> None:
    """Hands on what the process writes; once nobody reads it, its next write fails, as in any pipe."""
    try:
        while block := await stream.read(BLOCK):
            await sink.write(block)
    except ReaderGone:
        _close(transport, number)


def _close(transport: SubprocessTransport, number: int) -> None:
    # A pipe that is paused, since nobody reads it, never sees its end, and `wait` waits for that.
    pipe = transport.get_pipe_transport(number)
    if pipe is not None:
        pipe.close()


def _signal(process: Process, number: signal.Signals, *, alone: bool) -> None:
    try:
        if alone:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    except ProcessLookupError:
        return


async def _end(process: Process, *, alone: bool) -> None:
    """Ends the process, and its group, if it still runs."""
    if process.returncode is not None:
        return
    asyncio = import_module("asyncio")
    _signal(process, signal.SIGTERM, alone=alone)
    try:
        await asyncio.wait_for(process.wait(), GRACE)
    except TimeoutError:
        _signal(process, signal.SIGKILL, alone=alone)
        await process.wait()

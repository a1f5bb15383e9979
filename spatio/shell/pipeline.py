"""Pipelines and background jobs: stages that run together, joined by bounded pipes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING

from commands.stream import Io, Pipe, ReaderGone
from spatio.shell.ast import Command, Pipeline, Statement
from spatio.shell.ports import NO_INPUT, Ports
from spatio.status import READER_GONE, spoiled
from vfs.drive import event_loop, together

if TYPE_CHECKING:
    from spatio.shell.run import Runner


async def run_pipeline(runner: Runner, node: Pipeline, ports: Ports) -> int:
    """Runs the stages at once, each in a subshell; the status is the last one's, or as `pipefail` says."""
    load = runner.session.load
    load.add(len(node.stages))
    statuses: list[int] = [0] * len(node.stages)
    pipes = [Pipe() for _ in node.stages[1:]]

    async def stage(place: int) -> None:
        source = pipes[place - 1] if place else None
        sink = pipes[place] if place < len(pipes) else None
        try:
            statuses[place] = await _stage(
                runner, node.stages[place], _ports(node, place, ports, source, sink)
            )
        finally:
            if sink is not None:
                sink.end()
            if source is not None:
                await source.leave()

    try:
        await together([stage(place) for place in range(len(node.stages))])
    finally:
        load.tasks -= len(node.stages)
    if runner.has_option("pipefail"):
        failed = [status for status in statuses if status and status != READER_GONE]
        return failed[-1] if failed else 0
    return statuses[-1]


def _ports(node: Pipeline, place: int, ports: Ports, source: Pipe | None, sink: Pipe | None) -> Ports:
    io = ports.io
    stdout = io.stdout if sink is None else sink
    stderr = stdout if node.joined[place] else io.stderr
    return ports.with_io(Io(io.stdin if source is None else source, stdout, stderr))


async def _stage(runner: Runner, command: Command, ports: Ports) -> int:
    async def work(inner: Runner) -> int:
        inner.current_ports = ports
        return await inner.command(command, ports)

    return await _quietly(lambda: runner.isolated(work, ports))


async def _quietly(work: Callable[[], Awaitable[int]]) -> int:
    try:
        return await work()
    except ReaderGone:
        return spoiled(READER_GONE)


async def start_job(runner: Runner, statement: Statement, ports: Ports) -> int:
    """Starts a statement in the background, with nothing to read; status 0."""
    await event_loop()
    asyncio = import_module("asyncio")
    session = runner.session
    inside = ports.with_io(ports.io._replace(stdin=NO_INPUT))
    session.load.add(1)

    async def work(inner: Runner) -> int:
        inner.current_ports = inside
        inner.session.own_tree()
        return await inner.and_or(statement.work, inside)

    def isolated() -> Awaitable[int]:
        return runner.isolated(work, inside)

    def ended(_: object) -> None:
        session.load.tasks -= 1

    task = asyncio.create_task(_quietly(lambda: runner.contained(isolated, inside)))
    task.add_done_callback(ended)
    job = session.jobs.add(statement.text, task, inside)
    if session.interactive and not session.subshell:
        await ports.io.stderr.line(f"[{job.number}] {job.id}")
    return 0

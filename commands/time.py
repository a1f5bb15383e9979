"""time: how long a command takes."""

from __future__ import annotations

import os
from time import perf_counter

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.stream import Io


class TimeArguments(Arguments):
    OPTIONS_FIRST = True

    command: list[str] = operand(
        "COMMAND", many=True, help="the command and its words", complete=Complete.COMMAND
    )


async def run(ctx: Context, args: TimeArguments, io: Io) -> int:
    start, before = perf_counter(), os.times()
    try:
        return await ctx.call(args.command, io)
    finally:
        after = os.times()
        rows = (
            ("real", perf_counter() - start),
            ("user", after.user - before.user + after.children_user - before.children_user),
            ("sys", after.system - before.system + after.children_system - before.children_system),
        )
        await io.stderr.text(
            "".join([f"{name}\t{int(took // 60)}m{took % 60:.3f}s\n" for name, took in rows])
        )


COMMAND = Command(
    name="time",
    summary="run a command and say how long it took",
    args=TimeArguments,
    run=run,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Shell",
    description="Elapsed time, and processor time in the program and the system, on standard error.",
    examples=(Example("time ls /notes", "how long a listing takes"),),
)

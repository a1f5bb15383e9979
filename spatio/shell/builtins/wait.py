"""wait: until jobs have ended."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, operand
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.status import NO_SUCH_COMMAND


class Args(Arguments):
    jobs: list[str] = operand("JOB", many=True, required=False, help="%1, %text or an id; all if missing")


async def run(ctx: Context, args: Args, io: Io) -> int:
    jobs = shell_of(ctx).jobs
    if not args.jobs:
        await jobs.wait_all()
        return 0
    status = 0
    for word in args.jobs:
        job = jobs.find(word)
        if job is not None:
            status = await jobs.wait(job)
        elif word.isdecimal() and int(word) in jobs.past:
            status = jobs.past[int(word)]
        else:
            await io.stderr.line(f"wait: {word}: no such job")
            status = NO_SUCH_COMMAND
    return status


COMMAND = Command(
    "wait",
    "wait for jobs to end",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(Example("sleep 0.1 & wait $!; echo $?", "the status of a job", "0\n"),),
)

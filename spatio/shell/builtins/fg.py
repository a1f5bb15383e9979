"""fg: waits for a job as if it had been started in the foreground."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Failure, operand
from commands.stream import Io
from spatio.shell.builtins import shell_of


class Args(Arguments):
    job: str = operand(
        "JOB", required=False, default="%%", help="%1, %text or an id; the last one if missing"
    )


async def run(ctx: Context, args: Args, io: Io) -> int:
    jobs = shell_of(ctx).jobs
    job = jobs.find(args.job)
    if job is None:
        raise Failure(f"{args.job}: no such job", hint="run: jobs")
    await io.stdout.line(job.text)
    try:
        return await jobs.wait(job)
    except BaseException:
        jobs.kill(job)
        raise


COMMAND = Command(
    "fg",
    "bring a job to the foreground",
    Args,
    run,
    group="Shell",
    examples=(Example("sleep 0.1 & fg", "wait for it; Ctrl-C ends it", "sleep 0.1\n"),),
)

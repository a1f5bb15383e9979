"""kill: ends jobs."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Failure, Usage
from commands.report import report
from commands.stream import Io
from spatio.shell.builtins import shell_of

SIGNALS = {"1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "15": "TERM"}


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    jobs = shell_of(ctx).jobs
    words = list(args.words)
    if words[:1] == ["-l"]:
        await io.stdout.line(" ".join(SIGNALS.values()))
        return 0
    if words[:1] == ["-s"]:
        words = words[2:]
    elif words and words[0].startswith("-") and words[0] != "--":
        name = words.pop(0)[1:].upper().removeprefix("SIG")
        if name not in SIGNALS and name not in SIGNALS.values():
            raise Usage(f"-{name}: no such signal", hint="run: kill -l")
    words = [word for word in words if word != "--"]
    if not words:
        raise Usage("which job?", hint="run: jobs")
    status = 0
    for word in words:
        job = jobs.find(word)
        if job is None:
            status = await report(io, "kill", Failure(f"{word}: no such job", hint="run: jobs"))
        else:
            jobs.kill(job)
    return status


COMMAND = Command(
    "kill",
    "end jobs",
    Args,
    run,
    group="Shell",
    description="Jobs are parts of this shell, not processes: every signal ends them.",
    examples=(Example("sleep 60 & kill %1", "end the first job"),),
)

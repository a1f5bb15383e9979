"""jobs: what runs in the background."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, switch
from commands.stream import Io, Record
from spatio.shell.builtins import shell_of
from vfs.node import Value


class Args(Arguments):
    ids: bool = switch("-p", help="only the ids")
    long: bool = switch("-l", help="with the ids")


async def run(ctx: Context, args: Args, io: Io) -> int:
    jobs = shell_of(ctx).jobs
    numbers = sorted(jobs.all)
    records = []
    for number in numbers:
        job = jobs.all[number]
        mark = "+" if number == numbers[-1] else "-" if numbers[-2:][0] == number else " "
        ampersand = " &" if job.status is None else ""
        known = f"{job.id} " if args.long else ""
        text = str(job.id) if args.ids else f"[{number}]{mark}  {known}{job.state:<24}{job.text}{ampersand}"
        fields: dict[str, Value] = {"job": number, "id": job.id, "state": job.state, "line": job.text}
        records.append(Record(text, fields))
        if job.status is not None:
            jobs.forget(job)
    await io.stdout.put(records)
    return 0


COMMAND = Command(
    "jobs",
    "list what runs in the background",
    Args,
    run,
    writes=Shape.RECORDS,
    group="Shell",
    examples=(Example("sleep 1 & jobs", "start something, and see it run"),),
)

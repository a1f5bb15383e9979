"""plan apply: schedules the tasks of a plan's file, all of them or none."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Failure, Shape, operand, switch
from commands.planning.applying import SHARP
from commands.planning.diff import say_objections, understood
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import VfsError


class ApplyArguments(Arguments):
    file: str = operand("FILE", help="the plan, as `plan today` has written it")
    force: bool = switch("-f", "--force", help="although something came in between")


async def run(ctx: Context, args: ApplyArguments, io: Io) -> int:
    found = await understood(ctx, args.file)
    await say_objections(found, args.file, io)
    sharp = sum(one.kind == SHARP for one in found.objections)
    if sharp:
        raise Failure("nothing was changed", hint=f"mend the plan: edit {args.file}")
    if found.objections and not args.force:
        raise Failure(
            "nothing was changed: the plan is not up to date", hint="mend it, or: plan apply --force FILE"
        )
    if not found.changes:
        await io.stderr.line("Nothing to change: all is scheduled so already")
        return 0
    answers = await ctx.tree.set_attrs_many({change.todo.path: change.attrs() for change in found.changes})
    status = 0
    for answer in answers:
        if isinstance(answer, VfsError):
            status = max(status, await report(io, "plan apply", answer))
    done = sum(not isinstance(answer, VfsError) for answer in answers)
    await io.stderr.line(f"{done} task{'s' if done != 1 else ''} scheduled; undo takes it back")
    return status


COMMAND = Command(
    name="plan apply",
    summary="schedule the tasks of a plan",
    args=ApplyArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    writes=Shape.BYTES,
    group="Notes and tasks",
    description="""
A task's scheduled_start and scheduled_end are set; those of its days that the plan names no more lose theirs.
Where a line cannot be meant nothing is changed; what came in between since the plan was made needs --force.
""",
    examples=(Example("plan today > /tmp/today.md && plan apply /tmp/today.md && undo", "there and back"),),
)

"""audit: the event log checked for tampering."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand
from commands.stream import Io
from vfs.action import Effect


class AuditArguments(Arguments):
    action: str = operand("ACTION", choices=("verify",), help="what to do", complete=Complete.NOTHING)


async def run(ctx: Context, args: AuditArguments, io: Io) -> int:
    broken = await ctx.services.history.verify()
    if broken is not None:
        raise Failure(f"the log was changed from outside: event {broken} does not follow from the one before")
    await io.stderr.line("the log is whole: every event follows from the one before")
    return 0


COMMAND = Command(
    name="audit",
    summary="check that nobody has changed the log of changes",
    args=AuditArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.NOTHING,
    group="Workspace",
    description="Each event carries the hash of the one before; the first that does not fit is named.",
    examples=(Example("audit verify", "is the log of changes whole?"),),
)

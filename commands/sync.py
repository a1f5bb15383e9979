"""sync: brings replicas of accounts and their services to the same state, now."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, operand, switch
from commands.replicas import Synced
from commands.report import report
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.visible import visible_line

_SAID = (
    ("new", "new"),
    ("changed", "changed"),
    ("gone", "gone"),
    ("bodies", "fetched"),
    ("pushed", "sent back"),
)
LACKING = 3


class SyncArguments(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, complete=Complete.FOLDER, help="accounts or folders; all without"
    )
    full: bool = switch("--full", help="list everything at the service again, not only what is new")
    accept: bool = switch("--accept", help="let go what a service says is gone, even if that is most of it")


async def run(ctx: Context, args: SyncArguments, io: Io) -> int:
    paths = [ctx.resolve(word) for word in args.paths]
    if not ctx.services.syncing.replicas():
        raise Failure("no account is connected", hint="which there may be: connect --help")
    found = await ctx.services.syncing.sync(paths, full=args.full, accept=args.accept, shown=io.stderr.tty)
    status = 0
    for synced in found:
        status = max(status, await _tell(synced, io))
    withheld = [synced for synced in found if synced.withheld]
    if withheld and not args.accept and ctx.interactive:
        places = ", ".join(str(synced.path) for synced in withheld)
        if await ctx.ask(f"Is it right that so much of {places} is gone?"):
            again = await ctx.services.syncing.sync([one.path for one in withheld], accept=True)
            return max([await _tell(synced, io) for synced in again])
    return status


async def _tell(synced: Synced, io: Io) -> int:
    """Says what became of one account; its status."""
    counts = [(word, getattr(synced, name)) for name, word in _SAID]
    fields = {"path": str(synced.path), **{name: getattr(synced, name) for name, _ in _SAID}}
    if synced.error is not None:
        return await report(io, "sync", synced.error, path=synced.path)
    await io.stdout.put([Record(f"{synced.path}: {_counted(counts)}", fields, synced.path)])
    for line in synced.rules:
        await io.stderr.line(visible_line(line))
    for problem in synced.problems:
        await report(io, "sync", problem, path=synced.path)
    return LACKING if synced.problems else 0


def _counted(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join([f"{count:,} {word}" for word, count in counts if count]) or "nothing new"


COMMAND = Command(
    name="sync",
    summary="bring mail and other accounts up to date with their services",
    args=SyncArguments,
    run=run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Workspace",
    examples=(
        Example("sync", "every account: what is new comes, what was changed here goes"),
        Example("sync /mail/inbox", "one folder"),
    ),
    description="What cannot be reached is tried again by the next read, by `spatio worker` and at the "
    "prompt; changes that a service does not know yet are kept until it does. A service that all of a sudden "
    "lists less than half of what is here is not believed until --accept.",
)

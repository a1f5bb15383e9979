"""`@NAME TEXT`: a command for each agent."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Reading, Shape, Usage
from commands.stream import Io
from vfs.action import Effect


class Args(Arguments):
    RAW = True


def talking_to(name: str) -> Command[Args]:
    """The command that hands its words to the agent of this name."""

    async def run(ctx: Context, args: Args, io: Io) -> int:
        text = " ".join(args.words)
        if not text:
            raise Usage(f"what shall {name} be asked?", hint=f"@{name} TEXT")
        status = await ctx.services.agents.ask(name, text, ctx, io)
        if status:
            io.stdout.abandon()
        return status

    return Command(
        f"@{name}",
        f"talk to the agent {name}",
        Args,
        run,
        effects=Effect.READ,
        reads=Shape.BYTES,
        writes=Shape.BYTES,
        reading=Reading.TEXT,
        group="Agents",
        examples=(Example("@explain what is in /notes", "ask an agent in words"),),
    )

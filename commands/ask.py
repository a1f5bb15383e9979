"""ask: a question in words, answered from the files by the agent `ask`."""

from __future__ import annotations

from commands.command import Arguments, Command, Complete, Context, Example, Reading, Shape, Usage, operand
from commands.stream import Io
from vfs.action import Effect


class AskArguments(Arguments):
    RAW = True

    text: list[str] = operand("TEXT", many=True, help="the question", complete=Complete.NOTHING)


async def run(ctx: Context, args: AskArguments, io: Io) -> int:
    text = " ".join(args.words).strip()
    if not text:
        raise Usage("what do you want to know?", hint="such as: ask when does the lease end")
    return await ctx.services.agents.ask("ask", text, ctx, io)


DESCRIPTION = """\
The agent is /agents/ask.md: it looks through notes, tasks and files with the commands that read, and
names the files that its answer rests on. What comes on standard input is given to it as well.
It needs an account: OPENAI_API_KEY, or [[endpoints]] in config.toml; `search` needs none."""

COMMAND = Command(
    "ask",
    "ask a question about your files",
    AskArguments,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    writes=Shape.BYTES,
    reading=Reading.TEXT,
    group="Agents",
    description=DESCRIPTION,
    examples=(Example("ask what did we decide about the budget", "needs an account"),),
    also=("agent", "search"),
)

"""agent: run agents, list, show, make and edit them, and read what they did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Shape,
    Usage,
    operand,
    option,
    switch,
)
from commands.services import AgentInfo
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.errors import Exists, NotFound
from vfs.logged import RunInfo, Step
from vfs.node import Value
from vfs.path import Path
from vfs.provider import Mode
from vfs.visible import visible_line

AGENTS = Path(("agents",))
RUNS = AGENTS.child("runs")
SHORT = 8
"""Characters of a run's id that lists show: its last ones, which differ."""


class AgentArguments(Arguments):
    action: str = operand(
        "ACTION",
        help="run, list, show, new, edit, runs or log",
        complete=Complete.NOTHING,
        choices=("run", "list", "show", "new", "edit", "runs", "log"),
        required=False,
        default="list",
    )
    name: str | None = operand(
        "NAME", help="an agent, or the id of a run", complete=Complete.AGENT, required=False
    )
    words: list[str] = operand(
        "PATH", many=True, required=False, help="run: files, folders, or words with a space in them"
    )
    message: str | None = option("-m", "--message", help="what the agent is asked to do", metavar="TEXT")
    model: str | None = option("--model", help="an endpoint, ENDPOINT:MODEL or a model", metavar="MODEL")
    source: str | None = option(
        "--from", help="new: begin with a copy of this agent", metavar="AGENT", complete=Complete.AGENT
    )
    quiet: bool = switch("-q", "--quiet", help="run: no line that it is running")


async def run(ctx: Context, args: AgentArguments, io: Io) -> int:
    if args.words and args.action != "run":
        raise Usage(f"extra operand '{args.words[0]}'")
    return await _DEEDS[args.action](ctx, args, io)


def _name(args: AgentArguments) -> str:
    if not args.name:
        raise Usage(f"agent {args.action} needs the name of an agent", hint="run: agent list")
    return args.name


async def _run(ctx: Context, args: AgentArguments, io: Io) -> int:
    options: dict[str, Value] = {"message": args.message, "model": args.model, "quiet": args.quiet}
    return await ctx.services.agents.run(_name(args), args.words, ctx, io, options)


async def _list(ctx: Context, args: AgentArguments, io: Io) -> int:
    if args.name:
        raise Usage(f"extra operand '{args.name}'", hint=f"run: agent show {args.name}")
    status = 0
    listed: list[Record] = []
    async for agent in ctx.services.agents.agents(ctx):
        fields: dict[str, Value] = {"name": agent.name, "summary": agent.summary or agent.wrong}
        path = AGENTS.child(f"{agent.name}.md")
        listed.append(Record(f"{agent.name}: {agent.summary or agent.wrong}", fields, path))
        status = max(status, bool(agent.wrong))
    await io.stdout.put(listed)
    return status


async def _show(ctx: Context, args: AgentArguments, io: Io) -> int:
    agent = await ctx.services.agents.agent(_name(args), ctx)
    for label, value in _facts(agent):
        await io.stdout.paint([(f"{label:16}", "bold"), (visible_line(value) + "\n", "")])
    return 0


def _facts(agent: AgentInfo) -> list[tuple[str, str]]:
    tools = ", ".join(agent.tools) or "none: it works on what it is given"
    return [
        ("name", agent.name),
        ("does", agent.summary),
        ("file", str(AGENTS.child(f"{agent.name}.md"))),
        ("model", agent.model or "the first endpoint's"),
        ("tools", tools),
        ("may read", ", ".join(agent.reads) or "nothing by itself"),
        ("may change", ", ".join(agent.writes) or "nothing"),
        ("budget", agent.budget),
        ("without account", agent.local or "cannot run"),
    ]


TEMPLATE = """\
---
summary: What it does, in one line
tools: none                 # or commands, such as [ls, cat, grep, search], or `reading` for all that read
# reads: [/notes/**]        # what its tools may see; everything else looks absent
# writes: [/notes/new/**]   # where it may change things, each change being asked
# budget:
#   steps: 20
---
{prompt}
"""


async def _new(ctx: Context, args: AgentArguments, io: Io) -> int:
    name = _name(args).removesuffix(".md")
    path = AGENTS.child(f"{name}.md")
    if "/" in name:
        raise Usage(f"{name} is no name of an agent", hint="a name holds no /")
    if args.source is not None:
        await ctx.services.agents.agent(args.source, ctx)
        data = await ctx.tree.read(AGENTS.child(f"{args.source.removesuffix('.md')}.md"))
    else:
        prompt = args.message or "Say here what the agent is to do with the material that it is given."
        data = TEMPLATE.format(prompt=prompt).encode()
    try:
        await ctx.tree.write(path, data, mode=Mode.CREATE)
    except Exists:
        raise Exists(path, hint=f"run: agent edit {name}") from None
    await io.stderr.line(f"Created {visible_line(str(path))}; to change it: agent edit {visible_line(name)}")
    return 0


async def _edit(ctx: Context, args: AgentArguments, io: Io) -> int:
    name = _name(args).removesuffix(".md")
    path = AGENTS.child(f"{name}.md")
    if not await ctx.tree.exists(path):
        await ctx.services.agents.agent(name, ctx)
    status = await ctx.call(["edit", str(path)], io)
    if status == 0:
        await ctx.services.agents.agent(name, ctx)
    return status


async def _runs(ctx: Context, args: AgentArguments, io: Io) -> int:
    async for page in ctx.services.agents.runs():
        shown = [_run_record(info) for info in page if args.name in (None, info.agent) and _shows(ctx, info)]
        await io.stdout.put(shown)
    return 0


def _shows(ctx: Context, info: RunInfo) -> bool:
    """What runs have read and said shows only to who may read it below `/agents/runs`."""
    return ctx.tree.sees(RUNS.child(info.id))


def _run_record(info: RunInfo) -> Record:
    fields: dict[str, Value] = {
        "run": info.id[-SHORT:],
        "agent": info.agent,
        "started": info.started,
        "seconds": _seconds(info),
        "status": info.status,
        "model": info.model,
        "tokens": info.tokens,
        "cost": info.cost,
    }
    started = info.started.astimezone(UTC)
    text = f"{info.id[-SHORT:]} {started:%Y-%m-%d %H:%M:%S} {info.agent} {info.status} {info.model}"
    return Record(f"{text} {info.tokens} tokens", fields, RUNS.child(info.id))


def _seconds(info: RunInfo) -> float | None:
    return None if info.ended is None else round((info.ended - info.started).total_seconds(), 1)


async def _log(ctx: Context, args: AgentArguments, io: Io) -> int:
    logged = await ctx.services.agents.logged(args.name or "")
    info = logged.info
    if not _shows(ctx, info):
        raise NotFound(args.name, "no such run", hint="run: agent runs")
    await io.stderr.line(
        f"{info.agent}, run {info.id[-SHORT:]}: {info.status}, {info.model}, {info.tokens} tokens,"
        f" ${info.cost}"
    )
    await io.stdout.put([_step_record(step) for step in logged.steps])
    if not logged.steps:
        raise Failure("the run made no step")
    return 0


def _step_record(step: Step) -> Record:
    fields: dict[str, Value] = {
        "step": step.seq,
        "at": _clock(step.started),
        "kind": step.kind,
        "name": step.name,
        "status": step.status,
        "asked": _short(step.before),
        "came": _short(step.after),
        "tokens": step.tokens,
    }
    text = f"{step.seq} {step.kind} {step.name} {step.status}: {_short(step.before)}"
    return Record(f"{text} -> {_short(step.after)}" if step.after else text, fields)


def _clock(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return visible_line(line if len(line) <= 160 else line[:159] + "…")


_DEEDS: dict[str, Callable[[Context, AgentArguments, Io], Awaitable[int]]] = {
    "run": _run,
    "list": _list,
    "show": _show,
    "new": _new,
    "edit": _edit,
    "runs": _runs,
    "log": _log,
}

DESCRIPTION = """\
An agent is a file in /agents: what it may read and change, its tools and its budget at the top, and
then its prompt. `agent run NAME PATH...` gives it files, folders and standard input; its answer goes
to standard output, so it pipes and redirects; progress goes to standard error. An agent that fails
leaves the file that its answer was to replace as it was.

Without an account (OPENAI_API_KEY, or [[endpoints]] in config.toml) agents that have a local form
quote sentences instead of writing; the others say what they lack.

Exit status: 0 done, 1 failed or stopped at its budget, 3 done but a file could not be read, 75 the
endpoint is busy, 77 its key was not accepted, 124 out of time, 126 refused."""

COMMAND = Command(
    "agent",
    "run agents, and see what they are and did",
    AgentArguments,
    run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.BYTES,
    writes=Shape.EITHER,
    group="Agents",
    description=DESCRIPTION,
    examples=(
        Example("agent list", "the agents that there are"),
        Example("agent run summarizer /notes/*.md > /tmp/summary.md", "sum up notes into a file"),
        Example("agent run extract-tasks /notes | where priority >= 2", "tasks found in notes, as records"),
        Example("cat /notes/meeting-notes.md | agent run triage", "standard input is material, too"),
        Example("agent show summarizer", "what an agent may do"),
        Example("agent runs", "what has run, when, and what it cost"),
    ),
    also=("ask",),
)

"""task: what is to be done, added, listed, started and finished by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date

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
    switch,
)
from commands.entries import create, find_entry, texts, title_of
from commands.nearest import nearest
from commands.render import fit, pad
from commands.report import report
from commands.stream import Io, Record
from commands.tasktext import NewTask, read_line, read_task
from vfs.action import Effect
from vfs.errors import NotFound, VfsError
from vfs.node import Node, Value
from vfs.path import Path
from vfs.visible import visible_line

TASKS = Path(("tasks",))
DONE = TASKS.child("done")

STATES = ("todo", "doing", "done")
"""The statuses that a task goes through."""

FINISHED = ("done", "cancelled", "canceled")
"""Statuses of what needs no more doing."""

_LISTED = ("status", "priority", "due", "labels", "project", "estimate")


class TaskArguments(Arguments):
    RAW = True

    action: str = operand(
        "ACTION", help="add, list, board, show, start, done or reopen", complete=Complete.NOTHING
    )
    words: list[str] = operand(
        "WORD", many=True, required=False, help="the text of a new task, or names of tasks"
    )
    all: bool = switch("-a", "--all", help="list and board: finished tasks, too")


async def run(ctx: Context, args: TaskArguments, io: Io) -> int:
    words = list(args.words)
    action = words.pop(0) if words else "list"
    if action == "add":
        return await _add(ctx, words, io)
    finished = [word for word in words if word in ("-a", "--all")]
    names = [word for word in words if word not in ("-a", "--all")]
    if action in ("list", "board"):
        if names:
            raise Usage(f"extra operand '{names[0]}'", hint="run: task list | where ...")
        rows = await _rows(ctx, finished=bool(finished))
        await (_board(rows, io) if action == "board" and io.stdout.tty else io.stdout.put(rows))
        return 0
    deed = _DEEDS.get(action)
    if deed is None:
        near = nearest(action, ("add", "list", "board", *_DEEDS))
        raise Usage(
            f"unknown action '{action}'", hint=f"did you mean task {near}?" if near else "run: task --help"
        )
    if not names or finished:
        raise Usage(f"task {action} needs the name of a task", hint="run: task list")
    status = 0
    for name in names:
        try:
            await deed(ctx, name, io)
        except (VfsError, Failure) as error:
            status = max(status, await report(io, "task", error))
    return status


async def _add(ctx: Context, words: Sequence[str], io: Io) -> int:
    if not words and io.stdin.tty:
        raise Usage("a task needs a title", hint='for example: task add "Pay rent" due:friday !high #home')
    if words:
        await _create(ctx, read_task(words, ctx.now()), io)
        return 0
    lines = (await io.stdin.readall()).decode("utf-8", "replace").splitlines()
    new = [task for line in lines if (task := read_line(line, ctx.now())) is not None]
    if not new:
        raise Usage("there is no text to make a task of", hint="each line of the input becomes a task")
    for task in new:
        await _create(ctx, task, io)
    return 0


async def _create(ctx: Context, task: NewTask, io: Io) -> None:
    path = await create(ctx, TASKS, task.title, task.content())
    await io.stderr.line(f"Created {visible_line(str(path))}: {visible_line(task.summary())}")
    if not io.stdout.tty:
        await io.stdout.put([_record(path, await ctx.tree.stat(path))])


async def _rows(ctx: Context, *, finished: bool) -> list[Record]:
    """The tasks, the most urgent first; finished ones last."""
    rows: list[Record] = []
    folders = (TASKS, DONE) if finished and await ctx.tree.is_folder(DONE) else (TASKS,)
    for folder in folders:
        async for page in ctx.tree.list(folder):
            rows += [_record(folder.child(node.name), node) for node in page if not node.is_folder]
    if not finished:
        rows = [row for row in rows if row.fields["status"] not in FINISHED]
    rows.sort(key=_urgency)
    return rows


def _record(path: Path, node: Node) -> Record:
    fields: dict[str, Value] = {"name": node.name, "title": title_of(node)}
    fields.update({name: node.attrs.get(name) for name in _LISTED})
    return Record(" ".join(str(path).splitlines()), fields, path)


def _urgency(record: Record) -> tuple[bool, bool, str, int, str]:
    due, priority = record.fields["due"], record.fields["priority"]
    return (
        record.fields["status"] in FINISHED,
        due is None,
        due.isoformat() if isinstance(due, date) else str(due or ""),
        -priority if isinstance(priority, int) else 0,
        str(record.fields["name"]),
    )


async def _board(rows: Sequence[Record], io: Io) -> None:
    """Three columns, one for each status, as high as the longest."""
    lanes: Mapping[str, list[str]] = {state: [] for state in STATES}
    for row in rows:
        state = "done" if row.fields["status"] in FINISHED else str(row.fields["status"])
        lanes[state if state in lanes else "todo"].append(_card(row.fields))
    room = max(8, (io.stdout.width - 4) // len(STATES))
    heads = [pad(f"{state.upper()} {len(cards)}", room) for state, cards in lanes.items()]
    await io.stdout.paint([("  ".join(heads).rstrip() + "\n", "bold")])
    for row_at in range(max(len(cards) for cards in lanes.values())):
        cells = [
            pad(fit(cards[row_at], room), room) if row_at < len(cards) else " " * room
            for cards in lanes.values()
        ]
        await io.stdout.paint([("  ".join(cells).rstrip() + "\n", "")])


def _card(fields: Mapping[str, Value]) -> str:
    due, priority = fields["due"], fields["priority"]
    marks = "!" * priority + " " if isinstance(priority, int) and 0 < priority <= 3 else ""
    day = f" {due.isoformat()[5:10]}" if isinstance(due, date) else ""
    labels = "".join([f" #{label}" for label in texts(fields["labels"])])
    return visible_line(f"{marks}{fields['title']}{day}{labels}")


async def _set_status(ctx: Context, name: str, status: str, io: Io) -> None:
    path = await _find(ctx, name, _PLACES[status])
    title = title_of(await ctx.tree.stat(path))
    await ctx.tree.set_attrs(path, {"status": status})
    await io.stderr.line(f"{_SAID[status]}: {visible_line(title)}")


async def _find(ctx: Context, name: str, folders: Sequence[Path]) -> Path:
    """The task that `name` means, looked for in the folders in turn; a whole name before a part of one."""
    there = [folder for folder in folders if await ctx.tree.is_folder(folder)]
    for folder in there if "/" not in name else ():
        for whole in (folder.child(name), folder.child(f"{name}.md")):
            if await ctx.tree.exists(whole) and not await ctx.tree.is_folder(whole):
                return whole
    for folder in there[:-1]:
        try:
            return await find_entry(ctx, folder, name)
        except NotFound:
            continue
    return await find_entry(ctx, there[-1] if there else TASKS, name)


async def _done(ctx: Context, name: str, io: Io) -> None:
    await _set_status(ctx, name, "done", io)


async def _start(ctx: Context, name: str, io: Io) -> None:
    await _set_status(ctx, name, "doing", io)


async def _reopen(ctx: Context, name: str, io: Io) -> None:
    await _set_status(ctx, name, "todo", io)


async def _show(ctx: Context, name: str, io: Io) -> None:
    path = await _find(ctx, name, (TASKS, DONE))
    async with ctx.tree.text(path) as blocks:
        async for block in blocks:
            await io.stdout.write(block)


_SAID = {"todo": "Open again", "doing": "Started", "done": "Done"}

_PLACES = {"todo": (DONE, TASKS), "doing": (TASKS, DONE), "done": (TASKS,)}
"""Where the task is looked for that gets a status."""

_DEEDS: Mapping[str, Callable[[Context, str, Io], Awaitable[None]]] = {
    "done": _done,
    "start": _start,
    "reopen": _reopen,
    "show": _show,
}

COMMAND = Command(
    name="task",
    summary="add, list, start and finish tasks",
    args=TaskArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.BYTES,
    writes=Shape.RECORDS,
    group="Notes and tasks",
    description="""
  task add TEXT [due:DATE] [!PRIORITY] [#LABEL] [project:NAME] [estimate:2h]
  task list [--all]      open tasks, the most urgent first
  task board [--all]     the same in columns by status
  task start|done|reopen|show NAME...

A date is today, tomorrow, friday, 2026-12-24, +3d, "in 3 days" or "next monday"; one that may be two
days is refused, and what was understood is printed. A priority is !low, !medium or !high (1 to 3).
Without TEXT, `task add` makes a task of each line of its input. A NAME may be part of a name or title.
""",
    examples=(
        Example('task add "Pay rent" due:friday !high #home', "a task with a date, a priority and a label"),
        Example("task list | where labels == home", "open tasks of one label"),
        Example("task board", "what is to be done, being done and done"),
        Example("task done pay-rent", "finish one"),
    ),
)

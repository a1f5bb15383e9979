"""note: a thought kept in a line, and notes listed and shown by name."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Arguments, Command, Complete, Context, Example, Failure, Shape, Usage, operand
from commands.entries import create, find_entry, title_of
from commands.nearest import nearest
from commands.report import report
from commands.stream import Io, Record
from commands.tasktext import is_label
from vfs.action import Effect
from vfs.errors import VfsError
from vfs.frontmatter import head
from vfs.node import Node, Value
from vfs.path import Path
from vfs.visible import visible_line

NOTES = Path(("notes",))

TITLE = 60
"""Characters of a note's first line that name it."""


class NoteArguments(Arguments):
    RAW = True

    action: str = operand("ACTION", help="add, list or show", complete=Complete.NOTHING)
    words: list[str] = operand(
        "WORD", many=True, required=False, help="the text of a new note, or names of notes"
    )


async def run(ctx: Context, args: NoteArguments, io: Io) -> int:
    words = list(args.words)
    action = words.pop(0) if words else "list"
    if action == "add":
        return await _add(ctx, words, io)
    if action == "list":
        if words:
            raise Usage(f"extra operand '{words[0]}'", hint="run: note list | where name ~ ...")
        return await _list(ctx, io)
    if action != "show":
        near = nearest(action, ("add", "list", "show"))
        raise Usage(
            f"unknown action '{action}'", hint=f"did you mean note {near}?" if near else "run: note --help"
        )
    if not words:
        raise Usage("note show needs the name of a note", hint="run: note list")
    status = 0
    for word in words:
        try:
            async with ctx.tree.text(await find_entry(ctx, NOTES, word)) as blocks:
                async for block in blocks:
                    await io.stdout.write(block)
        except (VfsError, Failure) as error:
            status = max(status, await report(io, "note", error))
    return status


async def _add(ctx: Context, words: Sequence[str], io: Io) -> int:
    tags = tuple(dict.fromkeys(word[1:] for word in words if is_label(word)))
    text = " ".join([word for word in words if not is_label(word)])
    if not text and not io.stdin.tty:
        text = (await io.stdin.readall()).decode("utf-8", "replace")
    if not text.strip():
        raise Usage("a note needs some text", hint='for example: note add "Ada likes the blue one" #gifts')
    body = text if text.endswith("\n") else text + "\n"
    path = await create(ctx, NOTES, _title(text), head({"tags": tags}) + body)
    await io.stderr.line(f"Created {visible_line(str(path))}")
    if not io.stdout.tty:
        await io.stdout.put([_record(path, await ctx.tree.stat(path))])
    return 0


def _title(text: str) -> str:
    """The first line that has letters, no longer than TITLE, cut between words."""
    line = next((line for line in text.splitlines() if any(char.isalnum() for char in line)), "")
    line = " ".join(line.split())
    if len(line) <= TITLE:
        return line
    return line[: TITLE + 1].rsplit(" ", 1)[0][:TITLE]


async def _list(ctx: Context, io: Io) -> int:
    """Notes below /notes, the one changed last first."""
    records: list[Record] = []
    async for page in ctx.tree.walk(NOTES):
        records += [_record(path, node) for path, node in page if not node.is_folder]
    records.sort(key=lambda record: (str(record.fields["mtime"] or ""), str(record.path)), reverse=True)
    await io.stdout.put(records)
    return 0


def _record(path: Path, node: Node) -> Record:
    fields: dict[str, Value] = {
        "name": str(path.below(NOTES))[1:],
        "title": title_of(node),
        "mtime": node.mtime,
        "tags": node.attrs.get("tags"),
        "size": node.size,
    }
    return Record(" ".join(str(path).splitlines()), fields, path)


COMMAND = Command(
    name="note",
    summary="keep a note, list and show notes",
    args=NoteArguments,
    run=run,
    effects=Effect.READ | Effect.WRITE,
    reads=Shape.BYTES,
    writes=Shape.RECORDS,
    group="Notes and tasks",
    description="""
  note add TEXT [#TAG]   a new note in /notes, named after its first line
  note list              all notes, the one changed last first
  note show NAME...      the text of notes; part of a name will do

Without TEXT, `note add` keeps its input.
""",
    examples=(
        Example('note add "Ada likes the blue one" #gifts', "a note with a tag"),
        Example("note list | where mtime > -7d", "notes of the last week"),
        Example("cat /notes/meeting-notes.md | head -5 | note add", "a note from a pipe"),
    ),
)

"""export: all of a person's data as plain files and JSON, in a folder of the host."""

from __future__ import annotations

from collections.abc import AsyncIterator

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.history import record_of
from commands.hostfolder import HostFolder
from commands.render import json_line
from commands.report import report
from commands.stream import Io, Record
from vfs.action import Effect
from vfs.errors import Refused, VfsError
from vfs.node import Node
from vfs.path import Path
from vfs.visible import visible_line

WINDOW = 500
"""Files read in one go."""

NOT_DATA = ("devices", "local", "s3", "scratch", "sys")
"""Providers of what lies somewhere as plain files already, or is no data of the user's."""


class ExportArguments(Arguments):
    folder: str = operand("DIR", help="a folder of the host, new or empty", complete=Complete.NOTHING)
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="only what lies below these (default: everything)"
    )


async def run(ctx: Context, args: ExportArguments, io: Io) -> int:
    if ctx.tree.guard is not None:
        raise Refused(None, "only the person themself may write data to the host")
    paths = [ctx.resolve(word) for word in args.paths] or _own_mounts(ctx)
    for path in paths:
        await ctx.tree.stat(path)
    folder = HostFolder(args.folder)
    folder.begin()
    try:
        count, status = await _files(ctx, io, folder, paths)
        async for events in ctx.services.history.events(newest_first=False):
            folder.add("events.jsonl", "".join([json_line(record_of(event)) + "\n" for event in events]))
        folder.finish()
    except BaseException:
        folder.drop()
        raise
    await io.stderr.line(
        f"Exported {count:,} {'file' if count == 1 else 'files'} to {visible_line(folder.target)}"
    )
    return status


def _own_mounts(ctx: Context) -> list[Path]:
    return [mount.path for mount in ctx.tree.mounts if mount.name not in NOT_DATA]


async def _files(ctx: Context, io: Io, folder: HostFolder, paths: list[Path]) -> tuple[int, int]:
    """Writes every file, and a line of JSON for each entry; the number of files, and the status."""
    count = status = 0
    async for batch in _batches(ctx, paths):
        files = [path for path, node in batch if not node.is_folder]
        nodes = dict(batch)
        for path, node in batch:
            folder.add("entries.jsonl", _entry(path, node))
            if node.is_folder:
                folder.folder(("tree", *path.parts))
        async for content in ctx.tree.contents(files, text=False):
            try:
                await folder.put(("tree", *content.path.parts), content.blocks(), nodes[content.path].mtime)
                count += 1
            except VfsError as error:
                status = max(3, await report(io, "export", error))
    return count, status


async def _batches(ctx: Context, paths: list[Path]) -> AsyncIterator[list[tuple[Path, Node]]]:
    for path in paths:
        node = await ctx.tree.stat(path)
        batch = [(path, node)]
        if node.is_folder:
            async for page in ctx.tree.walk(path):
                batch += page
                if len(batch) >= WINDOW:
                    yield batch
                    batch = []
        if batch:
            yield batch


def _entry(path: Path, node: Node) -> str:
    fields = {
        "kind": node.kind.value,
        "size": node.size,
        "mtime": node.mtime,
        "mime": node.mime,
        **node.attrs,
    }
    return json_line(Record("", {"path": str(path), **fields})) + "\n"


COMMAND = Command(
    name="export",
    summary="write all data to a folder of the host, as plain files and JSON",
    args=ExportArguments,
    run=run,
    effects=Effect.READ | Effect.SEND,
    writes=Shape.NOTHING,
    group="Workspace",
    description="""
DIR/tree holds every file at its path, entries.jsonl its attributes and times, events.jsonl the log of
changes. The folder appears when it is whole. What lies somewhere as files already (mounts of local
folders and of buckets) is left where it is, unless its PATH is named. The exit status is 3 when
something could not be read.
""",
    examples=(
        Example("export ./backup", "everything"),
        Example("export ./notes-only /notes", "one part of it"),
    ),
)

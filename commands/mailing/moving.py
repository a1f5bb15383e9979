"""Many mails moved at once, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Context
from commands.mailing.places import Mail
from commands.report import report
from commands.stream import Io, Record
from vfs.errors import NotFound, VfsError
from vfs.names import marked
from vfs.node import Node
from vfs.path import Path


async def moved(ctx: Context, io: Io, name: str, goals: Sequence[tuple[Mail, Path]], *, said: str) -> int:
    """Moves each mail into its folder, which is made where it is missing; the worst status.

    Nothing is replaced: a mail whose name is taken there gets a mark.
    """
    for folder in dict.fromkeys(folder for _, folder in goals):
        if not await ctx.tree.is_folder(folder):
            await ctx.tree.mkdir(folder)
    staying = [(mail, folder) for mail, folder in goals if mail.path.parent == folder]
    moves = await _free(ctx, [(mail, folder) for mail, folder in goals if mail.path.parent != folder])
    results = await ctx.tree.move_many(moves) if moves else ()
    status = 0
    arrived: list[Path] = []
    for (source, target), result in zip(moves, results, strict=True):
        if isinstance(result, VfsError):
            status = max(status, await report(io, name, result, path=source))
        else:
            arrived.append(target)
    for mail, folder in staying:
        await report(io, name, f"{mail.path}: is in {folder} already")
    await told(io, said, arrived)
    return status


async def _free(ctx: Context, goals: Sequence[tuple[Mail, Path]]) -> list[tuple[Path, Path]]:
    """Sources and targets that do not exist yet and are each another one."""
    wanted = [folder.child(mail.path.name) for mail, folder in goals]
    there = await ctx.tree.stat_many(wanted)
    taken: set[Path] = set()
    moves: list[tuple[Path, Path]] = []
    for (mail, folder), target in zip(goals, wanted, strict=True):
        number = 0
        while target in taken or await _exists(ctx, target, there.get(target)):
            number += 1
            target = folder.child(marked(mail.path.name, f"{mail.path}#{number}"))
        taken.add(target)
        moves.append((mail.path, target))
    return moves


async def _exists(ctx: Context, path: Path, known: Node | VfsError | None) -> bool:
    if known is None:
        return await ctx.tree.exists(path)
    return not isinstance(known, NotFound)


async def told(io: Io, said: str, paths: Sequence[Path]) -> None:
    """Where mails are: a record each for a pipe, a count for a person."""
    if not io.stdout.tty:
        await io.stdout.put([path_record(path) for path in paths])
    if paths:
        await io.stderr.line(f"{said} {len(paths):,} {'mail' if len(paths) == 1 else 'mails'}")


def path_record(path: Path) -> Record:
    """A path as a record."""
    return Record(" ".join(str(path).splitlines()), {"path": str(path), "name": path.name}, path)

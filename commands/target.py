"""target: where each source of cp and mv goes, by the rules that both share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from commands.command import Usage
from commands.entry import Looked, below, confirmed, look_each, place, wants_folder
from commands.report import report
from commands.stream import Io
from vfs.closing import Closing
from vfs.errors import NotADirectory, NotFound, VfsError
from vfs.fan import in_order
from vfs.node import Node
from vfs.path import Path

if TYPE_CHECKING:
    from commands.command import Context
    from vfs.tree import Tree


class Transfer(NamedTuple):
    """One source and the exact place it goes to."""

    word: str
    source: Path
    node: Node
    target_word: str
    target: Path
    there: Node | None
    """What stands at the target, if anything."""


class Refusal(Exception):
    """One transfer cannot be done, for a reason of the command's own."""


async def transfers(
    ctx: Context, io: Io, name: str, words: Sequence[str], *, into: str | None, exactly: bool
) -> tuple[list[Transfer], int]:
    """What goes where, and the status so far; what cannot go anywhere is reported.

    The last word is the target unless `into` names the folder; `exactly` never goes into a folder.
    Raises Usage for too few words, VfsError when several sources have no folder to go to.
    """
    sources, target_word, folder = await _target(ctx, words, into=into, exactly=exactly)
    target = place(ctx, target_word)
    status = 0
    planned: list[Transfer] = []

    async def plan(looked: Looked) -> Transfer | VfsError | None:
        if looked.node is None:
            return looked.error
        goal, goal_word = target, target_word
        if folder is not None:
            goal, goal_word = _inside(target, target_word, looked)
        try:
            answer = asked.get(goal)
            there = (
                answer
                if isinstance(answer, Node)
                else await _there(ctx, goal, goal_word, looked.node, answer)
            )
        except VfsError as error:
            return error
        return Transfer(looked.word, looked.path, looked.node, goal_word, goal, there)

    found = await look_each(ctx, sources)
    goals = [_inside(target, target_word, one)[0] for one in found if one.node is not None]
    asked = await ctx.tree.stat_many(goals) if folder is not None and len(goals) > 1 else {}
    at_once = len(found) > 1 and ctx.tree.waits(target)
    async with Closing(in_order(found, plan, at_once=at_once)) as plans:
        async for _, one in plans:
            if isinstance(one, Transfer):
                planned.append(one)
            elif one is not None:
                status = max(status, await report(io, name, one))
    return planned, status


def apart(tree: Tree, planned: Sequence[Transfer]) -> tuple[list[Transfer], list[Transfer]]:
    """The files that are best done at once, behind a network and none in another's way; and the rest."""
    count = Counter([one.target for one in planned] + [one.source for one in planned])
    free = [
        one
        for one in planned
        if not one.node.is_folder
        and count[one.target] == count[one.source] == 1
        and tree.waits(one.source, one.target)
    ]
    if len(free) < 2:
        return [], list(planned)
    return free, [one for one in planned if one not in free]


def in_few(tree: Tree, planned: Sequence[Transfer]) -> tuple[list[Transfer], list[Transfer]]:
    """The files that may go in few transactions, within a mount and none in another's way; and the rest.

    In the way is what another one goes to or comes from, or is below.
    """
    count = Counter([one.target for one in planned] + [one.source for one in planned])
    folders = {one.source for one in planned if one.node.is_folder} | {
        one.target for one in planned if one.node.is_folder
    }
    if len(planned) < 2 or folders:
        return [], list(planned)
    free: list[Transfer] = []
    rest: list[Transfer] = []
    for one in planned:
        alone = count[one.target] == count[one.source] == 1
        fits = one.there is None or not one.there.is_folder
        within = tree.mount_of(one.source) is tree.mount_of(one.target)
        (free if alone and fits and within and not tree.waits(one.source) else rest).append(one)
    return (free, rest) if len(free) > 1 else ([], list(planned))


async def told(io: Io, name: str, results: Sequence[object]) -> int:
    """Reports in order what went wrong, and returns the worst status."""
    status = 0
    for result in results:
        if isinstance(result, VfsError):
            status = max(status, await report(io, name, result))
    return status


async def settled(
    io: Io, name: str, free: Sequence[Transfer], work: Callable[[Transfer], Awaitable[object]]
) -> int:
    """Does transfers at once, reports in order what went wrong, and returns the worst status."""

    async def one(transfer: Transfer) -> VfsError | str | None:
        try:
            await work(transfer)
        except VfsError as error:
            return error
        except Refusal as refused:
            return str(refused)
        return None

    status = 0
    async with Closing(in_order(free, one, at_once=True)) as calls:
        async for _, wrong in calls:
            if wrong is not None:
                status = max(status, await report(io, name, wrong))
    return status


async def _target(
    ctx: Context, words: Sequence[str], *, into: str | None, exactly: bool
) -> tuple[Sequence[str], str, Node | None]:
    """The sources, the target as written, and the folder that stands there."""
    if into is not None:
        node = await ctx.tree.stat(place(ctx, into))
        if not node.is_folder:
            raise NotADirectory(place(ctx, into))
        return words, into, node
    if len(words) < 2:
        missing = "destination file operand" if words else "file operand"
        raise Usage(f"missing {missing}", status=1)
    sources, target_word = words[:-1], words[-1]
    if exactly:
        if len(sources) > 1:
            raise Usage(f"extra operand '{words[2]}'", status=1)
        return sources, target_word, None
    path = place(ctx, target_word)
    try:
        node = await ctx.tree.stat(path)
    except NotFound:
        if len(sources) > 1:
            raise NotFound(path, "no such folder for several sources") from None
        return sources, target_word, None
    if node.is_folder:
        return sources, target_word, node
    if len(sources) > 1 or wants_folder(target_word):
        raise NotADirectory(path)
    return sources, target_word, None


def _inside(target: Path, target_word: str, looked: Looked) -> tuple[Path, str]:
    """`cp -r a/. b` merges into b itself; everything else gets its own name below it."""
    if looked.word.rstrip("/").endswith("/.") or looked.word.rstrip("/") in (".", ".."):
        return target, target_word
    return target.child(looked.path.name), below(target_word, looked.path.name)


async def _there(
    ctx: Context, goal: Path, goal_word: str, source: Node, missing: VfsError | None
) -> Node | None:
    """What stands at a goal, unless it is known what is `missing`."""
    try:
        if missing is not None:
            raise missing
        return await ctx.tree.stat(goal)
    except NotFound:
        if wants_folder(goal_word) and not source.is_folder:
            raise NotADirectory(goal) from None
        return None


async def came_before(io: Io, name: str, one: Transfer, landed: dict[Path, Path]) -> int | None:
    """The status when something of this call is at the target already, which is reported; else None."""
    before = landed.get(one.target)
    if before is None:
        return None
    if before != one.source:
        message = f"will not overwrite just-created '{one.target_word}' with '{one.word}'"
        return await report(io, name, message)
    if name == "cp":
        await report(io, name, f"warning: source file '{one.word}' specified more than once")
        return 0
    return await report(io, name, NotFound(one.source))


def check(one: Transfer) -> None:
    """Raises Refusal for what neither cp nor mv does, in GNU's words."""
    if one.source == one.target:
        raise Refusal(f"'{one.word}' and '{one.target_word}' are the same file")
    if one.there is None:
        return
    if one.node.is_folder and not one.there.is_folder:
        raise Refusal(f"cannot overwrite non-directory '{one.target_word}' with directory '{one.word}'")
    if not one.node.is_folder and one.there.is_folder:
        raise Refusal(f"cannot overwrite directory '{one.target_word}' with non-directory '{one.word}'")


async def wanted(ctx: Context, io: Io, name: str, one: Transfer, *, mode: str, update: bool) -> bool:
    """Whether -i (`ask`) and -u let the transfer happen over what is there."""
    if one.there is None:
        return True
    if update and not newer(one.node, one.there):
        return False
    if mode == "ask" and not one.node.is_folder:
        return await confirmed(ctx, io, f"{name}: overwrite '{one.target_word}'?")
    return True


def newer(source: Node, there: Node) -> bool:
    """For -u: whether the source has changed after what stands at the target."""
    if source.mtime is None or there.mtime is None:
        return True
    return source.mtime > there.mtime

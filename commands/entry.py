"""entry: what the file commands share: from a word to its entry, and from an entry to its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from commands.stream import Io, Record
from vfs.closing import Closing
from vfs.errors import NotADirectory, NotFound, VfsError
from vfs.fan import in_order
from vfs.node import Node, Value
from vfs.path import Path
from vfs.provider import Cap

if TYPE_CHECKING:
    from commands.command import Context
    from vfs.tree import Tree

TOGETHER = 64
"""From this many operands in one folder on, the folder is listed instead of asking for each."""


class Looked(NamedTuple):
    """An operand and what it turned out to be: a node, or the error that came instead."""

    word: str
    path: Path
    node: Node | None
    error: VfsError | None


def place(ctx: Context, word: str) -> Path:
    """The path that an operand names. Raises NotFound for the empty word, BadName."""
    if not word:
        raise NotFound("''")
    return ctx.resolve(word)


def wants_folder(word: str) -> bool:
    """Whether the way an operand is written says that it is a folder."""
    return word.endswith(("/", "/.", "/..")) or word in (".", "..")


async def look(ctx: Context, word: str) -> tuple[Path, Node]:
    """The entry that an operand names. Raises NotFound, NotADirectory (`file/`)."""
    path = place(ctx, word)
    node = await ctx.tree.stat(path)
    if wants_folder(word) and not node.is_folder:
        raise NotADirectory(path)
    return path, node


async def look_each(ctx: Context, words: Sequence[str]) -> list[Looked]:
    """Every operand with its entry or its error, in order, by few queries when they are many."""
    asked = await _asked(ctx, words) if len(words) > 1 else {}
    listed = await _listed(ctx, words) if len(words) - len(asked) >= TOGETHER else {}

    async def one(word: str) -> Looked:
        try:
            path = place(ctx, word)
            answer = asked.get(path)
            if isinstance(answer, VfsError):
                raise answer
            node = answer or listed.get(path)
            if node is None or (wants_folder(word) and not node.is_folder):
                path, node = await look(ctx, word)
            return Looked(word, path, node, None)
        except VfsError as error:
            return Looked(word, Path(), None, error)

    at_once = len(words) > 1 and not listed and _waits(ctx, words)
    async with Closing(in_order(words, one, at_once=at_once)) as looked:
        return [found async for _, found in looked]


async def _asked(ctx: Context, words: Sequence[str]) -> Mapping[Path, Node | VfsError]:
    """The answers for those operands that can be asked for by few queries."""
    paths = []
    for word in words:
        with suppress(VfsError):
            paths.append(place(ctx, word))
    return await ctx.tree.stat_many(paths)


def _waits(ctx: Context, words: Sequence[str]) -> bool:
    for word in words:
        with suppress(VfsError):
            if ctx.tree.waits(place(ctx, word)):
                return True
    return False


async def _listed(ctx: Context, words: Sequence[str]) -> dict[Path, Node]:
    folders: dict[Path, set[str]] = {}
    for word in words:
        with suppress(VfsError):
            path = place(ctx, word)
            folders.setdefault(path.parent, set()).add(path.name)
    nodes: dict[Path, Node] = {}
    for folder, names in folders.items():
        if len(names) < TOGETHER:
            continue
        last = max(names)
        with suppress(VfsError):
            async with Closing(ctx.tree.list(folder)) as pages:
                async for page in pages:
                    nodes.update({folder.child(node.name): node for node in page if node.name in names})
                    if page[-1].name >= last:
                        break
    return nodes


def below(word: str, name: str) -> str:
    """How the entry `name` of the folder written `word` is written."""
    return word + name if word.endswith("/") else f"{word}/{name}"


def above(word: str, levels: int) -> str:
    """How the folder so many levels above the entry written `word` is written."""
    for _ in range(levels):
        word = word.rstrip("/").rpartition("/")[0]
    return word


def record_of(path: Path, node: Node, text: str) -> Record:
    """An entry as a record whose line is `text`."""
    fields: dict[str, Value] = {
        "name": node.name or "/",
        "kind": node.kind.value,
        "size": node.size,
        "mtime": node.mtime,
    }
    for name, value in node.attrs.items():
        fields.setdefault(name, value)
    fields["path"] = str(path)
    return Record(text, fields, path)


def is_mount(tree: Tree, path: Path) -> bool:
    """Whether something is mounted at exactly `path`, or it is the root."""
    return not path.parts or tree.mounts.at(path) is not None


def mode_text(tree: Tree, path: Path, node: Node) -> str:
    """`drw`: a folder or not, readable, and writable as far as its mount goes; opens no mount for it."""
    mount = tree.mount_of(path)
    if mount is None or mount.path == path:
        can_write = mount is not None and not mount.read_only
    else:
        can_write = bool(tree.caps(path) & (Cap.EDIT if node.is_folder else Cap.WRITE))
    return f"{'d' if node.is_folder else '-'}r{'w' if can_write else '-'}"


def minute(time: datetime | None, zone: tzinfo | None) -> str:
    """A time to the minute in `zone`, or `-`."""
    if time is None:
        return "-"
    local = time.astimezone(zone)
    return f"{local.year:04}-{local.month:02}-{local.day:02} {local.hour:02}:{local.minute:02}"


def human(size: int, unit: int = 1024) -> str:
    """A size as GNU's -h shows it: rounded up, one decimal below ten."""
    if size < unit:
        return str(size)
    power, scale = 0, 1
    while size >= scale * unit and power < 8:
        scale *= unit
        power += 1
    tenths = -(-size * 10 // scale)
    if tenths < 100:
        return f"{tenths // 10}.{tenths % 10}{'KMGTPEZY'[power - 1]}"
    whole = -(-size // scale)
    if whole >= unit and power < 8:
        return f"1.0{'KMGTPEZY'[power]}"
    return f"{whole}{'KMGTPEZY'[power - 1]}"


async def confirmed(ctx: Context, io: Io, question: str) -> bool:
    """The answer to a yes-or-no question: the person's, else the next line of standard input."""
    if ctx.interactive:
        return await ctx.ask(question)
    await io.stderr.text(f"{question} ")
    answer = await io.stdin.readline()
    return answer.strip()[:1] in (b"y", b"Y")

"""stat: all that is known about entries."""

from __future__ import annotations

from datetime import UTC

from commands.command import Arguments, Command, Context, Example, Shape, Usage, operand, option
from commands.entry import look, mode_text
from commands.moment import precise
from commands.printing import escaped
from commands.report import report
from commands.stream import Io
from vfs.action import Effect
from vfs.errors import VfsError
from vfs.node import Node, Value
from vfs.path import Path

DIRECTIVES = """The directives of FORMAT:
  %n  the name as given        %s  size in bytes
  %F  kind                     %A  access, as ls -l shows it
  %y  time of the last change  %Y  the same in seconds since 1970
  %m  mount                    %t  media type
  %e  etag                     %%  a percent sign"""


class Args(Arguments):
    paths: list[str] = operand("PATH", many=True, help="what to look at")
    format: str | None = option("-c", "--format", metavar="FORMAT", help="a line in this form for each")
    printf: str | None = option(
        "--printf", metavar="FORMAT", help="as -c, with escapes such as \\n and no newline of its own"
    )


async def run(ctx: Context, args: Args, io: Io) -> int:
    status = 0
    for word in args.paths:
        try:
            path, node = await look(ctx, word)
            if args.printf is not None:
                await io.stdout.text(_filled(ctx, escaped(args.printf), word, path, node))
            elif args.format is not None:
                await io.stdout.line(_filled(ctx, args.format, word, path, node))
            else:
                await io.stdout.text(_described(ctx, word, path, node))
        except VfsError as error:
            status = max(status, await report(io, "stat", error))
    return status


def _kind(node: Node) -> str:
    if node.is_folder:
        return "directory"
    return "regular empty file" if node.size == 0 else "regular file"


def _filled(ctx: Context, form: str, word: str, path: Path, node: Node) -> str:
    """`form` with its directives replaced. Raises Usage for one that is not known."""
    parts: list[str] = []
    letters = iter(form)
    for letter in letters:
        if letter != "%":
            parts.append(letter)
            continue
        directive = next(letters, "")
        parts.append(_value(ctx, directive, word, path, node))
    return "".join(parts)


def _value(ctx: Context, directive: str, word: str, path: Path, node: Node) -> str:
    if directive == "n":
        return word
    if directive == "s":
        return "?" if node.size is None else str(node.size)
    if directive == "F":
        return _kind(node)
    if directive == "A":
        return mode_text(ctx.tree, path, node)
    if directive == "y":
        return "-" if node.mtime is None else precise(node.mtime, ctx.now().tzinfo)
    if directive == "Y":
        return "0" if node.mtime is None else str(int(node.mtime.timestamp()))
    if directive == "m":
        mount = ctx.tree.mount_of(path)
        return str(mount.path) if mount is not None else "/"
    if directive == "t":
        return node.mime or "-"
    if directive == "e":
        return node.etag or "-"
    if directive == "%":
        return "%"
    raise Usage(f"unknown directive %{directive}", status=1, hint="run: stat --help")


def _described(ctx: Context, word: str, path: Path, node: Node) -> str:
    """Everything, a fact a line."""
    mount = ctx.tree.mount_of(path)
    zone = ctx.now().tzinfo or UTC
    facts: list[tuple[str, str]] = [("File", word)]
    if str(path) != word:
        facts.append(("Path", str(path)))
    facts += [("Kind", _kind(node)), ("Size", "unknown" if node.size is None else f"{node.size} bytes")]
    facts.append(("Access", mode_text(ctx.tree, path, node)))
    if node.mtime is not None:
        facts.append(("Modified", precise(node.mtime, zone)))
    facts += [
        (label, text) for label, text in (("Type", node.mime), ("Etag", node.etag), ("Id", node.id)) if text
    ]
    if mount is not None:
        facts.append(("Mount", f"{mount.path} ({mount.name})"))
    facts += [(name, _plain(value)) for name, value in node.attrs.items() if value is not None]
    wide = max(len(label) for label, _ in facts)
    return "".join(f"{label:>{wide}}: {text}\n" for label, text in facts)


def _plain(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


COMMAND = Command(
    "stat",
    "show what is known about entries",
    Args,
    run,
    effects=Effect.READ,
    writes=Shape.BYTES,
    group="Files",
    misuse=1,
    description=DIRECTIVES,
    examples=[
        Example("stat /notes/meeting-notes.md", "all about one note"),
        Example("stat -c '%s %n' /notes/*", "sizes and names"),
    ],
)

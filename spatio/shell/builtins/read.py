"""read: a line of input into variables."""

from __future__ import annotations

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Shape,
    operand,
    option,
    switch,
)
from commands.stream import Io, Source, lines_of
from spatio.shell.builtins import shell_of
from spatio.shell.flow import ShellError
from spatio.shell.scanner import NAME
from spatio.shell.splitting import split_line
from spatio.shell.variables import BLANKS


class Args(Arguments):
    names: list[str] = operand(
        "NAME", many=True, required=False, complete=Complete.VARIABLE, help="variables; REPLY without one"
    )
    raw: bool = switch("-r", help="a backslash is a character like any other")
    silent: bool = switch("-s", help="accepted")
    prompt: str | None = option("-p", help="what to show a person first")
    delimiter: str | None = option("-d", help="ends the line in place of a newline")
    count: int | None = option("-n", "-N", kind=int, help="read at most this many characters")


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    for name in args.names:
        if not NAME.fullmatch(name):
            raise Failure(f"{name}: not a valid name")
    if args.prompt and io.stdin.tty:
        await io.stderr.text(args.prompt)
        await io.stderr.flush()
    delimiter = "\n" if args.delimiter is None else args.delimiter[:1] or "\0"
    text, ended = await _line(io.stdin, delimiter, args)
    separators = shell.vars.values.get("IFS", BLANKS)
    if args.names:
        values = split_line(text, separators, len(args.names))
    else:
        values = ["".join([char for char, _ in text])]
    try:
        for name, value in zip(args.names or ["REPLY"], values, strict=True):
            shell.vars.set(name, value)
    except ShellError as wrong:
        raise Failure(str(wrong)) from None
    return 0 if ended else 1


async def _line(source: Source, delimiter: str, args: Args) -> tuple[list[tuple[str, bool]], bool]:
    """The characters, each with whether it was escaped; and whether the delimiter came."""
    characters: list[tuple[str, bool]] = []
    pending = b""
    while True:
        data = await _piece(source, delimiter)
        if not data:
            characters += [(char, False) for char in pending.decode("utf-8", "surrogateescape")]
            return characters, False
        text = (pending + data).decode("utf-8", "surrogateescape")
        ended = text.endswith(delimiter)
        text = text[: -len(delimiter)] if ended else text
        escaped = False
        for place, char in enumerate(text):
            if escaped:
                escaped = False
                characters.append((char, True))
            elif char == "\\" and not args.raw:
                escaped = True
            else:
                characters.append((char, False))
            if args.count is not None and len(characters) >= args.count:
                rest = text[place + 1 :] + (delimiter if ended else "")
                source.unread(rest.encode("utf-8", "surrogateescape"))
                return characters, True
        pending = b""
        if escaped and delimiter == "\n" and ended:
            continue
        if ended:
            return characters, True


async def _piece(source: Source, delimiter: str) -> bytes:
    """Bytes up to and with the delimiter, what there is at the end, or b""."""
    if delimiter == "\n":
        return await source.readline()
    mark = delimiter.encode("utf-8", "surrogateescape")
    parts: list[bytes] = []
    while (item := await source.next()) is not None:
        block = item if isinstance(item, bytes) else lines_of(item)
        place = block.find(mark)
        if place >= 0:
            source.unread(block[place + len(mark) :])
            return b"".join([*parts, block[: place + len(mark)]])
        parts.append(block)
    return b"".join(parts)


COMMAND = Command(
    "read",
    "read a line into variables",
    Args,
    run,
    reads=Shape.BYTES,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(
        Example("printf 'a b\\n' | { read x y; echo $y; }", "two words into two variables", "b\n"),
        Example('ls /notes | while read -r name; do echo "- $name"; done', "line by line"),
    ),
)

"""echo: its words, joined by spaces, and a newline."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example
from commands.stream import Io, to_bytes
from commands.text.escapes import Octal, Stopped, unescaped


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    words = list(args.words)
    newline, escapes = True, False
    while words and len(words[0]) > 1 and words[0][0] == "-" and not words[0][1:].strip("neE"):
        for letter in words.pop(0)[1:]:
            newline = newline and letter != "n"
            escapes = letter == "e" or (escapes and letter != "E")
    text = " ".join(words)
    if not escapes:
        await io.stdout.write(to_bytes(text + "\n" if newline else text))
        return 0
    try:
        data = unescaped(text, Octal.ECHO) + (b"\n" if newline else b"")
    except Stopped as stopped:
        data = stopped.before
    await io.stdout.write(data)
    return 0


COMMAND = Command(
    "echo",
    "print its words",
    Args,
    run,
    group="Text",
    description=(
        "-n leaves out the newline; -e reads escapes: \\a \\b \\c (stop here) \\e \\f \\n \\r \\t \\v \\\\ "
        "\\0NNN \\xHH \\uHHHH; -E, the default, does not. All else is printed as it is."
    ),
    examples=[
        Example("echo hello world", "a line", "hello world\n"),
        Example("echo -e 'a\\tb'", "with a tab", "a\tb\n"),
    ],
)

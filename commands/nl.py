"""nl: lines with numbers."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, Usage, operand, option, switch
from commands.regex.regex import Searcher, compiled
from commands.regex.syntax import BadPattern
from commands.stream import Io, to_bytes
from commands.text.inputs import Inputs
from vfs.action import Effect
from vfs.closing import Closing

_SECTIONS = {b"\\:\\:\\:": 0, b"\\:\\:": 1, b"\\:": 2}
_FORMATS = ("ln", "rn", "rz")


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="files; - or nothing is standard input"
    )
    body: str = option(
        "-b", "--body-numbering", default="t", metavar="STYLE",
        help="a all, t not empty (the default), n none, pPATTERN",
    )  # fmt: skip
    header: str = option(
        "-h", "--header-numbering", default="n", metavar="STYLE", help="the same for page headers"
    )
    footer: str = option(
        "-f", "--footer-numbering", default="n", metavar="STYLE", help="the same for page footers"
    )
    increment: int = option("-i", "--line-increment", kind=int, default=1, metavar="N", help="count by N")
    start: int = option("-v", "--starting-line-number", kind=int, default=1, metavar="N", help="start with N")
    width: int = option(
        "-w", "--number-width", kind=int, default=6, metavar="N", help="N columns for numbers"
    )
    separator: str = option(
        "-s", "--number-separator", default="\t", metavar="TEXT", help="between number and line"
    )
    form: str = option(
        "-n", "--number-format", default="rn", choices=_FORMATS, metavar="FORMAT",
        help="left, right, right with zeros",
    )  # fmt: skip
    blanks: int = option(
        "-l", "--join-blank-lines", kind=int, default=1, metavar="N", help="count N empty lines as one"
    )
    steady: bool = switch("-p", "--no-renumber", help="do not start again at a new page")


async def run(ctx: Context, args: Args, io: Io) -> int:
    numbering = Numbering(args)
    inputs = Inputs(ctx, io, "nl")
    async with Closing(inputs.lines(args.paths)) as blocks:
        async for block in blocks:
            lines = block.removesuffix(b"\n").split(b"\n")
            await io.stdout.write(b"".join([numbering.line(line) + b"\n" for line in lines]))
    return inputs.status


class Numbering:
    """Numbers one line after the other. Raises Usage for a style that is none."""

    def __init__(self, args: Args) -> None:
        if args.width < 1:
            raise Usage(f"invalid line number field width: '{args.width}'")
        self._args = args
        self._styles = [_style(text) for text in (args.header, args.body, args.footer)]
        self._section = 1
        self._number = args.start
        self._empty = 0
        self._separator = to_bytes(args.separator)

    def line(self, line: bytes) -> bytes:
        """What is printed for a line, without its newline."""
        section = _SECTIONS.get(line)
        if section is not None:
            self._section = section
            if section == 0 and not self._args.steady:
                self._number = self._args.start
            return b""
        style, regex = self._styles[self._section]
        if regex is not None:
            wanted = regex.search(line) is not None
        elif style == "a" and not line:
            self._empty += 1
            wanted = self._empty == self._args.blanks
        else:
            wanted = style == "a" or (style == "t" and bool(line))
        if line or wanted:
            self._empty = 0
        if not wanted:
            return b" " * (self._args.width + len(self._separator)) + line
        text = self._text().encode()
        self._number += self._args.increment
        return text + self._separator + line

    def _text(self) -> str:
        width, form = self._args.width, self._args.form
        if form == "rz":
            return f"{self._number:0{width}d}"
        return str(self._number).ljust(width) if form == "ln" else str(self._number).rjust(width)


def _style(text: str) -> tuple[str, Searcher | None]:
    if text in ("a", "t", "n"):
        return text, None
    if not text.startswith("p"):
        raise Usage(f"invalid numbering style: '{text}'")
    try:
        return "p", compiled([text[1:]])
    except BadPattern as wrong:
        raise Usage(str(wrong)) from wrong


COMMAND = Command(
    "nl",
    "number lines",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    group="Text",
    misuse=1,
    examples=[Example("printf 'a\\nb\\n' | nl", "with numbers", "     1\ta\n     2\tb\n")],
)

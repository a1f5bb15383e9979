"""cut: chosen bytes or fields of each line."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, Usage, operand, option, switch
from commands.stream import Io, to_bytes
from commands.text.inputs import Inputs
from commands.text.ranges import Ranges, complement, ranges
from commands.text.whole import split_lines, whole_lines
from vfs.action import Effect
from vfs.closing import Closing


class Args(Arguments):
    paths: list[str] = operand(
        "PATH", many=True, required=False, help="files; - or nothing is standard input"
    )
    bytes: str | None = option("-b", "--bytes", metavar="LIST", help="these bytes: 1,3-5,7-")
    characters: str | None = option("-c", "--characters", metavar="LIST", help="as -b")
    fields: str | None = option("-f", "--fields", metavar="LIST", help="these fields")
    delimiter: str = option(
        "-d", "--delimiter", default="\t", metavar="CHAR", help="what stands between fields (tab)"
    )
    separated: bool = switch("-s", "--only-delimited", help="leave out lines without a delimiter")
    complement: bool = switch("--complement", help="all but what is listed")
    output: str | None = option(
        "--output-delimiter", metavar="TEXT", help="what to print between what is chosen"
    )
    zero: bool = switch("-z", "--zero-terminated", help="lines end in NUL")
    unsplit: bool = switch("-n", help="accepted; bytes are never merged into characters")


async def run(ctx: Context, args: Args, io: Io) -> int:
    cutting = Cutting(args)
    end = b"\0" if args.zero else b"\n"
    inputs = Inputs(ctx, io, "cut")
    whole = whole_lines(inputs.blocks(args.paths), end) if args.zero else inputs.lines(args.paths)
    async with Closing(whole) as blocks:
        async for block in blocks:
            await io.stdout.write(cutting.cut(block, end))
    return inputs.status


class Cutting:
    """What one call of cut does to a block of lines. Raises Usage for options that do not fit."""

    def __init__(self, args: Args) -> None:
        lists = [text for text in (args.bytes, args.characters, args.fields) if text is not None]
        if not lists:
            raise Usage("say which bytes (-b), characters (-c) or fields (-f)")
        if len(lists) > 1:
            raise Usage("only one of -b, -c and -f can be given")
        self.by_fields = args.fields is not None
        if not self.by_fields and ("delimiter" in args.given or args.separated):
            raise Usage("-d and -s go with -f only")
        self.delimiter = to_bytes(args.delimiter) or b"\0"
        if len(self.delimiter) > 1:
            raise Usage("the delimiter must be a single character")
        listed = ranges(lists[0], "field" if self.by_fields else "byte/character position")
        self.chosen: Ranges = complement(listed) if args.complement else listed
        self.separated = args.separated
        given = None if args.output is None else to_bytes(args.output)
        self.output = (self.delimiter if given is None else given) if self.by_fields else given or b""

    def cut(self, block: bytes, end: bytes) -> bytes:
        lines = split_lines(block, end)
        pieces = self._fields(lines) if self.by_fields else self._bytes(lines)
        return end.join(pieces) + end if pieces else b""

    def _bytes(self, lines: list[bytes]) -> list[bytes]:
        if len(self.chosen) == 1:
            start, stop = self.chosen[0]
            return [line[start:stop] for line in lines]
        output, chosen = self.output, self.chosen
        return [
            output.join([line[start:stop] for start, stop in chosen if start < len(line)]) for line in lines
        ]

    def _fields(self, lines: list[bytes]) -> list[bytes]:
        delimiter, output, chosen = self.delimiter, self.output, self.chosen
        single = chosen[0][0] if len(chosen) == 1 and chosen[0][1] == chosen[0][0] + 1 else None
        out: list[bytes] = []
        for line in lines:
            if delimiter not in line:
                if not self.separated:
                    out.append(line)
                continue
            if single is not None:
                fields = line.split(delimiter, single + 1)
                out.append(fields[single] if single < len(fields) else b"")
                continue
            fields = line.split(delimiter)
            kept: list[bytes] = []
            for start, stop in chosen:
                kept += fields[start:stop]
            out.append(output.join(kept))
        return out


COMMAND = Command(
    "cut",
    "print chosen fields or bytes of each line",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    group="Text",
    misuse=1,
    examples=[
        Example("echo 'a:b:c' | cut -d: -f2", "the second field", "b\n"),
        Example("echo abcdef | cut -c1-3", "the first three characters", "abc\n"),
    ],
)

"""grep: the lines that match a pattern."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Failure,
    Shape,
    Usage,
    operand,
    option,
    switch,
)
from commands.regex.regex import Searcher, compiled
from commands.regex.syntax import BadPattern
from commands.report import report
from commands.stream import Io, Record, Source, lines_of
from commands.text.below import Choosing, files_below, named
from commands.text.hits import Hits, Layout
from commands.text.inputs import STDIN, Inputs, Operand
from commands.text.selecting import Selection
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import VfsError
from vfs.glob import matcher


def _count(word: str) -> int:
    if not word.isdecimal():
        raise ValueError(f"'{word}' is not a number of lines")
    return min(int(word[:18]), 1 << 60)


class Args(Arguments):
    operands: list[str] = operand(
        "PATTERN [PATH…]", many=True, required=False, help="the pattern, unless -e or -f gives it, and files"
    )
    extended: bool = switch("-E", "--extended-regexp", help="extended regular expressions")
    fixed: bool = switch("-F", "--fixed-strings", help="plain text")
    basic: bool = switch("-G", "--basic-regexp", help="basic regular expressions, the default")
    perl: bool = switch("-P", "--perl-regexp", help="Perl's, but for look-around and back-references")
    patterns: list[str] = option(
        "-e", "--regexp", many=True, metavar="PATTERN", help="a pattern; may be repeated"
    )
    files: list[str] = option(
        "-f", "--file", many=True, metavar="PATH", help="patterns from a file", complete=Complete.PATH
    )
    ignore_case: bool = switch("-i", "-y", "--ignore-case", help="upper and lower case are the same")
    respect_case: bool = switch("--no-ignore-case", help="they are not, the default")
    inverted: bool = switch("-v", "--invert-match", help="lines that do not match")
    whole_words: bool = switch("-w", "--word-regexp", help="match whole words")
    whole_lines: bool = switch("-x", "--line-regexp", help="match whole lines")
    count: bool = switch("-c", "--count", help="only how many lines")
    with_matches: bool = switch("-l", "--files-with-matches", help="only the names of files with such lines")
    without_match: bool = switch("-L", "--files-without-match", help="only the names of files without")
    most: int | None = option(
        "-m", "--max-count", kind=_count, metavar="N", help="stop after N lines of a file"
    )
    only: bool = switch("-o", "--only-matching", help="only what matched")
    quiet: bool = switch("-q", "--quiet", "--silent", help="print nothing; the status answers")
    no_messages: bool = switch("-s", "--no-messages", help="no errors about files")
    offset: bool = switch("-b", "--byte-offset", help="with the place in the file, in bytes")
    with_filename: bool = switch("-H", "--with-filename", help="with the file's name")
    no_filename: bool = switch("-h", "--no-filename", help="without it")
    label: str = option("--label", default="(standard input)", help="the name of standard input")
    number: bool = switch("-n", "--line-number", help="with line numbers")
    tab: bool = switch("-T", "--initial-tab", help="a tab after what stands in front")
    null: bool = switch("-Z", "--null", help="NUL after names")
    after: int | None = option("-A", "--after-context", kind=_count, metavar="N", help="with N lines after")
    before: int | None = option(
        "-B", "--before-context", kind=_count, metavar="N", help="with N lines before"
    )
    context: int | None = option(
        "-C", "--context", "-#", kind=_count, metavar="N", help="with N lines around"
    )
    recursive: bool = switch("-r", "-R", "--recursive", "--dereference-recursive", help="search folders")
    include: list[str] = option("--include", many=True, metavar="GLOB", help="only files of such names")
    exclude: list[str] = option("--exclude", many=True, metavar="GLOB", help="no files of such names")
    exclude_dir: list[str] = option(
        "--exclude-dir", many=True, metavar="GLOB", help="no folders of such names"
    )
    as_text: bool = switch("-a", "--text", help="search binary files as if they were text")
    skip_binary: bool = switch("-I", help="pass over binary files")
    line_buffered: bool = switch("--line-buffered", help="accepted; output is never kept for long")
    color: str = option(
        "--color", "--colour", default="auto", bare="auto", metavar="WHEN",
        choices=("auto", "always", "never"), help="mark matches on a terminal",
    )  # fmt: skip


async def run(ctx: Context, args: Args, io: Io) -> int:
    searching = Searching(ctx, args, io)
    names = await searching.prepare()
    try:
        return await searching.run(names)
    except BadPattern as wrong:
        await searching.hits.flush()
        return max(await report(io, "grep", str(wrong)), 2)


class _Found(Exception):
    """The answer is known: nothing more has to be read."""


class Searching:
    """One call of grep."""

    def __init__(self, ctx: Context, args: Args, io: Io) -> None:
        self.ctx = ctx
        self.args = args
        self.io = io
        self.inputs = Inputs(ctx, io, "grep", failure=2, quiet=args.no_messages)
        self.any = False
        self.silent = args.quiet or args.count or args.with_matches or args.without_match
        self.hits = Hits(io.stdout, Layout())

    async def prepare(self) -> Sequence[str]:
        """Compiles the pattern; returns the operands that are left. Raises Usage."""
        args = self.args
        words = list(args.operands)
        patterns = list(args.patterns)
        for name in args.files:
            patterns += await self._patterns_in(name)
        if not args.patterns and not args.files:
            if not words:
                raise Usage("missing operand PATTERN")
            patterns = [words.pop(0)]
        self.selection = Selection(
            self._regex([line for text in patterns for line in text.split("\n")]) if patterns else None,
            inverted=args.inverted,
            most=1 if args.most is None and self.silent and not args.count else args.most,
        )
        self.implied = not words
        names = words or (["."] if args.recursive else list(STDIN))
        folders = args.recursive and await self._any_folder(names)
        given = [name for name in args.given if name in ("with_filename", "no_filename")]
        named = given[-1] == "with_filename" if given else len(names) > 1 or folders
        around = args.context or 0
        self.layout = Layout(
            name=named, number=args.number, offset=args.offset, only=args.only, null=args.null, tab=args.tab,
            before=around if args.before is None else args.before,
            after=around if args.after is None else args.after, as_text=args.as_text,
            painted=self.io.stdout.tty and args.color != "never" and not args.inverted,
        )  # fmt: skip
        self.hits = Hits(self.io.stdout, self.layout)
        return names

    async def run(self, names: Sequence[str]) -> int:
        """Searches the operands; the status is 0 when a line was selected, 2 after an error, else 1."""
        try:
            if self._hopeless():
                return 1
            if self.args.recursive:
                for name in names:
                    await self._search_below(name)
            else:
                async with Closing(self.inputs.each(names)) as each:
                    async for name, source in each:
                        await self._search(name, source)
            await self.hits.flush()
        except _Found:
            return 0
        if self.inputs.status:
            return self.inputs.status
        return 0 if self.any else 1

    def _hopeless(self) -> bool:
        """Whether nothing can be selected, which GNU answers without reading anything."""
        if self.args.without_match:
            return False
        return self.args.most == 0 or (self.args.inverted and self.selection.matches_all)

    def _regex(self, patterns: Sequence[str]) -> Searcher:
        args = self.args
        flavours = [name for name in args.given if name in ("extended", "fixed", "basic", "perl")]
        flavour = flavours[-1] if flavours else "basic"
        cases = [name for name in args.given if name in ("ignore_case", "respect_case")]
        ignore_case = cases[-1:] == ["ignore_case"]
        try:
            if flavour == "perl":
                perl: Callable[..., Searcher] = import_module("commands.regex.perl").perl
                return perl(patterns, ignore_case=ignore_case, words=args.whole_words, whole=args.whole_lines)
            return compiled(
                patterns, extended=flavour == "extended", fixed=flavour == "fixed", lines=True,
                ignore_case=ignore_case, words=args.whole_words, whole=args.whole_lines,
            )  # fmt: skip
        except BadPattern as wrong:
            raise Usage(str(wrong)) from wrong

    async def _patterns_in(self, name: str) -> list[str]:
        data = await self.io.stdin.readall() if name == "-" else None
        if data is None:
            try:
                async with self.ctx.tree.text(self.ctx.resolve(name)) as blocks:
                    data = b"".join([block async for block in blocks])
            except VfsError as error:
                raise Failure(f"{name}: {error.reason}", status=2, hint=error.hint) from error
        text = data.decode("utf-8", "surrogateescape")
        return text.removesuffix("\n").split("\n") if text else []

    async def _any_folder(self, names: Sequence[str]) -> bool:
        for name in names:
            if name != "-" and await self.ctx.tree.is_folder(self.ctx.resolve(name)):
                return True
        return False

    async def _search_below(self, name: str) -> None:
        args = self.args
        if name == "-":
            await self._search("-", self.io.stdin)
            return
        path = self.ctx.resolve(name)
        if not await self.ctx.tree.is_folder(path):
            async with Closing(self.inputs.each([name])) as each:
                async for _, source in each:
                    await self._search(name, source)
            return
        shown = "" if self.implied else name
        choosing = None
        if args.include or args.exclude or args.exclude_dir:
            choosing = Choosing(_wanted(args.include, args.exclude), _any_of(args.exclude_dir))
        all_count = args.count or args.without_match
        missed = None if all_count else self.selection.misses()
        async with Closing(files_below(self.inputs, path, shown, choosing, missed)) as files:
            async for content in files:
                label = named(content.path, path, shown)
                await self._search(label, Operand(self.inputs, label, content))

    async def _search(self, name: str, source: Source) -> None:
        """Searches one input to its end, or until nothing more can come of it."""
        label = self.args.label if name == "-" else name
        selection = self.selection.fresh()
        if isinstance(source, Operand) and source.data is not None:
            if selection.may_select(source.data) or self.args.count or self.args.without_match:
                self.hits.start(label)
                await self._take(label, source.data, selection)
                await self._conclude(label, selection)
            return
        if self.layout.plain and not self.silent and await source.carries_records():
            await self._search_records(source, selection)
            return
        self.hits.start(label)
        async for block in source.line_blocks():
            if not await self._take(label, block, selection):
                break
            await self.hits.flush()
        await self._conclude(label, selection)

    async def _search_records(self, source: Source, selection: Selection) -> None:
        async for batch in source.as_records():
            block = lines_of(batch)
            kept: list[Record] = []
            at = line = 0
            for start, stop in selection.ranges(block):
                line += block.count(b"\n", at, start)
                here = block.count(b"\n", start, stop)
                kept += batch[line : line + here]
                line += here
                at = stop
            await self.io.stdout.put(kept)
            self.any = self.any or bool(kept)
            if selection.full:
                return

    async def _take(self, label: str, block: bytes, selection: Selection) -> bool:
        """Does with a block of lines what is asked; False when the rest of the input does not matter."""
        if not self.args.as_text and b"\0" in block:
            if self.args.skip_binary:
                return False
            if not self.silent:
                return not await self._binary(label, block, selection)
        if self.silent:
            selection.ranges(block)
        else:
            await self.hits.add(block, selection)
        return not selection.full or self.layout.after > 0

    async def _binary(self, label: str, block: bytes, selection: Selection) -> bool:
        if not selection.ranges(block):
            return False
        await self._say_binary(label)
        return True

    async def _say_binary(self, label: str) -> None:
        await self.hits.flush()
        if not self.args.skip_binary:
            await report(self.io, "grep", f"{label}: binary file matches")

    async def _conclude(self, label: str, selection: Selection) -> None:
        """What is said once about an input, after its end."""
        if self.hits.binary:
            await self._say_binary(label)
        args = self.args
        self.any = self.any or selection.count > 0
        if args.quiet:
            if selection.count:
                raise _Found
            return
        end = "\0" if args.null else "\n"
        listing = [name for name in args.given if name in ("with_matches", "without_match")]
        if listing:
            if bool(selection.count) is (listing[-1] == "with_matches"):
                await self.io.stdout.text(label + end)
        elif args.count:
            name = (label + ("\0" if args.null else ":")) if self.layout.name else ""
            await self.io.stdout.text(f"{name}{selection.count}\n")


def _wanted(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Whether a file of this name is to be searched."""
    only, none = _any_of(include), _any_of(exclude)
    if include:
        return lambda name: only(name) and not none(name)
    return lambda name: not none(name)


def _any_of(patterns: Sequence[str]) -> Callable[[str], bool]:
    matchers = [matcher(pattern.rstrip("/")) for pattern in patterns]
    return lambda name: any(fits(name) for fits in matchers)


COMMAND = Command(
    "grep",
    "print lines that match a pattern",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.EITHER,
    writes=Shape.EITHER,
    group="Text",
    description=(
        "Records stay records, chosen by their line. The status is 0 when a line was selected, 1 when "
        "none was, 2 after an error."
    ),
    examples=[
        Example("grep -rn budget /notes", "every line about it, with file and number"),
        Example("ls /notes | grep meeting", "entries of such names, still with their fields"),
        Example("seq 20 | grep -E '^(3|1.)$' | head -n 3", "an extended expression", "3\n10\n11\n"),
    ],
)

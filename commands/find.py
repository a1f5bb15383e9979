"""find: looks for entries below folders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from commands.command import Arguments, Command, Context, Example, Shape, Usage
from commands.criteria import OPERATORS, Criteria, Seen, Test
from commands.entry import below, look, minute, record_of
from commands.moment import moment
from commands.printing import escaped
from commands.report import report
from commands.stream import Io, Nothing, Record
from vfs.action import Effect
from vfs.closing import Closing
from vfs.errors import NotFound, VfsError
from vfs.node import Node

HELD = 256
"""Records handed on at once."""

TOGETHER = 5000
"""Paths that one `-exec … +` gets at most."""

EXPRESSION = """Tests (all must hold; -o is or, ! or -not is not, \\( \\) group):
  -name GLOB, -iname GLOB    the name; with i, upper and lower case alike
  -path GLOB, -ipath GLOB    the whole path as printed
  -type f|d                  a file, a folder
  -size [+-]N[ckMG]          that many units, rounded up; larger +, smaller -
  -mtime [+-]N, -mmin [+-]N  changed N days, N minutes ago
  -newer PATH, -newermt TIME changed after an entry, after a time
  -empty                     an empty file or folder
  -attr NAME[=VALUE]         an attribute of the entry

Actions (without one: -print):
  -print, -print0            the path and a newline, or a NUL
  -printf FORMAT             %p path, %f name, %h folder, %P path below the
                             operand, %s size, %d depth, %y kind, %t time
  -exec COMMAND {} \\;        runs a command of Spatio for each entry
  -exec COMMAND {} +         runs it for many at once
  -delete                    removes the entry, to the trash
  -prune, -quit              goes no deeper here; ends

Settings: -maxdepth N, -mindepth N, -depth (folders after their entries)."""


class Args(Arguments):
    RAW: ClassVar[bool] = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    words = [word for word in args.words if word not in ("-H", "-L", "-P")] if args.words else []
    start = next((at for at, word in enumerate(words) if _begins(word)), len(words))
    finding = _Finding(ctx, io, words[start:])
    await finding.prepare()
    for word in words[:start] or ["."]:
        try:
            await finding.below(word)
        except VfsError as error:
            await finding.trouble(error)
        except _Ended:
            break
    await finding.finish()
    return finding.status


def _begins(word: str) -> bool:
    """Whether the expression starts at this word."""
    return (word[:1] == "-" and len(word) > 1) or word in OPERATORS


class _Ended(Exception):
    """-quit."""


class _Finding:
    """One call: what it looks for, what it holds back, and the status so far."""

    def __init__(self, ctx: Context, io: Io, words: Sequence[str]) -> None:
        self.ctx = ctx
        self.io = io
        self.status = 0
        self.held: list[Record] = []
        self.pruned = False
        self.top = ""
        self.references: list[tuple[str, list[float]]] = []
        self.gathered: list[tuple[list[str], list[str]]] = []
        self.criteria = Criteria(words, ctx.now(), self.test, self.action)
        if not self.criteria.acts:
            self.criteria.test = _then(self.criteria.test, self.printing)
        self.lists = self.criteria.most is not None or self.criteria.prunes or self.criteria.depth_first

    async def prepare(self) -> None:
        """Looks up what -newer compares with. Raises NotFound."""
        for word, found in self.references:
            _, node = await look(self.ctx, word)
            found.append(node.mtime.timestamp() if node.mtime else float("inf"))

    async def trouble(self, error: VfsError) -> None:
        await self.flush()
        self.status = max(self.status, await report(self.io, "find", error))

    async def finish(self) -> None:
        for argv, paths in self.gathered:
            await self.execute(argv, paths)
        await self.flush()

    async def flush(self) -> None:
        if self.held:
            held, self.held = self.held, []
            await self.io.stdout.put(held)

    # -- walking

    async def below(self, word: str) -> None:
        """An operand and all that is below it."""
        path, node = await look(self.ctx, word)
        self.top = word
        top = Seen(path, node, word, 0)
        if self.lists:
            await self.visit(top)
            return
        await self.judge(top)
        if not node.is_folder:
            return
        base = len(path.parts)
        async with Closing(self.ctx.tree.walk(path)) as pages:
            async for page in pages:
                for entry, inner in page:
                    rest = entry.parts[base:]
                    await self.judge(Seen(entry, inner, below(word, "/".join(rest)), len(rest)))
                await self.flush()

    async def visit(self, seen: Seen) -> None:
        """The same folder by folder, for what decides about each folder."""
        self.pruned = False
        if not self.criteria.depth_first:
            await self.judge(seen)
        most = self.criteria.most
        if seen.node.is_folder and not self.pruned and (most is None or seen.depth < most):
            try:
                async with Closing(self.ctx.tree.list(seen.path)) as pages:
                    async for page in pages:
                        for node in page:
                            word = below(seen.word, node.name)
                            await self.visit(Seen(seen.path.child(node.name), node, word, seen.depth + 1))
            except NotFound:
                if seen.depth == 0:
                    raise
            except VfsError as error:
                await self.trouble(error)
            await self.flush()
        self.pruned = False
        if self.criteria.depth_first:
            await self.judge(seen)

    async def judge(self, seen: Seen) -> None:
        if seen.depth >= self.criteria.least:
            await self.criteria.test(seen)

    # -- tests that need the tree

    def test(self, word: str, text: str) -> Test:
        if word == "-empty":
            return self.empty
        since: list[float] = []
        if word == "-newer":
            self.references.append((text, since))
        else:
            try:
                since.append(moment(text, self.ctx.now()).timestamp())
            except ValueError as wrong:
                raise Usage(str(wrong), status=1) from None

        async def newer(seen: Seen) -> bool:
            return seen.node.mtime is not None and seen.node.mtime.timestamp() > since[0]

        return newer

    async def empty(self, seen: Seen) -> bool:
        if not seen.node.is_folder:
            return seen.node.size == 0
        async with Closing(self.ctx.tree.list(seen.path)) as pages:
            async for page in pages:
                if page:
                    return False
        return True

    # -- actions

    def action(self, name: str, words: list[str]) -> Test:
        if name == "-exec":
            return self.executing(words)
        if name == "-exec+":
            return self.gathering(words[:-1])
        if name == "-printf":
            return self.formatting(words[0])
        plain: dict[str, Test] = {
            "-delete": self.deleting,
            "-print": self.printing,
            "-print0": self.printing_nul,
            "-prune": self.pruning,
            "-quit": self.quitting,
        }
        return plain[name]

    async def printing(self, seen: Seen) -> bool:
        self.held.append(record_of(seen.path, seen.node, seen.word))
        if len(self.held) >= HELD:
            await self.flush()
        return True

    async def printing_nul(self, seen: Seen) -> bool:
        await self.io.stdout.text(seen.word + "\0")
        return True

    async def pruning(self, seen: Seen) -> bool:
        self.pruned = True
        return True

    async def quitting(self, seen: Seen) -> bool:
        raise _Ended

    async def deleting(self, seen: Seen) -> bool:
        if seen.word == ".":
            return True
        try:
            await self.ctx.tree.remove(seen.path)
        except VfsError as error:
            await self.trouble(error)
            return False
        return True

    def formatting(self, form: str) -> Test:
        form = escaped(form)

        async def printf(seen: Seen) -> bool:
            await self.io.stdout.text(_filled(form, seen, self.top, self.ctx))
            return True

        return printf

    def executing(self, argv: list[str]) -> Test:
        async def execute(seen: Seen) -> bool:
            await self.flush()
            words = [word.replace("{}", seen.word) for word in argv]
            return await self.ctx.call(words, self.io._replace(stdin=Nothing())) == 0

        return execute

    def gathering(self, argv: list[str]) -> Test:
        paths: list[str] = []
        self.gathered.append((argv, paths))

        async def gather(seen: Seen) -> bool:
            paths.append(seen.word)
            if len(paths) >= TOGETHER:
                await self.execute(argv, paths)
            return True

        return gather

    async def execute(self, argv: list[str], paths: list[str]) -> None:
        if not paths:
            return
        await self.flush()
        words = [*argv, *paths]
        paths.clear()
        if await self.ctx.call(words, self.io._replace(stdin=Nothing())) != 0:
            self.status = max(self.status, 1)


def _then(test: Test, action: Test) -> Test:
    async def both(seen: Seen) -> bool:
        return await test(seen) and await action(seen)

    return both


def _filled(form: str, seen: Seen, top: str, ctx: Context) -> str:
    """A -printf format with its directives replaced."""
    parts: list[str] = []
    letters = iter(form)
    for letter in letters:
        parts.append(_value(next(letters, ""), seen, top, ctx) if letter == "%" else letter)
    return "".join(parts)


def _value(directive: str, seen: Seen, top: str, ctx: Context) -> str:
    folder, _, name = seen.word.rstrip("/").rpartition("/")
    node: Node = seen.node
    values = {
        "p": seen.word,
        "f": name or "/",
        "h": folder or ("/" if seen.word.startswith("/") else "."),
        "P": seen.word[len(top) :].lstrip("/"),
        "s": "?" if node.size is None else str(node.size),
        "d": str(seen.depth),
        "y": "d" if node.is_folder else "f",
        "t": minute(node.mtime, ctx.now().tzinfo),
        "%": "%",
    }
    if directive not in values:
        raise Usage(f"unknown directive %{directive} in -printf", status=1)
    return values[directive]


COMMAND = Command(
    "find",
    "look for entries below folders, by name, kind, size, time or attribute",
    Args,
    run,
    effects=Effect.READ,
    writes=Shape.RECORDS,
    group="Files",
    misuse=1,
    description="Usage: find [PATH]... [EXPRESSION]\n\n"
    "Entries come by name, folders before what is in them.\n\n" + EXPRESSION,
    examples=[
        Example("find /notes -name '*plan*'", "by name"),
        Example("find /files -type f -size +1M", "large files"),
        Example("find /notes -mtime -7 -exec head -1 {} +", "how the notes of this week begin"),
        Example("find /files -maxdepth 1 -type d", "the folders of one level"),
    ],
)

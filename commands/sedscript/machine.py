"""Machine: runs a sed program over lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from commands.command import Usage
from commands.regex.regex import Find, Searcher
from commands.sedscript.files import Files
from commands.sedscript.lines import Lines, no_blocks
from commands.sedscript.listing import WIDTH, listed
from commands.sedscript.program import After, Last, Line, Match, Program, Quit, Step
from commands.sedscript.substitute import substituted
from commands.stream import BLOCK
from vfs.drive import breathe

_TURN = 1000
"""Jumps within one line before others get their turn."""

Write = Callable[[bytes], Awaitable[None]]


class Machine:
    """A program with its pattern space and hold space."""

    def __init__(self, program: Program, files: Files, *, silent: bool, end: bytes) -> None:
        self.program = program
        self.silent = silent or program.silent
        self.names: list[tuple[int, str]] = [(1, "-")]
        """The inputs, each with the number of its first line."""
        self._files = files
        self._end = end
        self._space = b""
        self._hold = b""
        self._unended = self._hold_unended = False
        self._replaced = False
        self._regex: Searcher | None = None
        self._out: list[bytes] = []
        self._size = 0
        self._missing = False
        self._queue: list[tuple[str, bytes]] = []
        self._rest: dict[str, list[bytes]] = {}
        self._restart = False
        self._doing: dict[str, Callable[[Step], int | None]] = {
            "=": self._print_number, "F": self._print_name, "d": self._delete, "D": self._delete_line,
            "g": self._get, "G": self._get_more, "h": self._keep, "H": self._keep_more, "x": self._exchange,
            "z": self._empty, "p": self._print, "P": self._print_line, "l": self._list, "s": self._substitute,
            "y": self._transliterate, "a": self._append, "i": self._insert, "c": self._change,
            "b": self._branch, "t": self._branch_if, "T": self._branch_unless, "w": self._write,
            "W": self._write_line, "r": self._append, "R": self._append, "q": self._quit, "Q": self._leave,
            "{": self._enter, "n": self._next, "N": self._next_more,
        }  # fmt: skip

    async def run(self, lines: Lines, write: Write) -> None:
        """Runs over all lines. Raises Quit when the program says so; what was printed is written."""
        self._lines = lines
        try:
            while await self._start():
                await self._cycle()
                if self._size >= BLOCK:
                    await self._flush(write)
        finally:
            await self._flush(write)

    async def run_sieved(self, blocks: AsyncIterator[bytes], find: Find, write: Write) -> None:
        """Runs over blocks of whole lines, only lines that `find` finds being looked at.

        Raises Quit.
        """
        self._lines = Lines(no_blocks(), self._end)
        await self._lines.fill()
        try:
            async for block in blocks:
                await self._sieve(block, find)
                if self._size >= BLOCK:
                    await self._flush(write)
        finally:
            await self._flush(write)

    async def _sieve(self, block: bytes, find: Find) -> None:
        at = counted = 0
        while (place := find(block, at)) >= 0:
            start = block.rfind(b"\n", at, place) + 1 or at
            stop = block.find(b"\n", place) + 1 or len(block)
            if start > at and not self.silent:
                self._put(block[at:start])
            self._lines.number += block.count(b"\n", counted, start) + 1
            counted = at = stop
            self._space = block[start:stop].removesuffix(b"\n")
            self._unended = block[stop - 1] != 0x0A
            self._replaced = False
            await self._cycle()
            if at >= len(block):
                return
        if at < len(block) and not self.silent:
            self._put(block[at:])
        self._lines.number += block.count(b"\n", counted)

    def new_input(self) -> None:
        """Forgets ranges and what was read of `R` files: another file begins."""
        for step in self.program.steps:
            step.reset()

    async def _flush(self, write: Write) -> None:
        if self._out:
            data = b"".join(self._out)
            self._out.clear()
            self._size = 0
            await write(data)

    async def _start(self) -> bool:
        """Takes the next line, unless D wants to go on with what is left."""
        if self._restart:
            self._restart = False
            return True
        if self._lines.wanting:
            await self._lines.fill()
        if self._lines.over:
            return False
        self._take(b"")
        self._replaced = False
        return True

    async def _cycle(self) -> None:
        steps = self.program.steps
        lines = self._lines
        at, size, jumps = 0, len(steps), 0
        while at < size:
            if lines.wanting:
                await lines.fill()
            step = steps[at]
            if (step.first is not None or step.negated) and self._selected(step) is step.negated:
                at = step.skip
                continue
            if step.letter in "nN" and self._queue:
                await self._print_queue()
            try:
                following = self._doing[step.letter](step)
            except Quit:
                await self._print_queue()
                raise
            if following is None:
                at += 1
                continue
            at = following
            jumps += 1
            if jumps % _TURN == 0:
                await breathe()
        if at == size and not self.silent:
            self._emit(self._space)
        if self._queue:
            await self._print_queue()

    # -- addresses

    def _selected(self, step: Step) -> bool:
        if step.second is None:
            return step.first is None or self._fits(step.first)
        number = self._lines.number
        if step.active:
            if step.end is not None:
                step.active = number < step.end
                return number <= step.end
            if isinstance(step.second, Line):
                step.end = step.second.number
                return self._selected(step)
            step.active = not self._fits(step.second)
            return True
        if step.first is None or not self._fits(step.first):
            return False
        step.end = self._range_end(step, number)
        step.active = step.end is None or step.end > number
        return True

    def _range_end(self, step: Step, number: int) -> int | None:
        match step.second:
            case Line(end, None):
                return end
            case After(lines, True):
                return number if lines <= 0 else (number // lines + 1) * lines
            case After(lines, False):
                return number + lines
            case _:
                return None

    def _fits(self, address: Line | Last | Match | After) -> bool:
        match address:
            case Line(number, None):
                return self._lines.number == number
            case Line(number, step):
                here = self._lines.number
                return here == number if not step else here >= number and (here - number) % step == 0
            case Last():
                return self._lines.over
            case Match(regex):
                return self._last_regex(regex).search(self._space) is not None
        return False

    def _last_regex(self, regex: Searcher | None) -> Searcher:
        """The regex, or the one used last where it is empty."""
        if regex is None:
            if self._regex is None:
                raise Usage("no previous regular expression")
            return self._regex
        self._regex = regex
        return regex

    # -- output

    def _put(self, data: bytes) -> None:
        if self._missing:
            self._missing = False
            data = self._end + data
        self._out.append(data)
        self._size += len(data)

    def _take(self, before: bytes) -> None:
        """Takes the next line behind `before`."""
        self._space = before + self._lines.take()
        self._unended = self._lines.unended

    def _emit(self, text: bytes) -> None:
        """Prints a text as a line; without its end where the input's last line had none."""
        if self._unended:
            self._put(text)
            self._missing = True
        else:
            self._put(text + self._end)

    async def _print_queue(self) -> None:
        queue, self._queue = self._queue, []
        for letter, text in queue:
            if letter != "R":
                self._put(b"")
            if letter == "a":
                self._put(text)
                continue
            name = text.decode("utf-8", "surrogateescape")
            if letter == "r":
                content = await self._files.content(name)
                if content:
                    self._put(content)
                continue
            if name not in self._rest:
                lines = (await self._files.content(name)).split(self._end)
                last = lines.pop()
                self._rest[name] = [line + self._end for line in lines] + ([last] if last else [])
            if self._rest[name]:
                self._put(self._rest[name].pop(0))

    # -- commands; each returns where to go on, None for the next step

    @property
    def _stop(self) -> int:
        """Beyond the end of the program: the cycle is over and prints nothing."""
        return len(self.program.steps) + 1

    def _enter(self, step: Step) -> None:
        return None

    def _print_number(self, step: Step) -> None:
        self._put(b"%d\n" % self._lines.number)

    def _print_name(self, step: Step) -> None:
        name = next(name for first, name in reversed(self.names) if first <= self._lines.number)
        self._put(name.encode("utf-8", "surrogateescape") + b"\n")

    def _delete(self, step: Step) -> int:
        return self._stop

    def _delete_line(self, step: Step) -> int:
        _, newline, rest = self._space.partition(b"\n")
        if newline:
            self._space = rest
            self._restart = True
        return self._stop

    def _get(self, step: Step) -> None:
        self._space, self._unended = self._hold, self._hold_unended

    def _get_more(self, step: Step) -> None:
        self._space += self._end + self._hold
        self._unended = self._hold_unended

    def _keep(self, step: Step) -> None:
        self._hold, self._hold_unended = self._space, self._unended

    def _keep_more(self, step: Step) -> None:
        self._hold += self._end + self._space
        self._hold_unended = self._unended

    def _exchange(self, step: Step) -> None:
        self._space, self._hold = self._hold, self._space
        self._unended, self._hold_unended = self._hold_unended, self._unended

    def _empty(self, step: Step) -> None:
        self._space = b""

    def _print(self, step: Step) -> None:
        self._emit(self._space)

    def _print_line(self, step: Step) -> None:
        line, newline, _ = self._space.partition(b"\n")
        if newline:
            self._put(line + self._end)
        else:
            self._emit(line)

    def _next(self, step: Step) -> int | None:
        if self._lines.over:
            return self._end_of_input()
        if not self.silent:
            self._emit(self._space)
        self._take(b"")
        return None

    def _next_more(self, step: Step) -> int | None:
        if self._lines.over:
            return self._end_of_input()
        self._take(self._space + self._end)
        return None

    def _end_of_input(self) -> int:
        return len(self.program.steps)

    def _substitute(self, step: Step) -> None:
        what = step.substitution
        assert what is not None
        result = substituted(what, self._last_regex(what.regex), self._space)
        if result is None:
            return
        self._space = result
        self._replaced = True
        for _ in range(what.printed):
            self._emit(result)
        if what.file is not None:
            self._to_file(what.file, result)

    def _transliterate(self, step: Step) -> None:
        text = self._space.decode("utf-8", "surrogateescape").translate(step.table)
        self._space = text.encode("utf-8", "surrogateescape")

    def _append(self, step: Step) -> None:
        self._queue.append((step.letter, step.text))

    def _insert(self, step: Step) -> None:
        self._put(step.text)

    def _change(self, step: Step) -> int:
        if step.second is None or step.negated or not step.active:
            self._put(step.text)
        return self._stop

    def _branch(self, step: Step) -> int:
        return step.target

    def _branch_if(self, step: Step) -> int | None:
        replaced, self._replaced = self._replaced, False
        return step.target if replaced else None

    def _branch_unless(self, step: Step) -> int | None:
        replaced, self._replaced = self._replaced, False
        return None if replaced else step.target

    def _write(self, step: Step) -> None:
        self._to_file(step.text.decode("utf-8", "surrogateescape"), self._space)

    def _write_line(self, step: Step) -> None:
        line, newline, _ = self._space.partition(b"\n")
        self._to_file(step.text.decode("utf-8", "surrogateescape"), line, ended=bool(newline))

    def _to_file(self, name: str, text: bytes, *, ended: bool = False) -> None:
        if name == "/dev/stdout":
            self._emit(text)
        else:
            self._files.write(name, text if self._unended and not ended else text + self._end, self._end)

    def _quit(self, step: Step) -> None:
        if not self.silent:
            self._emit(self._space)
        raise Quit(step.number or 0)

    def _leave(self, step: Step) -> None:
        self._queue.clear()
        raise Quit(step.number or 0)

    def _list(self, step: Step) -> None:
        width = WIDTH if step.number is None else step.number
        self._put(listed(self._space, width if width > 1 else 0))

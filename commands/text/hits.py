"""Hits: how grep prints the lines that it selected: prefixes, numbers, context, only what matched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from commands.stream import BLOCK, Sink, to_bytes
from commands.text.selecting import Range, Selection, lines_in, matches_in


class Layout(NamedTuple):
    """What stands on a line of output."""

    name: bool = False
    number: bool = False
    offset: bool = False
    only: bool = False
    """Only what matched, each match on its line."""
    before: int = 0
    after: int = 0
    null: bool = False
    """A NUL after the name."""
    tab: bool = False
    painted: bool = False
    as_text: bool = False
    """Lines that are not UTF-8 are printed all the same."""

    @property
    def plain(self) -> bool:
        """Whether selected lines go out as they are."""
        return not (
            self.name or self.number or self.offset or self.only or self.before or self.after or self.painted
        )


class Hits:
    """Prints the selected lines of one input after another to `out`."""

    def __init__(self, out: Sink, layout: Layout) -> None:
        self.out = out
        self.layout = layout
        self._held: list[bytes] = []
        self._size = 0
        self._any = False
        self.binary = False
        """Whether a selected line was left out, since it is no text."""

    def start(self, name: str) -> None:
        """Begins the next input."""
        self.binary = False
        self._name = to_bytes(name)
        self._number = 1
        self._offset = 0
        self._kept = b""
        self._after = 0
        self._adjacent = False

    async def add(self, block: bytes, selection: Selection) -> None:
        """Prints what is selected from a block of whole lines."""
        if self.layout.plain:
            await self._add_plain(block, selection)
        elif self.layout.before or self.layout.after:
            await self._add_with_context(block, selection)
        else:
            await self._add_detailed(block, selection)
        if self._size >= BLOCK:
            await self.flush()

    async def flush(self) -> None:
        """Hands on what is held."""
        if self._held:
            data = b"".join(self._held)
            self._held.clear()
            self._size = 0
            await self.out.write(data)

    async def _add_plain(self, block: bytes, selection: Selection) -> None:
        ranges = selection.ranges(block)
        if not ranges:
            return
        if not self._is_text(block):
            lines = [line for start, stop in ranges for line in lines_in(block, start, stop)]
            ranges = [line for line in lines if self._is_text(block[line[0] : line[1]])]
            self.binary = self.binary or len(ranges) < len(lines)
            if not ranges:
                return
        self._hold(b"".join([block[start:stop] for start, stop in ranges]))
        if ranges[-1][1] == len(block) and not block.endswith(b"\n"):
            self._hold(b"\n")

    async def _add_detailed(self, block: bytes, selection: Selection) -> None:
        ranges: Iterable[Range] = selection.ranges(block)
        if selection.inverted:
            ranges = [line for start, stop in ranges for line in lines_in(block, start, stop)]
        layout = self.layout
        if layout.only or layout.painted or layout.offset or layout.tab or not self._is_text(block):
            await self._add_one_by_one(block, ranges, selection)
        else:
            self._add_together(block, ranges)
        self._offset += len(block)

    def _add_together(self, block: bytes, ranges: Iterable[Range]) -> None:
        """Prints lines that need no closer look, with name and number."""
        name = self._name + (b"\0" if self.layout.null else b":") if self.layout.name else b""
        out: list[bytes] = []
        if self.layout.number:
            number, counted = self._number, 0
            for start, stop in ranges:
                number += block.count(b"\n", counted, start)
                counted = start
                out.append(b"%b%d:%b" % (name, number, block[start:stop]))
            self._number = number + block.count(b"\n", counted)
        else:
            out = [name + block[start:stop] for start, stop in ranges]
        if out:
            self._hold(b"".join(out))
            if not out[-1].endswith(b"\n"):
                self._hold(b"\n")

    async def _add_one_by_one(self, block: bytes, ranges: Iterable[Range], selection: Selection) -> None:
        number, counted = self._number, 0
        numbered = self.layout.number
        for start, stop in ranges:
            if numbered:
                number += block.count(b"\n", counted, start)
                counted = start
            await self._line(block[start:stop], b":", number, self._offset + start, selection)
        self._number = number + (block.count(b"\n", counted) if numbered else 0)

    async def _add_with_context(self, block: bytes, selection: Selection) -> None:
        """`_kept` are the lines before the block that may still be wanted as context."""
        text = self._kept + block
        done = 0
        number, offset = self._number, self._offset
        first_new = len(self._kept)
        for start, stop in selection.ranges(text, first_new):
            done, number = await self._trailing(text, done, start, number, selection)
            lead = _back(text, start, done, self.layout.before)
            if lead > done or not self._adjacent:
                if self._any and (lead > done or not self._adjacent):
                    self._hold(b"--\n")
                number += text.count(b"\n", done, lead)
            number = await self._lines(text, lead, start, b"-", number, selection)
            number = await self._lines(text, start, stop, b":", number, selection)
            done = stop
            self._after = self.layout.after
            self._any = self._adjacent = True
        done, number = await self._trailing(text, done, len(text), number, selection)
        keep = max(_back(text, len(text), done, self.layout.before), done)
        if keep > done:
            self._adjacent = False
            number += text.count(b"\n", done, keep)
        self._number = number
        self._offset = offset + keep
        self._kept = text[keep:]

    async def _trailing(
        self, text: bytes, done: int, limit: int, number: int, selection: Selection
    ) -> tuple[int, int]:
        """Prints the context that the last selected line still claims, up to `limit`."""
        while self._after and done < limit:
            stop = text.find(b"\n", done) + 1 or len(text)
            number = await self._lines(text, done, stop, b"-", number, selection)
            done = stop
            self._after -= 1
        return done, number

    async def _lines(
        self, text: bytes, start: int, stop: int, mark: bytes, number: int, selection: Selection
    ) -> int:
        for line_start, line_stop in lines_in(text, start, stop):
            await self._line(text[line_start:line_stop], mark, number, self._offset + line_start, selection)
            number += 1
        return number

    async def _line(self, line: bytes, mark: bytes, number: int, offset: int, selection: Selection) -> None:
        line = line.removesuffix(b"\n")
        if not self.layout.only and not self._is_text(line):
            self.binary = True
            return
        matches: Sequence[Range] = ()
        regex = selection.regex
        if regex is not None and (self.layout.only or self.layout.painted) and not selection.inverted:
            matches = list(matches_in(regex, line)) if mark == b":" else ()
        if self.layout.only:
            for start, stop in matches:
                if not self._is_text(line[start:stop]):
                    self.binary = True
                    continue
                prefix = self._prefix(b":", number, offset + start)
                await self._print(prefix, line[start:stop], ((0, stop - start),))
            return
        await self._print(self._prefix(mark, number, offset), line, matches)

    def _prefix(self, mark: bytes, number: int, offset: int) -> bytes:
        layout = self.layout
        prefix = self._name + (b"\0" if layout.null else mark) if layout.name else b""
        if layout.number:
            prefix += b"%d%b" % (number, mark)
        if layout.offset:
            prefix += b"%d%b" % (offset, mark)
        return prefix + b"\t" if layout.tab and prefix else prefix

    async def _print(self, prefix: bytes, line: bytes, matches: Sequence[Range]) -> None:
        if not self.layout.painted:
            self._hold(prefix + line + b"\n")
            return
        await self.flush()
        spans = [(_text(prefix), "dim")] if prefix else []
        at = 0
        for start, stop in matches:
            spans += [(_text(line[at:start]), ""), (_text(line[start:stop]), "red bold")]
            at = stop
        await self.out.paint([*spans, (_text(line[at:]) + "\n", "")])

    def _is_text(self, data: bytes) -> bool:
        if self.layout.as_text or data.isascii():
            return True
        try:
            data.decode()
        except UnicodeDecodeError:
            return False
        return True

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._size += len(data)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _back(text: bytes, start: int, floor: int, lines: int) -> int:
    """Where the line stands that is `lines` before `start`, not before `floor`."""
    for _ in range(lines):
        if start <= floor:
            break
        start = max(text.rfind(b"\n", floor, start - 1) + 1, floor)
    return start

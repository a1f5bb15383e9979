"""Terminal: the sink in front of a person's screen.

No control character gets through but newline and tab, whoever wrote it: text is made visible,
records are drawn as a table, and colour comes only from `paint`.
"""

from __future__ import annotations

import os
from codecs import getincrementaldecoder
from collections.abc import Mapping, Sequence
from typing import Literal

from commands.render.fds import FdSink
from commands.render.letters import drawn
from commands.render.table import Table
from commands.stream import Record, Sink
from vfs.visible import visible

Colour = Literal["auto", "always", "never"]

_SGR = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "underline": "4",
    "reverse": "7",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


def wants_colour(env: Mapping[str, str], choice: Colour = "auto") -> bool:
    """Whether a terminal is to be painted: NO_COLOR and TERM=dumb say no unless `choice` decides."""
    if choice != "auto":
        return choice == "always"
    return not env.get("NO_COLOR") and env.get("TERM", "dumb") not in ("", "dumb")


class Terminal(Sink):
    """A terminal. `out` is its descriptor, or a sink that takes what would go there."""

    tty = True

    def __init__(
        self,
        out: int | Sink,
        *,
        env: Mapping[str, str] | None = None,
        colour: Colour = "auto",
        width: int | None = None,
    ) -> None:
        self._out = FdSink(out, "the terminal") if isinstance(out, int) else out
        self._fd = out if isinstance(out, int) else None
        self._fixed = width
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")
        self._held = ""
        self._table: Table | None = None
        known = os.environ if env is None else env
        self.colour = wants_colour(known, colour)
        self._dumb = known.get("TERM", "dumb") in ("", "dumb")

    @property
    def fd(self) -> int | None:
        """The descriptor of a real terminal, for a host command that needs one."""
        return self._fd

    @property
    def width(self) -> int:  # type: ignore[override]
        """Its columns as they are at this moment."""
        if self._fixed is not None:
            return self._fixed
        if self._fd is not None:
            try:
                return os.get_terminal_size(self._fd).columns or 80
            except OSError:
                pass
        return 80

    async def write(self, data: bytes) -> None:
        self._table = None
        text = self._held + self._decoder.decode(data)
        self._held = "\r" if text.endswith("\r") else ""
        await self._show(text.removesuffix("\r").replace("\r\n", "\n"))

    async def put(self, records: Sequence[Record]) -> None:
        await self._finish_text()
        start = 0
        for at in range(1, len(records) + 1):
            if at == len(records) or bool(records[at].fields) != bool(records[start].fields):
                batch = records[start:at]
                await (self._draw(batch) if batch[0].fields else self._lines(batch))
                start = at

    async def paint(self, spans: Sequence[tuple[str, str]]) -> None:
        await self._finish_text()
        self._table = None
        await self._out.text("".join([self._painted(text, style) for text, style in spans]))

    async def clear(self) -> None:
        self._table = None
        if not self._dumb:
            await self._out.text("\x1b[H\x1b[2J\x1b[3J")

    async def flush(self) -> None:
        """Shows all that was written. What comes next is another command's, with a table of its own."""
        await self._finish_text()
        self._table = None
        await self._out.flush()

    async def _finish_text(self) -> None:
        """Shows what was held back for a character or a line end that did not come."""
        text = self._held + self._decoder.decode(b"", True)
        self._held = ""
        await self._show(text)

    async def _show(self, text: str) -> None:
        if text:
            await self._out.text(visible(text))

    def _painted(self, text: str, style: str) -> str:
        shown = visible(text)
        codes = ";".join([_SGR[word] for word in style.split()])
        return f"\x1b[{codes}m{shown}\x1b[0m" if codes and shown and self.colour else shown

    async def _lines(self, records: Sequence[Record]) -> None:
        self._table = None
        await self._show("".join([record.text + "\n" for record in records]))

    async def _draw(self, records: Sequence[Record]) -> None:
        records = [drawn(record) for record in records]
        table = self._table
        shown: list[str] = []
        if table is None or not any(table.accepts(record) for record in records):
            if table is not None:
                shown.append("\n")
            table = self._table = Table(records, self.width)
            if not table.bare:
                shown.append(self._painted(table.header(), "bold") + "\n")
        shown += [line.rstrip() + "\n" for line in table.lines(records)]
        await self._out.text("".join(shown))

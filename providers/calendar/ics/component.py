"""Components: what stands between BEGIN and END, as a tree that is written back as it was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from providers.calendar.ics.lines import BOM, CRLF, Line, lines_of

DEEPEST = 16
"""Components inside one another; what is deeper is kept as lines of the last."""


class Component:
    """One component, or with the name "" a whole file."""

    __slots__ = ("begin", "end", "name", "parts")

    def __init__(self, name: str, begin: Line | None = None) -> None:
        self.name = name
        """In capitals."""
        self.begin = begin
        self.end: Line | None = None
        self.parts: list[Line | Component] = []
        """In the order of the file."""

    @classmethod
    def new(cls, name: str, lines: Sequence[Line] = (), end: bytes = CRLF) -> Component:
        """A component that no file has had."""
        made = cls(name, Line.of("BEGIN", name, end=end))
        made.end = Line.of("END", name, end=end)
        made.parts.extend(lines)
        return made

    def copy(self) -> Component:
        """A tree of its own; the lines, which never change, are shared."""
        made = Component(self.name, self.begin)
        made.end = self.end
        made.parts = [part.copy() if isinstance(part, Component) else part for part in self.parts]
        return made

    def components(self, *names: str) -> Iterator[Component]:
        """The components inside, of one of `names` where some are given."""
        return (
            part for part in self.parts if isinstance(part, Component) and (not names or part.name in names)
        )

    def lines(self, *names: str) -> Iterator[Line]:
        """Its own lines, of one of `names` where some are given."""
        return (part for part in self.parts if isinstance(part, Line) and (not names or part.name in names))

    def by_name(self) -> dict[str, list[Line]]:
        """Its own lines by their names."""
        found: dict[str, list[Line]] = {}
        for line in self.lines():
            found.setdefault(line.name, []).append(line)
        return found

    def first(self, name: str) -> Line | None:
        return next(self.lines(name), None)

    def value(self, name: str) -> str:
        """The value of the first such line, with its escapes; "" without one."""
        line = self.first(name)
        return "" if line is None else line.value

    def put(self, line: Line) -> None:
        """Sets a property: in the place of those of its name, else after the last line."""
        places = [
            at for at, part in enumerate(self.parts) if isinstance(part, Line) and part.name == line.name
        ]
        for at in reversed(places[1:]):
            del self.parts[at]
        if places:
            self.parts[places[0]] = line
        else:
            self.add(line)

    def add(self, line: Line) -> None:
        """One more line, after the last and before the components inside."""
        at = len(self.parts)
        while at and isinstance(self.parts[at - 1], Component):
            at -= 1
        self.parts.insert(at, line)

    def drop(self, *names: str) -> None:
        """Takes out all its own lines of these names."""
        self.parts = [part for part in self.parts if isinstance(part, Component) or part.name not in names]

    def remove(self, inner: Component) -> None:
        """Takes out one component."""
        self.parts = [part for part in self.parts if part is not inner]

    def close(self, end: bytes) -> None:
        """Ends what a file has left open, so that something can be written after it."""
        for part in self.components():
            part.close(end)
            if part.end is None:
                part.end = Line(b"END:" + part.name.encode("utf-8", "replace") + end)

    def raw(self) -> bytes:
        """Its bytes, from BEGIN to END."""
        pieces: list[bytes] = []
        self._gather(pieces)
        return b"".join(pieces)

    def _gather(self, pieces: list[bytes]) -> None:
        if self.begin is not None:
            pieces.append(self.begin.raw)
        for part in self.parts:
            if isinstance(part, Line):
                pieces.append(part.raw)
            else:
                part._gather(pieces)
        if self.end is not None:
            pieces.append(self.end.raw)


def parse(data: bytes) -> Component:
    """A file as a tree. Never raises: what fits nowhere stays a line, what is open ends with the file."""
    root = Component("")
    stack = [root]
    for line in lines_of(data):
        mark = line.raw.removeprefix(BOM)[:6].upper()
        if mark == b"BEGIN:" and len(stack) <= DEEPEST:
            inner = Component(line.value.strip().upper(), line)
            stack[-1].parts.append(inner)
            stack.append(inner)
        elif mark[:4] != b"END:" or not _closed(stack, line):
            stack[-1].parts.append(line)
    return root


def _closed(stack: list[Component], line: Line) -> bool:
    """Ends the innermost component that `line` names, and those inside it; False when none is open.

    A name whose letters are out of order ends the component that they spell, or all behind it would be lost.
    """
    name = line.value.strip().upper()
    if len(stack) > 1 and sorted(stack[-1].name) == sorted(name):
        name = stack[-1].name
    for at in range(len(stack) - 1, 0, -1):
        if stack[at].name == name:
            stack[at].end = line
            del stack[at:]
            return True
    return False


def line_end(root: Component) -> bytes:
    """How the lines of a file end: as its first does."""
    for part in root.parts:
        line = part if isinstance(part, Line) else part.begin
        if line is not None:
            return line.raw[len(line.raw.rstrip(b"\r\n")) :] if line.raw.endswith((b"\r", b"\n")) else CRLF
    return CRLF

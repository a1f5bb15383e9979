"""Table: records drawn in columns that fit a terminal, decided by the first batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from unicodedata import normalize

from commands.render.cells import cell
from commands.render.measure import fit, pad, width
from commands.stream import Record
from vfs.node import Value
from vfs.visible import visible_line

GAP = 2
"""Blank columns between two columns."""

NARROW = 20
"""A column of text is cut to this before another column is left out."""

LEGIBLE = 16
"""What the column that tells the rows apart is cut to before words are left out."""

NARROWEST = 8
"""What it is cut to before numbers and dates are left out."""

_SHORT = 12
"""Text up to this width is a word such as a status, which is kept like a number."""

_ASIDE = ("etag", "id", "mime")
"""Fields that give way first where room is short, together with those that hold hashes and the like."""

_OPAQUE = re.compile(r"[0-9a-f-]{32,}")

_COMMON = ("size", "mtime")
"""What every entry has. What only its mount says of it (due, from, amount) goes before."""

_NAMING = ("kind", "mode", "name", "path", "rank", "title", *_COMMON)


class _Column:
    """One field: its natural width, the width it is drawn in, and how."""

    __slots__ = ("aside", "drawn", "field", "label", "least", "natural", "number", "text")

    def __init__(self, field: str, values: Sequence[Value]) -> None:
        told = [value for value in values if value is not None]
        self.field = field
        self.label = visible_line(field)
        self.number = bool(told) and all(
            isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in told
        )
        self.aside = field in _ASIDE or (
            bool(told) and all(isinstance(value, str) and _OPAQUE.fullmatch(value) for value in told)
        )
        self.text = not self.number and any(isinstance(value, str | tuple) for value in told)
        self.natural = max([width(self.label), *(width(cell(field, value)) for value in values)])
        self.least = min(self.natural, NARROW) if self.text else self.natural
        self.drawn = self.natural

    @property
    def long(self) -> bool:
        return self.text and self.natural > _SHORT

    def show(self, text: str, *, last: bool) -> str:
        """`text` in this column: padded, unless it is text at the end of the line. Only text is cut."""
        cut = fit(text, self.drawn) if self.text else text
        return cut if last and not self.number else pad(cut, self.drawn, right=self.number)


class Table:
    """The columns that the first records ask for, as far as `room` reaches.

    Where room is short, fields that say nothing here give way first, then long texts are cut to
    NARROW, then columns are left out, which the header says with `…`: long texts from the right,
    then what every entry has, then the rest from the right. Numbers and dates are never cut.
    """

    def __init__(self, records: Sequence[Record], room: int) -> None:
        fields: dict[str, None] = {}
        for record in records:
            fields.update(dict.fromkeys(record.fields))
        every = [_Column(field, [record.fields.get(field) for record in records]) for field in fields]
        self.room = room
        self.columns, self.left_out = _chosen(every, records, room)
        _share(self.columns, room - 2 if self.left_out else room)

    @property
    def bare(self) -> bool:
        """One column needs no header."""
        return len(self.columns) == 1 and not self.left_out

    def accepts(self, record: Record) -> bool:
        """Whether the record has anything to show in these columns."""
        return any(column.field in record.fields for column in self.columns)

    def header(self) -> str:
        last = len(self.columns) - 1
        shown = [column.show(column.label, last=at == last) for at, column in enumerate(self.columns)]
        line = (" " * GAP).join(shown)
        return line + " …" if self.left_out and width(line) + 2 <= self.room else line

    def lines(self, records: Sequence[Record]) -> list[str]:
        """The rows of a batch. Columns that turn out too narrow grow while there is room."""
        rows = [
            [cell(column.field, record.fields.get(column.field)) for column in self.columns]
            for record in records
        ]
        self._grow(rows)
        last = len(self.columns) - 1
        return [
            (" " * GAP).join(
                [column.show(row[at], last=at == last) for at, column in enumerate(self.columns)]
            )
            for row in rows
        ]

    def _grow(self, rows: Sequence[Sequence[str]]) -> None:
        wanted = [max((width(row[at]) for row in rows), default=0) for at in range(len(self.columns))]
        spare = self.room - _total(column.drawn for column in self.columns)
        for column, wish in sorted(zip(self.columns, wanted, strict=True), key=lambda pair: pair[0].text):
            missing = wish - column.drawn
            if not column.text:
                spare += self._taken(missing - spare)
            grown = max(0, min(missing, spare) if column.text else missing)
            column.drawn += grown
            spare = max(0, spare - grown)

    def _taken(self, missing: int) -> int:
        """Columns that texts give up for a number that turns out longer, the widest first."""
        got = 0
        for column in sorted(self.columns, key=lambda column: -column.drawn):
            if column.text and missing > got:
                given = max(0, min(missing - got, column.drawn - NARROWEST))
                column.drawn -= given
                got += given
        return got


def _total(widths: Iterable[int]) -> int:
    listed = list(widths)
    return sum(listed) + GAP * (len(listed) - 1)


def _chosen(every: list[_Column], records: Sequence[Record], room: int) -> tuple[list[_Column], int]:
    """The columns that fit, and how many are missed."""
    if not every:
        return [], 0
    columns = list(every)
    missed = 0
    for going in _gives_way([record.fields for record in records], columns):
        if _total(column.natural for column in columns) <= room:
            break
        columns.remove(going)
        missed += going.aside
    main = next((column for column in columns if column.long), columns[0])
    for column in _sacrifices(columns, main):
        if _total(column.least for column in columns) <= room:
            break
        columns.remove(column)
        missed += 1
    for least in (LEGIBLE, NARROWEST):
        if main.text:
            short = _total(column.least for column in columns) - room
            main.least = max(min(main.least, least), main.least - max(0, short))
        for column in [column for column in reversed(columns) if column.text and column is not main]:
            if _total(column.least for column in columns) > room:
                columns.remove(column)
                missed += 1
    while len(columns) > 1 and _total(column.least for column in columns) > room:
        columns.remove(next(column for column in reversed(columns) if column is not main))
        missed += 1
    return columns, missed


def _sacrifices(columns: Sequence[_Column], main: _Column) -> list[_Column]:
    """What is left out before `main`, which tells the rows apart, is cut further."""
    going = [column for column in reversed(columns) if column.long and column is not main]
    if any(column.field not in _NAMING and column not in going for column in columns):
        going += [column for column in columns if column.field in _COMMON and column is not main]
    return going


def _gives_way(rows: Sequence[Mapping[str, Value]], columns: Sequence[_Column]) -> list[_Column]:
    """Fields that say least, in the order in which they go; one at least always stays."""
    names = {column.field: column for column in columns}
    going = [name for name in names if all(row.get(name) in (None, "", ()) for row in rows)]
    if "name" in names and "path" in names:
        folders = {str(row.get("path")).rpartition("/")[0] for row in rows}
        going.append("path" if len(folders) == 1 else "name")
    going += [name for name, column in names.items() if column.aside]
    if "kind" in names and len({row.get("kind") for row in rows}) == 1:
        going.append("kind")
    if "name" in names and "title" in names and _repeats(rows):
        going.append("title")
    order = [names[name] for name in dict.fromkeys(going)]
    return order if len(order) < len(names) else order[:-1]


def _repeats(rows: Sequence[Mapping[str, Value]]) -> bool:
    """Whether nearly all names are made of the titles beside them."""
    same = sum(_letters(row.get("title")).startswith(_letters(_stem(row.get("name")))) for row in rows)
    return same * 10 >= len(rows) * 9


def _stem(name: Value) -> str:
    return str(name).rpartition(".")[0].partition("~")[0] or str(name)


def _letters(value: Value) -> str:
    kept = normalize("NFKD", str(value or "")).casefold()
    return "".join([char for char in kept if char.isalnum()])


def _share(columns: Sequence[_Column], room: int) -> None:
    """Gives each column its least width, and what is left over from the left on."""
    spare = room - _total(column.least for column in columns)
    for column in columns:
        grown = max(0, min(column.natural - column.least, spare))
        column.drawn = column.least + grown
        spare -= grown
    if len(columns) == 1 and columns[0].text:
        columns[0].drawn = min(columns[0].natural, room)

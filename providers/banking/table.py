"""A statement in CSV as a table: its separator, its rows, and where its heading is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import overload

from providers.banking.days import is_day
from providers.banking.headers import loosely, role_of
from providers.banking.statement import MOST_LINES, Problems, Unreadable
from vfs.money import BadAmount, TwoReadings, read_money

SEPARATORS = (",", ";", "\t", "|")
_PREAMBLE = 60
"""Lines before the heading that are looked at."""

_BEGINNING = 2 * _PREAMBLE
_MOST_COLUMNS = 200
_SPAN = 20
"""Lines that one quoted cell may have."""

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")

Row = tuple[int, list[str]]
"""The line on which a row begins, and its cells."""


class EvenRows(Sequence[Row]):
    """Rows of equally many cells, each on a line of its own, kept a column at a time."""

    def __init__(self, first: int, columns: Sequence[Sequence[str]]) -> None:
        self.first = first
        """The line of the first row."""
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    def __iter__(self) -> Iterator[Row]:
        return enumerate(map(list, zip(*self.columns, strict=True)), self.first)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        return self.first + range(len(self))[at], [column[at] for column in self.columns]


class Table:
    """The rows of a statement."""

    def __init__(
        self, separator: str, preamble: Sequence[Row], heading: list[str], rows: Sequence[Row]
    ) -> None:
        self.separator = separator
        self.preamble = preamble
        self.heading = heading
        """The cells of the heading; empty where there is none."""
        self.rows = rows
        self._columns: dict[int, Sequence[str]] = {}
        self._distinct: dict[int, list[str]] = {}

    @property
    def width(self) -> int:
        return max((len(cells) for _, cells in self.rows[:500]), default=0)

    def even(self) -> Sequence[Sequence[str]] | None:
        """The columns of all rows; None unless these have equally many cells."""
        if isinstance(self.rows, EvenRows):
            return self.rows.columns
        rows = [cells for _, cells in self.rows]
        return list(zip(*rows, strict=True)) if len(set(map(len, rows))) == 1 else None

    def column(self, at: int) -> Sequence[str]:
        """The cells of a column that hold something."""
        found = self._columns.get(at)
        if found is None:
            if isinstance(self.rows, EvenRows):
                found = self.rows.columns[at] if at < len(self.rows.columns) else []
            else:
                found = [cells[at] for _, cells in self.rows if at < len(cells)]
            if not all(map(str.strip, found)):
                found = [cell for cell in found if cell.strip()]
            self._columns[at] = found
        return found

    def distinct(self, at: int) -> list[str]:
        """The same without those that came before."""
        found = self._distinct.get(at)
        if found is None:
            self._distinct[at] = found = list(dict.fromkeys(self.column(at)))
        return found

    def beginning(self, at: int) -> list[str]:
        """The first cells of a column that hold something."""
        return [cells[at] for _, cells in self.rows[:200] if at < len(cells) and cells[at].strip()]

    def own_number(self) -> str:
        """The IBAN that the lines above the heading name; "" for none, or more than one."""
        text = "\n".join(" ".join(cells) for _, cells in self.preamble)
        found = {match.group().replace(" ", "") for match in _IBAN.finditer(text)}
        return found.pop() if len(found) == 1 else ""


def table_of(text: str, header: str, problems: Problems) -> Table:
    """The table of a text. Raises Unreadable for what is none."""
    lines = list(StringIO(text, newline="")) if '"' in text else _bare_lines(text)
    if len(lines) > MOST_LINES:
        raise Unreadable(f"has {len(lines):,} lines; at most {MOST_LINES:,} are read at once", "split it")
    hint = re.match(r"sep=(.)\r?\n?$", lines[0]) if lines else None
    start = 1 if hint else 0
    separator = hint.group(1) if hint else _separator(lines[:_PREAMBLE])
    head = [] if '"' in text else list(_rows(lines[start : start + _BEGINNING], separator, start, Problems()))
    if len(head) > _PREAMBLE:
        at, first = _parts(head, header)
        even = _even(lines, head[first][0], separator)
        if even is not None:
            return Table(separator, head[: at if at >= 0 else first], _named(head, at), even)
    rows = list(_rows(lines[start:], separator, start, problems))
    if not rows:
        raise Unreadable("has no rows")
    at, first = _parts(rows, header)
    return Table(separator, rows[: at if at >= 0 else first], _named(rows, at), rows[first:])


def _bare_lines(text: str) -> list[str]:
    """The lines of a text without quotes, which end where each line ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removesuffix("\n").split("\n")


def _named(rows: Sequence[Row], at: int) -> list[str]:
    return [cell.strip() for cell in rows[at][1]] if at >= 0 else []


def _parts(rows: Sequence[Row], header: str) -> tuple[int, int]:
    """Which row is the heading, -1 for none, and which is the first below it."""
    at = _heading(rows[:_PREAMBLE]) if header != "no" else -1
    if header == "yes" and at < 0:
        at = 0
    if at >= 0:
        return at, at + 1
    first = next((i for i, (_, cells) in enumerate(rows[:_PREAMBLE]) if _is_movement(cells)), -1)
    if first < 0:
        raise Unreadable("has no line with a date and an amount", "is it a statement?")
    return -1, first


def _even(lines: Sequence[str], first: int, separator: str) -> EvenRows | None:
    """The rows from a line on, where none has a quote; None unless all have equally many cells."""
    end = len(lines)
    while not lines[end - 1]:
        end -= 1
    lines = lines[first - 1 : end]
    gaps = lines[0].count(separator)
    if not 0 < gaps < _MOST_COLUMNS or max(map(len, lines)) >= csv.field_size_limit():
        return None
    if [line.count(separator) for line in lines].count(gaps) != len(lines):
        return None
    cells = separator.join(lines).split(separator)
    columns = [cells[at :: gaps + 1] for at in range(gaps + 1)]
    return None if all("" in column for column in columns) else EvenRows(first, columns)


def _separator(lines: Sequence[str]) -> str:
    """The separator by which most lines fall into equally many cells."""
    best, most = ",", (0, 0)
    for separator in SEPARATORS:
        widths: dict[int, int] = {}
        try:
            for cells in csv.reader(lines, delimiter=separator):
                widths[len(cells)] = widths.get(len(cells), 0) + 1
        except csv.Error:
            continue
        width, count = max(
            widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0)
        )
        if width > 1 and (count, width) > most:
            best, most = separator, (count, width)
    return best


def _rows(lines: Sequence[str], separator: str, start: int, problems: Problems) -> Iterator[Row]:
    found: list[Row] = []
    reader = csv.reader(lines, delimiter=separator)
    before = 0
    try:
        if '"' not in "".join(lines):
            rows = list(reader)
            if max(map(len, rows), default=0) <= _MOST_COLUMNS:
                return iter([(number, cells) for number, cells in enumerate(rows, start + 1) if any(cells)])
            return _each(lines, separator, start, problems)
        for cells in reader:
            if reader.line_num - before > _SPAN or len(cells) > _MOST_COLUMNS:
                break
            if cells and any(cells):
                found.append((start + before + 1, cells))
            before = reader.line_num
        else:
            return iter(found)
    except csv.Error:
        pass
    return _each(lines, separator, start, problems)


def _each(lines: Sequence[str], separator: str, start: int, problems: Problems) -> Iterator[Row]:
    """Each line for itself, where quotes make no sense over several."""
    for number, line in enumerate(lines, start + 1):
        try:
            cells = next(csv.reader([line], delimiter=separator), [])
        except csv.Error:
            problems.tell(f"line {number}: cannot be read: a cell is too long")
            continue
        if len(cells) > _MOST_COLUMNS:
            problems.tell(f"line {number}: has {len(cells)} cells")
        elif any(cells):
            yield number, cells


def _heading(rows: Sequence[Row]) -> int:
    """Where the heading is: known names for a day and money; else names above days; -1 for none."""
    for at, (_, cells) in enumerate(rows):
        roles = {role_of(cell) or loosely(cell) for cell in cells if len(cell) < 60}
        if roles & {"date", "later"} and roles & {"amount", "debit", "credit"}:
            return at
    for at, (_, cells) in enumerate(rows[:-1]):
        below = rows[at + 1][1]
        named = [cell for cell in cells if cell.strip()]
        if len(named) >= 3 and len(cells) >= len(below) - 1 and _is_movement(below):
            return -1 if _is_movement(cells) or any(is_day(cell) for cell in named) else at
    return -1


def _is_movement(cells: Sequence[str]) -> bool:
    return any(is_day(cell.strip()) for cell in cells) and any(is_amount(cell) for cell in cells)


def is_amount(text: str) -> bool:
    """Whether a cell can be an amount of money, and is no day and no number of something."""
    word = text.strip()
    if not word or len(word) > 40 or not any(char.isdigit() for char in word):
        return False
    if word.isdigit() and len(word) > 7:
        return False
    try:
        read_money(word)
    except TwoReadings:
        return True
    except BadAmount:
        return False
    return True


def shape(table: Table) -> str:
    """What the columns of a table without a heading hold, one letter each."""
    letters = []
    for at in range(table.width):
        cells = list(islice((cell.strip() for cell in table.column(at)), 200))
        if cells and all(map(is_day, cells)):
            letters.append("d")
        elif cells and all(map(is_amount, cells)):
            letters.append("a" if any(not cell.isdigit() for cell in cells) else "n")
        else:
            letters.append("t" if any(char.isalpha() for cell in cells for char in cell) else "-")
    return "".join(letters)

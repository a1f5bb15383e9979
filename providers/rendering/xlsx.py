"""A spreadsheet as text: each sheet a heading and its rows, cells separated by tabs."""

from __future__ import annotations

import posixpath

from providers.rendering.cells import Format, format_of, number_text
from providers.rendering.package import LONGEST, Attributes, Lines, Package, Unreadable

BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_STRINGS = "xl/sharedStrings.xml"
_STYLES = "xl/styles.xml"
_COLUMNS = 16384
_STRINGS_MOST = 4_000_000


def text_of(package: Package) -> str:
    """All sheets, in the book's order. Raises what is in package.BROKEN."""
    book, links, strings, styles = _Book(), _Links(), _Strings(), _Styles()
    package.parse(BOOK, book)
    package.parse(_LINKS, links)
    if package.has(_STRINGS):
        package.parse(_STRINGS, strings)
    if package.has(_STYLES):
        package.parse(_STYLES, styles)
    lines = Lines()
    shown = set()
    for name, link in book.sheets:
        part = links.parts.get(link, "")
        lines.blank()
        lines.add(f"# {_one_line(name)}")
        if part in shown:
            raise Unreadable("shows one sheet twice")
        shown.add(part)
        if package.has(part):
            package.parse(part, _Sheet(lines, strings.all, styles.formats(), book.from_1904))
    return lines.whole()


def _one_line(text: str) -> str:
    return " ".join(text.split("\n")).replace("\t", " ").replace("\r", "")


class _Quiet:
    """A part in which most is passed over."""

    def start(self, name: str, attributes: Attributes) -> None:
        return None

    def end(self, name: str) -> None:
        return None

    def text(self, text: str) -> None:
        return None


class _Book(_Quiet):
    """The names of the sheets, and where their parts are named."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            self.sheets.append((attributes.get("name", ""), attributes.get("id", "")))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "") in ("1", "true")


class _Links(_Quiet):
    """Which part a link leads to."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target = posixpath.join("/xl", attributes.get("Target", ""))
            self.parts[attributes.get("Id", "")] = posixpath.normpath(target).lstrip("/")


class _Strings(_Quiet):
    """The texts that cells share."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._pieces: list[str] = []
        self._size = 0
        self._reading = False
        self._phonetic = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "rPh":
            self._phonetic = True
        elif name == "t":
            self._reading = not self._phonetic

    def text(self, text: str) -> None:
        if self._reading:
            self._size += len(text)
            if self._size > LONGEST:
                raise Unreadable("longer than it may be")
            self._pieces.append(text)

    def end(self, name: str) -> None:
        if name == "t":
            self._reading = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            if len(self.all) >= _STRINGS_MOST:
                raise Unreadable("too many texts")
            self.all.append(_one_line("".join(self._pieces)))
            self._pieces = []


class _Styles(_Quiet):
    """What the numbers of each style stand for."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._numbers: list[int] = []
        self._inside = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self._codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self._numbers.append(int(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False

    def formats(self) -> list[Format]:
        return [format_of(number, self._codes.get(number)) for number in self._numbers]


class _Sheet(_Quiet):
    """The rows of one sheet."""

    def __init__(self, lines: Lines, strings: list[str], formats: list[Format], from_1904: bool) -> None:
        self._lines = lines
        self._strings = strings
        self._formats = formats
        self._from_1904 = from_1904
        self._row: list[str] = []
        self._size = 0
        self._column = 0
        self._kind = ""
        self._style = 0
        self._in_cell = self._reading = self._phonetic = False
        self._pieces: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._in_cell = True
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", "0"))
            place = attributes.get("r")
            self._column = len(self._row) if place is None else _column(place)
            self._pieces = []
        elif name in ("v", "t"):
            self._reading = self._in_cell and not self._phonetic
        elif name == "row":
            self._row, self._size = [], 0
        elif name == "rPh":
            self._phonetic = True

    def text(self, text: str) -> None:
        if self._reading:
            self._pieces.append(text)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._reading = False
        elif name == "c":
            self._in_cell = False
            value = self._value("".join(self._pieces))
            self._size += len(value)
            if self._size > LONGEST:
                raise Unreadable("longer than it may be")
            if value:
                self._row += [""] * (self._column - len(self._row))
                self._row[self._column :] = [value]
        elif name == "row" and self._row:
            self._lines.add("\t".join(self._row))
        elif name == "rPh":
            self._phonetic = False

    def _value(self, text: str) -> str:
        if self._kind == "s":
            at = int(text or "-1")
            return self._strings[at] if 0 <= at < len(self._strings) else ""
        if self._kind == "b":
            return "TRUE" if text.strip() in ("1", "true") else "FALSE"
        if self._kind == "n":
            known = 0 <= self._style < len(self._formats)
            format = self._formats[self._style] if known else Format.NUMBER
            return number_text(text.strip(), format, from_1904=self._from_1904)
        return _one_line(text)


def _column(place: str) -> int:
    """The number of the column in a place such as `AB12`, from 0. Raises Unreadable."""
    column = 0
    for letter in place.rstrip("0123456789"):
        column = column * 26 + ord(letter) - 64
        if not 0 < column <= _COLUMNS:
            raise Unreadable("a cell outside of any sheet")
    return max(column - 1, 0)

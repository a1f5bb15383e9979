"""A Word document as text: a paragraph a line, headings and list items marked, tables as rows."""

from __future__ import annotations

import re

from providers.rendering.package import Attributes, Lines, Package, Unreadable

DOCUMENT = "word/document.xml"
_STYLES = "word/styles.xml"
_SKIPPED = frozenset({"Fallback", "moveFrom", "del", "rPrChange", "pPrChange"})
"""What is said twice, or was taken out."""
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_DEEPEST = 6
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_INHERITED = 10
"""Styles that one style may rest on, one on the other."""
_INSIDE = 50
"""Paragraphs and cells that may stand inside each other."""


def text_of(package: Package) -> str:
    """The document's own text. Raises what is in package.BROKEN."""
    styles = _Styles()
    if package.has(_STYLES):
        package.parse(_STYLES, styles)
    body = _Body(styles)
    package.parse(DOCUMENT, body)
    return body.lines.whole()


class _Style:
    """What a style says of its paragraphs."""

    __slots__ = ("listed", "name", "outline", "parent")

    def __init__(self) -> None:
        self.name = ""
        self.parent = ""
        self.outline: int | None = None
        self.listed = False


class _Styles:
    """The styles by their keys, which differ with the language; their names do not."""

    def __init__(self) -> None:
        self._all: dict[str, _Style] = {}
        self._now = _Style()

    def start(self, name: str, attributes: Attributes) -> None:
        value = attributes.get("val", "")
        if name == "style":
            self._now = self._all[attributes.get("styleId", "")] = _Style()
        elif name == "name":
            self._now.name = value
        elif name == "basedOn":
            self._now.parent = value
        elif name == "outlineLvl":
            self._now.outline = int(value or "0")
        elif name == "numPr":
            self._now.listed = True

    def end(self, name: str) -> None:
        if name == "style":
            self._now = _Style()

    def text(self, text: str) -> None:
        return None

    def level(self, key: str) -> int:
        """The level of a heading, 1 for the highest; 0 for what is none."""
        for style in self._line(key):
            named = _HEADING.fullmatch(style.name)
            if named:
                return int(named[1])
            if style.name.lower() == "title":
                return 1
            if style.outline is not None:
                return style.outline + 1 if style.outline < _DEEPEST else 0
        return 0

    def is_list(self, key: str) -> bool:
        return any(style.listed for style in self._line(key))

    def _line(self, key: str) -> list[_Style]:
        found: list[_Style] = []
        while key in self._all and len(found) < _INHERITED:
            found.append(self._all[key])
            key = found[-1].parent
        return found


class _Paragraph:
    """A paragraph that is being read."""

    __slots__ = ("depth", "listed", "pieces", "style")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.style = ""
        self.depth = 0
        self.listed: bool | None = None


class _Body:
    """The paragraphs and tables, in their order."""

    def __init__(self, styles: _Styles) -> None:
        self.lines = Lines()
        self._styles = styles
        self._paragraphs: list[_Paragraph] = []
        self._cells: list[list[str]] = []
        self._rows: list[list[str]] = []
        self._skipping = 0
        self._reading = False
        self._describing = False

    def start(self, name: str, attributes: Attributes) -> None:
        if self._skipping or name in _SKIPPED:
            self._skipping += 1
        elif name == "t":
            self._reading = True
        elif name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "tr":
            self._rows.append([])
        elif name == "tc":
            self._cells.append([])
        elif name == "pPr":
            self._describing = True
        elif self._paragraphs:
            self._within(name, attributes.get("val", ""))
        if len(self._paragraphs) + len(self._cells) > _INSIDE:
            raise Unreadable("nested too deep")

    def _within(self, name: str, value: str) -> None:
        now = self._paragraphs[-1]
        if not self._describing:
            if name in _MARKS:
                now.pieces.append(_MARKS[name])
        elif name == "pStyle":
            now.style = value
        elif name == "ilvl":
            now.depth = min(int(value or "0"), 8)
        elif name == "numId":
            now.listed = value != "0"

    def text(self, text: str) -> None:
        if self._reading and self._paragraphs and not self._skipping:
            self._paragraphs[-1].pieces.append(text)

    def end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
        elif name == "t":
            self._reading = False
        elif name == "pPr":
            self._describing = False
        elif name == "p" and self._paragraphs:
            self._add(self._paragraphs.pop())
        elif name == "tc" and self._cells:
            words = " ".join(filter(None, self._cells.pop())).split()
            if self._rows:
                self._rows[-1].append(" ".join(words))
        elif name == "tr" and self._rows:
            self._tell("\t".join(self._rows.pop()))

    def _add(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.pieces)
        level = self._styles.level(paragraph.style)
        if self._cells:
            self._tell(text)
        elif not text.strip():
            self.lines.blank()
        elif level:
            self.lines.blank()
            self.lines.add(f"{'#' * min(level, _DEEPEST)} {' '.join(text.split())}")
            self.lines.blank()
        else:
            listed = self._styles.is_list(paragraph.style) if paragraph.listed is None else paragraph.listed
            mark = "  " * paragraph.depth + "- " if listed else ""
            for line in (mark + text).split("\n"):
                self.lines.add(line)

    def _tell(self, line: str) -> None:
        if self._cells:
            self._cells[-1].append(line)
        else:
            self.lines.add(line)

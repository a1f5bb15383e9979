"""HTML: a page as the text that a person would read. Nothing it refers to is ever fetched.

What is read is a stream of tags, not a tree, so that no depth costs anything; frames stand only for what
changes the text around it: quotes, links, tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from providers.mail.links import Links, target_of
from providers.mail.tables import Table
from providers.mail.tags import attributes, is_hidden, tokens, unescaped

LONGEST = 2 * 1024 * 1024
"""Characters of a page that are read."""
MOST = 100_000
"""Tags, and stretches of text between them, that are read."""
DEEPEST = 60
"""Frames within one another."""

_SPACE = re.compile(r"[\s\u00a0]+")
_PADDING = re.compile("[\u034f\u00ad\u200b\u200c\u200d\u2007\u2060\ufeff\u00a0\\s]{4,}")
_LINES = frozenset(
    {
        "address",
        "article",
        "aside",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dt",
        "fieldset",
    }
    | {
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "html",
        "li",
        "main",
        "menu",
        "nav",
        "option",
        "section",
    }
    | {"summary", "tbody", "tfoot", "thead", "tr"}
)
_APART = frozenset({"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"})
_HIDEABLE = frozenset(
    {
        "a",
        "article",
        "b",
        "big",
        "center",
        "div",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "i",
        "label",
    }
    | {"li", "ol", "p", "section", "small", "span", "strong", "table", "tbody", "td", "tr", "u", "ul"}
)


class Page(NamedTuple):
    """What is to be read of a page."""

    text: str
    remarks: tuple[str, ...]
    """What a reader ought to know of it: links that lead elsewhere, pixels that count readers."""


class _Frame:
    """A stretch of text that becomes part of the one around it once it is whole."""

    __slots__ = ("gap", "href", "kind", "out", "space", "table")

    def __init__(self, kind: str, href: str = "", table: Table | None = None) -> None:
        self.kind = kind
        self.href = href
        self.table = table
        self.out: list[str] = []
        self.gap = 0
        self.space = False

    def say(self, text: str) -> None:
        if self.gap:
            self.out.append("\n" * self.gap)
        elif self.space and self.out:
            self.out.append(" ")
        self.gap, self.space = 0, False
        self.out.append(text)

    def leave(self, lines: int) -> None:
        """What follows begins a line; with 2, after an empty one."""
        if self.out:
            self.gap = max(self.gap, lines)
        self.space = False


def page_of(html: str) -> Page:
    """The text of a page. Never raises, and takes time in proportion to the page alone."""
    reading = _Reading(skips_hidden=True)
    text = reading.read(html)
    if not text.strip() and reading.hidden:
        reading = _Reading(skips_hidden=False)
        text = reading.read(html)
    remarks = [*reading.links.remarks(), *reading.remarks()]
    return Page(text, tuple(remarks))


class _Reading:
    """One page, from its first tag to its last."""

    def __init__(self, skips_hidden: bool) -> None:
        self._skips_hidden = skips_hidden
        self.hidden = False
        self._is_cut = False
        self.links = Links()
        self._count = 0
        self._images = 0
        self._pixels = 0
        self._frames = [_Frame("page")]
        self._lists: list[int] = []
        self._pre = 0
        self._within = ""
        """The element whose inside is hidden, and how many of its name are open."""
        self._depth = 0

    def remarks(self) -> Iterator[str]:
        if self._images:
            yield f"{_counted(self._images, 'image')} of other servers not loaded"
        if self._pixels:
            yield f"{_counted(self._pixels, 'tracking pixel')} left out"
        if self.hidden and self._skips_hidden:
            yield "hidden text left out"
        if self._count >= MOST or self._is_cut:
            yield "the page is longer than what is shown"

    def read(self, html: str) -> str:
        self._is_cut = len(html) > LONGEST
        html = html[:LONGEST]
        for kind, name, value in islice(tokens(html), MOST):
            self._count += 1
            if self._within:
                self._pass_over(kind, name)
            elif kind == "text":
                self._text(value)
            elif kind == "open":
                self._start(name, value)
            else:
                self._end(name)
        while len(self._frames) > 1:
            self._pop()
        return "".join(self._frames[0].out).strip("\n")

    def _pass_over(self, kind: str, name: str) -> None:
        """Counts what is hidden, up to where it ends."""
        if kind == "open" and name == self._within:
            self._depth += 1
            if name == "p":
                # A paragraph ends where the next one begins.
                self._within = ""
        elif kind == "close" and name == self._within:
            self._depth -= 1
            if not self._depth:
                self._within = ""

    @property
    def _top(self) -> _Frame:
        return self._frames[-1]

    def _text(self, raw: str) -> None:
        if "&" in raw:
            raw = unescaped(raw)
        top = self._top
        if self._pre:
            if raw:
                top.say(raw.replace("\r\n", "\n"))
            return
        raw = _PADDING.sub(" ", raw)
        words = _SPACE.sub(" ", raw)
        if words in ("", " "):
            top.space = top.space or bool(words)
            return
        if words[0] == " ":
            top.space = True
        top.say(words.strip(" "))
        top.space = words[-1] == " "

    # -- tags

    def _start(self, name: str, raw: str) -> None:
        if raw and name in _HIDEABLE and self._skips_hidden and is_hidden(raw):
            self.hidden = True
            self._within, self._depth = name, 1
            return
        if name in _LINES:
            self._top.leave(1)
        elif name in _APART:
            self._top.leave(2)
        start = _STARTS.get(name)
        if start is not None:
            start(self, raw)

    def _end(self, name: str) -> None:
        end = _ENDS.get(name)
        if end is not None:
            end(self)
        if name in _LINES:
            self._top.leave(1)
        elif name in _APART:
            self._top.leave(2)

    def _break(self, raw: str) -> None:
        top = self._top
        if self._pre:
            top.say("\n")
        else:
            # Two in a row make an empty line, more make no more.
            top.gap = min(top.gap + 1, 2) if top.out else 0
            top.space = False

    def _rule(self, raw: str) -> None:
        self._top.leave(1)
        self._top.say("---")
        self._top.leave(1)

    def _image(self, raw: str) -> None:
        attrs = attributes(raw)
        source = attrs.get("src", "").strip().lower()
        tiny = any(
            attrs.get(side, "").strip().removesuffix("px") in ("0", "1", "2") for side in ("width", "height")
        )
        is_remote = source.startswith(("http:", "https:", "//", "ftp:"))
        if is_remote and (tiny or is_hidden(raw)):
            self._pixels += 1
            return
        self._images += is_remote
        alt = _SPACE.sub(" ", attrs.get("alt", "")).strip()[:200]
        if alt:
            self._top.say(f"[image: {alt}]")
            self._top.space = True

    def _item(self, raw: str) -> None:
        self._top.leave(1)
        indent = "  " * max(0, min(len(self._lists), 10) - 1)
        if self._lists and self._lists[-1]:
            mark = f"{self._lists[-1]}."
            self._lists[-1] += 1
        else:
            mark = "-"
        self._top.say(f"{indent}{mark}")
        self._top.space = True

    def _list(self, first: int) -> None:
        if len(self._lists) < 1000:
            self._lists.append(first)

    def _unlist(self) -> None:
        if self._lists:
            self._lists.pop()

    def _preformatted(self, change: int) -> None:
        self._pre = max(0, self._pre + change)

    def _link(self, raw: str) -> None:
        self._close("link")
        self._push(_Frame("link", href=target_of(attributes(raw).get("href", ""))))

    def _row(self, raw: str) -> None:
        self._close("cell")
        frame = self._nearest("table")
        if frame is not None and frame.table is not None:
            frame.table.rows.append([])

    def _cell(self, raw: str) -> None:
        self._close("cell")
        if self._nearest("table") is not None:
            self._push(_Frame("cell"))
        else:
            self._top.leave(1)

    # -- frames

    def _push(self, frame: _Frame) -> None:
        if len(self._frames) < DEEPEST:
            self._frames.append(frame)

    def _nearest(self, kind: str) -> _Frame | None:
        """The innermost frame of a kind, within the same cell or table."""
        for frame in reversed(self._frames):
            if frame.kind == kind:
                return frame
            if frame.kind in _WALLS.get(kind, ()):
                return None
        return None

    def _close(self, kind: str) -> None:
        """Ends the innermost frame of a kind, and those within it that were left open."""
        wanted = self._nearest(kind)
        if wanted is None:
            return
        while True:
            done = self._top
            self._pop()
            if done is wanted:
                return

    def _pop(self) -> None:
        frame = self._frames.pop()
        top = self._top
        text = "".join(frame.out)
        if frame.kind == "cell":
            if top.table is not None:
                top.table.add(text.strip())
            elif text.strip():
                top.leave(1)
                top.say(text.strip())
        elif frame.kind == "link":
            said = self.links.said(text, frame.href)
            if said:
                top.say(said)
            top.space = top.space or frame.space
            top.gap = max(top.gap, frame.gap)
        else:
            if frame.table is not None:
                text = "\n".join(part for part in (text.strip(), frame.table.text()) if part)
            elif frame.kind == "quote":
                text = (
                    "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))
                    if text.strip()
                    else ""
                )
            top.leave(2 if frame.kind == "quote" else 1)
            if text:
                top.say(text)
            top.leave(2 if frame.kind == "quote" else 1)


_WALLS = {"link": ("cell", "table", "quote"), "cell": ("table",), "quote": ("cell",), "table": ()}
_STARTS: Mapping[str, Callable[[_Reading, str], None]] = {
    "br": _Reading._break,
    "hr": _Reading._rule,
    "img": _Reading._image,
    "li": _Reading._item,
    "ul": lambda reading, raw: reading._list(0),
    "ol": lambda reading, raw: reading._list(1),
    "pre": lambda reading, raw: reading._preformatted(1),
    "a": _Reading._link,
    "tr": _Reading._row,
    "td": _Reading._cell,
    "th": _Reading._cell,
    "table": lambda reading, raw: reading._push(_Frame("table", table=Table())),
    "blockquote": lambda reading, raw: reading._push(_Frame("quote")),
}
_ENDS: Mapping[str, Callable[[_Reading], None]] = {
    "ul": _Reading._unlist,
    "ol": _Reading._unlist,
    "pre": lambda reading: reading._preformatted(-1),
    "a": lambda reading: reading._close("link"),
    "td": lambda reading: reading._close("cell"),
    "th": lambda reading: reading._close("cell"),
    "tr": lambda reading: reading._close("cell"),
    "table": lambda reading: reading._close("table"),
    "blockquote": lambda reading: reading._close("quote"),
}


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

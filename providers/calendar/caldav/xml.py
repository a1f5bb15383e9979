"""Xml: what a calendar server sends, read within bounds; no document type, so no entities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from providers.httpfaults import unreadable

DAV = "DAV: "
CAL = "urn:ietf:params:xml:ns:caldav "
SERVER = "http://calendarserver.org/ns/ "
APPLE = "http://apple.com/ns/ical/ "
_PREFIXES = {DAV: "d", CAL: "c", SERVER: "s", APPLE: "a"}

DEEPEST = 64
MOST = 1_000_000
"""Elements of one document."""


class Element:
    """An element; its text is all that stands directly in it."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.text = ""

    def all(self, name: str) -> Iterator[Element]:
        return (child for child in self.children if child.name == name)

    def first(self, *names: str) -> Element | None:
        """What the names lead to, one in the other."""
        found: Element | None = self
        for name in names:
            found = None if found is None else next(found.all(name), None)
        return found

    def has(self, *names: str) -> bool:
        return self.first(*names) is not None

    def words(self, *names: str) -> str:
        """The text at the end of the names; "" when there is none."""
        found = self.first(*names)
        return "" if found is None else found.text.strip()


class _Refused(Exception):
    """The document holds what no server has to send."""


def parsed(data: bytes, service: str) -> Element:
    """The root of a document. Raises Unavailable when it cannot be read."""
    root = Element("", {})
    stack = [root]
    count = 0
    parts: list[list[str]] = [[]]

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MOST or len(stack) > DEEPEST:
            raise _Refused("it is nested or repeated without end")
        element = Element(name, attributes)
        stack[-1].children.append(element)
        stack.append(element)
        parts.append([])

    def end(name: str) -> None:
        stack.pop().text = "".join(parts.pop())

    def refuse(*about: Any) -> None:
        raise _Refused("it declares a document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: parts[-1].append(text)
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, _Refused, ValueError, LookupError) as error:
        raise unreadable(service, str(error)) from error
    return root.children[0]


def tag(name: str) -> str:
    """A name with its prefix: `d:href`."""
    space, _, plain = name.rpartition(" ")
    return f"{_PREFIXES[space + ' ']}:{plain}"


def document(name: str, *inner: str) -> bytes:
    """A document for a server."""
    spaces = " ".join(f'xmlns:{prefix}="{space.strip()}"' for space, prefix in _PREFIXES.items())
    body = "".join(inner)
    return f'<?xml version="1.0" encoding="utf-8"?><{tag(name)} {spaces}>{body}</{tag(name)}>'.encode()


def element(name: str, /, *inner: str, **attributes: str) -> str:
    said = "".join(
        f' {key}="{escape(value, {chr(34): "&quot;"})}"' for key, value in sorted(attributes.items())
    )
    return f"<{tag(name)}{said}>{''.join(inner)}</{tag(name)}>" if inner else f"<{tag(name)}{said}/>"


def text(words: str) -> str:
    """Text within an element, less what XML cannot hold."""
    kept = "".join(char for char in words if char >= " " or char in "\t\n")
    return escape(kept.encode("utf-8", "ignore").decode())


def props(names: Iterable[str]) -> str:
    return element(DAV + "prop", *(element(name) for name in names))


class Response:
    """What a server says of one address."""

    __slots__ = ("href", "props", "status")

    def __init__(self, href: str, status: int, props: dict[str, Element]) -> None:
        self.href = href
        self.status = status
        """200 when it says properties, which may be none."""
        self.props = props
        """Those that it has."""

    def words(self, name: str, *names: str) -> str:
        found = self.props.get(name)
        return "" if found is None else found.words(*names)

    def hrefs(self, name: str) -> Sequence[str]:
        """The addresses that a property holds, as they are spelled."""
        found = self.props.get(name)
        return () if found is None else [one.text.strip() for one in found.all(DAV + "href")]


def responses(root: Element) -> Iterator[Response]:
    """The parts of a multistatus answer."""
    for one in root.all(DAV + "response"):
        status = _status(one.words(DAV + "status")) if one.has(DAV + "status") else 200
        found: dict[str, Element] = {}
        for stat in one.all(DAV + "propstat"):
            if _status(stat.words(DAV + "status")) < 300:
                prop = stat.first(DAV + "prop")
                found.update((child.name, child) for child in (prop.children if prop else ()))
        for href in one.all(DAV + "href"):
            yield Response(href.text.strip(), status, found)


def _status(line: str) -> int:
    """The number in `HTTP/1.1 200 OK`; 500 where there is none."""
    words = line.split()
    return int(words[1]) if len(words) > 1 and words[1].isascii() and words[1].isdigit() else 500

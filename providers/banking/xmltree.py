"""XML from strangers, as small trees: no document type, no entities, bounded in depth and number."""

from __future__ import annotations

from collections.abc import Callable, Collection
from xml.parsers import expat

from providers.banking.statement import Unreadable

DEEPEST = 64
MOST_ELEMENTS = 5_000_000
_BLOCK = 1 << 16


class Element:
    """An element without its namespace."""

    __slots__ = ("attributes", "children", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.text = ""
        self.children: list[Element] = []

    def find(self, path: str) -> Element | None:
        """The first element at a path such as `Acct/Id/IBAN`."""
        found: Element | None = self
        for tag in path.split("/"):
            if found is None:
                return None
            found = next((child for child in found.children if child.tag == tag), None)
        return found

    def all(self, path: str) -> list[Element]:
        """Every element at a path."""
        found = [self]
        for tag in path.split("/"):
            found = [child for one in found for child in one.children if child.tag == tag]
        return found

    def said(self, *paths: str) -> str:
        """The text of the first of these paths that has one."""
        for path in paths:
            found = self.find(path)
            if found is not None and found.text.strip():
                return found.text.strip()
        return ""

    def words(self, path: str) -> list[str]:
        """The texts of every element at a path."""
        return [one.text.strip() for one in self.all(path) if one.text.strip()]


Taken = Callable[[Element, tuple[str, ...]], None]


def read_xml(data: bytes, whole: Collection[str], taken: Taken) -> None:
    """Hands on each element with a tag of `whole` once it is read, with the tags above it; then it is let go.

    Raises Unreadable for what is not well-formed, or more than a statement is.
    """
    parser = expat.ParserCreate(namespace_separator="\n")
    parser.buffer_text = True
    stack: list[Element] = []
    parts: list[list[str]] = []
    count = 0

    def begins(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MOST_ELEMENTS or len(stack) >= DEEPEST:
            raise Unreadable("is XML with more in it than any statement has")
        stack.append(Element(name.rpartition("\n")[2], attributes))
        parts.append([])

    def ends(_: str) -> None:
        element = stack.pop()
        element.text = "".join(parts.pop())
        if element.tag in whole and not any(one.tag in whole for one in stack):
            taken(element, tuple(one.tag for one in stack))
        elif stack and (stack[-1].tag in whole or any(one.tag in whole for one in stack)):
            stack[-1].children.append(element)

    def says(text: str) -> None:
        if parts:
            parts[-1].append(text)

    def refuses(*_: object) -> None:
        raise Unreadable("is XML with a document type, which no statement has")

    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    parser.CharacterDataHandler = says
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuses
    try:
        for at in range(0, len(data), _BLOCK):
            parser.Parse(data[at : at + _BLOCK], False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"is not well-formed XML: {error}", "download it again") from None

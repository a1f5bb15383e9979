"""Renderer: the text of documents, whatever their kind."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from functools import partial
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING

from providers.rendering.kind import LARGEST, Kind, kind_of
from vfs.drive import hop
from vfs.errors import Unsupported
from vfs.path import Path
from vfs.provider import Blocks

if TYPE_CHECKING:
    from providers.rendering.pdf import PdfReader

READ = LARGEST + 1
"""How much of a file has to be opened to know whether it is too large."""


class Renderer:
    """Gives documents' texts, from any thread, one after the other. Close it when done."""

    def __init__(self) -> None:
        self._pdfs: PdfReader | None = None
        self._lock = Lock()

    def text(self, data: bytes) -> str | None:
        """What a person reads of a content; None when it is no document, or has no text within bounds."""
        kind = kind_of(data)
        if kind is None or len(data) > LARGEST:
            return None
        with self._lock:
            text = self._pdf(data) if kind is Kind.PDF else _READERS[kind](data)
        # Halves of characters, which documents may hold, stand in no UTF-8.
        return None if text is None else text.replace("\0", " ").encode("utf-8", "replace").decode()

    def close(self) -> None:
        """Lets go of the process that reads PDFs; the next one starts it again. Safe to call twice."""
        with self._lock:
            if self._pdfs is not None:
                self._pdfs.close()

    def _pdf(self, data: bytes) -> str | None:
        if self._pdfs is None:
            self._pdfs = import_module("providers.rendering.pdf").PdfReader()
        assert self._pdfs is not None
        return self._pdfs.text(data)


def _package(data: bytes) -> str | None:
    module = import_module("providers.rendering.package")
    try:
        package = module.Package(data)
        for name in ("xlsx", "docx"):
            reader = import_module(f"providers.rendering.{name}")
            if package.has(reader.BOOK if name == "xlsx" else reader.DOCUMENT):
                text: str = reader.text_of(package)
                return text
    except module.BROKEN:
        return None
    return None


def _calendar(data: bytes) -> str | None:
    text: str | None = import_module("providers.calendar.text").text_of(data)
    return text


_READERS = {Kind.PACKAGE: _package, Kind.CALENDAR: _calendar}


async def rendered(renderer: Renderer, opened: AbstractAsyncContextManager[Blocks], path: Path) -> bytes:
    """What a person reads of a document. Raises Unsupported for what is none, or is too large."""
    async with opened as blocks:
        data = await _document(blocks)
    text = None if data is None else await hop(partial(renderer.text, data))
    if text is None:
        raise Unsupported(path, "has no rendered text")
    return text.encode()


async def _document(blocks: Blocks) -> bytes | None:
    """The whole content; None as soon as it shows to be no document."""
    parts: list[bytes] = []
    async for block in blocks:
        if not parts and kind_of(block) is None:
            return None
        parts.append(block)
    return b"".join(parts)

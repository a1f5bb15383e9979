"""Kind: which contents are documents, told from their first bytes."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """How a document is kept."""

    PDF = b"%PDF-"
    PACKAGE = b"PK\x03\x04"
    """A zip archive: a spreadsheet, a Word document, or something that is neither."""
    CALENDAR = b"BEGIN:VCALENDAR"


LARGEST = 64 * 1024 * 1024
"""Bytes of a document that is rendered; of a larger one the stored bytes stand."""

HEAD = 18
"""First bytes that are enough to tell."""

_MARK = b"\xef\xbb\xbf"
"""Some programs begin text with it."""


def kind_of(head: bytes) -> Kind | None:
    """The kind of a document that begins so; None when it is none."""
    head = head.removeprefix(_MARK)
    for kind in Kind:
        if head.startswith(kind.value):
            return kind
    return None


def is_headed(data: bytes) -> bool:
    """Whether a content begins as a message does: with a name and a colon."""
    name, colon, _ = data[:80].partition(b":")
    return bool(colon) and name.split() == [name]


def may_have_text(data: bytes) -> bool:
    """Whether a content may be kept with a text of its own, which a person reads in its place."""
    return kind_of(data) is not None or is_headed(data)

"""Trade: what the files of a collection mean: their kind, their attributes, where they belong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vfs.errors import Unsupported
from vfs.node import Value
from vfs.path import Path


class Described(NamedTuple):
    """What a file's name and beginning say of it."""

    mime: str | None
    attrs: Mapping[str, Value]


class Trade:
    """What the files of a collection mean. This one knows nothing: bytes are bytes."""

    def describe(self, path: Path, head: bytes) -> Described:
        """The kind and the attributes of a file, from its name and beginning. Never raises."""
        return Described(None, {})

    def rewrite(self, path: Path, data: bytes, attrs: Mapping[str, Value]) -> bytes:
        """The content with other attributes; all else in it stays. Raises Unsupported, BadName."""
        raise Unsupported(path, "files here have no attributes to set")

    def home(self, path: Path, attrs: Mapping[str, Value]) -> Path:
        """Where a file with these attributes belongs, such as `/done` for a finished task."""
        return path.parent

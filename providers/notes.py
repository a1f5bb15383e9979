"""`/notes`: Markdown files in folders; a `---` block at the head may give a title, tags and more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from types import ModuleType

from providers.mime import mime_of
from providers.spec import Opening, Option, ProviderSpec
from providers.store.provider import StoreProvider
from providers.store.trade import Described, Trade
from vfs.errors import BadName
from vfs.node import Value
from vfs.path import Path

LISTS = ("tags", "labels", "aliases")
"""Keys whose value is a list, also when a single one stands there."""


class Markdown(Trade):
    """Text whose attributes are its front matter."""

    def describe(self, path: Path, head: bytes) -> Described:
        read = _frontmatter().read(head) if head.startswith(b"---") else {}
        return Described(mime_of(path.name), self.attributes(read, path))

    def rewrite(self, path: Path, data: bytes, attrs: Mapping[str, Value]) -> bytes:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise BadName(path, "attributes can be set in text only, and this is none") from None
        rewritten: str = _frontmatter().rewrite(text, attrs)
        return rewritten.encode()

    def attributes(self, read: dict[str, Value], path: Path) -> dict[str, Value]:
        """Attributes as this collection means them; what it does not know stays as it was read."""
        return {key: listed(value) if key in LISTS else _zoned(value) for key, value in read.items()}


def _frontmatter() -> ModuleType:
    return import_module("vfs.frontmatter")


def listed(value: Value) -> Value:
    """One text, or several with commas between, as a list."""
    if isinstance(value, str):
        return tuple(item for item in (part.strip().lstrip("#") for part in value.split(",")) if item)
    return value if isinstance(value, tuple) or value is None else (str(value),)


def _zoned(value: Value) -> Value:
    """A time without a zone is one of this place."""
    return value.astimezone() if isinstance(value, datetime) and value.tzinfo is None else value


COLLECTION = Option("collection", "the collection of the store that is shown", default="notes")


def _open(opening: Opening) -> StoreProvider:
    return StoreProvider(opening.store(), opening.options.get("collection", "notes"), Markdown())


PROVIDER = ProviderSpec("notes", "notes in Markdown, kept in the workspace's own store", _open, (COLLECTION,))

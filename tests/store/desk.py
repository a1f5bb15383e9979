"""What the tests of the store share: a store on a real file, changes, contents, reading back."""

from __future__ import annotations

import os
import pathlib
from typing import Any

from providers.store.provider import StoreProvider
from tests.engines import new_store
from tests.store.alone import blocks, change, files, notes, path, put, read, tasks

__all__ = [
    "FULL",
    "blocks",
    "change",
    "everything",
    "files",
    "make_store",
    "names",
    "notes",
    "path",
    "put",
    "read",
    "tasks",
]

FULL = os.environ.get("SPATIO_FULL") == "1"
"""Run the long loops as often as the list of hostile cases says."""


def make_store(folder: pathlib.Path, **options: Any) -> Any:
    """The store in `folder`, on the engine of the test."""
    return new_store(folder, **options)


async def names(provider: StoreProvider, text: str = "/") -> list[str]:
    return [node.name async for page in provider.list(path(text)) for node in page]


async def everything(provider: StoreProvider, text: str = "/") -> list[str]:
    return [str(entry) async for page in provider.walk(path(text)) for entry, _ in page]

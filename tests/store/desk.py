"""What the tests of the store share: a store on a real file, changes, contents, reading back."""

from __future__ import annotations

import os
import pathlib
from collections.abc import AsyncIterator
from typing import Any

from providers.files import Bytes
from providers.notes import Markdown
from providers.store.provider import StoreProvider
from providers.store.store import Store
from providers.tasks import Task
from tests.engines import new_store
from vfs.action import Change
from vfs.ids import uuid7
from vfs.path import Path

FULL = os.environ.get("SPATIO_FULL") == "1"
"""Run the long loops as often as the list of hostile cases says."""


def path(text: str) -> Path:
    return Path.parse(text)


def change(line: str = "test", actor: str = "user") -> Change:
    return Change(uuid7(), line, actor)


async def blocks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def make_store(folder: pathlib.Path, **options: Any) -> Any:
    """The store in `folder`, on the engine of the test."""
    return new_store(folder, **options)


def notes(store: Store) -> StoreProvider:
    return StoreProvider(store, "notes", Markdown())


def files(store: Store) -> StoreProvider:
    return StoreProvider(store, "files", Bytes())


def tasks(store: Store) -> StoreProvider:
    return StoreProvider(store, "tasks", Task())


async def put(provider: StoreProvider, text: str, data: bytes | str, by: Change | None = None) -> None:
    content = data.encode() if isinstance(data, str) else data
    await provider.write(path(text), blocks(content), by or change())


async def read(provider: StoreProvider, text: str) -> bytes:
    async with provider.open(path(text)) as content:
        return b"".join([block async for block in content])


async def names(provider: StoreProvider, text: str = "/") -> list[str]:
    return [node.name async for page in provider.list(path(text)) for node in page]


async def everything(provider: StoreProvider, text: str = "/") -> list[str]:
    return [str(entry) async for page in provider.walk(path(text)) for entry, _ in page]

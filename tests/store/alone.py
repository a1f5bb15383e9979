"""What tests of the store share with the programs that they start: light, since many are started."""

from __future__ import annotations

import pathlib
from collections.abc import AsyncIterator
from hashlib import sha256

from providers.files import Bytes
from providers.notes import Markdown
from providers.store.provider import StoreProvider
from providers.store.sqlite import SqliteStore
from providers.store.store import Store
from providers.tasks import Task
from vfs.action import Change
from vfs.ids import uuid7
from vfs.path import Path


def store_in(folder: pathlib.Path) -> SqliteStore:
    """The store on a file in `folder`."""
    return SqliteStore(folder / "spatio.db", folder / "objects", keep_copy=False)


def path(text: str) -> Path:
    return Path.parse(text)


def change(line: str = "test", actor: str = "user") -> Change:
    return Change(uuid7(), line, actor)


async def blocks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


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


def body(number: int) -> bytes:
    """The content that a numbered file has, now and then a large one."""
    return (sha256(str(number).encode()).hexdigest() * (2000 if number % 7 == 0 else 40)).encode()

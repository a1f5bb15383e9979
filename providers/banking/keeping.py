"""The files of a ledger: read together, and changed together in one transaction or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from providers.store import contents, rows
from providers.store.contents import Content
from providers.store.intake import Intake, content_of
from providers.store.trade import Trade
from providers.store.unit import Put, Unit
from vfs.action import Change
from vfs.errors import Conflict, IsADirectory, NotADirectory, NotFound
from vfs.node import Value
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

_BLOCK = 1 << 20
WHOLE = 1 << 20
"""Bytes up to which a file lies in the database itself: an import of many months is then one flush."""


class File(NamedTuple):
    """A file as it is here."""

    digest: bytes | None
    """None: there is none."""
    data: bytes


class Made(NamedTuple):
    """A file as it is to be, by whoever knows what its entry tells."""

    data: bytes
    attrs: Mapping[str, Value] | None = None
    """None: what the trade says of the content."""


class Stale(Exception):
    """Somebody changed one of the files since they were read."""


class Files:
    """Reads and changes files of one collection."""

    def __init__(self, store: Store, mount: str, trade: Trade, *, mirrored: bool = False) -> None:
        self._store = store
        self._mount = mount
        self._trade = trade
        self._mirrored = mirrored

    async def names(self, folder: str) -> list[str]:
        """The names of the files in a folder; none where there is no such folder."""
        user = self._store.user

        def ask(connection: Connection) -> list[str]:
            found = connection.execute(
                "SELECT name FROM node WHERE user_id = ? AND mount = ? AND parent = ? AND kind = 'file'"
                " AND deleted_at IS NULL ORDER BY name",
                (user, self._mount, f"/{folder}"),
            )
            return [str(name) for (name,) in found.fetchall()]

        return await self._store.read(ask)

    async def read(self, paths: Sequence[str]) -> dict[str, File]:
        """These files, as of one moment. Paths are relative to the mount."""
        user = self._store.user

        def ask(connection: Connection) -> dict[str, tuple[bytes | None, Content | None]]:
            found: dict[str, tuple[bytes | None, Content | None]] = {}
            for path in paths:
                try:
                    content = contents.at(connection, user, self._mount, rows.to_path(f"/{path}"))
                    found[path] = content.digest, content
                except (NotFound, NotADirectory, IsADirectory):
                    found[path] = None, None
            return found

        told = await self._store.snapshot(ask)
        files = {}
        for path, (digest, content) in told.items():
            if content is None:
                files[path] = File(None, b"")
                continue
            blocks = contents.blocks(self._store.objects, content, 0, content.size)
            files[path] = File(digest, b"".join([block async for block in blocks]))
        return files

    async def write(
        self, changed: Mapping[str, Made], before: Mapping[str, File], change: Change
    ) -> list[str]:
        """Writes files in one transaction, each with its event; folders that lack are made.

        Returns the paths as they are: a file that nobody read before and whose name is taken gets a
        mark. Raises Stale when one that was read is another meanwhile.
        """
        attrs_of = {path: made.attrs for path, made in changed.items()}
        taken = {path: await self._taken(made.data) for path, made in changed.items()}

        def work(connection: Connection) -> list[str]:
            unit = Unit(connection, self._store.user, self._mount, change, mirrored=self._mirrored)
            texts = {path: f"/{path}" for path in changed}
            unit.look([*texts.values(), *[f"/{path}" for path in before]])
            for path, file in before.items():
                row = unit.row(*rows.split_text(f"/{path}"))
                if (row.digest if row is not None else None) != file.digest:
                    raise Stale
            puts = []
            for path, text in texts.items():
                folder, name = rows.split_text(text)
                self._make(unit, folder)
                if path not in before:
                    name = unit.free_name(folder, name)
                    texts[path] = f"{folder}/{name}"
                content, head = taken[path]
                described = self._trade.describe(rows.to_path(texts[path]), b"" if attrs_of[path] else head)
                attrs = rows.write_attrs(attrs_of[path] or described.attrs)
                puts.append(Put(folder, name, content, described.mime, attrs))
            unit.put(puts)
            unit.finish()
            return [text[1:] for text in texts.values()]

        return await self._store.write(work)

    def _make(self, unit: Unit, folder: str) -> None:
        if folder and unit.row(*rows.split_text(folder)) is None:
            parent, name = rows.split_text(folder)
            self._make(unit, parent)
            unit.make_folder(parent, name)

    async def _taken(self, data: bytes) -> tuple[Content, bytes]:
        if len(data) <= WHOLE:
            return content_of(data), data
        async with Intake(self._store.objects) as intake:
            await intake.take(_blocks(data))
            return await intake.finish(), intake.head


async def _blocks(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), _BLOCK):
        yield data[at : at + _BLOCK]


TRIES = 20


def busy(path: str) -> Conflict:
    """What is said when somebody else kept changing the same files."""
    return Conflict(Path((path,)), "somebody else is changing the same files", hint="try again")


def account_path(name: str) -> str:
    """The path of an account's file."""
    return f"accounts/{name}.json"


def month_path(year: int, month: int) -> str:
    """The path of a month's file."""
    return f"transactions/{year:04}-{month:02}.csv"

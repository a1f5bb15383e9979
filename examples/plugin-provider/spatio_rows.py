"""A CSV file as a mount: a file for each row, its columns as attributes. Read-only."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from spatio.api import (
    Blocks,
    Corrupt,
    IsADirectory,
    Kind,
    Node,
    NotADirectory,
    NotFound,
    Opening,
    Option,
    Path,
    ProviderSpec,
    Value,
    VfsError,
    clean,
    hop,
)


class Rows:
    """Reads its file in the first call. `column` names the files; without one they are numbered."""

    def __init__(self, file: str, column: str = "") -> None:
        self.file = file
        self.column = column
        self._rows: dict[str, Mapping[str, Value]] | None = None

    async def stat(self, path: Path) -> Node:
        if not path.parts:
            return Node("", Kind.FOLDER)
        rows = await self._table()
        if path.parts[0] not in rows:
            raise NotFound(path)
        if len(path.parts) > 1:
            raise NotADirectory(path)
        return _node(path.name, rows[path.name])

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        if not (await self.stat(path)).is_folder:
            raise NotADirectory(path)
        rows = await self._table()
        if rows:
            yield [_node(name, rows[name]) for name in sorted(rows)]

    @asynccontextmanager
    async def open(self, path: Path, *, start: int = 0, stop: int | None = None) -> AsyncIterator[Blocks]:
        if (await self.stat(path)).is_folder:
            raise IsADirectory(path)
        data = _content((await self._table())[path.name])[start:stop]

        async def blocks() -> AsyncIterator[bytes]:
            if data:
                yield data

        yield blocks()

    async def aclose(self) -> None:
        self._rows = None

    async def _table(self) -> Mapping[str, Mapping[str, Value]]:
        if self._rows is None:
            self._rows = await hop(self._read)
        return self._rows

    def _read(self) -> dict[str, Mapping[str, Value]]:
        rows: dict[str, Mapping[str, Value]] = {}
        try:
            with open(self.file, encoding="utf-8-sig", newline="") as file:
                for number, row in enumerate(csv.DictReader(file), 1):
                    title = row.get(self.column) or f"{number:04}"
                    name = clean(f"{title}.json")
                    if name in rows:
                        name = clean(f"{title}-{number}.json")
                    rows[name] = {key: _value(text) for key, text in row.items() if key and text is not None}
        except FileNotFoundError:
            raise NotFound(Path(), "the CSV file does not exist") from None
        except (UnicodeDecodeError, csv.Error) as error:
            raise Corrupt(Path(), f"not a CSV file: {error}") from error
        except OSError as error:
            raise VfsError(Path(), str(error.strerror).lower()) from error
        return rows


def _value(text: str) -> Value:
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


def _content(row: Mapping[str, Value]) -> bytes:
    return (json.dumps(row, ensure_ascii=False, indent=2) + "\n").encode()


def _node(name: str, row: Mapping[str, Value]) -> Node:
    content = _content(row)
    return Node(name, Kind.FILE, len(content), etag=f"{hash(content):x}", mime="application/json", attrs=row)


def _open(opening: Opening) -> Rows:
    return Rows(opening.options["path"], opening.options.get("name", ""))


PROVIDER = ProviderSpec(
    "rows",
    "a CSV file, a file for each row",
    _open,
    (
        Option("path", "the CSV file", required=True),
        Option("name", "the column that names the files"),
    ),
)

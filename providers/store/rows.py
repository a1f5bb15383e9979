"""Rows and what they stand for: nodes, attributes, times, paths."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from vfs.errors import Corrupt
from vfs.node import NO_ATTRS, Kind, Later, Node, Value
from vfs.path import Path

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

FILE, FOLDER = "file", "folder"
_PLAIN = frozenset((str, int, bool, float, type(None)))
"""What JSON holds as it is."""
_KINDS = {FILE: Kind.FILE, FOLDER: Kind.FOLDER}

COLUMNS = "seq, id, parent, name, kind, size, mtime, digest, mime, attrs, indexed"
"""What NodeRow holds, in its order."""


class NodeRow(NamedTuple):
    """A live row of `node`."""

    seq: int
    id: str
    parent: str
    name: str
    kind: str
    size: int
    mtime: int
    digest: bytes | None
    mime: str | None
    attrs: str
    indexed: bool

    @property
    def path(self) -> str:
        return f"{self.parent}/{self.name}"

    def node(self) -> Node:
        """The entry as its folder lists it."""
        return to_node(
            self.name, self.kind, self.size, self.mtime, self.digest, self.mime, self.id, self.attrs
        )


def to_node(
    name: str,
    kind: str,
    size: int,
    mtime: int,
    digest: bytes | None,
    mime: str | None,
    id: str,
    attrs: str,
) -> Node:
    """The entry of one row. Raises Corrupt when the row cannot be one."""
    try:
        return Node(
            name,
            _KINDS[kind],
            size if kind == FILE else None,
            _EPOCH + timedelta(0, 0, mtime),
            digest.hex() if digest else None,
            mime,
            id,
            Attrs(attrs) if attrs else NO_ATTRS,
        )
    except (KeyError, TypeError, OverflowError, AttributeError) as error:
        raise Corrupt(name, "its entry in the database is damaged", hint="run: spatio doctor") from error


def to_time(microseconds: int) -> datetime:
    """The moment that a row's integer stands for."""
    return _EPOCH + timedelta(microseconds=microseconds)


def from_time(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def path_text(path: Path) -> str:
    """A path as rows hold it: "" for the root, else `/a/b`."""
    return "".join([f"/{name}" for name in path.parts])


def split_text(text: str) -> tuple[str, str]:
    """The folder and the name of `/a/b`: ("/a", "b")."""
    folder, _, name = text.rpartition("/")
    return folder, name


def to_path(text: str) -> Path:
    """The path of a row's text."""
    return Path(tuple(text.split("/")[1:])) if text else Path()


def storable(path: Path) -> bool:
    """Whether the database can hold such a path at all (it holds UTF-8)."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


class Attrs(Later):
    """Attributes as stored."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        self._read = None

    def _made(self) -> dict[str, Value]:
        return read_attrs(self._text)


def read_attrs(text: str) -> dict[str, Value]:
    """The attributes that a row's text holds. Raises Corrupt."""
    if not text:
        return {}
    try:
        return {
            key: value if type(value) in _PLAIN else _read(value)
            for key, value in import_module("json").loads(text).items()
        }
    except (ValueError, AttributeError, ArithmeticError) as error:
        raise Corrupt(None, "stored attributes are damaged", hint="run: spatio doctor") from error


def attr_text(text: str, name: str) -> str | None:
    """One attribute of a row's text; None when it has none, or one that is no text. Raises Corrupt."""
    if not text:
        return None
    try:
        value = import_module("json").loads(text).get(name)
    except (ValueError, AttributeError) as error:
        raise Corrupt(None, "stored attributes are damaged", hint="run: spatio doctor") from error
    return value if isinstance(value, str) else None


def write_attrs(attrs: Mapping[str, Value]) -> str:
    """Attributes as a row holds them: JSON with dates, times and decimals marked; "" for none."""
    if not attrs:
        return ""
    marked = {key: _mark(value) if type(value) not in _PLAIN else value for key, value in attrs.items()}
    text: str = _encoder().encode(marked)
    return text


@cache
def _encoder() -> Any:
    return import_module("json").JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _read(value: Any) -> Value:
    if isinstance(value, list):
        return tuple([item if type(item) in _PLAIN else _read(item) for item in value])
    if isinstance(value, dict):
        kind, text = next(iter(value.items()))
        if kind == "date":
            return date.fromisoformat(text)
        if kind == "time":
            return datetime.fromisoformat(text)
        return Decimal(text)
    scalar: Value = value
    return scalar


def _mark(value: Value) -> Any:
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, tuple):
        if _PLAIN.issuperset(map(type, value)):
            return value
        return [_mark(item) for item in value]
    return value

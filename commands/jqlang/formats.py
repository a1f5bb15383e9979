"""The formats of jq: `@csv`, `@html`, `@base64` and the others."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from commands.jqlang.values import JqError, Value, described, dump

_HTML = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&quot;"})
_TSV = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def text(value: Value) -> str:
    """A string as it is, anything else as JSON."""
    return value if isinstance(value, str) else dump(value)


def _html(value: Value) -> str:
    return text(value).translate(_HTML)


def _uri(value: Value) -> str:
    return quote(text(value), safe="-_.~")


def _row(value: Value, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise JqError(f"{described(value)} cannot be {name}-formatted, only an array can be")
    return value


def _csv(value: Value) -> str:
    return ",".join([_csv_cell(item) for item in _row(value, "csv")])


def _csv_cell(item: Value) -> str:
    if isinstance(item, str):
        doubled = item.replace('"', '""')
        return f'"{doubled}"'
    if isinstance(item, list | dict):
        raise JqError(f"{described(item)} is not valid in a csv row")
    return "" if item is None else dump(item)


def _tsv(value: Value) -> str:
    cells: list[str] = []
    for item in _row(value, "tsv"):
        if isinstance(item, list | dict):
            raise JqError(f"{described(item)} is not valid in a tsv row")
        cells.append("" if item is None else text(item).translate(_TSV))
    return "\t".join(cells)


def _sh(value: Value) -> str:
    words: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list | dict):
            raise JqError(f"{described(item)} can not be escaped for shell")
        words.append("'" + item.replace("'", "'\\''") + "'" if isinstance(item, str) else dump(item))
    return " ".join(words)


def _base64d(value: Value) -> str:
    data = text(value).encode()
    try:
        return base64.b64decode(data.rstrip(b"=") + b"=" * (-len(data.rstrip(b"=")) % 4)).decode(
            "utf-8", "replace"
        )
    except binascii.Error:
        raise JqError(f"{described(value)} is not valid base64 data") from None


def _base32d(value: Value) -> str:
    data = text(value).encode()
    try:
        return base64.b32decode(data + b"=" * (-len(data) % 8)).decode("utf-8", "replace")
    except binascii.Error:
        raise JqError(f"{described(value)} is not valid base32 data") from None


FORMATS: dict[str, Callable[[Value], str]] = {
    "text": text,
    "json": dump,
    "html": _html,
    "uri": _uri,
    "csv": _csv,
    "tsv": _tsv,
    "sh": _sh,
    "base64": lambda value: base64.b64encode(text(value).encode()).decode(),
    "base64d": _base64d,
    "base32": lambda value: base64.b32encode(text(value).encode()).decode(),
    "base32d": _base32d,
}

"""A row as a line of JSON, for a file: bytes as hexadecimal or base64, everything else as it is."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Any

from providers.store.moving.tables import Row, Table

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def line(table: Table, row: Row) -> bytes:
    """One line, its end included."""
    fields: dict[str, Any] = {}
    for column, value in zip(table.columns, row, strict=True):
        if value is not None and column in table.hashes:
            fields[column] = bytes(value).hex()
        elif value is not None and column in table.packed:
            fields[column] = b64encode(value).decode()
        else:
            fields[column] = value
    return _encode(fields).encode() + b"\n"


def read(table: Table, text: bytes) -> Row:
    """The row that a line stands for. Raises ValueError."""
    fields = json.loads(text)
    if not isinstance(fields, dict) or len(fields) != len(table.columns):
        raise ValueError("other columns")
    row = []
    for column in table.columns:
        if column not in fields:
            raise ValueError(f"no column {column}")
        value = fields[column]
        if value is not None and column in table.hashes:
            value = bytes.fromhex(value)
        elif value is not None and column in table.packed:
            try:
                value = b64decode(value, validate=True)
            except NotBase64 as error:
                raise ValueError(f"{column} is no base64") from error
        row.append(value)
    return tuple(row)

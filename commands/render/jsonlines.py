"""JsonLines: a sink that hands records on as one JSON object a line (`--json`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from commands.stream import LINE_ONLY, Record, Sink
from commands.values import decimal_text
from vfs.node import Value
from vfs.visible import visible_line


def _plain(value: Value) -> Any:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value


def json_text(fields: Mapping[str, Any]) -> str:
    """One line of JSON. What a terminal would act on is escaped, so the line is safe to print."""
    text = json.dumps(fields, ensure_ascii=False, default=str)
    return text if visible_line(text) == text else json.dumps(fields, ensure_ascii=True, default=str)


def json_line(record: Record) -> str:
    """A record as a JSON object: its path, then its fields in their order; text alone as `text`.

    Dates are ISO 8601, Decimals and paths strings.
    """
    fields = {name: _plain(value) for name, value in record.fields.items()}
    if record.path is not None and "path" not in fields:
        fields = {"path": str(record.path), **fields}
    return json_text(fields or {"text": record.text})


class JsonLines(Sink):
    """Turns what is written into JSON Lines; text that is no record becomes `{"text": LINE}`."""

    def __init__(self, out: Sink) -> None:
        self._out = out
        self._rest = b""

    async def put(self, records: Sequence[Record]) -> None:
        lines = [json_line(record) + "\n" for record in records if record.fields is not LINE_ONLY]
        if lines:
            await self._out.text("".join(lines))

    async def write(self, data: bytes) -> None:
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        await self.put([Record(line.decode("utf-8", "surrogateescape")) for line in lines])

    async def flush(self) -> None:
        """Hands on a last line that lacks its newline."""
        rest, self._rest = self._rest, b""
        if rest:
            await self.put([Record(rest.decode("utf-8", "surrogateescape"))])
        await self._out.flush()

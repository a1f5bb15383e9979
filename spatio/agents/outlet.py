"""Answering: an agent's answer on its way to standard output, as text that streams or as records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from commands.command import Context, Failure
from commands.stream import Record, Sink
from vfs.node import Value
from vfs.path import Path

HOLD = 240
"""Characters that are held back where a tool may still be called: a model's remarks before a call
are no part of its answer."""


class Answering:
    """Where the text of an answer goes as it comes (`spatio.agents.model.Outlet`)."""

    def __init__(self, sink: Sink, *, hold: int = 0) -> None:
        self._sink = sink
        self._hold = hold
        self._held: list[str] = []
        self._size = 0
        self._open = False
        self._last = ""

    @property
    def reached(self) -> bool:
        return self._open

    async def feed(self, text: str) -> None:
        if self._open:
            await self._out(text)
            return
        self._held.append(text)
        self._size += len(text)
        if self._size > self._hold:
            await self._release()

    def reset(self) -> None:
        self._held.clear()
        self._size = 0

    async def finish(self) -> None:
        """Hands on what is held, and ends the last line."""
        await self._release()
        if self._last and not self._last.endswith("\n"):
            await self._sink.text("\n")

    async def _release(self) -> None:
        text = "".join(self._held)
        self.reset()
        if text:
            self._open = True
            await self._out(text)

    async def _out(self, text: str) -> None:
        self._last = text
        await self._sink.text(text.encode("utf-8", "replace").decode("utf-8"))


def read_items(text: str, fields: Sequence[str]) -> list[dict[str, Value]]:
    """The items in an answer of JSON objects, fields checked. Raises Failure."""
    decoder = json.JSONDecoder()
    items: list[dict[str, Value]] = []
    rest = _unfenced(text)
    while rest:
        try:
            found, end = decoder.raw_decode(rest)
        except ValueError as error:
            raise Failure("the answer is not the JSON that was asked for") from error
        rest = rest[end:].lstrip()
        listed = found.get("items") if isinstance(found, Mapping) else found
        if not isinstance(listed, list):
            raise Failure("the answer holds no list of items")
        items.extend(_item(one, fields) for one in listed if isinstance(one, Mapping))
    return items


def _unfenced(text: str) -> str:
    """Some models put JSON into a fence of Markdown."""
    lines = text.strip().splitlines()
    if lines and lines[0].startswith("```"):
        lines = lines[1:-1] if lines[-1].startswith("```") else lines[1:]
    return "\n".join(lines).strip()


def _item(found: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Value]:
    return {field: _value(field, found.get(field)) for field in fields}


def _value(field: str, value: Any) -> Value:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if field == "priority" and text.strip().isdigit():
        return int(text)
    if len(text) == 10 and text[4:5] == "-":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def records_of(items: Sequence[Mapping[str, Value]], ctx: Context) -> list[Record]:
    """Items as records; a `source` that is a path is what the record is about."""
    records = []
    for item in items:
        source = item.get("source")
        path = None
        if isinstance(source, str) and source.startswith("/"):
            path = Path.parse(source.replace("\0", "").partition("#")[0])
        records.append(Record(_line(item), item, path if path is not None and ctx.tree.sees(path) else None))
    return records


def _line(item: Mapping[str, Value]) -> str:
    """The first field or two, the others behind them in parentheses."""
    if "bucket" in item:
        head = [str(item.get(name) or "") for name in ("bucket", "why")]
        rest = [(name, value) for name, value in item.items() if name not in ("bucket", "why")]
    else:
        (first, value), *rest = item.items()
        head = ["- [ ]" if first == "title" else "-", str(value or "")]
    said = [
        str(value) if name == "source" else f"{name} {value}" for name, value in rest if value is not None
    ]
    text = f"{' '.join(head)} ({', '.join(said)})" if said else " ".join(head)
    return " ".join(text.split())

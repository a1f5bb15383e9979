"""Front matter: the `---` block at the head of a Markdown file, as attributes and back.

A flat part of YAML, read strictly and without surprises: `key: value` lines, lists as `[a, b]` or
as `- item` lines, text blocks after `|` or `>`, quotes, comments. What cannot be read so (nested
mappings, a broken line) is left alone and stays as it is when other keys are set. Nothing in it is
ever executed, and no value raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from vfs.node import Value

LONGEST = 64 * 1024
"""Bytes within which the block must end."""

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*:(?:[ \t]+(.*)|[ \t]*)\Z")
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([ ]?(Z|[+-]\d\d:?\d\d))?\Z")
_BARE = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`][^\n#:\[\]{},]*\Z")
_NAMES = {"true": True, "false": False, "null": None, "~": None, "": None}
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "/": "/", "r": "\r", "0": "\0"}


class Block(NamedTuple):
    """A head and what follows it."""

    attrs: dict[str, Value]
    spans: dict[str, tuple[int, int]]
    """For each key, its lines within `lines`, from and to; also where its value could not be read."""
    lines: list[str]
    """The lines between the two `---`, without their ends."""
    body: str


def split(text: str) -> Block | None:
    """The front matter of a text and its body; None when it has none."""
    if not text.startswith(("---\n", "---\r\n")):
        return None
    lines = text[: LONGEST + 8].splitlines(keepends=True)
    for end in range(1, len(lines)):
        if lines[end].rstrip() in ("---", "..."):
            head = [line.rstrip("\r\n") for line in lines[1:end]]
            body = text[sum(len(line) for line in lines[: end + 1]) :]
            attrs, spans = _read(head)
            return Block(attrs, spans, head, body)
    return None


def read(data: bytes) -> dict[str, Value]:
    """The attributes at the head of a content; none when there is no front matter."""
    if not data.startswith((b"---\n", b"---\r\n")):
        return {}
    block = split(data[: LONGEST + 8].decode("utf-8", "replace"))
    return {} if block is None else block.attrs


def head(fields: Mapping[str, Value]) -> str:
    """The block for a new file: these fields, the empty ones left out; "" when none is left."""
    return _block({key: value for key, value in fields.items() if value not in ("", ())})


def _block(fields: Mapping[str, Value]) -> str:
    kept = [(key, value) for key, value in fields.items() if value is not None]
    lines = [f"{line}\n" for key, value in kept for line in _written(key, value)]
    return f"---\n{''.join(lines)}---\n" if lines else ""


def rewrite(text: str, changes: Mapping[str, Value]) -> str:
    """`text` with attributes set, or removed where the value is None; everything else stays."""
    block = split(text)
    if block is None:
        return _block(changes) + text
    lines: list[str] = []
    done: set[str] = set()
    starts = {start: (key, stop) for key, (start, stop) in block.spans.items()}
    at = 0
    while at < len(block.lines):
        key, stop = starts.get(at, ("", at + 1))
        if key in changes:
            done.add(key)
            value = changes[key]
            lines += [] if value is None else _written(key, value)
        else:
            lines += block.lines[at:stop]
        at = stop
    for key, value in changes.items():
        if key not in done and value is not None:
            lines += _written(key, value)
    return "---\n" + "".join(f"{line}\n" for line in lines) + "---\n" + block.body


# -- reading


def _read(lines: list[str]) -> tuple[dict[str, Value], dict[str, tuple[int, int]]]:
    attrs: dict[str, Value] = {}
    spans: dict[str, tuple[int, int]] = {}
    at = 0
    while at < len(lines):
        found = _KEY.match(lines[at].rstrip())
        stop = at + 1
        while stop < len(lines) and _belongs(lines[stop]):
            stop += 1
        while stop > at + 1 and not lines[stop - 1].strip():
            stop -= 1
        if found is not None:
            key = found.group(1)
            spans[key] = (at, stop)
            with suppress(ValueError):
                attrs[key] = _value((found.group(2) or "").strip(), lines[at + 1 : stop])
        at = stop
    return attrs, spans


def _belongs(line: str) -> bool:
    """Whether a line goes on with the value above it."""
    return not line.strip() or line[0] in " \t" or line.startswith("- ") or line == "-"


def _value(text: str, more: list[str]) -> Value:
    """The value of a key. Raises ValueError for what is no flat YAML."""
    if text in ("|", ">", "|-", ">-", "|+", ">+"):
        return _text_block(text[0], more)
    below = [line.strip() for line in more if line.strip() and not line.strip().startswith("#")]
    if not _without_comment(text) and below:
        if not all(line == "-" or line.startswith("- ") for line in below):
            raise ValueError("nested")
        return tuple(_scalar(line[1:].strip()) for line in below)
    if below:
        text = " ".join([text, *below])
    if text.startswith("["):
        return _list(text)
    if text.startswith("{"):
        raise ValueError("nested")
    return _scalar(text)


def _text_block(style: str, lines: list[str]) -> str:
    filled = [line for line in lines if line.strip()]
    indent = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    cut = [line[indent:].rstrip() for line in lines]
    while cut and not cut[-1]:
        cut.pop()
    return "\n".join(cut) if style == "|" else " ".join(line for line in cut if line)


def _without_comment(text: str) -> str:
    cut = re.search(r"(?:^|[ \t])#", text)
    return text if cut is None else text[: cut.start()].rstrip()


def _scalar(text: str) -> Value:
    if text[:1] in ("'", '"'):
        value, rest = _quoted(text)
        if _without_comment(rest.strip()):
            raise ValueError("text after a quote")
        return value
    text = _without_comment(text)
    if text.lower() in _NAMES:
        return _NAMES[text.lower()]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    try:
        if _DATE.match(text):
            return date.fromisoformat(text)
        if _TIME.match(text):
            return datetime.fromisoformat(re.sub(r" ?([+-]\d\d):?(\d\d)$", r"\1:\2", text).replace(" Z", "Z"))
    except ValueError:
        return text
    return text


def _quoted(text: str) -> tuple[str, str]:
    """The quoted text at the start, and what follows it. Raises ValueError when it does not end."""
    quote = text[0]
    out: list[str] = []
    at = 1
    while at < len(text):
        char = text[at]
        if quote == '"' and char == "\\" and at + 1 < len(text):
            out.append(_ESCAPES.get(text[at + 1], text[at : at + 2]))
            at += 2
            continue
        if char == quote:
            if quote == "'" and text[at + 1 : at + 2] == "'":
                out.append("'")
                at += 2
                continue
            return "".join(out), text[at + 1 :]
        out.append(char)
        at += 1
    raise ValueError("the quote does not end")


def _list(text: str) -> tuple[Value, ...]:
    items: list[Value] = []
    rest = text[1:].lstrip()
    while rest and not rest.startswith("]"):
        if rest[0] in "'\"":
            item, rest = _quoted(rest)
            items.append(item)
        else:
            cut = re.search(r"[,\]]", rest)
            if cut is None or "[" in rest[: cut.start()] or "{" in rest[: cut.start()]:
                raise ValueError("not a flat list")
            items.append(_scalar(rest[: cut.start()].strip()))
            rest = rest[cut.start() :]
        rest = rest.lstrip()
        if rest.startswith(","):
            rest = rest[1:].lstrip()
        elif not rest.startswith("]"):
            raise ValueError("not a list")
    if not rest.startswith("]") or _without_comment(rest[1:].strip()):
        raise ValueError("the list does not end")
    return tuple(items)


# -- writing


def _written(key: str, value: Value) -> list[str]:
    if isinstance(value, tuple):
        return [f"{key}: [{', '.join(_spelt(item) for item in value)}]"]
    return [f"{key}: {_spelt(value)}".rstrip()]


def _spelt(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    text = value if isinstance(value, str) else ", ".join(str(item) for item in value)
    if _BARE.match(text) and text.strip().splitlines() == [text] and isinstance(_scalar(text), str):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + escaped.replace("\r", "\\r").replace("\0", "\\0") + '"'

"""Keys as paths, and back: every key has exactly one path, and no name in it is hostile.

A key is cut at `/`. A component that a name cannot be is spelt with ␛ (U+241B), which sorts behind
everything that it stands for:

    ␛000A         one character: controls, what reorders or hides text, ␛ itself
    ␛002E ␛002E.  `.` and `..`
    ␛empty        nothing, as in `a//b` or `/a`
    NAME␛more     a component that is too long for a name goes on in this folder
    NAME␛file     the object `NAME` where keys `NAME/…` make a folder of that name
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from vfs.names import BYTES, cut

ESCAPE = "␛"
EMPTY = ESCAPE + "empty"
MORE = ESCAPE + "more"
FILE = ESCAPE + "file"

LONGEST_KEY = 1024
"""Bytes."""

_PIECE = BYTES - len(MORE.encode())
_HOSTILE = "\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff" + ESCAPE
_ESCAPED = re.compile(f"[{_HOSTILE}]")
_CODE = re.compile(f"{ESCAPE}([0-9A-F]{{4}})")


class Spot(NamedTuple):
    """What a path may be in a bucket."""

    key: str | None
    """The object's key; None where the path can only be a folder."""
    prefix: str | None
    """What the keys of all that lies below begin with; None where the path can only be a file."""


def is_plain(component: str) -> bool:
    """Whether the component is its own name."""
    if component.isascii() and component.isprintable() and 2 < len(component) <= BYTES:
        return True
    return (
        component not in ("", ".", "..")
        and len(component.encode("utf-8", "replace")) <= BYTES
        and (_ESCAPED.search(component) is None)
    )


def names_of(key: str) -> tuple[str, ...]:
    """The names that a key's components have, in order."""
    names: list[str] = []
    for component in key.split("/"):
        if is_plain(component):
            names.append(component)
        else:
            names += _spelt(component)
    return tuple(names)


def _spelt(component: str) -> list[str]:
    if not component:
        return [EMPTY]
    if component in (".", ".."):
        return [f"{ESCAPE}002E{component[1:]}"]
    text = component
    pieces: list[str] = []
    while len((spelt := _escaped(text)).encode()) > BYTES:
        piece = _whole_escapes(cut(spelt, _PIECE))
        pieces.append(piece + MORE)
        text = text[len(_unescaped(piece)) :]
    return [*pieces, spelt]


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"{ESCAPE}{ord(found.group()):04X}", text)


def _unescaped(name: str) -> str:
    return _CODE.sub(lambda found: chr(int(found[1], 16)), name)


def _whole_escapes(piece: str) -> str:
    """`piece` without an escape that its end cuts through."""
    at = piece.rfind(ESCAPE)
    return piece[:at] if at > len(piece) - 5 and at >= 0 else piece


def spot_of(names: Sequence[str]) -> Spot:
    """Where a path lies in the bucket; the root's prefix is empty.

    Raises ValueError for a name that no key has.
    """
    beside = bool(names) and names[-1].endswith(FILE) and names[-1] != FILE
    plain = [*names[:-1], names[-1].removesuffix(FILE)] if beside else list(names)
    text = ""
    for name in plain:
        if name.endswith(MORE) and name != MORE:
            text += _unescaped(name.removesuffix(MORE))
        else:
            text += ("" if name == EMPTY else _unescaped(name)) + "/"
    if not plain:
        return Spot(None, "")
    if not text.endswith("/"):
        if beside:
            raise ValueError(f"{names[-1]} is no name of an object")
        return Spot(None, text)
    key = text[:-1]
    if names_of(key) != tuple(plain):
        raise ValueError(f"no object has such a name: {ESCAPE} stands before what a name cannot hold")
    return Spot(key, None if beside else text)


def begun(prefix: str) -> tuple[str, tuple[str, ...]]:
    """Where the component begins that `prefix` ends within, and the names of it so far.

    Those are none for a prefix that ends in `/`, or is empty.
    """
    start = prefix[: prefix.rfind("/") + 1]
    spelt = _escaped(prefix[len(start) :])
    pieces: list[str] = []
    while spelt:
        piece = _whole_escapes(cut(spelt, _PIECE))
        pieces.append(piece + MORE)
        spelt = spelt[len(piece) :]
    return start, tuple(pieces)

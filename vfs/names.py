"""Names: what may be created, titles to names, and what becomes of names that services send."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from vfs.errors import BadName
from vfs.path import Path

BYTES = 255
"""The longest name, in bytes of UTF-8."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]+"
)
_GAPS = re.compile(r"[^\w.]+")
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def problem(name: str) -> str | None:
    """Why `name` cannot be created, as a reason for a person; None when it can."""
    if name.isascii() and name.isprintable() and 2 < len(name) <= BYTES and "/" not in name:
        return None
    if name in ("", ".", ".."):
        return "a name cannot be empty, `.` or `..`"
    if "/" in name:
        return "a name cannot hold `/`"
    found = _CONTROL.search(name)
    if found:
        return f"a name cannot hold the control character U+{ord(found.group()):04X}"
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "a name must be valid UTF-8"
    return f"a name has at most {BYTES} bytes, but this one has {size}" if size > BYTES else None


def check(name: str, path: Path | None = None) -> None:
    """Raises BadName, about `path`, when `name` cannot be created."""
    reason = problem(name)
    if reason is not None:
        raise BadName(path if path is not None else name, reason)


def cut(text: str, size: int) -> str:
    """`text`, no longer than `size` bytes of UTF-8, cut between characters."""
    return text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore")


def slug(title: str) -> str:
    """A name that a person would type for `title`: lower case, words joined by `-`, never empty."""
    words = _GAPS.sub("-", unicodedata.normalize("NFC", _HOSTILE.sub(" ", title)).lower()).replace("_", "-")
    return cut(words.strip("-."), 80).rstrip("-.") or "untitled"


def clean(name: str) -> str:
    """The nearest name that may be created to one that a service sent; itself when it is harmless."""
    if name.isascii() and problem(name) is None and name == name.strip():
        return name
    text = _HOSTILE.sub(" ", name.encode("utf-8", "replace").decode()).replace("/", "∕").strip()
    if problem(text) is None:
        return text
    if text in ("", ".", ".."):
        return text.replace(".", "·") or "unnamed"
    stem, dot, suffix = text.rpartition(".")
    if dot and stem and len(suffix.encode()) <= 16:
        return f"{cut(stem, BYTES - len(suffix.encode()) - 1)}.{suffix}"
    return cut(text, BYTES)


def mark(key: str) -> str:
    """A short suffix such as `~k4m`, always the same for the same `key`."""
    value = 2166136261
    for byte in key.encode("utf-8", "surrogatepass"):
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return "~" + "".join(_LETTERS[value >> shift & 31] for shift in (0, 7, 14))


def marked(name: str, key: str) -> str:
    """`name` with the mark of `key` before its suffix: `plan.md` becomes `plan~k4m.md`."""
    stem, dot, suffix = name.rpartition(".")
    if not (dot and stem):
        stem, dot, suffix = name, "", ""
    tail = mark(key) + dot + suffix
    return cut(stem, BYTES - len(tail.encode())) + tail


def distinct(items: Iterable[tuple[str, str]]) -> list[str]:
    """A name for each (name, key), in order: twins, also in case or normal form, carry marks.

    Which twin is listed first makes no difference: each of them is marked by its own key.
    """
    pairs = [(clean(name), key) for name, key in items]
    count: dict[str, int] = {}
    for name, _ in pairs:
        alike = _alike(name)
        count[alike] = count.get(alike, 0) + 1
    names: list[str] = []
    taken: set[str] = set()
    for name, key in pairs:
        chosen = marked(name, key) if count[_alike(name)] > 1 else name
        more = 0
        while _alike(chosen) in taken:
            more += 1
            chosen = marked(name, f"{key}#{more}")
        taken.add(_alike(chosen))
        names.append(chosen)
    return names


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())

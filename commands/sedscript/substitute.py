"""Substitution: what `s` makes of a text."""

from __future__ import annotations

from collections.abc import Sequence

from commands.regex.regex import Searcher, Spans
from commands.sedscript.program import Case, Part, Substitution


def substituted(what: Substitution, regex: Searcher, text: bytes) -> bytes | None:
    """The text with its matches replaced; None when there was none to replace."""
    out: list[bytes] = []
    at = done = count = 0
    size = len(text)
    plain = len(what.parts) < 2 and all(isinstance(part, bytes) for part in what.parts)
    constant = b"".join([part for part in what.parts if isinstance(part, bytes)])
    last_stop = -1
    while at <= size:
        spans = regex.search(text, at)
        if spans is None:
            break
        start, stop = spans[0]
        if start == stop == last_stop:
            at = _next_place(text, stop)
            continue
        last_stop = stop
        count += 1
        at = stop if stop > start else _next_place(text, stop)
        if count < what.number:
            continue
        out += (text[done:start], constant if plain else _filled(what.parts, spans, text))
        done = stop
        if not what.all:
            break
    if count < what.number:
        return None
    out.append(text[done:])
    return b"".join(out)


def _next_place(text: bytes, at: int) -> int:
    """The place of the next character."""
    at += 1
    while at < len(text) and 0x80 <= text[at] < 0xC0:
        at += 1
    return at


def _filled(parts: Sequence[Part], spans: Spans, text: bytes) -> bytes:
    out: list[bytes] = []
    case: Case | None = None
    once: Case | None = None
    for part in parts:
        if isinstance(part, Case):
            if part in (Case.NEXT_UPPER, Case.NEXT_LOWER):
                once = part
            else:
                case = None if part is Case.END else part
                once = None
            continue
        if isinstance(part, bytes):
            piece = part
        else:
            start, stop = spans[part] if part < len(spans) else (-1, -1)
            piece = text[start:stop] if start >= 0 else b""
        if piece and (case or once):
            piece = _cased(piece, case, once)
            once = None
        out.append(piece)
    return b"".join(out)


def _cased(piece: bytes, case: Case | None, once: Case | None) -> bytes:
    text = piece.decode("utf-8", "surrogateescape")
    if case is not None:
        text = text.upper() if case is Case.UPPER else text.lower()
    if once is not None:
        first = text[0].upper() if once is Case.NEXT_UPPER else text[0].lower()
        text = first + text[1:]
    return text.encode("utf-8", "surrogateescape")

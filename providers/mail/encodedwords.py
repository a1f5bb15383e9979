"""Encoded words (RFC 2047) and parameters in parts (RFC 2231): the text within a header's value."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from providers.mail.charsets import codec, storable, text_of

_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_CONTROLS = re.compile(r"[\r\n\t\x0b\x0c\x85\u2028\u2029]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*={0,3}\s*\Z")


def one_line(text: str) -> str:
    """`text` without anything that ends a line, so that no value can become a header of its own."""
    return text.strip() if text.isprintable() else _CONTROLS.sub(" ", text).strip()


def decoded(value: bytes) -> str:
    """The text of an unfolded header value, on one line; words that are broken stay as they were written."""
    if value.isascii() and b"=?" not in value:
        return one_line(storable(value.decode("ascii")))
    return decoded_text(text_of(value))


def decoded_text(text: str) -> str:
    """`decoded`, of what is text already."""
    if "=?" not in text:
        return one_line(text)
    out: list[str] = []
    held: list[bytes] = []
    charset = ""
    at = 0
    for found in _WORD.finditer(text):
        between = text[at : found.start()]
        data = _word_bytes(found.group(2), found.group(3))
        if data is None or codec(found.group(1)) is None:
            continue
        named = found.group(1).lower()
        if between.strip() or not (held or not between) or named != charset:
            out.append(text_of(b"".join(held), charset))
            out.append(between if between.strip() or not held else "")
            held, charset = [], named
        held.append(data)
        at = found.end()
    out.append(text_of(b"".join(held), charset))
    out.append(text[at:])
    return one_line("".join(out))


def _word_bytes(kind: str, text: str) -> bytes | None:
    """The bytes of an encoded word; None when it is broken."""
    raw = text.encode("utf-8", "replace")
    if kind in "qQ":
        return binascii.a2b_qp(raw, header=True)
    if not _BASE64.match(text):
        return None
    raw = b"".join(raw.split()).rstrip(b"=")
    if len(raw) % 4 == 1:
        return None
    return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))


_PARAMETER = re.compile(r";\s*([^\s=;\"]{1,100})\s*=\s*(?:\"((?:[^\"\\]|\\.)*+)\"?|([^;]*))", re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_SECTION = re.compile(r"([^*]+)\*(\d{1,4})(\*?)\Z")
MOST_PARAMETERS = 1000
SMALL = 200
"""Bytes of a structured value that is remembered: nearly all mails have one of a few."""


def parameters(value: bytes) -> tuple[str, Mapping[str, str]]:
    """A structured value (`text/plain; charset=utf-8`) as its first word in lower case and its parameters."""
    return _recent_parameters(value) if len(value) <= SMALL else _parameters(value)


def _parameters(value: bytes) -> tuple[str, Mapping[str, str]]:
    text = text_of(value)
    main, mark, rest = text.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for count, found in enumerate(_PARAMETER.finditer(mark + rest)):
        if count >= MOST_PARAMETERS:
            break
        name = found.group(1).lower()
        quoted = found.group(2)
        given = _QUOTED_PAIR.sub(r"\1", quoted) if quoted is not None else found.group(3).strip()
        section = _SECTION.match(name)
        if section is not None:
            number = int(section.group(2))
            pieces.setdefault(section.group(1), {}).setdefault(number, (bool(section.group(3)), given))
        elif name.endswith("*"):
            pieces.setdefault(name[:-1], {}).setdefault(0, (True, given))
        else:
            plain.setdefault(name, given)
    for name, sections in pieces.items():
        plain[name] = _joined(sections)
    return main.strip().lower(), {name: decoded_text(given) for name, given in plain.items()}


_recent_parameters = lru_cache(256)(_parameters)


def _joined(sections: Mapping[int, tuple[bool, str]]) -> str:
    """The value of a parameter that came in numbered pieces, percent-encoded or not."""
    charset = ""
    parts: list[bytes] = []
    for at, (_, (escaped, text)) in enumerate(sorted(sections.items())):
        if escaped and at == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        parts.append(unquote_to_bytes(text) if escaped else text.encode("utf-8", "replace"))
    return text_of(b"".join(parts), charset)

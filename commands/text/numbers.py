"""Numbers at the start of text, as sort compares them."""

from __future__ import annotations

import re
from decimal import Decimal

_PLAIN = re.compile(rb"[ \t]*(-?)(\d*)(?:\.(\d*))?")
_HUMAN = re.compile(rb"[ \t]*(-?)(\d*)(?:\.(\d*))?([KkMGTPEZYRQ]?)")
_GENERAL = re.compile(
    rb"\s*([+-]?(?:0[xX][0-9a-fA-F]*(?:\.[0-9a-fA-F]*)?(?:[pP][+-]?\d+)?"
    rb"|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan))",
    re.IGNORECASE,
)
_EXACT = 15
_UNITS = b"KMGTPEZYRQ"
_MONTHS = {
    name: at for at, name in enumerate(b"JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)
}  # fmt: skip

Comparable = int | float | Decimal


def plain(text: bytes) -> Comparable:
    """`sort -n`: an optional minus, digits, a point and digits; 0 when there is nothing of the kind."""
    found = _PLAIN.match(text)
    assert found is not None
    sign, whole, places = found.groups()
    return _value(sign, whole, places)


def _value(sign: bytes, whole: bytes, places: bytes | None) -> Comparable:
    if not places or not places.strip(b"0"):
        if len(whole) > 4000:
            return Decimal((sign + whole).decode())
        size = int(whole or 0)
        return -size if sign else size
    digits = len(whole) + len(places)
    text = b"%b%b.%b" % (sign, whole or b"0", places)
    return float(text) if digits <= _EXACT else Decimal(text.decode())


def human(text: bytes) -> tuple[int, Comparable]:
    """`sort -h`: sign, unit, then size; `2K` is more than `1000`."""
    found = _HUMAN.match(text)
    assert found is not None
    sign, whole, places, unit = found.groups()
    value = _value(sign, whole, places)
    order = _UNITS.index(unit.upper()) + 1 if unit and value else 0
    return (-order if sign else order), value


def general(text: bytes) -> tuple[int, float]:
    """`sort -g`: any number that C reads; what is none comes first, then NaN."""
    found = _GENERAL.match(text)
    if found is None:
        return 0, 0.0
    word = found[1].lower()
    if b"nan" in word:
        return 1, 0.0
    if b"0x" in word:
        digits = word if word.strip(b"+-") != b"0x" else b"0"
        return 2, float.fromhex(digits.decode())
    return 2, float(word)


def month(text: bytes) -> int:
    """`sort -M`: the number of the month that the text begins with, 0 for none."""
    return _MONTHS.get(text.lstrip(b" \t")[:3].upper(), 0)


def version(text: bytes) -> tuple[tuple[bytes | tuple[int, ...] | int, ...], ...]:
    """`sort -V`: runs of digits by value, everything else by its characters, file endings last."""
    if text in (b"", b".", b".."):
        return ((((b"", b".", b"..").index(text)),),)
    hidden = text.startswith(b".")
    rest = text[1:] if hidden else text
    stem = _stem(rest)
    return ((3 if hidden else 4,), _pieces(stem), _pieces(rest))


def _stem(text: bytes) -> bytes:
    """The name without its endings such as `.tar.gz`."""
    ending = re.search(rb"(?:\.[A-Za-z~][A-Za-z0-9~]*)+\Z", text)
    return text[: ending.start()] if ending else text


def _pieces(text: bytes) -> tuple[bytes | tuple[int, ...] | int, ...]:
    pieces: list[bytes | tuple[int, ...] | int] = []
    for words, digits in re.findall(rb"(\D*)(\d*)", text):
        pieces.append((*[_order(code) for code in words], _END))
        pieces.append(int(digits[:4000] or 0))
    return tuple(pieces)


_END = 0


def _order(code: int) -> int:
    """`~` before the end, the end before letters, letters before everything else."""
    if code == 0x7E:
        return -1
    if chr(code).isalpha() and code < 128:
        return code
    return code + 256

"""Content lines: `NAME;PARAMETER=value:value`, folded over several lines of the file, kept to the byte.

Written by hand because the files of others have to come through unchanged, and in any state:
icalendar 7.3 takes 175 ms to import; of the 258 files of its own tests and recurring-ical-events' it
gives back 19 to the byte, refuses 4, and takes 5 times as long. A `Line` holds the bytes that it was
read from, reads them when it is asked, and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

CRLF = b"\r\n"
BOM = b"\xef\xbb\xbf"
"""What some programs begin a file with."""
WIDTH = 75
"""Octets of a line of the file, without its end."""

_LINE = re.compile(rb"[^\r\n]*(?:(?:\r\n|\n|\r)[ \t][^\r\n]*)*(?:\r\n|\n|\r)?")
_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_ENDS = b"\r\n"
_HEAD = re.compile(r"\s*([^\s;:=]+)\s*", re.ASCII)
_PARAMETER = re.compile(r";\s*([^\s=:;]+)(?:\s*=((?:\"[^\"]*\"|[^\";:]++)*+))?")
_VALUE = re.compile(r"\"([^\"]*)\"|([^\",]+)|(?<=,)(?=,)")
_CARET = re.compile(r"\^([n'^])")
_CARETS = {"n": "\n", "'": '"', "^": "^"}
_ENCODED = {"^": "^^", '"': "^'", "\n": "^n"}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_QUOTED = re.compile(r"[,;:]")
_PRINTABLE = b"QUOTED-PRINTABLE"
_NONE: Mapping[str, Sequence[str]] = {}


class Line:
    """One content line, as it stands in a file."""

    __slots__ = ("_at", "_name", "_params", "_text", "raw")

    def __init__(self, raw: bytes) -> None:
        self._text: str | None = None
        self._name: str | None = None
        self._params: Mapping[str, Sequence[str]] = _NONE
        self._at = 0
        self.raw = raw
        """With its folds and its end."""

    @classmethod
    def of(cls, name: str, value: str, params: Iterable[tuple[str, str]] = (), end: bytes = CRLF) -> Line:
        """A new line. `value` is escaped already where its type asks for that; line ends in it are lost."""
        head = name + "".join(f";{key}={parameter(text)}" for key, text in params)
        return cls(folded(f"{head}:{value}", end))

    @property
    def text(self) -> str:
        """Unfolded, without its end."""
        if self._text is None:
            raw = self.raw.rstrip(_ENDS)
            if b"\n" in raw or b"\r" in raw:
                raw = _FOLD.sub(b"", raw)
            self._text = decoded(raw.removeprefix(BOM))
        return self._text

    @property
    def name(self) -> str:
        """In capitals; "" for what is no content line."""
        return self._read() if self._name is None else self._name

    @property
    def params(self) -> Mapping[str, Sequence[str]]:
        """The parameters by name, in capitals."""
        if self._name is None:
            self._read()
        return self._params

    @property
    def value(self) -> str:
        """What follows the colon, with its escapes."""
        return self.text[self._at :] if self.name else ""

    def param(self, name: str) -> str:
        """The first value of a parameter; "" without one."""
        values = self.params.get(name)
        return values[0] if values else ""

    def with_value(self, value: str, end: bytes = CRLF) -> Line:
        """The same line with another value; its parameters stay as they are spelt."""
        return Line(folded(self.text[: self._begins] + value, end))

    def with_params(self, changes: Mapping[str, str], end: bytes = CRLF) -> Line:
        """The same line with parameters changed, added, or for "" taken out; the others keep their place."""
        head, left = self.text[: self._begins].rstrip(":"), dict(changes)
        start = _HEAD.match(head)
        made = [head[: start.end()] if start else ""]
        for found in _PARAMETER.finditer(head, len(made[0])):
            key = found[1].upper()
            if key not in changes:
                made.append(found[0])
            elif left.get(key):
                made.append(f";{key}={parameter(left.pop(key))}")
        made += [f";{key}={parameter(text)}" for key, text in left.items() if text]
        return Line(folded(f"{''.join(made)}:{self.value}", end))

    @property
    def _begins(self) -> int:
        """Where the value does."""
        if self._name is None:
            self._read()
        return self._at

    def _read(self) -> str:
        """Finds name, parameters, and where the value begins; answers the name."""
        text = self.text
        self._name = ""
        head = _HEAD.match(text)
        if head is None:
            return ""
        at = head.end()
        params: dict[str, Sequence[str]] = {}
        while text.startswith(";", at):
            found = _PARAMETER.match(text, at)
            if found is None:
                break
            at = found.end()
            values = [one[1] or one[2] or "" for one in _VALUE.finditer(found[2] or "")]
            params.setdefault(found[1].upper(), [_uncaret(value) for value in values])
        if not text.startswith(":", at):
            # Parameters that are not well formed: what follows the first colon after them is the value.
            at = text.find(":", at)
            if at < 0:
                return ""
        self._name = head[1].upper().rpartition(".")[2]
        self._params, self._at = params or _NONE, at + 1
        return self._name


def lines_of(data: bytes) -> Iterator[Line]:
    """The lines of a file, in order; their `raw` bytes joined are the file."""
    wrapped = _PRINTABLE in data or _PRINTABLE.lower() in data
    held = b""
    for found in _LINE.finditer(data):
        raw = held + found[0]
        if not raw:
            continue
        held = b""
        # vCalendar 1.0 breaks these after a `=`, without a space in the next line.
        if wrapped and raw.rstrip(_ENDS).endswith(b"=") and _PRINTABLE in raw.partition(b":")[0].upper():
            held = raw
            continue
        yield Line(raw)
    if held:
        yield Line(held)


def folded(text: str, end: bytes = CRLF) -> bytes:
    """A line for a file: at most `WIDTH` octets each, no character cut, control characters left out."""
    text = _CONTROL.sub("", text.replace("\r\n", " ").replace("\n", " "))
    data = text.encode("utf-8", "replace")
    if len(data) <= WIDTH:
        return data + end
    parts = []
    start, room = 0, WIDTH
    while len(data) - start > room:
        stop = start + room
        while data[stop] & 0xC0 == 0x80:
            stop -= 1
        parts.append(data[start:stop])
        start, room = stop, WIDTH - 1
    parts.append(data[start:])
    return (end + b" ").join(parts) + end


def parameter(text: str) -> str:
    """A parameter's value as it is written: quoted where it must be, coded (RFC 6868) where quotes fail."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n"))
    coded = re.sub(r"[\^\"\n]", lambda found: _ENCODED[found[0]], text)
    return f'"{coded}"' if _QUOTED.search(coded) else coded


def decoded(data: bytes) -> str:
    """Text in UTF-8, or in what was usual before it."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _uncaret(text: str) -> str:
    return _CARET.sub(lambda found: _CARETS[found[1]], text) if "^" in text else text

"""Parts: the tree of a message, found in one pass.

Time and memory are linear in the message, whatever it holds: boundaries are looked up among those that
are open, nesting ends at DEEPEST, splitting at MOST; what is deeper or further stays together in one
leaf, so that no byte of a body is lost.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping

from providers.mail.encodedwords import parameters
from providers.mail.headers import Headers, block_end

DEEPEST = 60
"""Levels of nesting that are opened."""
MOST = 20_000
"""Parts that are told apart."""

_PADDED = re.compile(rb"([^=]*+)(=*+)")
_NOT_BASE64 = re.sub(rb"[A-Za-z0-9+/=]", b"", bytes(range(256)))


class Part:
    """One entity of a message: a leaf, a multipart with its parts, or a message with the one it holds."""

    __slots__ = ("disposition", "encoding", "headers", "kids", "mime", "named", "params", "start", "stop")

    def __init__(self, headers: Headers, start: int, stop: int, default: str) -> None:
        self.headers = headers
        self.start = start
        self.stop = stop
        self.kids: list[Part] = []
        declared = headers.raw(b"content-type")
        mime, params = parameters(declared) if declared else (default, {})
        self.mime = mime if mime.count("/") == 1 and not mime.startswith("/") else "text/plain"
        self.params: Mapping[str, str] = params
        self.encoding = headers.text(b"content-transfer-encoding").split(";")[0].strip().lower()
        raw = headers.raw(b"content-disposition")
        self.disposition, placed = parameters(raw) if raw else ("", {})
        self.named = placed.get("filename") or params.get("name") or ""

    @property
    def is_leaf(self) -> bool:
        return not self.kids

    @property
    def id(self) -> str:
        """What `cid:` links call it."""
        return self.headers.text(b"content-id").strip("<>")

    def leaves(self) -> Iterator[Part]:
        """The leaves at and below it, in order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if part.is_leaf:
                yield part
            waiting += reversed(part.kids)


def parse(data: bytes) -> Part:
    """The tree of a whole message. Never raises."""
    opening = _Opening(data)
    opening.entity(0, "text/plain", None)
    at = 0
    while opening.is_parted:
        at = data.find(b"\n--", at) + 1
        if not at:
            break
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        opening.dashed(at, end, data[at + 2 : end].rstrip(b" \t\r"))
    return opening.done()


class _Opening:
    """The entities that are open while a message is read, outermost first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[Part] = []
        self._level: dict[bytes, int] = {}
        """For each boundary, where in `_open` its multipart stands."""
        self._bounds: list[bytes | None] = []
        self._count = 0
        self._root: Part | None = None

    @property
    def is_parted(self) -> bool:
        """Whether a boundary is waited for."""
        return bool(self._level)

    def entity(self, start: int, default: str, parent: Part | None) -> None:
        """Opens what begins at `start`, and the message in it where it is one."""
        while True:
            end, begin = block_end(self._data, start)
            part = Part(Headers(self._data[start:end]), begin, len(self._data), default)
            self._count += 1
            if parent is None:
                self._root = part
            else:
                parent.kids.append(part)
            self._push(part)
            if not _holds_message(part) or len(self._open) > DEEPEST or self._count >= MOST:
                return
            start, default, parent = begin, "text/plain", part

    def _push(self, part: Part) -> None:
        bound = part.params.get("boundary", "").encode("utf-8", "replace").rstrip()
        wanted = part.mime.startswith("multipart/") and bound and len(self._open) < DEEPEST
        known = wanted and bound not in self._level
        if known:
            self._level[bound] = len(self._open)
        self._open.append(part)
        self._bounds.append(bound if known else None)

    def dashed(self, start: int, end: int, text: bytes) -> None:
        """A line that begins with two dashes: perhaps a boundary."""
        level = self._level.get(text)
        closes = False
        if level is None and text.endswith(b"--"):
            level = self._level.get(text[:-2])
            closes = True
        if level is None or (self._count >= MOST and not closes):
            return
        self._close(level + 1, start)
        multipart = self._open[level]
        if closes:
            self._forget(level)
        else:
            digest = multipart.mime == "multipart/digest"
            self.entity(end + 1, "message/rfc822" if digest else "text/plain", multipart)

    def _close(self, level: int, stop: int) -> None:
        """Ends all entities from `level` on before the end of the line above `stop`."""
        at = stop
        if at and self._data[at - 1] == 10:
            at -= 2 if at > 1 and self._data[at - 2] == 13 else 1
        for place in range(level, len(self._open)):
            part = self._open[place]
            part.stop = max(part.start, at) if part.start <= stop else part.start
            self._forget(place)
        del self._open[level:], self._bounds[level:]

    def _forget(self, level: int) -> None:
        bound = self._bounds[level]
        if bound is not None:
            del self._level[bound]
            self._bounds[level] = None

    def done(self) -> Part:
        assert self._root is not None
        return self._root


def _holds_message(part: Part) -> bool:
    return part.mime in ("message/rfc822", "message/global") and part.encoding in (
        "",
        "7bit",
        "8bit",
        "binary",
    )


def content(data: bytes, part: Part) -> bytes:
    """The bytes of a part, its transfer encoding undone as far as it is one."""
    raw = data[part.start : part.stop]
    if part.encoding == "base64" and part.is_leaf:
        return _base64(raw)
    if part.encoding == "quoted-printable" and part.is_leaf:
        return binascii.a2b_qp(raw)
    if part.encoding in ("x-uuencode", "uuencode", "uue", "x-uue") and part.is_leaf:
        return _uuencoded(raw)
    return raw


def _base64(raw: bytes) -> bytes:
    if raw.count(b" ") * 40 > len(raw):
        # Whoever declared it so sent plain words.
        return raw
    kept = raw.translate(None, _NOT_BASE64)
    if b"=" not in kept:
        return _unpadded(kept)
    # What several programs have appended to one another has padding in its middle; any other is a stray sign.
    out: list[bytes] = []
    held: list[bytes] = []
    size = 0
    for found in _PADDED.finditer(kept):
        held.append(found.group(1))
        size += len(found.group(1))
        if size % 4 >= 2 and size % 4 + len(found.group(2)) >= 4:
            out.append(_unpadded(b"".join(held)))
            held, size = [], 0
    return b"".join([*out, _unpadded(b"".join(held))])


def _unpadded(kept: bytes) -> bytes:
    # A single character at the end is no whole byte.
    kept = kept[:-1] if len(kept) % 4 == 1 else kept
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def _uuencoded(raw: bytes) -> bytes:
    begin = re.search(rb"^begin [0-7]{3,4} [^\n]*\n", raw, re.MULTILINE)
    if begin is None:
        return raw
    out: list[bytes] = []
    for line in raw[begin.end() :].split(b"\n"):
        line = line.rstrip(b"\r")
        if line in (b"end", b"`", b" "):
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders count characters that the line does not have.
            size = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                out.append(binascii.a2b_uu(line[:size]))
            except binascii.Error:
                return raw
    return b"".join(out)

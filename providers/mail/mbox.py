"""Mbox: the messages of a mailbox file, in the variants that programs write.

A line that begins with `From ` and looks like an envelope begins a message when it stands at the start or
below an empty line. `>From ` and `>>From ` lose one `>` (the variants mboxo and mboxrd), unless a true
Content-Length says that the text was kept as it was (mboxcl2). Messages are told apart by their first lines
alone: a length that lies would hide the mails behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from providers.mail.headers import Headers, block_end

LARGEST = 256 * 1024 * 1024
"""Bytes of one message; what is longer is cut into several rather than held in memory."""
_BLOCK = 1024 * 1024

_BEGIN = re.compile(
    rb"From (?:[^\n]*\d\d:\d\d[^\n]*|\S+@\S+[^\n]*|-|MAILER-DAEMON[^\n]*)\n?\Z", re.IGNORECASE
)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_EMPTY = (b"\n", b"\r\n", b"")


class Kept(NamedTuple):
    """A message of a mailbox file."""

    content: bytes
    envelope: str
    """What stood behind `From `: who sent it and when, as another program noted it."""
    flags: str
    """Status and X-Status together: R read, O old, A answered, F flagged, T draft, D deleted."""


def messages(file: BinaryIO) -> Iterator[Kept]:
    """The messages of a mailbox file, one in memory at a time. A file that is none has no messages."""
    envelope: bytes | None = None
    lines: list[bytes] = []
    size = 0
    before = b""
    while line := file.readline(_BLOCK):
        if before in _EMPTY and line.startswith(b"From ") and _BEGIN.match(line):
            if envelope is not None:
                yield _kept(envelope, lines)
            envelope, lines, size = line, [], 0
        elif envelope is not None:
            if size > LARGEST:
                yield _kept(envelope, lines)
                lines, size = [], 0
            lines.append(line)
            size += len(line)
        before = line
    if envelope is not None:
        yield _kept(envelope, lines)


def _kept(envelope: bytes, lines: list[bytes]) -> Kept:
    data = b"".join(lines)
    end, start = block_end(data)
    headers = Headers(data[:end])
    # The empty line above the next envelope belongs to the file.
    for tail in (b"\r\n\r\n", b"\n\n"):
        if data.endswith(tail):
            data = data[: -len(tail) // 2]
            break
    if headers.raw(b"content-length").strip() != str(len(data) - start).encode():
        data = data[:start] + _QUOTED.sub(rb"\1", data[start:])
    flags = (headers.raw(b"status") + headers.raw(b"x-status")).decode("ascii", "replace")
    said = envelope.removeprefix(b"From ").strip().decode("utf-8", "replace")
    return Kept(data, said, "".join(sorted({char for char in flags.upper() if char.isalpha()})))

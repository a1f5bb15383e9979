"""The process that reads PDFs: sizes and documents come in, sizes and texts go out, until input ends.

Run as a script, so that it loads nothing of Spatio. It has little memory, writes no file, ends after a
document that takes too long, and when nobody asks for a while.
"""

from __future__ import annotations

import io
import resource
import select
import signal
import sys
from contextlib import suppress

from pypdf import PdfReader

IDLE = 60.0
MEMORY = 1024 * 1024 * 1024
LONGEST = 16 * 1024 * 1024
"""Characters of text that a document may have."""
SIZE = 8


def main(seconds: int) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # Not every system has every limit, and none lets a stricter one be raised.
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (most, most))
    while select.select([sys.stdin], [], [], IDLE)[0]:
        size = sys.stdin.buffer.read(SIZE)
        if len(size) < SIZE:
            return
        data = sys.stdin.buffer.read(int.from_bytes(size, "big"))
        signal.alarm(seconds)
        answer = text_of(data).encode("utf-8", "replace")
        signal.alarm(0)
        sys.stdout.buffer.write(len(answer).to_bytes(SIZE, "big") + answer)
        sys.stdout.buffer.flush()


def text_of(data: bytes) -> str:
    """The pages, a blank line between them; "" for what has no text, or none that can be read."""
    pages: list[str] = []
    size = 0
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return ""
        for page in reader.pages:
            text = "\n".join([line.rstrip() for line in page.extract_text().splitlines()]).strip("\n")
            size += len(text)
            if size > LONGEST:
                return ""
            if text.strip():
                pages.append(text + "\n")
    # A broken document makes the reader raise whatever it likes; this process has no other duty.
    except Exception:
        return ""
    return "\n".join(pages)


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""Commands read from standard input: each runs as soon as it is complete, and may read what follows."""

from __future__ import annotations

from commands.stream import Io
from spatio.session import Session
from spatio.shell.parser import wanted


async def run_lines(session: Session, io: Io) -> int:
    """Runs standard input to its end, or to `exit`; returns the last status."""
    status = above = 0
    while (text := await _command(io)) is not None:
        session.runner.above = above
        result = await session.run(text, io, last=False)
        above += text.count("\n")
        status = result.status
        if result.exited:
            break
    return (await session.finish(io, status)).status


async def _command(io: Io) -> str | None:
    """The next lines that make a whole command; None at the end of input."""
    text = ""
    missing: str | None = None
    while line := await io.stdin.readline():
        more = line.decode("utf-8", "surrogateescape")
        text += more
        # What is missing is a word or a mark; parsing again before it comes would take quadratic time.
        if missing and " " not in missing and missing not in more:
            continue
        missing = wanted(text)
        if missing is None and not text.endswith("\\\n"):
            return text
    return text or None

"""choose: one of several answers, or a few words, asked of the person at the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Context
from commands.stream import Io
from vfs.visible import visible_line

TRIES = 3
"""Answers that fit nothing before it is taken that there will be none."""


async def choose(
    ctx: Context,
    io: Io,
    question: str,
    options: Sequence[tuple[str, str]] = (),
    sample: Sequence[str] = (),
) -> str | None:
    """The value of the option that a person chose by its number or its value, or what they typed.

    An option is a value and what it means, in words. Without options any text is an answer. None where
    nobody is there to be asked, and when the answer is empty or fits nothing.
    """
    if not (ctx.interactive and io.stdin.tty):
        return None
    await io.stdout.flush()
    lines = [f"  | {visible_line(line)}" for line in sample]
    lines.append(visible_line(question))
    lines += [f"  {number}) {visible_line(text)}" for number, (_, text) in enumerate(options, 1)]
    await io.stderr.text("\n".join(lines) + "\n")
    for _ in range(TRIES):
        await io.stderr.text(f"  1-{len(options)}, Enter for none: " if options else "  Enter for none: ")
        await io.stderr.flush()
        answer = (await io.stdin.readline()).decode("utf-8", "replace").strip()
        if not answer:
            return None
        if not options:
            return answer
        for number, (value, _) in enumerate(options, 1):
            if answer in (str(number), value):
                return value
        await io.stderr.line(f"  '{visible_line(answer)}' is none of them")
    return None

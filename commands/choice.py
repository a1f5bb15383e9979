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
    *,
    free: bool = False,
) -> str | None:
    """The value of the option that a person chose by its number or its value, or what they typed.

    An option is a value and what it means, in words. Where there are none, and with `free`, any text is an
    answer. None where nobody is there to be asked, and when the answer is empty or fits nothing.
    """
    if not (ctx.interactive and io.stdin.tty):
        return None
    await io.stdout.flush()
    lines = [f"  | {visible_line(line)}" for line in sample]
    lines.append(visible_line(question))
    lines += [f"  {number}) {visible_line(text)}" for number, (_, text) in enumerate(options, 1)]
    await io.stderr.text("\n".join(lines) + "\n")
    known = f"1-{len(options)}" if len(options) > 1 else "1" if options else ""
    other = ", or type another" if free and options else ""
    prompt = f"  {known}{other}; Enter for none: " if options else "  Enter for none: "
    for _ in range(TRIES):
        await io.stderr.text(prompt)
        await io.stderr.flush()
        answer = (await io.stdin.readline()).decode("utf-8", "replace").strip()
        if not answer:
            return None
        for number, (value, _) in enumerate(options, 1):
            if answer in (str(number), value):
                return value
        if (free or not options) and not answer.isdecimal():
            return answer
        await io.stderr.line(f"  '{visible_line(answer)}' is none of them")
    return None

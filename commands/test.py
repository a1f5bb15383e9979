"""test, [: the status says whether a condition holds."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Arguments, Command, Context, Example, Shape, Usage
from commands.stream import Io
from commands.text.conditions import Conditions
from vfs.action import Effect

_LANGUAGE = (
    "Files: -e exists, -f a file, -d a folder, -s not empty, -r -w -x may be read, written, run, "
    "A -nt B and A -ot B newer and older, A -ef B the same. Text: -z empty, -n not empty, = != < >. "
    "Whole numbers: -eq -ne -lt -le -gt -ge. Joined by ! -a -o ( ). -t N is a terminal, -v NAME a variable "
    "that is set. The status is 0 when it holds, 1 when not, 2 for what is no condition."
)


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    return await _judged(ctx, io, args.words)


async def run_bracket(ctx: Context, args: Args, io: Io) -> int:
    if not args.words or args.words[-1] != "]":
        raise Usage("missing `]'")
    return await _judged(ctx, io, args.words[:-1])


async def _judged(ctx: Context, io: Io, words: Sequence[str]) -> int:
    return 0 if await Conditions(ctx, io, words).holds() else 1


COMMAND = Command(
    "test",
    "judge a condition",
    Args,
    run,
    effects=Effect.READ,
    writes=Shape.NOTHING,
    group="Text",
    description=_LANGUAGE,
    examples=[Example("test 3 -gt 2 && echo yes", "by number", "yes\n")],
)

BRACKET = Command(
    "[",
    "judge a condition, up to a last ]",
    Args,
    run_bracket,
    effects=Effect.READ,
    writes=Shape.NOTHING,
    group="Text",
    description=_LANGUAGE,
    examples=[Example("[ -d /notes ] && echo yes", "a folder", "yes\n")],
)

"""sleep: waits."""

from __future__ import annotations

from importlib import import_module

from commands.command import Arguments, Command, Complete, Context, Example, Shape, operand
from commands.stream import Io
from vfs.drive import event_loop

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(word: str) -> float:
    """Seconds from `1.5`, `2m`, `1h`, `infinity`. Raises ValueError."""
    unit = word[-1:] if word[-1:] in _UNITS else ""
    try:
        seconds = float(word.removesuffix(unit) if unit else word)
    except ValueError:
        raise ValueError(f"invalid time interval '{word}'") from None
    if not seconds >= 0 or "_" in word:
        raise ValueError(f"invalid time interval '{word}'")
    return seconds * _UNITS[unit or "s"]


class Args(Arguments):
    durations: list[float] = operand(
        "NUMBER[smhd]",
        many=True,
        kind=duration,
        help="how long; several are added",
        complete=Complete.NOTHING,
    )


async def run(ctx: Context, args: Args, io: Io) -> int:
    left = sum(args.durations)
    if left:
        await event_loop()
        asyncio = import_module("asyncio")
        longest = 86400.0
        while left > longest:
            await asyncio.sleep(longest)
            left -= longest
        await asyncio.sleep(left)
    return 0


COMMAND = Command(
    "sleep",
    "wait for some time",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Text",
    misuse=1,
    examples=[Example("sleep 0.1; echo done", "a tenth of a second", "done\n")],
)

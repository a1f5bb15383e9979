"""trap: what to do at the end."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Failure
from commands.report import report
from commands.stream import Io
from spatio.shell.builtins import shell_of
from spatio.shell.quoting import quote

_NAMES = {"0": "EXIT", "1": "HUP", "2": "INT", "3": "QUIT", "15": "TERM"}
_ON_CANCEL = frozenset({"HUP", "INT", "QUIT", "TERM"})


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    traps = shell_of(ctx).traps
    words = [word for word in args.words if word != "--"]
    if not words or words == ["-p"]:
        for name in sorted(traps):
            await io.stdout.line(f"trap -- {quote(traps[name], always=True)} {name}")
        return 0
    handler, names = (words[0], words[1:]) if len(words) > 1 else ("-", words)
    status = 0
    for word in names:
        name = _NAMES.get(word, word.upper().removeprefix("SIG"))
        if name != "EXIT" and name not in _ON_CANCEL:
            error = Failure(f"{word}: cannot be trapped", hint="EXIT, INT, TERM, HUP and QUIT can")
            status = await report(io, "trap", error)
        elif handler == "-":
            traps.pop(name, None)
        else:
            traps[name] = handler
    return status


COMMAND = Command(
    "trap",
    "do something at the end, whatever the end",
    Args,
    run,
    group="Shell",
    examples=(
        Example("trap 'rm -f /tmp/draft' EXIT", "clean up when the script ends"),
        Example("trap - EXIT", "no more"),
    ),
)

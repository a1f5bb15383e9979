"""getopts: the options among a script's arguments, one a call."""

from __future__ import annotations

from commands.command import Arguments, Command, Context, Example, Shape, Usage
from commands.stream import Io
from spatio.shell.builtins import shell_of


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    if len(args.words) < 2:
        raise Usage("it takes the options and a name", hint="getopts ab: name")
    variables = shell_of(ctx).vars
    known, name, *words = args.words
    words = words or variables.args
    quiet = known.startswith(":")
    index, inside = _place(variables.get("OPTIND") or "1", variables.get("OPTPOS") or "")
    word = words[index - 1] if 0 < index <= len(words) else ""
    if inside >= len(word):
        inside = 1
    if len(word) < 2 or word[0] != "-" or word == "--":
        variables.set("OPTIND", str(index + (word == "--")))
        variables.set(name, "?")
        return 1
    letter = word[inside]
    inside += 1
    value: str | None = None
    at = known.find(letter)
    takes = letter != ":" and at >= 0 and known[at + 1 : at + 2] == ":"
    if inside >= len(word) or takes:
        value = word[inside:] if takes and inside < len(word) else None
        index, inside = index + 1, 1
    if takes and value is None:
        value = words[index - 1] if index <= len(words) else None
        index += 1
    variables.unset("OPTARG")
    found = letter
    if at < 0 or letter == ":" or (takes and value is None):
        found = ":" if quiet and takes else "?"
        if quiet:
            variables.set("OPTARG", letter)
        else:
            wrong = "option requires an argument" if takes else "illegal option"
            await io.stderr.line(f"{variables.name}: {wrong} -- {letter}")
    elif value is not None:
        variables.set("OPTARG", value)
    variables.set("OPTIND", str(index))
    variables.set("OPTPOS", f"{index}:{inside}")
    variables.set(name, found)
    return 0


def _place(index: str, position: str) -> tuple[int, int]:
    """Which word, and where in it; the position counts only for the word that it was noted for."""
    number = int(index) if index.isdecimal() else 1
    noted, _, inside = position.partition(":")
    return number, int(inside) if noted == str(number) and inside.isdecimal() else 1


COMMAND = Command(
    "getopts",
    "take a script's options apart",
    Args,
    run,
    writes=Shape.NOTHING,
    group="Shell",
    examples=(
        Example("set -- -n 3 x; getopts n: o; echo $o $OPTARG", "the first option and its value", "n 3\n"),
    ),
)

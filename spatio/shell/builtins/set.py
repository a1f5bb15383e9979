"""set: options of the shell, and its arguments."""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Arguments, Command, Context, Example, Usage
from commands.stream import Io
from spatio.session import Session
from spatio.shell.builtins import shell_of
from spatio.shell.quoting import quote
from spatio.shell.special import LETTERS

OPTIONS = {letter: option for option, letter in LETTERS.items()}
NAMES = (*LETTERS, "pipefail")
_IGNORED = frozenset({"emacs", "vi", "monitor", "notify", "hashall", "posix", "braceexpand", "history"})


class Args(Arguments):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    shell = shell_of(ctx)
    if not args.words:
        for name in sorted(shell.vars.values):
            await io.stdout.line(f"{name}={quote(shell.vars.values[name])}")
        return 0
    rest = await _options(shell, list(args.words), io)
    if rest is not None:
        shell.vars.args = list(rest)
    return 0


async def _options(shell: Session, words: list[str], io: Io) -> Sequence[str] | None:
    """Sets the options; returns the new arguments, None when they stay. Raises Usage."""
    while words:
        word = words.pop(0)
        if word in {"--", "-"}:
            return words if word == "--" or words else None
        if word[0] not in "-+" or len(word) < 2:
            return [word, *words]
        for letter in word[1:]:
            if letter == "o" and not words:
                await _show(shell, io, plain=word[0] == "+")
            elif letter == "o":
                _switch(shell, words.pop(0), on=word[0] == "-")
            elif letter in OPTIONS:
                _switch(shell, OPTIONS[letter], on=word[0] == "-")
            elif letter not in "bhmBEHT":
                raise Usage(f"-{letter}: no such option", hint="run: set -o")
    return None


def _switch(shell: Session, name: str, *, on: bool) -> None:
    if name in _IGNORED:
        return
    if name not in NAMES:
        raise Usage(f"{name}: no such option", hint="run: set -o")
    if on:
        shell.options.add(name)
    else:
        shell.options.discard(name)
    if name == "allexport":
        shell.vars.allexport = on


async def _show(shell: Session, io: Io, *, plain: bool) -> None:
    for name in sorted(NAMES):
        on = name in shell.options
        line = f"set {'-' if on else '+'}o {name}" if plain else f"{name:<15} {'on' if on else 'off'}"
        await io.stdout.line(line)


COMMAND = Command(
    "set",
    "set options and arguments of the shell",
    Args,
    run,
    group="Shell",
    description="""\
Options, `-` sets and `+` clears: -e (errexit) end when a command fails, -u (nounset) no variables
without a value, -f (noglob) no wildcards, -C (noclobber) `>` replaces no file, -n (noexec) read but do
not run, -x (xtrace) show each command, -v (verbose) show each line, -a (allexport) export what is set,
-o pipefail a pipeline fails with any of its stages.""",
    examples=(
        Example("set -euo pipefail", "a careful script's first line"),
        Example("set -- a b; echo $#", "new arguments", "2\n"),
        Example("set -o", "show the options"),
    ),
)

"""jq: a program over JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from commands.command import (
    Arguments,
    Command,
    Complete,
    Context,
    Example,
    Shape,
    Usage,
    operand,
    option,
    switch,
)
from commands.jqlang.running import Running
from commands.jqlang.tokens import BadProgram
from commands.jqlang.values import JqError, Reading, Value, loads
from commands.parse import parse as parse_words
from commands.report import report
from commands.stream import Io
from vfs.action import Effect

_BATCH = 512
_PAIRS = ("--arg", "--argjson", "--slurpfile", "--rawfile")


class Options(Arguments):
    operands: list[str] = operand(
        "PROGRAM [PATH…]", many=True, required=False, help="the program, unless -f gives it, and files"
    )
    null_input: bool = switch("-n", "--null-input", help="run once on null; read with input and inputs")
    raw_input: bool = switch("-R", "--raw-input", help="each line is a string")
    slurp: bool = switch("-s", "--slurp", help="all values as one array")
    compact: bool = switch("-c", "--compact-output", help="each result on one line")
    raw: bool = switch("-r", "--raw-output", help="strings without quotes")
    joined: bool = switch("-j", "--join-output", help="as -r, without newlines")
    ascii_only: bool = switch("-a", "--ascii-output", help="other characters as \\u escapes")
    sort_keys: bool = switch("-S", "--sort-keys", help="names of objects in order")
    tab: bool = switch("--tab", help="indent by tabs")
    indent: int = option("--indent", kind=int, default=2, metavar="N", help="indent by N spaces")
    exit_status: bool = switch("-e", "--exit-status", help="status 1 when the last result is false or null")
    file: str | None = option(
        "-f", "--from-file", metavar="PATH", help="the program from a file", complete=Complete.PATH
    )
    color: bool = switch("-C", "--color-output", help="accepted")
    monochrome: bool = switch("-M", "--monochrome-output", help="accepted")
    unbuffered: bool = switch("--unbuffered", help="accepted")


class Args(Options):
    RAW = True


async def run(ctx: Context, args: Args, io: Io) -> int:
    words, variables, positional = await _split(ctx, args.words)
    options = parse_words(_PLAIN, words)
    operands = list(options.operands)
    if options.file is not None:
        program = (await _content(ctx, options.file)).decode("utf-8", "replace")
    elif operands:
        program = operands.pop(0)
    else:
        program = "."
    running = Running(ctx, io, options, variables, positional)
    try:
        running.read(program)
    except BadProgram as wrong:
        await report(io, "jq", str(wrong))
        return 3
    except RecursionError:
        await report(io, "jq", "nested too deeply")
        return 3
    return await running.run(operands)


async def _split(ctx: Context, words: Sequence[str]) -> tuple[list[str], dict[str, Value], list[Value]]:
    """The words without `--arg` and its like, and the variables and positional values that these set."""
    plain: list[str] = []
    variables: dict[str, Value] = {}
    positional: list[Value] = []
    mode = ""
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in _PAIRS:
            if at + 2 > len(words):
                raise Usage(f"{word} needs two values: NAME and VALUE")
            variables[words[at]] = await _given(ctx, word, words[at + 1])
            at += 2
        elif word in ("--args", "--jsonargs"):
            mode = word
        elif mode and not word.startswith("-") and any(not other.startswith("-") for other in plain):
            positional.append(word if mode == "--args" else _json(word, mode))
        else:
            plain.append(word)
    return plain, variables, positional


async def _given(ctx: Context, option_word: str, text: str) -> Value:
    if option_word == "--arg":
        return text
    if option_word == "--argjson":
        return _json(text, option_word)
    content = (await _content(ctx, text)).decode("utf-8", "replace")
    if option_word == "--rawfile":
        return content
    try:
        return list(Reading().add(content, last=True))
    except JqError as wrong:
        raise Usage(f"bad JSON in {text}: {wrong.message}") from None


def _json(text: str, option_word: str) -> Value:
    try:
        return loads(text)
    except JqError:
        raise Usage(f"invalid JSON text passed to {option_word}: {text}") from None


async def _content(ctx: Context, name: str) -> bytes:
    async with ctx.tree.text(ctx.resolve(name)) as blocks:
        return b"".join([block async for block in blocks])


COMMAND: Command[Any] = Command(
    "jq",
    "run a program over JSON",
    Args,
    run,
    effects=Effect.READ,
    reads=Shape.BYTES,
    group="Text",
    description=(
        "The language of jq: .name .[] .[1:3] | , // and or not if reduce foreach try def as, string "
        "\\(…), @csv @sh @base64 …, and its functions; no modules, and regular expressions without "
        "look-around. --arg NAME VALUE, --argjson, --slurpfile, --rawfile set variables; words after --args "
        "and --jsonargs are $ARGS.positional. The status is 5 after an error of the program, 3 when it "
        "cannot be read."
    ),
    examples=[
        Example("echo '{\"a\": [1, 2]}' | jq -c '.a | map(. * 2)'", "each one doubled", "[2,4]\n"),
        Example("ls /notes --json | jq -r .name", "the names of entries"),
    ],
)

_PLAIN = Command("jq", COMMAND.summary, Options, run)  # type: ignore[arg-type]

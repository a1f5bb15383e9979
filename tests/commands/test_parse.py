"""parse: words to arguments the GNU way, and what is said when they do not fit."""

from __future__ import annotations

import pytest

from commands.command import Arguments, Command, Context, Usage, operand, option, switch
from commands.parse import parse
from commands.stream import Io


class Args(Arguments):
    first: str = operand("FIRST", help="the first")
    rest: list[str] = operand("REST", many=True, required=False, help="the rest")
    long: bool = switch("-l", "--long", help="long")
    all: bool = switch("-a", "--all", help="all")
    almost: bool = switch("--almost-all", help="almost")
    lines: int = option("-n", "--lines", "-#", kind=int, default=10, help="how many")
    colour: str = option(
        "--colour", bare="always", default="auto", choices=("auto", "always", "never"), help="c"
    )
    patterns: list[str] = option("-e", "--pattern", many=True, help="patterns")


class Last(Arguments):
    sources: list[str] = operand("SOURCE", many=True, help="from")
    target: str = operand("TARGET", help="to")


class Wrapper(Arguments):
    OPTIONS_FIRST = True
    verbose: bool = switch("-t", help="say it")
    words: list[str] = operand("WORD", many=True, required=False, help="a command")


async def _run(ctx: Context, args: Arguments, io: Io) -> int:
    return 0


COMMAND = Command("cmd", "does", Args, _run, misuse=1)
LAST = Command("last", "does", Last, _run)
WRAPPER = Command("wrap", "does", Wrapper, _run)


def read(*words: str) -> Args:
    return parse(COMMAND, words)


def test_options_stand_anywhere_before_the_two_dashes() -> None:
    args = read("a", "-l", "b", "--", "-a")
    assert (args.first, args.rest, args.long, args.all) == ("a", ["b", "-a"], True, False)


def test_short_options_cluster_and_take_their_value_from_there_or_the_next_word() -> None:
    assert read("-lan3", "x").lines == 3
    assert read("-n", "4", "x").lines == 4
    assert read("-an", "5", "x").all is True


def test_long_options_take_values_either_way_and_may_be_shortened() -> None:
    assert read("--lines=3", "x").lines == 3
    assert read("--lines", "4", "x").lines == 4
    assert read("--li", "5", "x").lines == 5
    assert read("--all", "x").all is True


def test_a_number_is_an_option_where_that_is_declared() -> None:
    assert read("-3", "x").lines == 3
    assert parse(LAST, ["-3", "x"]).sources == ["-3"]


def test_a_value_that_may_be_left_out_is_never_the_next_word() -> None:
    assert read("--colour", "never").colour == "always"
    assert read("--colour=never", "x").colour == "never"
    assert read("x").colour == "auto"


def test_repeated_options_are_collected_or_the_last_one_wins() -> None:
    args = read("-e", "a", "--pattern=b", "-n1", "-n2", "x")
    assert (args.patterns, args.lines) == (["a", "b"], 2)
    assert args.given == ("patterns", "patterns", "lines", "lines")


def test_a_single_dash_is_an_operand() -> None:
    assert read("-").first == "-"


def test_the_last_operand_can_be_one_of_its_own() -> None:
    args = parse(LAST, ["a", "b", "c"])
    assert (args.sources, args.target) == (["a", "b"], "c")


def test_options_of_a_wrapped_command_are_left_to_it() -> None:
    args = parse(WRAPPER, ["-t", "ls", "-l", "--", "x"])
    assert (args.verbose, args.words) == (True, ["ls", "-l", "--", "x"])


def test_defaults_are_fresh_for_each_call() -> None:
    read("x").rest.append("y")
    assert read("x").rest == []


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ([], "missing operand FIRST", "run: cmd --help"),
        (["x", "--lnes=3"], "unknown option --lnes", "did you mean --lines?"),
        (["x", "--zzz"], "unknown option --zzz", "run: cmd --help"),
        (["x", "--al"], "--al may be --all or --almost-all", "run: cmd --help"),
        (["x", "-L"], "unknown option -L", "did you mean -l?"),
        (["x", "-long"], "unknown option -o", "did you mean --long?"),
        (["x", "-n"], "-n needs a value: VALUE", "run: cmd --help"),
        (["x", "--lines"], "--lines needs a value: VALUE", "run: cmd --help"),
        (["x", "-n", "few"], "-n must be a whole number, but is 'few'", "run: cmd --help"),
        (["x", "--all=yes"], "--all takes no value", "run: cmd --help"),
        (
            ["x", "--colour=nevr"],
            "--colour must be one of auto, always, never, but is 'nevr'",
            "did you mean never?",
        ),
    ],
)
def test_a_wrong_call_is_answered_with_the_next_step(words: list[str], message: str, hint: str) -> None:
    with pytest.raises(Usage) as caught:
        read(*words)
    assert (str(caught.value), caught.value.hint, caught.value.status) == (message, hint, 1)


def test_one_operand_too_many_is_named() -> None:
    class One(Arguments):
        only: str = operand("ONE", required=False, help="one")

    with pytest.raises(Usage, match="extra operand 'b'") as caught:
        parse(Command("one", "does", One, _run), ["a", "b"])
    assert caught.value.status == 2

from __future__ import annotations

from collections.abc import Callable

import pytest

from commands.command import Arguments, Command, Failure, Shape, Usage, operand, switch
from commands.stream import Collected, Given, Io, NotRecords, ReaderGone, Record
from spatio.invoke import invoke
from spatio.status import Result
from tests.shell.shells import Done, make
from vfs.drive import drive
from vfs.errors import LoginNeeded, NotFound, Refused, TimedOut


class Args(Arguments):
    names: list[str] = operand("NAME", many=True, required=False, help="names")
    loud: bool = switch("-l", "--loud", help="loudly")


def command(act: Callable[[], None], writes: Shape = Shape.BYTES) -> Command[Args]:
    async def run(ctx: object, args: Args, io: Io) -> int:
        act()
        await io.stdout.put([Record(name, {"name": name}) for name in args.names])
        return 3 if args.loud else 0

    return Command("act", "acts", Args, run, writes=writes)


def use(act: Callable[[], None], *words: str, writes: Shape = Shape.BYTES) -> tuple[Result, Done]:
    out, err = Collected(), Collected()
    result = drive(invoke(command(act, writes), words, make(), Io(Given(), out, err)))
    return result, Done(int(result), out.data.decode(), err.data.decode())


def nothing() -> None:
    return None


@pytest.mark.parametrize(
    ("error", "status", "line", "spoiled"),
    [
        (NotFound("/x"), 1, "act: /x: no such file or directory", False),
        (
            LoginNeeded("/mail", hint="run: connect gmail"),
            77,
            "act: /mail: login needed\n  run: connect gmail",
            False,
        ),
        (Refused("/x"), 126, "act: /x: refused by policy", True),
        (TimedOut("/x"), 124, "act: /x: timed out", True),
        (Failure("no", status=4), 4, "act: no", False),
        (Usage("wrong"), 2, "act: wrong", False),
        (NotRecords(), 1, "act: needs records, but was given text\n  run: from csv, from json", False),
        (ReaderGone(), 141, "", True),
        (ZeroDivisionError("oh"), 70, "act: a bug in Spatio: ZeroDivisionError: oh", True),
        (RecursionError(), 1, "act: nested too deeply", True),
    ],
)
def test_every_error_is_one_clean_line_and_a_status(
    error: Exception, status: int, line: str, spoiled: bool
) -> None:
    def act() -> None:
        raise error

    result, done = use(act)
    assert (done.status, done.err.rstrip("\n"), result.spoiled) == (status, line, spoiled)


def test_a_traceback_is_shown_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    def act() -> None:
        raise ZeroDivisionError

    assert "Traceback" not in use(act)[1].err
    monkeypatch.setenv("SPATIO_DEBUG", "1")
    assert "Traceback" in use(act)[1].err


def test_help_is_printed_without_running() -> None:
    def act() -> None:
        raise AssertionError

    assert use(act, "--help")[1].out.startswith("act - acts\n")
    assert use(nothing, "--", "--help")[1].out == "--help\n"


def test_json_is_for_records_only() -> None:
    assert use(nothing, "a", "--json", writes=Shape.RECORDS)[1].out == '{"name": "a"}\n'
    assert use(nothing, "a", "--json")[1].status == 2


def test_a_wrong_option_is_answered_with_the_nearest() -> None:
    done = use(nothing, "--lod")[1]
    assert done.status == 2
    assert "--loud" in done.err


def test_what_a_name_holds_cannot_reach_the_terminal() -> None:
    def act() -> None:
        raise NotFound("/\x1b[31mred\n")

    assert "\x1b" not in use(act)[1].err

"""test, [, expr, xargs, basename, dirname, date, sleep, yes, env against bash's and GNU's."""

from __future__ import annotations

import asyncio
import random

import pytest

from commands.parse import parse
from commands.registry import find
from commands.stream import Collected, Discard, Given, Io, ReaderGone, Record, Sink
from tests.commands.desk import Desk
from tests.commands.oracle import agree, ours, words_of
from vfs.drive import drive
from vfs.path import Path

FILES = {"f": b"abc", "e": b"", "d/x": b"q"}
ATOMS = """
a b 1 2 -1 f e d nope -f -d -e -s -z -n = != -eq -lt -gt ! ( ) -a -o < > == x -r -w
""".split()  # noqa: SIM905
ATOMS += ["", " 3 "]


@pytest.mark.parametrize("seed", range(3))
def test_conditions_of_any_words(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(120):
        words = [chance.choice(ATOMS) for _ in range(chance.randint(0, 5))]
        if chance.random() < 0.5:
            agree(["test", *words], b"", FILES)
        else:
            agree(["[", *words, "]"], b"", FILES)


def test_a_bracket_that_is_not_closed_is_wrong() -> None:
    agree(["[", "a"], b"", FILES)


def test_the_newer_file() -> None:
    desk = Desk()
    desk.write("/a", "1")
    desk.write("/b", "2")
    assert desk.run("test /b -nt /none").status == 0
    assert desk.run("test /none -nt /b").status == 1
    assert desk.run("test /none -ot /b").status == 0
    assert desk.run("test /a -ef /a").status == 0


EXPRESSIONS = """
1 + 2
5 - 7
3 * 4
7 / 2
-7 / 2
-7 % 3
7 % -3
1 / 0
a = a
a = b
1 < 2
10 < 9
a < b
1 | 0
0 | 0
0 | a
a & b
0 & 1
( 1 + 2 ) * 3
1 + 2 * 3
abc : a
abc : b
abc : \\(b\\)
abc : a\\(.\\)
abc : .*
éb : .
length abc
length é
substr hello 2 3
substr hello 0 2
index hello l
match abc a\\(b\\)
1 +
+
( 1
1 )
abc
0
-- 1 + 1
a + 1
00 = 0
+ length
length
x : \\(
"""


@pytest.mark.parametrize("call", words_of(EXPRESSIONS), ids=" ".join)
def test_expr_computes_what_gnu_computes(call: list[str]) -> None:
    agree(["expr", *call])


ITEMS = [
    b"a b c\n d\n", b"'a b' \"c d\" e\\ f\n", b"", b"x'y", b"a\n\nb\n", b" a  \n b c\nd \ne\n",
    b"1 2 3 4 5 6 7",
    b"q\"w e\"r 't'\n",
]  # fmt: skip
XARGS = [
    [], ["-n1"], ["-n", "2"], ["-I{}"], ["-L1"], ["-L2"], ["-r"], ["-0"], ["-d", ","], ["-d\\n"], ["-t"],
    ["-n2", "echo", "x"], ["-I", "X", "echo", "[X]", "X-X"], ["false"], ["-i", "echo", "{}!"],
    ["printf", "<%s>\\n"], ["-E", "c"], ["-s", "12"], ["nosuchcmd"], ["-P2", "-n100"], ["-r", "echo", "hi"],
]  # fmt: skip


@pytest.mark.parametrize("call", XARGS, ids=repr)
def test_items_become_calls_as_with_gnu(call: list[str]) -> None:
    for given in ITEMS:
        agree(["xargs", *call], given)


def test_records_stand_for_their_paths() -> None:
    desk = Desk()
    record = Record("a line about it", {}, Path(("notes", "a b.md")))
    assert desk.run("xargs echo", [record, Record("plain")]).out == "/notes/a b.md plain\n"


def test_a_record_whose_line_names_its_entry_stands_for_that_name() -> None:
    desk = Desk()
    near, dashed = Record("a b.md", {}, Path(("a b.md",))), Record("-n", {}, Path(("-n",)))
    assert desk.run("xargs echo", [near, dashed]).out == "a b.md /-n\n"


@pytest.mark.parametrize(
    "call",
    [
        "/a/b",
        "a",
        "/",
        "//",
        "a/",
        "/a/b.md .md",
        ".md .md",
        "-s .c x/a.c b.c",
        "-a x/y z/w",
        "a b c",
        "a//b//",
    ],
)
def test_the_last_name(call: str) -> None:
    agree(["basename", *call.split()])


@pytest.mark.parametrize(
    "call", ["/a/b", "a", "/", "//", "a/", "a/b/", "a//b", "/a", "//a", "a/b c", "..", "/a/../b"]
)
def test_all_but_the_last_name(call: str) -> None:
    agree(["dirname", *call.split()])


FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%a %A %b %B %d %e %j %k %l %I %p %P %y %C %u %w %U %V %W %G %g %q %s %N %z %:z %::z %Z",
    "%-d %_m %05d %^a %#p %10Y|%-H|%_H|%3N|%D %F %T %R %r %h %x %X %c", "%_5d|%-5d|%^B|%010s|%%%n%t",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_times_are_printed_as_gnu_prints_them(form: str) -> None:
    for when in (
        "@0",
        "@1700000000",
        "2024-02-29 03:04:05",
        "2026-12-31T23:59:59Z",
        "2023-01-01 00:00:00 +0200",
        "@-5",
    ):
        agree(["date", "-u", "-d", when, f"+{form}"])


@pytest.mark.parametrize(
    "when",
    [
        "2024-01-31 + 1 month", "2024-03-10 2 days ago", "2024-03-10 12:00 3 hours ago",
        "2024-03-10 tomorrow",
        "2024-01-15 -1 week", "2024-01-15 1 year", "20240115", "garbage", "2024-13-01",
    ],
)  # fmt: skip
def test_times_are_read_as_gnu_reads_them(when: str) -> None:
    agree(["date", "-u", "-d", when, "+%F %T"])


def test_the_time_is_the_users() -> None:
    assert Desk().run("date +%F").out == "2026-11-18\n"


def test_sleeping_takes_numbers_with_units_only() -> None:
    assert ours(["sleep", "0"]).status == 0
    assert ours(["sleep", "0.001s", "0m"]).status == 0
    for word in ("x", "-1", "1x", "1_0"):
        assert ours(["sleep", word]).status == 1


class Full(Sink):
    """Takes some bytes, then leaves."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.data = b""

    async def write(self, data: bytes) -> None:
        self.data += data
        if len(self.data) > self.most:
            raise ReaderGone


def test_yes_goes_on_until_its_reader_leaves() -> None:
    sink = Full(1_000_000)
    command = find("yes")
    assert command is not None
    with pytest.raises(ReaderGone):
        drive(command.run(Desk(), parse(command, ["no", "-n"]), Io(Given(), sink, Collected())))
    assert sink.data.startswith(b"no -n\nno -n\n")


def test_env_prints_what_is_exported() -> None:
    desk = Desk()
    desk.env = {"A": "1", "B": "two words"}
    assert desk.run("env").out == "A=1\nB=two words\n"
    assert desk.run("env echo hi").out == "hi\n"


@pytest.mark.parametrize(
    "call", [["sed", ":a;ba"], ["yes"], ["seq", "inf"], ["jq", "-n", "repeat(1)"]], ids=" ".join
)
def test_what_goes_on_for_ever_is_left_when_it_is_cancelled(call: list[str]) -> None:
    command = find(call[0])
    assert command is not None

    async def cancelled() -> None:
        io = Io(Given(b"x\n"), Discard(), Collected())
        task = asyncio.ensure_future(command.run(Desk(), parse(command, call[1:]), io))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())

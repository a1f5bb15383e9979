"""echo, printf, seq: bytes as bash and coreutils print them."""

from __future__ import annotations

import random

import pytest

from tests.commands.oracle import agree, ours, words_of

ECHO = """
-n a
-e a\\tb\\x41\\u00e9\\0101\\101\\cz
-ne x\\n
-nE \\n
-x
--help
-
-neE a\\t
-e \\xg|\\u|\\8|\\'|\\"|\\?
a -n
-e \\U00200000\\ud800|\\x4142
-e tail\\
-n
-e a\\c b
"""

PRINTF = [
    ["%s\\n", "a", "b"], ["%d %i\\n", "12", "-0x1f", "010", "08", "+7", " 5"], ["%d\\n", "abc", "5x", ""],
    ["%5s|%-5s|%.2s|%5.1s\\n", "ab", "cd", "efgh", "xyz"], ["%s é|%3s|%.1s\\n", "é", "é", "é"],
    ["%c%c%c", "abc", "é", ""], ["%b", "a\\tb\\n\\0101\\101\\x41"], ["%b|%s", "a\\cb", "x"],
    ["%q\\n", "a b", "", "it's", "a\tb", "é", "~x", "#a", "a#", "x=~", "a,b", "\x01\x1b", "{a}", "^", "%"],
    ["%x %X %o %#x %#X %#o\\n", "255", "255", "8", "255", "255", "8"],
    ["%u\\n", "-1", "18446744073709551616"],
    ["%d\\n", "9223372036854775808", "-9223372036854775809"], ["%.0d|%.d|\\n", "0", "0"],
    ["%5d|%-5d|%05d|%+d|% d|%.3d|%5.3d|%-5.3d|%05.3d\\n", *["42"] * 9],
    ["%f %e %g\\n", "3.14159", "31415.9", "0.0001"], ["%.0f %.0f %.0f %.0f\\n", "0.5", "1.5", "2.5", "3.5"],
    ["%.2f %.2f\\n", "2.675", "1.005"], ["%.20f\\n", "0.1"], ["%.30g\\n", "0.1"],
    ["%a %a %a %A\\n", "1", "0.5", "3.14", "255"], ["%.2a\\n", "3.14"], ["%#g %#.0f %#.0e\\n", "1", "2", "3"],
    ["%10.3f|%-10.3f|%010.3f|%+.1f|% .1f\\n", "3.14159", "3.14159", "3.14159", "2", "2"],
    ["%f %f %5f|%-6f|%06f\\n", "inf", "-nan", "inf", "nan", "inf"], ["%F %G\\n", "inf", "nan"],
    ["%f\\n", "1e400", "1e-400", "0x1p3", "abc", "1.5x", ".5", "5."], ["%s", "a", "b", "c"],
    ["x\\n", "a", "b"],
    ["%d%%\\n", "5"], ["%*d|%-*d|%.*f|%*s\\n", "5", "42", "5", "42", "2", "3.14159", "-5", "ab"],
    ["%s %s\\n", "a", "b", "c"], ["\\x41\\u00e9\\101\\0101\\\"\\'\\?\\c|\\n"], ["%z\\n"], ["%"], ["abc%"],
    ["a\\"],
    ["\\xg|\\u|\\U|\\n"], ["%s\\n"], ["%d|%s|%f\\n"], ["%c|%5c|%-5c|\\n", "x", "y", "z"],
    ["%i\\n", "'a", '"é', "'"], ["%f\\n", "'a"], ["%5b|%-5b|%.2b|\\n", "a\\n", "b", "abc"],
    ["%5q|%-8q|\\n", "a b", "c d"], ["--", "%s\\n", "x"],
    ["%ld %lld %hd %zd %jd\\n", "1", "2", "3", "4", "5"],
    ["%(%Y)T\\n", "0"], ["%(%Y-%m-%d)T|%12(%Y)T|\\n", "86400", "0"], ["%+u %+x\\n", "5", "5"],
    ["%s\\n", "-n"], ["-n"], ["%n\\n"], ["%d\\n", "0x", "0xg", "1 ", "- 1", "--1"], ["%x\\n", "-5"],
    ["%c\\n", "\n"],
    ["\\%s\\n", "x"], ["%\\n"], ["%s%b\\n", "x", "y\\c", "z"], ["%g\\n", "1e100", "99999.95", "999999.5"], [],
]  # fmt: skip

SEQ = """
3
2 5
1 2 10
5 1
5 -1 1
-3 3
1.5 3
1 .5 3
0 0.1 0.5
-w 8 12
-w -5 5
-w 1 .5 10
-s, 3
-f %03g 3
-f %.2f 1 3
-f a%gb 2
0
1e1
1e0 1e0 3
-w 0.5 1 10
1 0 5
x
1 2 3 4
-f %d 3
-f %%%g 2
9007199254740993 9007199254740995
-5 -1 -7
0x10 0x12
-w 1 -1 -10
-f %g 100000 1 100002
-f %5.1e 2
0.1 0.2 1
.5 2
+1 3
"""


@pytest.mark.parametrize("call", words_of(ECHO))
def test_echo_prints_what_bash_prints(call: list[str]) -> None:
    agree(["echo", *call])


@pytest.mark.parametrize("call", PRINTF, ids=repr)
def test_printf_prints_what_bash_prints(call: list[str]) -> None:
    agree(["printf", *call])


@pytest.mark.parametrize("call", words_of(SEQ), ids=" ".join)
def test_seq_prints_what_coreutils_print(call: list[str]) -> None:
    agree(["seq", *call])


def test_numbers_in_any_format_come_out_as_from_the_c_library() -> None:
    chance = random.Random(3)
    for _ in range(150):
        flags = chance.choice(["", "-", "+", " ", "0", "#", "-0", "+0"])
        form = (
            f"%{flags}{chance.choice(['', '8', '12'])}{chance.choice(['', '.0', '.1', '.3', '.10', '.17'])}"
        )
        letter = chance.choice("feGgEda")
        number = chance.choice(
            [
                str(chance.uniform(-1000, 1000)),
                repr(chance.random() * 10 ** chance.randint(-20, 20)),
                str(chance.randint(-(10**9), 10**9)),
                "0",
                "1e15",
                "99.5",
                "1e-7",
            ]
        )
        agree(["printf", f"{form}{letter}|\n", str(chance.randint(-999, 999)) if letter == "d" else number])


def test_every_printable_character_is_quoted_as_bash_quotes_it() -> None:
    agree(["printf", "%q\n", *[chr(code) + "x" for code in range(1, 127)]])


def test_a_format_that_is_no_format_is_named_and_what_came_before_is_printed() -> None:
    outcome = ours(["printf", "ab%y", "1"])
    assert outcome.out == b"ab"
    assert outcome.status == 1
    assert b"`y': invalid format character" in outcome.err


def test_a_width_without_bound_is_refused() -> None:
    assert ours(["printf", "%99999999999d", "1"]).status == 1

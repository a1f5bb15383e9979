"""sed against GNU's: every command and address, in place too."""

from __future__ import annotations

import pytest

from tests.commands.oracle import agree, ours

INPUTS = [
    b"one\ntwo\nthree\nfour\nfive\n",
    b"hello world\nfoo bar baz\n\naaa bbb\nlast line",
    b"",
    b"x\n",
    b"a b c\na\tb\\\nend\n",
]

SCRIPTS = [
    "s/o/0/", "s/o/0/g", "s/o/0/2", "s/o/0/2g", "s/\\(.\\)\\(.\\)/\\2\\1/", "s/[aeiou]/<&>/g", "s/x*/-/g",
    "s/$/!/", "s/^/> /", "2d", "$d", "2,3d", "/o/d", "/o/!d", "/two/,/four/d", "2,/e/d", "1~2d", "2~0d",
    "0~2d", "2,+1d", "2,~2d", "$!d", "1!G;h;$!d", "n;d", "$!N;s/\\n/ /", "N;P;D", ":a;N;$!ba;s/\\n/,/g", "=",
    "$=", "p", "2p", "2q", "2Q", "3q5", "/t/p;d", "y/abc/xyz/", "1i\\\nhello", "1i hello", "2a\\\n  x",
    "2a foo\\\nbar", "2c\\\nCC", "2,3c CC", "$!{2,3c CC\n}", "/o/{s/o/0/;p}", "{p}", "l", "l 5", "s/o/\\n/",
    "s/\\(o\\)/[\\1]/gp", "s/o/0/p", "s/t/T/w out", "w out", "s/a\\|e/X/g", "s,o,/,g", "s|o|\\||",
    "s/.*/\\U&/",
    "s/\\w\\+/\\u&/g", "s/.*/\\L\\u&/", "s/\\(.\\)\\(.*\\)/\\U\\1\\E\\2/", "x;p;x", "G", "H;x", "h;G",
    "s/\\t/TAB/", "s/[\\t]/T/", "s/a/\\t/", "s/./\\x41/", "s/\\x6f/0/", "/^$/d", "s/o\\{2\\}/OO/",
    "s/\\bo/X/",
    "s/\\<./X/g", "s/o\\>/X/", "s/.\\b/X/g", "b;p", "/o/b e;s/$/ no/;:e", "t x;s/o/0/;t x;p;:x", "T x;p;:x",
    "s/o/0/;T;p", "z", "F", "0,/o/d", "1,/one/d", "/o/,/o/p", "2,1p", "/e/I,+1s/^/#/", "s/O/x/I", "/O/Ip",
    "N;s/^t/X/M", "N;N;s/$/E/Mg", "\\,o,d", "s/a/b/;s//c/", "/o/s//0/g", "r f", "2r f", "R f", "$r nope", "k",
    "s/a", "s/a/b/q", "}", "{", "b nope", "y/ab/c/", "s/\\(a/b/", "s/a/\\1/", "p x", "$!N;$!D",
    "$!N;/^\\(.*\\)\\n\\1$/!P;D", "#n\np", "p;#comment\nd", "s/a/b/ ; s/b/c/", "/one/,3{/two/d}", "1{h;d};G",
    "s/[/]/|/", "s/*/X/", "s/\\(ab\\)*/X/", "s/b*/X/2", "s/[]]/X/", "s/[^]]/X/g", "s/\\s/_/g", "s/\\S\\+/W/2",
    "s/\\`./X/", "2{s/t/T/;q}", "1~3d;n", "2!{s/^/-/}", "a\\\ntext", "1a\\  lead", "$a end", "1{a x\n}",
    "s/a/x\\\ny/", "D", "P", "N", "N;N;D", "$!{N;D}", "/two/{n;s/^/>/}", "s/e/E/3", "s/./&&/2g", "W out",
]  # fmt: skip

EXTENDED = [
    "s/(o)(.)/\\2\\1/", "s/o+/0/g", "s/a|e/X/g", "s/(a)(b)?/[\\2]/", "s/o{2}/X/", "s/(.)\\1/<\\1\\1>/g",
    "s/^(.)(.*)$/\\2\\1/", "s/()/x/", "s/(^|o)t/X/", "s/\\(/x/", "s/[0-9]+/N/g", "s/(a|b|c)+/Z/g",
    "/^(one|two)$/d", "s/(b*)*c?/Q/", "s/\\bo|e\\b/X/g",
]  # fmt: skip

CALLS = [
    ["-e", "s/a/b/", "-e", "s/b/c/"], ["-n", "$=", "f", "g"], ["-s", "-n", "$p", "f", "g"], ["1d", "f",
    "nope", "g"],
    ["-s", "1d", "f", "g"], ["-i", "s/a/X/", "f", "g"], ["-i.bak", "s/a/X/", "f"], ["-i", "$d", "f", "g"],
    ["-n", "-i", "2p", "f"], ["-i", "2q", "f"], ["-f", "sc", "f"], ["-z", "s/a/b/"], ["-e", "1i\\", "-e",
    "hello", "f"],
    ["-nE", "s/(a)/<\\1>/p", "f"], ["-s", "F", "f", "g"], ["F", "f", "g"], ["-n", "l;l 3", "f"],
    ["s/a/X/w o2", "f", "g"],
    ["-i", "w o3", "f"], ["$!d", "f", "g"], ["", "f"], ["-n", "/a/,/c/p", "f", "g"], ["-ibak_*", "s/a/Z/",
    "f"],
    ["G", "f", "g"], [],
]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_does_to_any_input_what_gnu_does(script: str) -> None:
    files = {"f": b"FILE\nline2\n"}
    for given in INPUTS:
        agree(["sed", script], given, files)
        agree(["sed", "-n", script], given, files)
    agree(["sed", script], INPUTS[0], files, piece=3)


@pytest.mark.parametrize("script", EXTENDED)
def test_extended_expressions(script: str) -> None:
    for given in INPUTS:
        agree(["sed", "-E", script], given)


@pytest.mark.parametrize("call", CALLS, ids=repr)
def test_files_and_options(call: list[str]) -> None:
    agree(["sed", *call], b"abc\nxaz\n", {"f": b"a1\nb2\nc3\n", "g": b"aa\nbb", "sc": b"s/a/b/\ns/b/c/g\n"})


def test_a_file_that_stays_as_it_is_is_not_written_in_place() -> None:
    outcome = ours(["sed", "-i.bak", "s/nothing/x/", "f"], b"", {"f": b"same\n"})
    assert outcome.files == {"f": b"same\n"}


def test_characters_of_several_bytes_are_one_character() -> None:
    assert ours(["sed", "s/./X/g; y/X/é/"], "aéb\n".encode()).out == "ééé\n".encode()


def test_the_host_is_out_of_reach() -> None:
    for script in ("e ls", "s/a/ls/e"):
        assert ours(["sed", script], b"a\n").status == 1


def test_a_script_that_makes_others_hang_does_not() -> None:
    assert ours(["sed", "-E", "s/(a+)+$/X/"], b"a" * 50_000 + b"b\n").status == 0

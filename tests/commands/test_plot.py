"""plot: numbers drawn within the width they are given."""

from __future__ import annotations

from commands.plot import line_rows, speaks_unicode
from commands.render import Terminal, width
from commands.render.bars import Point, bar_rows
from commands.stream import Collected
from tests.commands.desk import Desk, records
from tests.commands.render.screen import ESCAPES, findings

ROWS = records(
    {"who": "ada", "n": 1}, {"who": "bob", "n": 4}, {"who": "日本語の名前", "n": 0}, {"who": "x", "n": -2}
)


def test_bars_are_as_long_as_their_numbers() -> None:
    out = Desk().run("plot --width 34", ROWS).out
    lines = out.splitlines()
    assert lines[1].count("#") == 4 * lines[0].count("#")
    assert "#" not in lines[2]
    assert lines[3].count("-") - 1 == lines[1].count("#") // 2
    assert all(width(line) <= 34 for line in lines)


def test_the_number_and_its_name_can_be_chosen() -> None:
    rows = records({"a": 5, "b": 7, "c": "name"})
    assert Desk().run("plot b --by c -w 20", rows).out == "name ############# 7\n"
    assert Desk().run("plot -w 20", rows).out == "name ############# 7\n"
    assert Desk().run("plot -w 20", records({"priority": 3, "count": 2})).out.startswith("3 ")


def test_a_line_has_its_scale_and_as_many_rows_as_asked() -> None:
    rows = records(*({"day": f"d{at}", "n": at} for at in range(100)))
    lines = Desk().run("plot n --line --height 5 --width 40", rows).out.splitlines()
    assert len(lines) == 6
    assert lines[0].strip().startswith("99")
    assert lines[4].strip().startswith("0")
    assert lines[5].split() == ["d0", "d99"]
    assert all(width(line) <= 40 for line in lines)


def test_blocks_are_for_terminals_that_speak_utf8() -> None:
    screen = Terminal(Collected(), env={})
    assert speaks_unicode(screen, {"LANG": "en_GB.UTF-8"})
    assert not speaks_unicode(screen, {"LANG": "C"})
    assert not speaks_unicode(Collected(), {"LANG": "en_GB.UTF-8"})
    assert bar_rows([Point("a", 1.0, "1")], 10, plain=False)[0].above == "██████"
    assert line_rows([Point("a", 1.0, "1"), Point("b", 2.0, "2")], 10, 2, plain=False)


def test_hostile_names_do_not_reach_the_terminal() -> None:
    for text in ESCAPES:
        assert findings(Desk().run("plot", records({"name": text, "n": 1}), tty=60).out.encode()) == []


def test_what_cannot_be_drawn_is_said() -> None:
    assert "no field is a number" in Desk().run("plot", records({"a": "x"})).err
    assert "'a' is no number in any record" in Desk().run("plot a", records({"a": "x"})).err
    assert "did you mean who?" in Desk().run("plot n --by woh", ROWS).err
    assert Desk().run("plot", []) == (0, "", "", [])
    assert "more than 10,000" in Desk().run("plot", records(*({"n": 1} for _ in range(10_001)))).err

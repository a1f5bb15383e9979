"""plot: numbers drawn within the width they are given."""

from __future__ import annotations

from decimal import Decimal

from commands.plot import line_rows, speaks_unicode
from commands.render import Terminal, width
from commands.render.bars import Point, bar_rows
from commands.stream import Collected, Record
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


def money(*rows: tuple[str, str, str]) -> list[Record]:
    return records(*({"what": what, "amount": Decimal(n), "currency": code} for what, n, code in rows))


def test_both_signs_share_one_axis_and_one_scale() -> None:
    rows = money(("in", "40", "USD"), ("out", "-20", "USD"), ("", "-0.10", "USD"))
    lines = Desk().run("plot --width 50", rows).out.splitlines()
    assert len({line.index("|") for line in lines}) == 1
    assert len({width(line) for line in lines}) == 1
    assert lines[1].partition("|")[0].count("-") * 2 == lines[0].count("#")
    assert lines[2].startswith("(none)")
    assert lines[2].endswith(" -$0.10")


def test_only_spending_is_drawn_from_the_left() -> None:
    lines = Desk().run("plot --width 40", money(("a", "-10", "USD"), ("b", "-20", "USD"))).out.splitlines()
    assert lines[0].startswith("b -----")
    assert lines[0].endswith(" -$20.00")
    assert lines[0].count("-") - 1 == 2 * (lines[1].count("-") - 1)
    assert "|" not in lines[0]


def test_money_comes_by_size_and_times_in_their_order() -> None:
    rows = money(("a", "1", "USD"), ("b", "-3", "USD"), ("c", "2", "USD"), ("d", "-9", "USD"))
    first = [line[0] for line in Desk().run("plot -w 40", rows).out.splitlines()]
    assert first == ["c", "a", "d", "b"]
    given = [line[0] for line in Desk().run("plot -w 40 --order given", rows).out.splitlines()]
    assert given == ["a", "b", "c", "d"]
    months = money(("2026-01", "1", "USD"), ("2026-02", "9", "USD"))
    assert Desk().run("plot -w 40", months).out.startswith("2026-01")
    plain = records({"w": "a", "n": 1}, {"w": "b", "n": 2})
    assert Desk().run("plot -w 40", plain).out.startswith("a")
    assert Desk().run("plot -w 40 --order size", plain).out.startswith("b")


def test_amounts_of_two_currencies_are_not_drawn_together() -> None:
    rows = money(("a", "1", "USD"), ("b", "2", "EUR"), ("c", "2", "EUR"))
    ran = Desk().run("plot", rows)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.endswith(
        "which no picture can compare\n  draw one of them: where currency == EUR | plot\n"
    )


def test_a_line_of_money_has_its_scale_in_the_currency() -> None:
    rows = money(("a", "-5", "USD"), ("b", "7.5", "USD"))
    lines = Desk().run("plot amount --line --height 3 -w 40", rows).out.splitlines()
    assert lines[0].startswith(" $7.50")
    assert lines[2].startswith("-$5.00")


def test_no_magnitude_stops_the_picture() -> None:
    rows = money(("a", "1E+17", "USD"), ("b", "1E-9", "USD"), ("c", "-1E+17", "USD"))
    for columns in (20, 60, 200):
        lines = Desk().run(f"plot -w {columns}", rows).out.splitlines()
        assert len(lines) == 3
    endless = records({"w": "a", "n": float("inf")}, {"w": "b", "n": 1})
    assert Desk().run("plot -w 20", endless).out.startswith("b ")


def test_a_terminal_of_sixty_columns_without_colour_holds_the_picture() -> None:
    names = ("income:salary", "home:rent", "food:groceries", "travel:trains and ferries abroad")
    rows = money(*[(name, str((-1) ** at * 10 ** (5 - at)), "USD") for at, name in enumerate(names)])
    desk = Desk()
    desk.env = {"LANG": "C.UTF-8"}
    lines = desk.run("plot", rows, tty=60).out.splitlines()
    assert all(width(line) == 60 for line in lines)
    assert "\x1b" not in "".join(lines)
    assert len({line.index("│") for line in lines}) == 1

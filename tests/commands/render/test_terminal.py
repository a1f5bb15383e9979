"""The terminal sink: nothing hostile gets through, records become tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from commands.render import Terminal, grid, width
from commands.render.terminal import wants_colour
from commands.stream import Collected, Record, Sink
from tests.commands.render.screen import ESCAPES, findings, hostile_names
from vfs.drive import drive
from vfs.path import Path


def terminal(columns: int = 80, *, colour: bool = False) -> tuple[Terminal, Collected]:
    out = Collected()
    env = {"TERM": "xterm"} if colour else {}
    return Terminal(out, env=env, width=columns), out


def printed(*records: Record, columns: int = 80) -> list[str]:
    screen, out = terminal(columns)
    drive(screen.put(records))
    return out.data.decode().splitlines()


HOSTILE = [*ESCAPES, *hostile_names()]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_acts_on_the_terminal_whichever_way_it_is_written(text: str) -> None:
    screen, out = terminal(colour=True)

    async def write_all(sink: Sink) -> None:
        await sink.write(text.encode("utf-8", "surrogatepass") + b"\n")
        await sink.line(text)
        await sink.put([Record(text)])
        await sink.put([Record(text, {"name": text, text: 1}, Path(("a", text)))])
        await sink.paint([(text, "red bold"), ("\n", "")])
        await sink.flush()

    drive(write_all(screen))
    assert findings(out.data) == []


def test_the_oracle_of_these_tests_sees_what_is_hostile() -> None:
    safe = "[TODO] Q3 plan [/b] [/ [@click=app.quit]Pay[/]"
    for text in ESCAPES:
        hostile = findings(text.encode("utf-8", "surrogatepass"))
        assert bool(hostile) == (
            text != safe and not text.startswith("e\u0301") and "\udc9b" not in text and "38;5" not in text
        )


def test_a_character_cut_between_two_writes_comes_out_whole() -> None:
    screen, out = terminal()
    for byte in "naïve 日本\r\nrest".encode():
        drive(screen.write(bytes([byte])))
    drive(screen.flush())
    assert out.data.decode() == "naïve 日本\nrest"


def test_a_lone_carriage_return_is_shown_and_a_dos_line_end_is_not() -> None:
    screen, out = terminal()
    drive(screen.write(b"Mallory\rAlice\r\n"))
    drive(screen.write(b"end\r"))
    drive(screen.flush())
    assert out.data == b"Mallory^MAlice\nend^M"


def test_half_a_character_at_the_end_is_shown_not_lost() -> None:
    screen, out = terminal()
    drive(screen.write(b"a\xe6\x97"))
    drive(screen.put([Record("next")]))
    assert out.data.decode() == "a\\udce6\\udc97next\n"


def test_records_become_a_table_with_numbers_on_the_right() -> None:
    lines = printed(
        Record("a", {"name": "rent", "priority": 2, "due": date(2026, 12, 1)}),
        Record("b", {"name": "日本語の本", "priority": 10, "due": None}),
    )
    assert lines == [
        "name        priority  due",
        "rent               2  2026-12-01",
        "日本語の本        10",
    ]


def test_records_without_fields_are_lines() -> None:
    assert printed(Record("one"), Record("two")) == ["one", "two"]


def test_one_column_needs_no_header() -> None:
    assert printed(Record("a", {"name": "a"}), Record("b", {"name": "b"})) == ["a", "b"]


def test_every_line_fits_whatever_the_width() -> None:
    records = [
        Record(
            "", {"name": "note " * n, "title": "日本" * n, "size": 10**n, "kind": "file", "tags": ("a", "b")}
        )
        for n in range(1, 9)
    ]
    for columns in range(5, 120):
        assert all(width(line) <= columns for line in printed(*records, columns=columns)), columns


def test_columns_that_do_not_fit_are_left_out_and_the_header_says_so() -> None:
    lines = printed(Record("", {"name": "n" * 30, "title": "t" * 30, "size": 5}), columns=30)
    assert lines[0].split() == ["name", "size", "…"]


TASK = {
    "name": "remind-marco-about-the-open-invoice.md",
    "kind": "file",
    "size": 2786,
    "mtime": datetime(2026, 11, 18, 17, 37, tzinfo=UTC),
    "title": "Remind Marco about the open invoice",
    "status": "doing",
    "priority": 3,
    "due": date(2026, 11, 17),
    "labels": ("work", "money", "harbour"),
    "project": "harbour-books-website",
    "path": "/tasks/remind-marco-about-the-open-invoice.md",
}


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        (110, "name size mtime status priority due labels"),
        (80, "name size mtime status priority due"),
        (60, "name status priority due"),
        (40, "name priority due"),
    ],
)
def test_what_a_task_is_asked_for_stays_and_its_long_name_shrinks(columns: int, fields: str) -> None:
    header, row = printed(Record("", TASK), columns=columns)
    assert header.removesuffix("…").split() == fields.split()
    assert "2026-11-17" in row


def test_hashes_give_way_first() -> None:
    event = {"path": "/notes/a-long-name-of-a-note.md", "before": "a1" * 32, "op": "write"}
    header, _ = printed(Record("", event), columns=50)
    assert header.split() == ["path", "op", "…"]


def test_a_history_keeps_its_path_before_its_command() -> None:
    event = {"event": 561, "at": TASK["mtime"], "op": "write", "path": "/files/a/b/c/d/e/f.txt"}
    lines = printed(Record("", {**event, "actor": "user", "command": "cp -r " + "x" * 40}), columns=60)
    assert lines[0].split()[:5] == ["event", "at", "op", "path", "actor"]


def test_a_number_that_turns_out_longer_takes_its_room_from_a_text() -> None:
    screen, out = terminal(40)
    drive(screen.put([Record("", {"name": "n" * 40, "size": 5, "at": "x"})]))
    drive(screen.put([Record("", {"name": "m" * 40, "size": 1100, "at": "x"})]))
    first, second = out.data.decode().splitlines()[1:]
    assert "1.1KB" in second
    assert width(first) <= 40
    assert width(second) <= 40


def test_a_number_wider_than_the_terminal_is_shown_whole() -> None:
    assert printed(Record("", {"balance": Decimal("123456789.25")}), columns=8) == ["123456789.25"]


def test_each_command_has_a_table_of_its_own() -> None:
    screen, out = terminal()
    for size in (1, 2):
        drive(screen.put([Record("", {"name": "a", "count": size})]))
        drive(screen.flush())
    assert out.data.decode().splitlines() == ["name  count", "a         1", "name  count", "a         2"]


def test_fields_that_say_nothing_go_first() -> None:
    lines = printed(
        Record("", {"name": "n" * 30, "id": "i" * 30, "labels": None, "due": date(2026, 1, 2)}), columns=50
    )
    assert lines[1].split() == ["n" * 30, "2026-01-02"]


def test_a_second_batch_keeps_the_columns_of_the_first() -> None:
    screen, out = terminal(40)
    drive(screen.put([Record("", {"name": "ab", "size": 1})]))
    drive(screen.put([Record("", {"name": "a longer name than that", "size": 2})]))
    lines = out.data.decode().splitlines()
    assert lines[0].split() == ["name", "size"]
    assert len(lines) == 3
    assert "a longer name than that" in lines[2]


def test_other_fields_begin_another_table() -> None:
    screen, out = terminal()
    drive(screen.put([Record("", {"a": 1, "b": 2})]))
    drive(screen.put([Record("", {"c": 1, "d": 2})]))
    assert out.data.decode().splitlines() == ["a  b", "1  2", "", "c  d", "1  2"]


def test_sizes_times_and_amounts_are_written_for_people() -> None:
    at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    lines = printed(Record("", {"size": 2355, "at": at, "amount": Decimal("10.50"), "unread": True}))
    assert lines[1].split()[0] == "2.3KB"
    assert at.astimezone().strftime("%Y-%m-%d %H:%M") in lines[1]
    assert "10.50" in lines[1]
    assert lines[1].endswith("yes")


def test_colour_is_for_terminals_that_want_it() -> None:
    screen, out = terminal(colour=True)
    drive(screen.paint([("a", "red"), ("b", "")]))
    assert out.data == b"\x1b[31ma\x1b[0mb"
    assert not wants_colour({"TERM": "xterm", "NO_COLOR": "1"})
    assert wants_colour({"TERM": "xterm", "NO_COLOR": ""})
    assert not wants_colour({"TERM": "dumb"})
    assert not wants_colour({})
    assert wants_colour({"NO_COLOR": "1"}, "always")
    assert not wants_colour({"TERM": "xterm"}, "never")


def test_names_stand_in_columns_filled_downwards() -> None:
    assert grid(["a", "bb", "ccc", "d", "e"], 10) == ["a   ccc  e", "bb  d"]
    assert grid(["one", "two"], 3) == ["one", "two"]
    assert grid([], 80) == []
    assert grid(["x" * 100, "y"], 20) == ["x" * 100, "y"]


def test_a_grid_measures_wide_names_and_shows_hostile_ones() -> None:
    lines = grid(["日本", "abcd", "a\x1b[2J\n", "e\u0301"], 80)
    assert lines == ["日本  abcd  a^[[2J^J  e\u0301"]
    assert all(width(line) <= 20 for line in grid(["日本語"] * 7, 20))

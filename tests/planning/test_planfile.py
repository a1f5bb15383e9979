"""A plan as a file: what is written is read again, and what a person did to it, line by line."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from commands.planning.applying import SHARP, SOFT, meaning
from commands.planning.planfile import read, written
from commands.planning.planner import plan
from commands.planning.terms import Todo
from tests.planning.parts import DAY, NOW, RULES, at, event, todo
from vfs.path import Path

HEAD = "# Plan: Tue 2026-11-24\n\n## Tue 2026-11-24\n\n"


def said(text: str) -> list[tuple[str, str, str]]:
    return [
        (f"{line.start:%H:%M}", f"{line.end:%H:%M}", str(line.path or ""))
        for line in read(HEAD + text, NOW).lines
    ]


def test_a_plan_is_read_as_it_was_written() -> None:
    todos = [todo("one", 120, due=DAY), todo("two [x](y)", 20), todo("three", 2000)]
    text = written(plan(todos, [event(at(10), at(11))], [DAY], RULES, NOW), RULES, NOW)
    found = read(text, NOW)
    assert (found.days, found.wrong) == ([DAY], [])
    planned = {line.path for line in found.lines}
    assert planned == {todos[0].path, todos[1].path, event(at(10), at(11)).path}
    assert "needs 33h 20m" in text


@given(
    st.text(max_size=40)
    | st.sampled_from(["a ~~b~~", "](/tasks/other.md)", "- 09:00-10:00 [x](/tasks/x.md)"])
)
def test_no_title_breaks_a_plan(title: str) -> None:
    one = Todo(Path(("tasks", "a b)(.md")), title, 30)
    found = read(written(plan([one], (), [DAY], RULES, NOW), RULES, NOW), NOW)
    assert [line.path for line in found.lines] == [one.path]


def test_lines_are_read_as_people_leave_them() -> None:
    assert said(
        "* 9:00 – 10.30 [X](/tasks/x.md)\n- [ ] 11:00 to 12:00 [Y](</tasks/y z.md>)\n+ 13:00-14:00 lunch\n"
    ) == [
        ("09:00", "10:30", "/tasks/x.md"),
        ("11:00", "12:00", "/tasks/y z.md"),
        ("13:00", "14:00", ""),
    ]
    assert said("- ~~09:00-10:00 [X](/tasks/x.md)~~\nsome words\n") == []


def test_what_cannot_be_meant_is_named_by_its_line() -> None:
    found = read(HEAD + "- 25:00-26:00 x\n- 10:00-09:00 y\n- 9 to 10 [X](/tasks/x.md)\n", NOW)
    assert found.wrong == [
        (5, "has a time that no clock shows"),
        (6, "ends before it begins"),
        (7, "needs two times, such as 09:00-10:30"),
    ]


def test_applying_schedules_moves_and_lets_go() -> None:
    text = (
        HEAD
        + "- 09:00-10:00 [A](/tasks/a.md)\n- 11:00-12:00 [B](/tasks/b.md)\n- 13:00-13:30 [B](/tasks/b.md)\n"
    )
    todos = [
        todo("a", fixed=(at(15), at(16))),
        todo("b", 90),
        todo("c", fixed=(at(16), at(17))),
        todo("elsewhere", fixed=(at(9, day=DAY + timedelta(2)), at(10, day=DAY + timedelta(2)))),
    ]
    found = meaning(read(text, NOW), todos, [], {}, NOW)
    assert found.objections == []
    attrs = {change.todo.title: change.attrs() for change in found.changes}
    assert attrs["a"] == {"scheduled_start": at(9), "scheduled_end": at(10), "scheduled": None}
    assert attrs["b"]["scheduled"] == ("2026-11-24T11:00/12:00", "2026-11-24T13:00/13:30")
    assert attrs["c"] == {"scheduled_start": None, "scheduled_end": None, "scheduled": None}
    assert "elsewhere" not in attrs


def test_what_came_in_between_is_an_objection_and_what_cannot_be_a_sharp_one() -> None:
    text = HEAD + (
        "- 09:00-10:00 [A](/tasks/a.md)\n- 09:30-11:00 [B](/tasks/b.md)\n"
        "- 14:00-15:00 [Gone](/tasks/gone.md)\n"
        "- 16:00-17:00 [None](/tasks/none.md)\n"
    )
    gone = {Path(("tasks", "gone.md")): "done"}
    found = meaning(read(text, NOW), [todo("a"), todo("b")], [event(at(9), at(9, 30))], gone, NOW)
    assert [(one.number, one.kind, one.text) for one in found.objections] == [
        (5, SOFT, "a: at the time of Meeting (09:00-09:30)"),
        (6, SHARP, "begins before line 5 ends"),
        (7, SOFT, "/tasks/gone.md: is done already"),
        (8, SHARP, "/tasks/none.md: there is no such task"),
    ]


def test_a_day_that_is_none_has_no_lines() -> None:
    assert read("## 2026-02-30\n\n- 09:00-10:00 x\n", NOW).lines == []
    assert read("", NOW).days == []
    assert read(f"## {date(2026, 11, 25)}\n", NOW).days == [date(2026, 11, 25)]

"""task: what people type becomes a file, and is found again by part of its name."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from datetime import date

import pytest

from commands.command import Usage
from commands.tasktext import read_line, read_task
from tests.commands.desk import NOW, Desk, Ran, stored
from tests.commands.render.screen import ESCAPES, findings, hostile_names
from tests.engines import BOTH
from vfs.drive import drive

ENGINES = BOTH


@pytest.fixture
def desk(tmp_path: pathlib.Path) -> Iterator[Desk]:
    made, store = stored(tmp_path)
    yield made
    drive(store.aclose())


def titles(ran: Ran) -> list[str]:
    return [str(record.fields["title"]) for record in ran.records]


def test_a_task_is_added_and_what_was_understood_is_said(desk: Desk) -> None:
    ran = desk.run("task add 'Pay rent' due:friday '!high' '#home'")
    assert ran.status == 0
    assert ran.err == "Created /tasks/pay-rent.md: Pay rent, due Fri 2026-11-20, priority 3 (high), #home\n"
    assert ran.out == "/tasks/pay-rent.md\n"
    assert dict(ran.records[0].fields) == {
        "name": "pay-rent.md", "title": "Pay rent", "status": "todo", "priority": 3,
        "due": date(2026, 11, 20), "labels": ("home",), "project": None, "estimate": None,
    }  # fmt: skip
    assert desk.read("/tasks/pay-rent.md") == (
        "---\ntitle: Pay rent\nstatus: todo\npriority: 3\ndue: 2026-11-20\nlabels: [home]\n---\n"
    )


@pytest.mark.parametrize(
    ("words", "summary"),
    [
        (["Call", "Ada"], "Call Ada"),
        (["Fix #1234", "#bug", "#bug"], "Fix #1234, #bug"),
        (["see", "https://x.org/a:b", "at", "10:30"], "see https://x.org/a:b at 10:30"),
        (["x", "due:next monday"], "x, due Mon 2026-11-23"),
        (["x", "due:+3d", "priority:low"], "x, due Sat 2026-11-21, priority 1 (low)"),
        (["x", "!!"], "x, priority 2 (medium)"),
        (
            ["x", "!0", "project:flat hunt", "estimate:1.5h"],
            "x, priority 0 (none), project flat hunt, estimate 1.5h",
        ),
        (["x", "label:a,b", "wow!", "!1"], "x wow!, priority 1 (low), #a, #b"),
    ],
)
def test_words_are_understood(words: list[str], summary: str) -> None:
    assert read_task(words, NOW).summary() == summary


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x", "due:someday"], "due: 'someday' is no date that is known here"),
        (["x", "due:next friday"], "write which"),
        (["x", "due:2026"], "more than one day"),
        (["x", "due:"], "due: needs a value"),
        (["x", "!important"], "a priority is !low, !medium or !high"),
        (["x", "estimate:soon"], "estimate must be such as"),
        (["due:today"], "a task needs a title"),
    ],
)
def test_what_is_not_understood_is_refused_and_nothing_is_written(
    desk: Desk, words: list[str], message: str
) -> None:
    with pytest.raises(Usage, match=message.split(" (")[0]):
        read_task(words, NOW)


def test_a_wrong_date_writes_nothing(desk: Desk) -> None:
    ran = desk.run("task add Pay due:someday")
    assert (ran.status, ran.out) == (2, "")
    assert desk.run("task list").records == []


def test_two_tasks_of_one_name_both_stay(desk: Desk) -> None:
    for _ in range(3):
        desk.run("task add Call Ada")
    names = [record.fields["name"] for record in desk.run("task list").records]
    assert names == [
        "call-ada-2.md",
        "call-ada-3.md",
        "call-ada.md",
    ]


def test_lines_of_input_become_tasks(desk: Desk) -> None:
    ran = desk.run("task add", b"- [ ] Pay rent due:today\n\n2. Call Ada #work\n* last\n")
    assert titles(ran) == ["Pay rent", "Call Ada", "last"]
    assert read_line("  ", NOW) is None
    assert desk.run("task add", b" \n").status == 2
    assert desk.run("task add", b"ok\nbad due:someday\n").status == 2
    assert "ok" not in titles(desk.run("task list"))


def test_the_most_urgent_is_listed_first_and_finished_ones_on_request(desk: Desk) -> None:
    for words in ("b due:tomorrow", "a", "c due:today '!low'", "d due:today '!high'"):
        desk.run(f"task add {words}")
    assert titles(desk.run("task list")) == ["d", "c", "b", "a"]
    assert desk.run("task done d").err == "Done: d\n"
    assert titles(desk.run("task list")) == ["c", "b", "a"]
    assert titles(desk.run("task list --all")) == ["c", "b", "a", "d"]
    assert "status: done" in desk.read("/tasks/done/d.md")
    assert desk.run("task reopen d").err == "Open again: d\n"
    assert "status: todo" in desk.read("/tasks/d.md")


def test_a_task_is_found_by_part_of_its_name_or_title(desk: Desk) -> None:
    desk.run("task add 'Übergabe der Wohnung'")
    desk.run("task add 'Pay the rent'")
    desk.run("task add 'Pay taxes'")
    assert desk.run("task start ubergabe").err == "Started: Übergabe der Wohnung\n"
    assert desk.run("task done /tasks/pay-taxes.md taxes").status == 1
    assert desk.run("task start pay-the-rent").status == 0
    desk.run("task add 'Pay Ada'")
    ran = desk.run("task done pay")
    assert ran.status == 1
    assert ran.err == "task: 'pay' may be any of 2: pay-ada.md, pay-the-rent.md\n  write more of the name\n"
    ran = desk.run("task done pay-ade")
    assert "did you mean pay-ada?" in ran.err
    assert desk.run("task show rent").out.startswith("---\ntitle: Pay the rent\nstatus: doing\n")


def test_the_board_has_a_column_for_each_status(desk: Desk) -> None:
    for words in ("one", "two '!high' '#home' due:2026-12-24", "three"):
        desk.run(f"task add {words}")
    desk.run("task start two")
    desk.run("task done three")
    lines = desk.run("task board --all", tty=64).out.splitlines()
    assert lines[0].split() == ["TODO", "1", "DOING", "1", "DONE", "1"]
    assert lines[1].startswith("one ")
    assert "!!! two 12-24 #h" in lines[1]
    assert lines[1].rstrip().endswith("three")
    assert len(desk.run("task board").records) == 2


def test_hostile_titles_are_harmless_names_and_shown_made_visible(desk: Desk) -> None:
    for text in [*ESCAPES, *hostile_names()]:
        clean = text.replace("\x00", "").encode("utf-8", "replace").decode()
        if not clean.strip():
            continue
        ran = desk.run("task add " + "'" + clean.replace("'", "") + " x'", tty=80)
        assert ran.status in (0, 2), ran.err
        assert findings(ran.err.encode()) == []
    for line in ("task list", "task board"):
        assert findings(desk.run(line, tty=80).out.encode()) == []
    for record in desk.run("task list").records:
        assert record.path is not None
        assert drive(desk.tree.exists(record.path))


def test_an_unknown_action_is_answered_with_the_nearest(desk: Desk) -> None:
    ran = desk.run("task dome x")
    assert (ran.status, ran.err) == (2, "task: unknown action 'dome'\n  did you mean task done?\n")
    assert desk.run("task done").status == 2
    assert desk.run("task list x").status == 2

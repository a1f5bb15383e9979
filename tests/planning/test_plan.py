"""plan: proposed from a workspace's tasks and calendar, edited, compared, applied, taken back."""

from __future__ import annotations

import pathlib
import re

import pytest

from tests.agents.server import Text, serving
from tests.workspaces import Home

TASK = "task add 'Write the report' due:monday !high estimate:2h"
MEETING = 'calendar schedule "Meeting" monday 10:00 to 11:00'


@pytest.fixture
def home(tmp_path: pathlib.Path) -> Home:
    made = Home(tmp_path)
    made.out(TASK, MEETING, "task add 'Call Ada' estimate:15m", "mkdir -p /notes/plans")
    return made


def test_a_day_is_planned_around_its_events(home: Home) -> None:
    text = home.out("plan for monday")
    assert "- 10:00-11:00 [Meeting](/calendar/2026-11-23/1000-meeting.ics)" in text
    assert "[Write the report](/tasks/write-the-report.md) (part 1 of 3, due Mon 2026-11-23)" in text
    assert home.run("plan for monday").err == "2 of 2 open tasks are planned\n"


def test_a_plan_is_applied_and_taken_back_whole(home: Home) -> None:
    home.out("plan for monday > /notes/plans/m.md", "plan apply /notes/plans/m.md")
    assert "scheduled_start: 2026-11-23T09:00" in home.out("cat /tasks/write-the-report.md")
    again = home.run("plan diff /notes/plans/m.md")
    assert (again.status, again.err) == (0, "Applying it changes nothing\n")
    home.out("undo")
    assert "scheduled" not in home.out("cat /tasks/write-the-report.md")


def test_what_names_no_day_is_no_plan(home: Home) -> None:
    home.out("echo '- 10:00-11:00 [Call Ada](/tasks/call-ada.md)' > /notes/plans/m.md")
    for command in ("diff", "apply"):
        ran = home.run(f"plan {command} /notes/plans/m.md")
        assert (ran.status, "/notes/plans/m.md: is no plan: no heading names a day" in ran.err) == (1, True)


def test_a_difference_has_a_status(home: Home) -> None:
    ran = home.run("plan for monday > /notes/plans/m.md", "plan diff /notes/plans/m.md")
    assert ran.status == 1
    assert "+ Call Ada: Mon 2026-11-23" in ran.out


def test_what_came_in_between_needs_force(home: Home) -> None:
    home.out("plan for monday > /notes/plans/m.md", 'calendar schedule "Sudden" monday 9:00 to 9:45')
    ran = home.run("plan apply /notes/plans/m.md")
    assert ran.status == 1
    assert "Write the report: at the time of Sudden (09:00-09:45)" in ran.err
    assert "scheduled" not in home.out("cat /tasks/write-the-report.md")
    assert home.run("plan apply --force /notes/plans/m.md").status == 0


def test_a_line_that_cannot_be_meant_changes_nothing(home: Home) -> None:
    home.out(
        "plan for monday > /notes/plans/m.md",
        "echo '- 15:00-14:00 [X](/tasks/call-ada.md)' >> /notes/plans/m.md",
    )
    ran = home.run("plan apply --force /notes/plans/m.md")
    assert ran.status == 1
    assert "ends before it begins" in ran.err
    assert "scheduled" not in home.out("cat /tasks/call-ada.md")


def test_a_task_that_is_done_meanwhile_is_told(home: Home) -> None:
    home.out("plan for monday > /notes/plans/m.md", "task done call-ada")
    assert "is done already" in home.run("plan diff /notes/plans/m.md").err


def test_rules_come_from_the_config_and_options(home: Home) -> None:
    (home.place / "config.toml").write_text('[plan]\nhours = "13:00-15:00"\nlunch = "none"\n')
    assert "- 13:00-13:15 [Call Ada]" in home.out("plan for monday")
    assert "- 08:00-08:15 [Call Ada]" in home.out("plan for monday --hours 8-10")
    assert "plan.hours = 13:00-15:00" in home.out("config plan")
    (home.place / "config.toml").write_text('[plan]\nhours = "late"\n')
    ran = home.run("plan for monday")
    assert (ran.status, "hours must be such as 09:00-18:00" in ran.err) == (2, True)


def test_a_day_that_is_over_says_so(home: Home) -> None:
    assert "are over; run: plan tomorrow, or --hours 19-22\n" in home.run("plan today --hours 7-9").err
    assert home.run("plan for yesterday").status == 1
    assert home.run("plan blergh").status == 2


def test_a_plan_without_a_calendar_is_one_of_tasks(home: Home) -> None:
    (home.place / "config.toml").write_text('[mounts."/calendar"]\noff = true\n')
    assert "Meeting" not in home.out("plan for monday")


def test_an_agent_orders_what_is_not_urgent_and_says_why(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.out("task add 'First by name' estimate:15m")
    order = "1. it waits\n2. a call is quick\n2. again\n99. nothing\nhello\n3. it is due"
    with serving(Text(order)) as server:
        monkeypatch.setenv("SCRIPTED_KEY", "sk-scripted")
        (home.place / "config.toml").write_text(
            f'[[endpoints]]\nname = "s"\nurl = "{server.url}"\nmodel = "scripted"\nkey_env = "SCRIPTED_KEY"\n'
        )
        ran = home.run("plan for next week --agent planner")
    assert ran.status == 0, ran.err
    assert "planner: Call Ada: it waits\nplanner: First by name: a call is quick\n" in ran.err
    assert "Ordered by planner." in ran.out
    asked = str(server.requests[0]["messages"])
    assert "1. Call Ada (priority 0, 15 minutes)" in asked


def test_without_a_model_an_agent_gives_no_order(home: Home) -> None:
    ran = home.run("plan for monday --agent planner")
    assert ran.status != 0
    assert ran.out == ""


def test_a_plan_for_one_project_leaves_the_others_where_they_are(home: Home) -> None:
    home.out("plan for monday > /notes/plans/m.md", "plan apply /notes/plans/m.md")
    before = home.out("cat /tasks/call-ada.md")
    home.out("task add 'Paint' project:house estimate:30m")
    home.out("plan for monday --project house > /notes/plans/h.md", "plan apply /notes/plans/h.md")
    assert home.out("cat /tasks/call-ada.md") == before
    assert "scheduled_start" in home.out("cat /tasks/paint.md")
    assert "[Call Ada]" in home.out("cat /notes/plans/h.md")


def test_a_block_in_the_middle_may_be_moved(home: Home) -> None:
    home.out("plan for monday > /notes/plans/m.md", "plan apply /notes/plans/m.md")
    text = home.out("cat /notes/plans/m.md")
    (start, end) = re.findall(r"- (\S+)-(\S+) \[Write the report\]\S+ \(part 2 of 3", text)[0]
    earlier = f"{end[:3]}{int(end[3:]) - 5:02}"
    home.out(f"sed -i 's|{start}-{end}|{start}-{earlier}|' /notes/plans/m.md")
    ran = home.run("plan diff /notes/plans/m.md")
    assert (ran.status, ran.err) == (1, "")
    assert f"{start}-{earlier}" in ran.out

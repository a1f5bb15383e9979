"""A plan over 200 tasks and 50 events: the planner alone, and the command beside one that only reads both."""

from __future__ import annotations

import pathlib
import subprocess
import tempfile
import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.bench import Bench
from benchmarks.installed import clean_environment
from benchmarks.measure import Run, compare, report, run
from commands.planning.check import faults
from commands.planning.planfile import written
from commands.planning.planner import plan
from commands.planning.rules import read_rules
from commands.planning.terms import Busy, Rules, Todo
from spatio.settings import PLAN
from vfs.path import Path

TASKS, EVENTS, WALL = 200, 50, 0.1
"""So many of each, and seconds for a plan over them."""


def plans(bench: Bench) -> None:
    """The planner, its check and the text of the plan; then the command."""
    zone = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 11, 23, 8, 0, tzinfo=zone)
    days = [date(2026, 11, 23) + timedelta(at) for at in range(5)]
    todos = [
        Todo(Path(("tasks", f"t{at}.md")), f"Task {at}", 15 + at % 12 * 15, due=days[at % 5], priority=at % 4)
        for at in range(TASKS)
    ]
    busy = [
        Busy(start, start + timedelta(minutes=30), f"Event {at}", Path(("calendar", f"e{at}.ics")))
        for at in range(EVENTS)
        for start in [datetime.combine(days[at % 5], now.timetz()) + timedelta(hours=at // 5)]
    ]
    rules = read_rules(PLAN)
    best = min(_once(todos, busy, days, rules, now) for _ in range(9))
    mark = "ok  " if best <= WALL else "MISS"
    what = f"{TASKS} tasks and {EVENTS} events planned, checked, written"
    print(f"{mark} {what}: {best * 1000:.1f} ms, goal 100 ms")
    with tempfile.TemporaryDirectory(dir=bench.data) as scratch:
        _command(bench, pathlib.Path(scratch))


def _once(todos: list[Todo], busy: list[Busy], days: list[date], rules: Rules, now: datetime) -> float:
    began = time.perf_counter()
    made = plan(todos, busy, days, rules, now)
    assert not faults(made, todos, rules, now)
    written(made, rules, now)
    return time.perf_counter() - began


def _command(bench: Bench, home: pathlib.Path) -> None:
    """`plan` in a process of its own; what it reads, read by `ls` and `calendar agenda` in another."""
    head = "---\\nstatus: todo\\npriority: %d\\nestimate: %dm\\n---\\n"
    tasks = [f"printf -- '{head}' {at % 4} {15 + at % 12 * 15} > /tasks/t{at}.md" for at in range(TASKS)]
    days = [f"2031-11-{24 + at}" for at in range(5)]
    events = [
        f"calendar schedule 'Event {at}' {days[at % 5]} {8 + at // 5}:00 for 30 minutes"
        for at in range(EVENTS)
    ]
    env = clean_environment(home)
    for line in ("; ".join(tasks), "; ".join(events)):
        subprocess.run([bench.spatio, "-c", line], check=True, env=env, capture_output=True)
    span = f"{days[0]} to {days[-1]}"

    def planned() -> Run:
        return run([bench.spatio, "-c", f"plan for {span}"], env=env)

    def looked() -> Run:
        return run([bench.spatio, "-c", f"ls /tasks --json; calendar agenda {span}"], env=env)

    ratio = compare(planned, looked, pairs=9)
    report("plan of a week beside reading its tasks and events", ratio, None)
    extra = (ratio.a - ratio.b) * 1000
    print(f"     the plan itself: {extra:.0f} ms of CPU")

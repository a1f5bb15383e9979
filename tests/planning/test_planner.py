"""The planner: what is due first, what fits, what does not and why; and what checks it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from commands.planning.check import faults
from commands.planning.planfile import written
from commands.planning.planner import plan
from commands.planning.terms import Block, Busy, Left, Plan, Rules, Todo
from tests.planning.parts import DAY, NOW, RULES, at, event, todo


def made(*todos: Todo, busy: tuple[Busy, ...] = (), rules: Rules = RULES, now: datetime = NOW) -> Plan:
    found = plan(todos, busy, [DAY], rules, now)
    assert faults(found, todos, rules, now) == []
    return found


def spans(found: Plan, name: str) -> list[str]:
    return [f"{one.start:%H:%M}-{one.end:%H:%M}" for one in found.blocks if one.todo.title == name]


def test_what_is_due_comes_before_what_matters() -> None:
    found = made(todo("matters", priority=2), todo("due", due=DAY))
    assert [one.todo.title for one in found.blocks] == ["due", "matters"]


def test_long_work_lies_in_the_peak_hours_and_short_work_beside_them() -> None:
    found = made(todo("short"), todo("long", 60))
    assert (spans(found, "long"), spans(found, "short")) == (["09:00-10:00"], ["12:00-12:30"])


def test_what_is_long_is_split_with_a_pause_between() -> None:
    assert spans(made(todo("long", 150)), "long") == ["09:00-10:30", "10:40-11:40"]


def test_an_event_keeps_its_buffer() -> None:
    found = made(todo("long", 120), busy=(event(at(10), at(11)),))
    assert spans(found, "long") == ["09:00-09:50", "11:10-11:55", "12:05-12:30"]


def test_a_day_that_is_taken_whole_bears_nothing() -> None:
    found = made(todo("any"), busy=(event(at(0), at(0, day=DAY + timedelta(1)), all_day=True),))
    assert [one.reason for one in found.left] == ["needs 30m; nothing is left"]


def test_what_does_not_fit_says_how_much_is_missing() -> None:
    found = made(todo("huge", 1200, due=DAY))
    assert found.left[0].reason == "needs 20h; 9h is left"
    assert found.warnings == ["huge is due today and does not fit"]


def test_focus_has_an_end_where_the_day_has_none() -> None:
    found = made(todo("a", 180), todo("b", 180), rules=RULES._replace(focus=timedelta(hours=4)))
    assert [one.todo.title for one in found.left] == ["b"]
    assert found.left[0].reason == "needs 3h of focus; 1h of 4h is left"


def test_a_plan_of_today_begins_where_the_day_stands() -> None:
    assert spans(made(todo("short"), now=at(14, 3)), "short") == ["14:05-14:35"]


def test_what_is_scheduled_stays_where_it_is_while_nothing_stands_in_its_way() -> None:
    fixed = todo("kept", fixed=(at(15), at(15, 30)))
    assert spans(made(fixed, todo("other", 600)), "kept") == ["15:00-15:30"]
    moved = made(fixed, busy=(event(at(15), at(16)),))
    assert spans(moved, "kept") == ["12:00-12:30"]


def test_lunch_stays_free() -> None:
    rules = RULES._replace(lunch_from=time(12, 30), lunch_to=time(13))
    found = made(todo("a", 300), todo("b", 120), rules=rules)
    assert not [one for one in found.blocks if one.start < at(13) and one.end > at(12, 30)]
    assert "- 12:30-13:00 lunch" in written(found, rules, NOW)


def test_two_events_at_one_time_are_told() -> None:
    found = made(busy=(event(at(10), at(11)), event(at(10, 30), at(12))))
    assert found.warnings == ["Meeting and Meeting overlap, Tue 10:30"]


def test_a_preference_orders_what_is_not_urgent_and_nothing_else() -> None:
    todos = (todo("a"), todo("b"), todo("due", due=DAY))
    ranks = {todos[1].path: 0, todos[0].path: 1}
    found = plan(todos, (), [DAY], RULES, NOW, ranks)
    assert [one.todo.title for one in found.blocks] == ["due", "b", "a"]


def test_an_hour_that_the_clocks_skip_is_not_planned() -> None:
    day = date(2026, 3, 29)
    rules = RULES._replace(opens=time(1), closes=time(4), peak_from=time(1), peak_to=time(2))
    found = plan([todo("night", 120)], (), [day], rules, at(0, 30, day), {})
    assert sum((one.end.timestamp() - one.start.timestamp()) / 60 for one in found.blocks) in (0, 120)
    assert faults(found, [todo("night", 120)], rules, at(0, 30, day)) == []


def test_the_check_finds_what_is_wrong() -> None:
    one, other = todo("one"), todo("other")
    wrong = Plan(
        [DAY],
        [Block(at(7), at(7, 30), one), Block(at(7, 10), at(7, 20), other)],
        [event(at(7), at(8))],
        [Left(one, "")],
        [],
    )
    told = " ".join(faults(wrong, [one, other], RULES, NOW))
    for said in (
        "in the past",
        "before one ends",
        "at the time of Meeting",
        "outside of",
        "2 times",
        "10 are planned",
    ):
        assert said in told


TODOS = st.lists(
    st.tuples(
        st.integers(5, 400),
        st.none() | st.integers(-5, 10),
        st.integers(0, 3),
        st.none() | st.tuples(st.integers(0, 23), st.integers(1, 200)),
    ),
    max_size=25,
)
EVENTS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 1430), st.integers(1, 600), st.booleans()), max_size=15
)


@settings(max_examples=150, deadline=None)
@given(
    TODOS,
    EVENTS,
    st.integers(0, 23),
    st.integers(0, 8),
    st.sampled_from(["2026-03-28", "2026-10-24", "2026-11-24"]),
)
@example([(5, None, 0, None), (60, None, 0, (2, 60))], [], 0, 0, "2026-03-28")
def test_every_plan_holds_and_is_the_same_again(
    raw: list[tuple[int, int | None, int, tuple[int, int] | None]],
    events: list[tuple[int, int, int, bool]],
    hour: int,
    focus: int,
    first: str,
) -> None:
    start = date.fromisoformat(first)
    days = [start + timedelta(number) for number in range(4)]
    now = at(hour, 7, start)
    todos = []
    for number, (minutes, due, priority, fixed) in enumerate(raw):
        kept = None
        if fixed is not None:
            begins = at(fixed[0], 0, days[number % 4])
            kept = (begins, begins + timedelta(minutes=fixed[1]))
        when = None if due is None else start + timedelta(due)
        todos.append(todo(f"t{number:02}", minutes, due=when, priority=priority, fixed=kept))
    busy = []
    for day, minute, length, whole in events:
        begins = at(0, 0, start) + timedelta(days=day, minutes=0 if whole else minute)
        busy.append(
            event(begins, begins + (timedelta(1) if whole else timedelta(minutes=length)), all_day=whole)
        )
    rules = RULES._replace(focus=timedelta(hours=focus))
    found = plan(todos, busy, days, rules, now)
    assert faults(found, todos, rules, now) == []
    assert plan(todos[::-1], busy, days, rules, now).blocks == found.blocks

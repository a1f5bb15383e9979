"""The planner: tasks into what the days leave free, the most urgent first. Deterministic, and pure.

Time is counted in minutes since 1970, so that a day of 23 or 25 hours is as long as it is. Free time is a
list of stretches, cut where the peak hours begin and end; deep work takes those of the peak first, all other
work the rest first. A task is planned whole, in blocks, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from commands.planning.terms import Block, Busy, Left, Plan, Rules, Todo, spoken
from vfs.path import Path

GRID = 5
"""Minutes: blocks begin on such."""

NO_RANKS: Mapping[Path, int] = {}


class Stretch(NamedTuple):
    """Free time within one day, in minutes."""

    start: int
    end: int
    peak: bool
    day: int
    """Which of the days, counted from 0."""


class _Piece(NamedTuple):
    start: int
    end: int
    day: int


def plan(
    todos: Sequence[Todo],
    busy: Sequence[Busy],
    days: Sequence[date],
    rules: Rules,
    now: datetime,
    ranks: Mapping[Path, int] = NO_RANKS,
) -> Plan:
    """A plan of `days`, in the zone of `now` and from then on.

    `ranks` are a preference among tasks that are not urgent. The same input makes the same plan.
    """
    blocks, taken, waiting = _kept(todos, busy, days, rules, now)
    free = _free([*busy, *taken], days, rules, now)
    focus = [_minutes(rules.focus)] * len(days)
    for block in blocks:
        if block.todo.is_deep:
            focus[days.index(block.start.date())] -= _between(block.start, block.end)
    left: list[Left] = []
    for todo in sorted(waiting, key=lambda one: urgency(one, now.date(), ranks)):
        if todo.fixed is not None and todo.fixed[0].date() > days[-1]:
            left.append(Left(todo, f"is scheduled for {todo.fixed[0]:%a %Y-%m-%d %H:%M}"))
            continue
        urgent = urgency(todo, now.date())[0] == 0
        pieces = _placed(todo, free, focus, rules, urgent=urgent)
        if pieces is None:
            left.append(Left(todo, _reason(todo, free, focus, rules)))
            continue
        for piece in pieces:
            blocks.append(Block(_moment(piece.start, now), _moment(piece.end, now), todo))
            free = _without(free, piece.start - _minutes(rules.pause), piece.end + _minutes(rules.pause))
            if todo.is_deep:
                focus[piece.day] -= piece.end - piece.start
    blocks.sort(key=lambda block: (block.start, block.todo.path))
    return Plan(days, blocks, busy, left, _warnings(blocks, busy, left, now))


def urgency(
    todo: Todo, today: date, ranks: Mapping[Path, int] = NO_RANKS
) -> tuple[int, int, int, date, int, Path]:
    """The order of placing: what is due, then what is wanted, then what matters, is due, is short."""
    if todo.due is None:
        near = 5
    else:
        ahead = (todo.due - today).days
        near = next((rank for rank, most in enumerate((0, 1, 3, 7)) if ahead <= most), 4)
    if todo.priority >= 3:
        near = min(near, 2)
    wanted = ranks.get(todo.path, len(ranks)) if near else 0
    return (
        0 if not near else 1,
        wanted,
        near * 4 - todo.priority,
        todo.due or date.max,
        todo.minutes,
        todo.path,
    )


def _kept(
    todos: Sequence[Todo], busy: Sequence[Busy], days: Sequence[date], rules: Rules, now: datetime
) -> tuple[list[Block], list[Busy], list[Todo]]:
    """Tasks that are scheduled within the days, where nothing stands in their way; and all others."""
    blocks: list[Block] = []
    taken: list[Busy] = []
    waiting: list[Todo] = []
    spans = [(one.start, one.end) for one in busy]
    for todo in sorted(todos, key=lambda one: one.path):
        span = todo.fixed
        stays = (
            span is not None
            and span[0].date() in days
            and span[0] >= now
            and _between(*span) >= max(todo.minutes, 1)
            and not any(first < span[1] and span[0] < last for first, last in spans)
        )
        if not stays or span is None:
            waiting.append(todo)
            continue
        end = datetime.fromtimestamp(span[0].timestamp() + 60 * todo.minutes, now.tzinfo)
        spans.append((span[0], end))
        blocks.append(Block(span[0], end, todo))
        taken.append(Busy(span[0] - rules.pause, end + rules.pause, todo.title, todo.path, all_day=True))
    return blocks, taken, waiting


def _free(busy: Sequence[Busy], days: Sequence[date], rules: Rules, now: datetime) -> list[Stretch]:
    """What is left of the working hours; whole days that are taken leave nothing."""
    free: list[Stretch] = []
    earliest = _number(now, up=True)
    for at, day in enumerate(days):
        opens, closes = (
            _number(datetime.combine(day, hour, now.tzinfo)) for hour in (rules.opens, rules.closes)
        )
        first, last = (
            _number(datetime.combine(day, hour, now.tzinfo)) for hour in (rules.peak_from, rules.peak_to)
        )
        edges = sorted({opens, closes, *[edge for edge in (first, last) if opens < edge < closes]})
        for start, end in pairwise(edges):
            if max(start, earliest) < end:
                free.append(Stretch(max(start, earliest), end, first <= start < last, at))
        if rules.lunch_from < rules.lunch_to:
            lunch = (datetime.combine(day, hour, now.tzinfo) for hour in (rules.lunch_from, rules.lunch_to))
            free = _without(free, *map(_number, lunch))
    for one in busy:
        # Nothing needs to be kept free around what takes whole days, or was kept free already.
        around = 0 if one.all_day else _minutes(rules.buffer)
        free = _without(free, _number(one.start) - around, _number(one.end, up=True) + around)
    return free


def _without(free: Sequence[Stretch], start: int, end: int) -> list[Stretch]:
    kept: list[Stretch] = []
    for one in free:
        if one.end <= start or end <= one.start:
            kept.append(one)
            continue
        if one.start < start:
            kept.append(one._replace(end=start))
        first = -(-end // GRID) * GRID
        if first < one.end:
            kept.append(one._replace(start=first))
    return kept


def _placed(
    todo: Todo, free: Sequence[Stretch], focus: Sequence[int], rules: Rules, *, urgent: bool
) -> list[_Piece] | None:
    """Where a task goes; None where it does not fit whole."""
    for whole in (True, False):
        pieces = _tried(todo, free, list(focus), rules, whole=whole, urgent=urgent)
        if pieces is not None:
            return pieces
    return None


def _tried(
    todo: Todo, free: Sequence[Stretch], focus: list[int], rules: Rules, *, whole: bool, urgent: bool
) -> list[_Piece] | None:
    """Like `_placed`; `whole` wants no block below half the longest, so that little is cut without need."""
    longest, shortest, pause = map(_minutes, (rules.longest, rules.shortest, rules.pause))
    rest = todo.minutes
    pieces: list[_Piece] = []
    # What is due is not put off to keep the peak hours free for what is long.
    order = sorted(
        free, key=lambda one: (one.day, one.peak != todo.is_deep and not (urgent and one.peak), one.start)
    )
    for stretch in order:
        at, end = _apart(stretch, pieces, pause)
        while rest:
            most = min(rest, longest, end - at)
            if todo.is_deep:
                most = min(most, focus[stretch.day])
            wanted = min(rest, max(longest // 2, shortest) if whole else shortest)
            # What would be left must be worth a block of its own.
            if 0 < rest - most < shortest and rest > most:
                most = max(rest - shortest, 0)
            if most < wanted or most <= 0:
                break
            pieces.append(_Piece(at, at + most, stretch.day))
            focus[stretch.day] -= most if todo.is_deep else 0
            rest -= most
            at = -(-(at + most + pause) // GRID) * GRID
    return None if rest else pieces


def _apart(stretch: Stretch, pieces: Sequence[_Piece], pause: int) -> tuple[int, int]:
    """What is left of a stretch beside blocks of the same task, with a pause between."""
    at, end = stretch.start, stretch.end
    for piece in pieces:
        if piece.start <= at < piece.end + pause:
            at = -(-(piece.end + pause) // GRID) * GRID
        elif at < piece.start < end + pause:
            end = min(end, piece.start - pause)
    return at, end


def _reason(todo: Todo, free: Sequence[Stretch], focus: Sequence[int], rules: Rules) -> str:
    """Why a task is in no block."""
    needs = f"needs {spoken(todo.minutes)}" + (" (a guess)" if todo.guessed else "")
    room = sum(one.end - one.start for one in free)
    if not room:
        return f"{needs}; nothing is left"
    if room < todo.minutes:
        return f"{needs}; {spoken(room)} is left"
    if todo.is_deep and sum(focus) < todo.minutes:
        bears = spoken(_minutes(rules.focus) * len(focus))
        return f"{needs} of focus; {spoken(max(sum(focus), 0))} of {bears} is left"
    return f"{needs}; {spoken(room)} is left, in parts that are too short"


def _warnings(
    blocks: Sequence[Block], busy: Sequence[Busy], left: Sequence[Left], now: datetime
) -> list[str]:
    """What a person should know before the day begins."""
    found = []
    hours = sorted([one for one in busy if not one.all_day], key=lambda one: (one.start, one.end, one.path))
    for first, second in pairwise(hours):
        if second.start < first.end:
            found.append(f"{first.title} and {second.title} overlap, {second.start:%a %H:%M}")
    for one in left:
        if one.todo.due is not None and one.todo.due <= now.date():
            found.append(f"{one.todo.title} {_due(one.todo.due, now.date())} and does not fit")
    last: dict[Path, Block] = {}
    for block in blocks:
        last[block.todo.path] = block
    for block in last.values():
        due = block.todo.due
        if due is not None and due >= now.date() and block.end.date() > due:
            found.append(f"{block.todo.title} is done on {block.end:%a %Y-%m-%d}, after it is due")
    return found


def _due(due: date, today: date) -> str:
    return "is due today" if due == today else f"was due on {due:%a %Y-%m-%d}"


def _number(moment: datetime, *, up: bool = False) -> int:
    """Minutes since 1970; with `up` the next on the grid."""
    seconds = int(moment.timestamp())
    return -(-seconds // (60 * GRID)) * GRID if up else seconds // 60


def _moment(number: int, now: datetime) -> datetime:
    return datetime.fromtimestamp(number * 60, now.tzinfo)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


def _between(start: datetime, end: datetime) -> int:
    return int(end.timestamp() - start.timestamp()) // 60

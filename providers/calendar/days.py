"""Days: what happens when, as entries of folders: one query for what is stored, the rest is computed.

Nothing here reads iCalendar: a row of `span` carries what its instances are computed from.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from providers.calendar import naming, spans
from providers.calendar.occurrences import Instance, instances, next_or_last
from providers.calendar.shelf import Shelf
from providers.calendar.spans import SpanRow
from providers.calendar.trade import MIME
from providers.store import rows
from vfs.names import marked
from vfs.node import Kind, Node, Value
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

AHEAD = 366
"""Days from today up to which `ls` of the mount lists those on which something happens."""
STEP, FEW, LONGEST_STEP = 92, 30, 6000
"""Days that such a listing looks at by one query; more of them, as long as fewer than FEW are found."""

_OF_UID = (
    "SELECT 1 FROM node WHERE user_id = ? AND mount = ? AND deleted_at IS NULL AND mime = 'text/calendar'"
    " AND attrs LIKE ? ESCAPE '\\' LIMIT 1"
)
_EVENTS = (
    "SELECT parent, name, attrs FROM node WHERE user_id = ? AND mount = ? AND deleted_at IS NULL"
    " AND mime = 'text/calendar'"
)
_NAMES = "SELECT name FROM node WHERE user_id = ? AND mount = ? AND parent = ? AND deleted_at IS NULL"

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


class Happening(NamedTuple):
    """One instance, and the day by whose folder it is reached."""

    path: Path
    node: Node
    file: Path
    key: str
    """Which instance of a series; "" for what happens once."""
    instance: Instance


class Facts(Mapping[str, Value]):
    """The attributes of an instance, put together when somebody looks at them."""

    __slots__ = ("_instance", "_read", "_shelf", "_shown")

    def __init__(self, shelf: Shelf, shown: _Shown, instance: Instance) -> None:
        self._shelf = shelf
        self._shown = shown
        self._instance = instance
        self._read: dict[str, Value] | None = None

    def _values(self) -> dict[str, Value]:
        if self._read is None:
            one, shown = self._instance, self._shown
            said = {} if one.said is None else _said(one, self._shelf)
            self._read = {
                **shown.attrs,
                **said,
                "start": one.start,
                "end": one.end,
                "all_day": not isinstance(one.start, datetime),
                "calendar": shown.calendar,
                "account": self._shelf.account,
                "uid": one.uid,
                "instance": one.key,
                "series": shown.row.node.path,
            }
        return self._read

    def __getitem__(self, key: str) -> Value:
        if key == "start":
            return self._instance.start
        return self._values()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def __repr__(self) -> str:
        return repr(self._values())


class _Shown:
    """A stored file, as what happens by it shows it."""

    __slots__ = ("_attrs", "row")

    def __init__(self, row: SpanRow) -> None:
        self.row = row
        self._attrs: dict[str, Value] | None = None

    @property
    def attrs(self) -> dict[str, Value]:
        if self._attrs is None:
            self._attrs = rows.read_attrs(self.row.node.attrs)
        return self._attrs

    @property
    def calendar(self) -> str:
        return self.row.node.parent.split("/")[2]

    @property
    def own_title(self) -> str:
        return str(self.attrs.get("title") or "")

    def title(self, instance: Instance) -> str:
        return self.own_title if instance.said is None else instance.said.title


class _Listed(NamedTuple):
    """An instance on a day that it touches, before twins are told apart."""

    name: str
    shown: _Shown
    instance: Instance
    begins: bool
    """Whether this is the first of the days asked for that it touches."""


def midnight(day: date, zone: tzinfo) -> datetime:
    """The moment at which a day begins; where the clocks skip midnight, the first moment there is."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def spread(
    connection: Connection, shelf: Shelf, first: date, last: date, zone: tzinfo
) -> dict[date, list[Happening]]:
    """What happens on each of some days, in name order; what goes on for days is in each of them."""
    return {
        day: sorted(
            (_happening(shelf, day, name, one) for name, one in _named(listed)), key=lambda one: one.path
        )
        for day, listed in _by_day(connection, shelf, first, last, zone, "").items()
    }


def between(
    connection: Connection, shelf: Shelf, start: datetime, end: datetime, zone: tzinfo, folder: str = ""
) -> list[Happening]:
    """What touches [start, end) of the files below `folder`, each once: see Occurring.between."""
    first = start.astimezone(zone).date()
    last = max(first, (end - _INSTANT).astimezone(zone).date())
    found = []
    for day, listed in _by_day(connection, shelf, first, last, zone, "").items():
        for name, one in _named(listed):
            if one.begins and touches(one.instance, start, end, zone) and _is_below(one.shown, folder):
                found.append(_happening(shelf, day, name, one))
    return found


def touches(instance: Instance, start: datetime, end: datetime, zone: tzinfo) -> bool:
    """Whether an instance happens wholly or partly in [start, end)."""
    begins, ends = _moment(instance.start, zone), _moment(instance.end, zone)
    return begins < end and (ends > start or begins >= start)


def reached(connection: Connection, shelf: Shelf, seq: int, now: datetime, zone: tzinfo) -> Happening | None:
    """The instance of a stored file that is under way or next, else its last; None for one without any."""
    row = spans.of_node(connection, shelf.user, seq)
    instance = None if row is None else next_or_last(row.form, now, zone)
    if row is None or instance is None:
        return None
    day = first_day(instance, zone)
    return entry_of(connection, shelf, rows.to_path(row.node.path), instance.key, day, zone)


def entry_of(
    connection: Connection, shelf: Shelf, file: Path, key: str | None, day: date, zone: tzinfo
) -> Happening | None:
    """The entry of an instance (None for any) of a stored file on a day that it touches; else None."""
    listed = spread(connection, shelf, day, day, zone)[day] if naming.is_shown(day) else []
    return next((one for one in listed if one.file == file and key in (None, one.key)), None)


def named(listed: Sequence[Happening], name: str) -> Happening | None:
    """The entry of that name; also by the mark that it had while it had a twin."""
    for one in listed:
        if name in (one.path.parts[1], marked(one.path.parts[1], twin_key(one.instance))):
            return one
    return None


def twin_key(instance: Instance) -> str:
    """What tells an instance from others of its name."""
    return f"{instance.uid} {instance.key}"


def has_uid(connection: Connection, shelf: Shelf, uid: str) -> bool:
    """Whether an event of that UID is stored."""
    text = rows.write_attrs({"uid": uid})[1:-1]
    for sign in "\\%_":
        text = text.replace(sign, f"\\{sign}")
    found = connection.execute(_OF_UID, (shelf.user, shelf.mount, f"%{text}%")).fetchone()
    return found is not None


def files_by_uid(connection: Connection, shelf: Shelf) -> dict[str, str]:
    """Where each stored event lies, by its UID: a path as rows hold it."""
    found: dict[str, str] = {}
    for parent, name, attrs in connection.execute(_EVENTS, (shelf.user, shelf.mount)):
        uid = rows.attr_text(attrs, "uid")
        if uid:
            found.setdefault(uid, f"{parent}/{name}")
    return found


def names_in(connection: Connection, shelf: Shelf, folder: str) -> set[str]:
    """The names that a folder has."""
    return {name for (name,) in connection.execute(_NAMES, (shelf.user, shelf.mount, folder))}


def first_day(instance: Instance, zone: tzinfo) -> date:
    """The day on which an instance begins."""
    return day_in(instance.start, zone)


def day_in(moment: datetime | date, zone: tzinfo) -> date:
    """The day of a moment, or the day itself."""
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def last_day(instance: Instance, zone: tzinfo) -> date:
    """The last day that an instance touches."""
    first, end = first_day(instance, zone), instance.end
    if not isinstance(end, datetime):
        return max(first, end - _DAY)
    return max(first, (end.astimezone(zone) - _INSTANT).date())


async def busy(store: Store, shelf: Shelf, today: date, zone: tzinfo) -> AsyncIterator[Sequence[date]]:
    """The days on which something happens, up to a year from now."""
    end = today + AHEAD * _DAY
    day: date | None = naming.EARLIEST
    step = STEP

    def some(connection: Connection) -> tuple[list[date], date | None]:
        assert day is not None
        first = _next_busy(connection, shelf, day, zone)
        if first is None or first > end:
            return [], None
        last = min(first + step * _DAY, end)
        return _busy_days(connection, shelf, first, last, zone), last + _DAY

    while day is not None and day <= end:
        found, day = await store.read(some)
        # Where little happens, a longer time is looked at by one query.
        step = min(step * 4, LONGEST_STEP) if len(found) < FEW else STEP
        if found:
            yield found


def _next_busy(connection: Connection, shelf: Shelf, day: date, zone: tzinfo) -> date | None:
    """The first day from `day` on at which something may happen; None when nothing does."""
    start = midnight(day, zone)
    if spans.window(connection, shelf.user, shelf.mount, start, start + _DAY):
        return day
    later = spans.following(connection, shelf.user, shelf.mount, rows.from_time(start))
    return None if later is None else max(day, _local(later, zone))


def _busy_days(connection: Connection, shelf: Shelf, first: date, last: date, zone: tzinfo) -> list[date]:
    """The days from `first` to `last` that something touches."""
    start, end = midnight(first, zone), midnight(last + _DAY, zone)
    days: set[date] = set()
    whole = (last - first).days + 1
    for row in spans.window(connection, shelf.user, shelf.mount, start, end):
        for instance in instances(row.form, start, end, zone, row.node.name):
            day = max(first, first_day(instance, zone))
            ends = min(last, last_day(instance, zone))
            while day <= ends:
                days.add(day)
                day += _DAY
        if len(days) == whole:
            break
    return sorted(days)


def _local(microseconds: int, zone: tzinfo) -> date:
    try:
        return rows.to_time(microseconds).astimezone(zone).date()
    except OverflowError:
        return naming.EARLIEST if microseconds < 0 else naming.LATEST


def _by_day(
    connection: Connection, shelf: Shelf, first: date, last: date, zone: tzinfo, folder: str
) -> dict[date, list[_Listed]]:
    """Each day from `first` to `last` with what touches it."""
    start, end = midnight(first, zone), midnight(last + _DAY, zone)
    days: dict[date, list[_Listed]] = {first + number * _DAY: [] for number in range((last - first).days + 1)}
    for row in spans.window(connection, shelf.user, shelf.mount, start, end, folder):
        shown = _Shown(row)
        for instance in instances(row.form, start, end, zone, row.node.name):
            begins = day = max(first, first_day(instance, zone))
            title = shown.title(instance)
            ends = min(last, last_day(instance, zone))
            while day <= ends:
                name = naming.entry_name(day, _there(instance.start, zone), title)
                days[day].append(_Listed(name, shown, instance, day == begins))
                day += _DAY
    return days


def _there(moment: datetime | date, zone: tzinfo) -> datetime | date:
    return moment.astimezone(zone) if isinstance(moment, datetime) else moment


def _named(listed: Sequence[_Listed]) -> Iterable[tuple[str, _Listed]]:
    """Each with the name by which it is told from its twins, whichever was listed first."""
    if len({one.name for one in listed}) == len(listed):
        return [(one.name, one) for one in listed]
    keyed = sorted(
        ((one.name, twin_key(one.instance), one) for one in listed),
        key=lambda item: (item[0], item[1], item[2].shown.row.node.path),
    )
    names = naming.named([(name, key) for name, key, _ in keyed])
    return [(name, one) for name, (_, _, one) in zip(names, keyed, strict=True)]


def _happening(shelf: Shelf, day: date, name: str, one: _Listed) -> Happening:
    stored, instance = one.shown.row.node, one.instance
    once = not instance.key
    etag = stored.digest.hex() if stored.digest else ""
    node = Node(
        name,
        Kind.FILE,
        stored.size if once else None,
        rows.to_time(stored.mtime),
        etag if once else f"{etag}-{instance.key}",
        MIME,
        instance.uid,
        Facts(shelf, one.shown, instance),
    )
    return Happening(Path((day.isoformat(), name)), node, rows.to_path(stored.path), instance.key, instance)


def _is_below(shown: _Shown, folder: str) -> bool:
    return not folder or f"{shown.row.node.path}/".startswith(f"{folder}/")


def _moment(value: datetime | date, zone: tzinfo) -> datetime:
    return value if isinstance(value, datetime) else midnight(value, zone)


def _said(instance: Instance, shelf: Shelf) -> Mapping[str, Value]:
    """What an overridden instance says of itself."""
    assert instance.said is not None
    said: Mapping[str, Value] = import_module("providers.calendar.facts").attributes(
        instance.said,
        instance.start,
        instance.end,
        all_day=not isinstance(instance.start, datetime),
        zone=instance.zone,
        uid=instance.uid,
        instance=instance.key,
        recurring=bool(instance.key),
        calendar="",
        account="",
        series="",
        mine=shelf.mine,
    )
    return said

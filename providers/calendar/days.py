"""Days: what happens when, as entries of folders: one query for what is stored, the rest is computed.

Nothing here reads iCalendar: a row of `span` carries what its instances are computed from. On the way of
every listing, so that annotations are no texts: each field's would be compiled.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from importlib import import_module
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from providers.calendar import naming, spans
from providers.calendar.occurrences import Instance, next_or_last, timed, window_of
from providers.calendar.shelf import Shelf
from providers.calendar.spans import SpanRow
from providers.calendar.trade import MIME
from providers.store import rows
from vfs.names import marked
from vfs.node import Kind, Later, Node, Value
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_FILE = Kind.FILE


class Happening(NamedTuple):
    """One instance, and the day by whose folder it is reached."""

    path: Path
    node: Node
    file: Path
    key: str
    """Which instance of a series; "" for what happens once."""
    instance: Instance


class Facts(Later):
    """The attributes of an instance."""

    __slots__ = ("_instance", "_shelf", "_shown")

    def __init__(self, shelf: Shelf, shown: "_Shown", instance: Instance) -> None:
        self._shelf = shelf
        self._shown = shown
        self._instance = instance
        self._read = None

    def _made(self) -> dict[str, Value]:
        one, shown = self._instance, self._shown
        said = {} if one.said is None else _said(one, self._shelf)
        return {
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

    def __getitem__(self, key: str) -> Value:
        return self._own(key) if self._read is None else self._read[key]

    def get(self, key: str, default: Any = None) -> Any:
        if key == "start":
            return self._instance.start
        try:
            return self._own(key) if self._read is None else self._read[key]
        except KeyError:
            return default

    def _own(self, key: str) -> Value:
        """One of them, without the others where that is little work."""
        one = self._instance
        if key == "start":
            return one.start
        if key == "end":
            return one.end
        if key == "all_day":
            return not isinstance(one.start, datetime)
        if one.said is None and key in _FILES_OWN:
            return self._shown.attrs[key]
        return self._values()[key]


_FILES_OWN = frozenset(("title", "status", "busy", "answer", "location", "recurring", "rule"))
"""What is the same for all times of a file that say nothing of themselves."""


class _Shown:
    """A stored file, as what happens by it shows it; what is the same each time is made once."""

    __slots__ = ("_names", "etag", "file", "mtime", "row")

    def __init__(self, row: SpanRow) -> None:
        stored = row.node
        self.row = row
        self.file = rows.to_path(stored.path)
        self.mtime = rows.to_time(stored.mtime)
        self.etag = stored.digest.hex() if stored.digest else ""
        self._names: dict[int, str] = {}

    @property
    def attrs(self) -> Mapping[str, Value]:
        return _attrs(self.row.node.attrs)

    @property
    def calendar(self) -> str:
        return self.file.parts[1]

    def name(self, instance: Instance, begun: datetime) -> str:
        """What an instance is called on the day of `begun`, its start."""
        minute = begun.hour * 60 + begun.minute
        name = self._names.get(minute)
        if name is None or instance.said is not None:
            name = naming.entry_name(begun.date(), begun, self.slug(instance))
            if instance.said is None:
                self._names[minute] = name
        return name

    def slug(self, instance: Instance) -> str:
        """What of an instance's name is made of its title."""
        return _slug(self.row.node.attrs) if instance.said is None else naming.slug_of(instance.said.title)


@lru_cache(1024)
def _attrs(text: str) -> Mapping[str, Value]:
    return rows.read_attrs(text)


@lru_cache(2048)
def _slug(attrs: str) -> str:
    """The part of names that is made of the title in the attributes of a row."""
    return naming.slug_of(rows.attr_text(attrs, "title") or "")


_Listed = tuple[str, Instance, _Shown, float, bool]
"""An instance on a day that it touches: its name before twins are told apart, itself, its file, when it
begins in seconds since 1970, and whether this is the first of the days asked for that it touches.
"""


def midnight(day: date, zone: tzinfo) -> datetime:
    """The moment at which a day begins; where the clocks skip midnight, the first moment there is."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def spread(
    connection: "Connection", shelf: Shelf, first: date, last: date, zone: tzinfo
) -> dict[date, list[Happening]]:
    """What happens on each of some days, in name order; what goes on for days is in each of them."""
    found = _by_day(connection, shelf, first, last, zone)
    days: dict[date, list[Happening]] = {}
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        text = day.isoformat()
        listed = sorted(_named(found.get(day, ())), key=itemgetter(0))
        days[day] = [
            Happening(Path((text, name)), _node(shelf, name, one), one[2].file, one[1].key, one[1])
            for name, one in listed
        ]
    return days


def between(
    connection: "Connection",
    shelf: Shelf,
    start: datetime,
    end: datetime,
    zone: tzinfo,
    folder: str = "",
) -> list[tuple[Path, Node]]:
    """What touches [start, end) of the files below `folder`, each once, in order: see Occurring.between."""
    first = max(_day_at(start, zone), naming.EARLIEST)
    last = min(max(first, _day_at(end - _INSTANT, zone)), naming.LATEST)
    whole = start == midnight(first, zone) and end == midnight(last + _DAY, zone)
    found: list[tuple[float, bool, tuple[str, str], Node]] = []
    for day, listed in _by_day(connection, shelf, first, last, zone).items():
        text = day.isoformat()
        for name, one in _named(listed):
            _, instance, shown, at, begins = one
            if not begins or (folder and not _is_below(shown, folder)):
                continue
            if whole or touches(instance, start, end, zone):
                begun = instance.start
                is_timed = isinstance(begun, datetime)
                if not is_timed and start.tzinfo is not zone:
                    at = datetime(begun.year, begun.month, begun.day, tzinfo=start.tzinfo).timestamp()
                found.append((at, is_timed, (text, name), _node(shelf, name, one)))
    # No two have the same path, so that nodes are never compared.
    found.sort()
    return [(Path(parts), node) for _, _, parts, node in found]


def _day_at(moment: datetime, zone: tzinfo) -> date:
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()


def touches(instance: Instance, start: datetime, end: datetime, zone: tzinfo) -> bool:
    """Whether an instance happens wholly or partly in [start, end)."""
    begins, ends = _moment(instance.start, zone), _moment(instance.end, zone)
    return begins < end and (ends > start or begins >= start)


def reached(
    connection: "Connection", shelf: Shelf, seq: int, now: datetime, zone: tzinfo
) -> Happening | None:
    """The instance of a stored file that is under way or next, else its last; None for one without any."""
    row = spans.of_node(connection, shelf.user, seq)
    instance = None if row is None else next_or_last(row.form, now, zone)
    if row is None or instance is None:
        return None
    day = first_day(instance, zone)
    return entry_of(connection, shelf, rows.to_path(row.node.path), instance.key, day, zone)


def entry_of(
    connection: "Connection", shelf: Shelf, file: Path, key: str | None, day: date, zone: tzinfo
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


def first_day(instance: Instance, zone: tzinfo) -> date:
    """The day on which an instance begins."""
    return day_in(instance.start, zone)


def day_in(moment: datetime | date, zone: tzinfo) -> date:
    """The day of a moment, or the day itself."""
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def last_day(instance: Instance, zone: tzinfo) -> date:
    """The last day that an instance, which is in `zone`, touches."""
    start, end = instance.start, instance.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        day = end.date()
        return max(start.date(), (end - _INSTANT).date()) if day != start.date() else day
    return max(first_day(instance, zone), day_in(end, zone) - _DAY)


def _by_day(
    connection: "Connection", shelf: Shelf, first: date, last: date, zone: tzinfo
) -> dict[date, list[_Listed]]:
    """The days from `first` to `last` that something touches, with what touches them."""
    start, end = midnight(first, zone), midnight(last + _DAY, zone)
    window = window_of(start, end, zone)
    days: dict[date, list[_Listed]] = {}
    for row in spans.touching(connection, shelf.user, shelf.mount, start, end):
        found = timed(row[spans.FORM], window, row[spans.NAME])
        if not found:
            continue
        shown = _Shown(spans.span_row(row))
        for at, instance in found:
            begun = instance.start
            if isinstance(begun, datetime):
                day, ends = begun.date(), last_day(instance, zone)
                if day == ends and day >= first:
                    name = shown.name(instance, begun)
                    days.setdefault(day, []).append((name, instance, shown, at, True))
                    continue
            else:
                day, ends = begun, last_day(instance, zone)
            slug = shown.slug(instance)
            begins = day = max(first, day)
            while day <= min(last, ends):
                name = naming.entry_name(day, begun, slug)
                days.setdefault(day, []).append((name, instance, shown, at, day == begins))
                day += _DAY
    return days


def _named(listed: Sequence[_Listed]) -> Iterable[tuple[str, _Listed]]:
    """Each with the name by which it is told from its twins, whichever was listed first."""
    if len({one[0] for one in listed}) == len(listed):
        return [(one[0], one) for one in listed]
    keyed = sorted(
        ((one[0], twin_key(one[1]), one) for one in listed),
        key=lambda item: (item[0], item[1], item[2][2].row.node.path),
    )
    names = naming.named([(name, key) for name, key, _ in keyed])
    return [(name, one) for name, (_, _, one) in zip(names, keyed, strict=True)]


def _node(shelf: Shelf, name: str, one: _Listed) -> Node:
    _, instance, shown, _, _ = one
    key = instance.key
    return Node(
        name,
        _FILE,
        None if key else shown.row.node.size,
        shown.mtime,
        f"{shown.etag}-{key}" if key else shown.etag,
        MIME,
        instance.uid,
        Facts(shelf, shown, instance),
    )


def _is_below(shown: _Shown, folder: str) -> bool:
    return f"{shown.row.node.path}/".startswith(f"{folder}/")


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

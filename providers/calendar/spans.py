"""Spans: which calendar files may say something about a time, found by an index.

A row of `span` belongs to a content, not to a file: whichever file holds these bytes, now or after an undo,
happens then. It is made where a content comes in (`providers.store.intake`), and its form is all that
`occurrences` needs. On the way of every listing of a day, so that annotations are no texts here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from providers.store.nodes import below
from providers.store.rows import COLUMNS, NodeRow

if TYPE_CHECKING:
    from providers.store.store import Connection

MIME = "text/calendar"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_OF_NODE = ", ".join(f"n.{name}" for name in COLUMNS.split(", "))
_WIDTH = COLUMNS.count(",") + 1
NAME, FORM = COLUMNS.split(", ").index("name"), _WIDTH + 2
"""Where a row of `touching` has the file's name, and the form."""

_HELD = (
    " span s CROSS JOIN node n WHERE s.user_id = ? AND n.user_id = s.user_id AND n.digest = s.digest"
    f" AND n.mime = '{MIME}' AND n.deleted_at IS NULL AND n.mount = ?"
)
WINDOW = f"SELECT {_OF_NODE}, s.first, s.last, s.form FROM{_HELD} AND s.last >= ? AND s.first < ?"
_BOUNDS = f"SELECT min(s.first), max(s.last) FROM{_HELD}"
_FOLLOWING = f"SELECT min(s.first) FROM{_HELD} AND s.first >= ?"
_ONE = (
    f"SELECT {_OF_NODE}, s.first, s.last, s.form FROM node n"
    " JOIN span s ON s.user_id = n.user_id AND s.digest = n.digest"
    " WHERE n.user_id = ? AND n.seq = ? AND n.deleted_at IS NULL"
)
_BELOW = " AND (n.parent = ? OR (n.parent >= ? AND n.parent < ?))"


class SpanRow(NamedTuple):
    """A calendar file, between which moments it may say anything, and its form."""

    node: NodeRow
    first: int
    """µs since 1970, UTC, with a margin for zones."""
    last: int
    form: str


def window(
    connection: "Connection", user: str, mount: str, start: datetime, end: datetime, folder: str = ""
) -> list[SpanRow]:
    """The files of a collection, or below a folder of it, that may touch [start, end), by one statement."""
    return [span_row(row) for row in touching(connection, user, mount, start, end, folder)]


def touching(
    connection: "Connection", user: str, mount: str, start: datetime, end: datetime, folder: str = ""
) -> Sequence[tuple[Any, ...]]:
    """The same as they come: of most files that may touch a short time, nothing happens in it."""
    condition, values = _in(folder)
    found = connection.execute(WINDOW + condition, (user, mount, _micros(start), _micros(end), *values))
    return found.fetchall()


def of_node(connection: "Connection", user: str, seq: int) -> SpanRow | None:
    """The span of one file; None for a file that is none, or says nothing."""
    row = connection.execute(_ONE, (user, seq)).fetchone()
    return None if row is None else span_row(row)


def bounds(connection: "Connection", user: str, mount: str, folder: str = "") -> tuple[int, int] | None:
    """Between which moments anything may happen at all; None for nothing."""
    condition, values = _in(folder)
    first, last = connection.execute(_BOUNDS + condition, (user, mount, *values)).fetchone()
    return None if first is None else (first, last)


def following(connection: "Connection", user: str, mount: str, moment: int, folder: str = "") -> int | None:
    """The first moment from `moment` on at which a file begins that has not begun before."""
    condition, values = _in(folder)
    row = connection.execute(_FOLLOWING + condition, (user, mount, moment, *values)).fetchone()
    first: int | None = row[0]
    return first


def _in(folder: str) -> tuple[str, tuple[str, ...]]:
    return (_BELOW, tuple(below(folder))) if folder else ("", ())


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def span_row(row: tuple[Any, ...]) -> SpanRow:
    """A row of `touching`."""
    return SpanRow(NodeRow(*row[:_WIDTH]), *row[_WIDTH:])

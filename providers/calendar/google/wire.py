"""Wire: what the answers of Google Calendar hold, read with care.

What an answer is about must be there, or Unavailable is raised; what an event says of itself may be missing,
or of any other form, and then counts as not said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from providers.httpfaults import unreadable

SERVICE = "Google Calendar"
CANCELLED = "cancelled"

Json = Mapping[str, Any]
NOTHING: Json = {}


def thing(value: Any) -> Json:
    """A JSON object. Raises Unavailable."""
    if not isinstance(value, dict):
        raise unreadable(SERVICE, "another form")
    return value


def items(said: Json) -> Sequence[Json]:
    """The events or calendars of a page, those without an id left out. Raises Unavailable."""
    found = said.get("items", [])
    if not isinstance(found, list):
        raise unreadable(SERVICE, "`items` is not as it should be")
    return [one for one in found if isinstance(one, dict) and text(one, "id")]


def inner(said: Json, name: str) -> Json:
    """An object within; empty when there is none."""
    found = said.get(name)
    return found if isinstance(found, dict) else NOTHING


def objects(said: Json, name: str) -> Sequence[Json]:
    """A list of objects within; empty when there is none."""
    found = said.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else ()


def texts(said: Json, name: str) -> Sequence[str]:
    found = said.get(name)
    return [_whole(one) for one in found if isinstance(one, str)] if isinstance(found, list) else ()


def text(said: Json, name: str) -> str:
    """A text; "" when there is none."""
    found = said.get(name)
    return _whole(found) if isinstance(found, str) else ""


def number(said: Json, name: str) -> int:
    found = said.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def moment(said: Json, name: str) -> datetime | None:
    """A point in time that Google has noted, in UTC."""
    try:
        found = datetime.fromisoformat(text(said, name))
        return found.astimezone(UTC).replace(microsecond=0) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def is_cancelled(event: Json) -> bool:
    return text(event, "status") == CANCELLED


def series_id(event: Json) -> str:
    """The id of the series that an event differs from, else its own."""
    return text(event, "recurringEventId") or text(event, "id")


def _whole(found: str) -> str:
    # JSON can spell halves of characters, which nothing further on can keep.
    return found if found.isascii() else found.encode("utf-8", "replace").decode()

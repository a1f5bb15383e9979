"""Series: an event of Google's with all that differs from it, as one item of a mirror."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import NamedTuple

from providers.calendar import naming
from providers.calendar.google import icalendar
from providers.calendar.google.moments import moment_of, stamp_of
from providers.calendar.google.wire import Json, inner, is_cancelled, moment, text
from providers.mirror.remote import Item

MIME = "text/calendar"


class Series(NamedTuple):
    """What there is at present."""

    id: str
    master: Json | None
    """None: the person is only invited to some of its times."""
    others: Sequence[Json]
    """What differs, called off times included."""
    zone: str
    """The calendar's."""

    @property
    def is_gone(self) -> bool:
        return self.master is None and all(map(is_cancelled, self.others))

    @property
    def etag(self) -> str:
        """Another one whenever any part changes."""
        parts = [self.master] if self.master is not None else []
        told = sorted(f"{text(one, 'id')} {text(one, 'etag')}" for one in (*parts, *self.others))
        return sha256("\n".join(told).encode()).hexdigest()[:32]

    def content(self) -> bytes:
        return icalendar.file_of(self.master, self.others, self.zone)

    def by_stamp(self, home: tzinfo) -> Mapping[str, Json]:
        """What differs, by which instances those are."""
        found = {}
        for one in self.others:
            original = moment_of(inner(one, "originalStartTime"), self.zone)
            if original is not None:
                found[stamp_of(original, home)] = one
        return found

    def item(self) -> Item:
        """With its whole content."""
        content = self.content()
        main = (
            self.master
            if self.master is not None
            else next(one for one in self.others if not is_cancelled(one))
        )
        return Item(
            self.id, self.etag, naming.stored_name(text(main, "summary").strip() or "untitled"), {},
            at=self._written(), size=len(content), mime=MIME, identity=identity_of(icalendar.uid_of(main)),
            content=content, whole=True,
        )  # fmt: skip

    def _written(self) -> datetime | None:
        parts = [self.master] if self.master is not None else []
        stamps = [stamp for one in (*parts, *self.others) if (stamp := moment(one, "updated"))]
        return max(stamps, default=None)


def series_of(id: str, events: Sequence[Json], zone: str) -> Series:
    """The series with an id, of events of which some may be another's."""
    master = next((one for one in events if text(one, "id") == id and not is_cancelled(one)), None)
    others = {text(one, "id"): one for one in events if text(one, "recurringEventId") == id}
    return Series(id, master, [others[name] for name in sorted(others)], zone)


def identity_of(uid: str) -> str:
    """The same for the same event, in whichever calendar."""
    return sha256(uid.encode()).hexdigest()[:24]

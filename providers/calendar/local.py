"""`/calendar` without any account: calendars in the workspace's own store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.calendar.provider import FOLDER, Days
from providers.calendar.trade import Events
from providers.spec import Opening, Option, ProviderSpec
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Store

DEFAULT = "personal"

COLLECTION = Option("collection", "the collection of the store that is shown", default="calendar")
CALENDAR = Option("calendar", "the calendar that new events go to", default=DEFAULT)
ADDRESS = Option("address", "the person's own mail addresses, with commas between")


class Calendars(Days):
    """Local calendars. The one for new events is always there."""

    def __init__(
        self, store: Store, mount: str, *, default: str = DEFAULT, mine: tuple[str, ...] = ()
    ) -> None:
        super().__init__(store, mount, Events(mine))
        self.default = default
        self._mine = tuple(address.lower() for address in mine)

    @property
    def mine(self) -> tuple[str, ...]:
        return self._mine

    async def standing(self, path: Path) -> bool:
        return path in (FOLDER, FOLDER.child(self.default))


def _open(opening: Opening) -> Calendars:
    options = opening.options
    addresses = (address.strip() for address in options.get("address", "").split(","))
    lens = Calendars(
        opening.store(),
        options.get("collection") or "calendar",
        default=options.get("calendar") or DEFAULT,
        mine=tuple(filter(None, addresses)),
    )
    lens.clock = opening.now
    return lens


PROVIDER = ProviderSpec(
    "calendar",
    "calendars by day, kept in the workspace's own store",
    _open,
    (COLLECTION, CALENDAR, ADDRESS),
)
"""The kind of mount."""

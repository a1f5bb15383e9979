"""The provider `caldav`: what a mount says of an account at a calendar server."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from providers.calendar.caldav.options import OPTIONS, addresses_of, checked
from providers.calendar.mirrored import CalendarMirror
from providers.mirror import records
from providers.mirror.settings import OPTIONS as REPLICA
from providers.mirror.settings import MirrorSettings, bodies_of, seconds_of
from providers.spec import Opening, ProviderSpec
from providers.store import rows
from vfs.action import Verb

if TYPE_CHECKING:
    from providers.mirror.remote import Remote


class CalDavMirror(CalendarMirror):
    """An account whose server may send to guests by itself."""

    async def deeds(self) -> Mapping[str, Verb]:
        known = await self.store.read(lambda connection: records.folders(connection, self.place))
        sends = any(rows.read_attrs(one.attrs).get("schedules") for one in known.values())
        return await super().deeds() if sends else {}


def _open(opening: Opening) -> CalDavMirror:
    options = opening.options
    checked(options)

    def remote() -> Remote:
        made: Remote = import_module("providers.calendar.caldav.account").open_account(
            options, opening.secret
        )
        return made

    settings = MirrorSettings(
        options.get("address") or options["user"],
        max_age=seconds_of(options.get("max_age") or "10m"),
        bodies=bodies_of(options.get("bodies") or "ahead"),
        replaces=frozenset({""}),
        fixed=False,
        arranges=True,
        emptied=5,
        reach=opening.reach,
    )
    mirror = CalDavMirror(
        opening.store(),
        options.get("collection") or "calendar",
        remote,
        settings,
        default=options.get("default") or "",
        mine=addresses_of(options),
    )
    mirror.clock = opening.now
    return mirror


PROVIDER = ProviderSpec(
    "caldav", "the calendars of an account at a CalDAV server", _open, (*OPTIONS, *REPLICA)
)

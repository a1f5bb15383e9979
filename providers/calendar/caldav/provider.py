"""The provider `caldav`: what a mount says of an account at a calendar server."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from providers.calendar.caldav.options import OPTIONS, addresses_of, checked
from providers.calendar.mirrored import CalendarMirror
from providers.mirror.settings import OPTIONS as REPLICA
from providers.mirror.settings import MirrorSettings, bodies_of, seconds_of
from providers.spec import Opening, ProviderSpec

if TYPE_CHECKING:
    from providers.mirror.remote import Remote


def _open(opening: Opening) -> CalendarMirror:
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
        reach=opening.reach,
    )
    return CalendarMirror(
        opening.store(),
        options.get("collection") or "calendar",
        remote,
        settings,
        default=options.get("default") or "",
        mine=addresses_of(options),
    )


PROVIDER = ProviderSpec(
    "caldav", "the calendars of an account at a CalDAV server", _open, (*OPTIONS, *REPLICA)
)

"""The provider `google-calendar`: what a mount says of an account at Google Calendar."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from providers.calendar.mirrored import CalendarMirror
from providers.mirror.settings import OPTIONS as REPLICA
from providers.mirror.settings import MirrorSettings, bodies_of, seconds_of
from providers.spec import Opening, Option, ProviderSpec
from vfs.errors import BadName

if TYPE_CHECKING:
    from providers.mirror.remote import Remote

OPTIONS = (
    Option("address", "the account's address, such as ada@gmail.com", required=True),
    Option("default", "the calendar that new events go to; else the first"),
    Option("endpoint", "where Google's interface is, when it is not at Google"),
    Option("collection", "the collection of the store that keeps the replica", default="calendar"),
)
WRITES = (
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar",
)
"""Scopes of which each lets events be changed."""


def address_of(options: Mapping[str, str]) -> str:
    """The account's address, also where it is told as `Name <address>`. Raises BadName."""
    told = options.get("address", "").strip()
    address = told.rpartition("<")[2].removesuffix(">").strip()
    if "@" not in address or not address.isprintable() or " " in address:
        raise BadName(None, f"address is NAME@DOMAIN, but is {told[:60]!r}")
    return address.lower()


def login_name(address: str) -> str:
    """What the login of an account is called where secrets are kept."""
    return f"google-calendar:{address}"


def _open(opening: Opening) -> CalendarMirror:
    options = opening.options
    address = address_of(options)

    def remote() -> Remote:
        made: Remote = import_module("providers.calendar.google.account").open_account(opening)
        return made

    settings = MirrorSettings(
        options.get("address") or address,
        max_age=seconds_of(options.get("max_age") or "10m"),
        bodies=bodies_of(options.get("bodies") or "ahead"),
        replaces=frozenset({""}),
        fixed=False,
        reach=opening.reach,
    )
    mirror = CalendarMirror(
        opening.store(),
        options.get("collection") or "calendar",
        remote,
        settings,
        default=options.get("default") or "",
        mine=(address,),
    )
    mirror.clock = opening.now
    return mirror


PROVIDER = ProviderSpec(
    "google-calendar", "the calendars of an account at Google", _open, (*OPTIONS, *REPLICA)
)

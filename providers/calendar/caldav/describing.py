"""Describing: what an event's file says of itself, as all calendars of Spatio have it."""

from __future__ import annotations

from collections.abc import Sequence

from providers.calendar.text import text_of
from providers.calendar.trade import MIME
from providers.calendar.trade import described as attributes_of
from providers.mirror.remote import Described
from vfs.path import ROOT
from vfs.zone import home_zone


def described(content: bytes, mine: Sequence[str] = ()) -> Described:
    """Never raises, whatever is sent."""
    attrs = attributes_of(ROOT, content, home_zone(), tuple(mine)) if content else {}
    # Where it lies, its folder says.
    attrs = {name: value for name, value in attrs.items() if name not in ("calendar", "account", "series")}
    return Described(MIME, attrs, text_of(content) or "")

"""Invitations: what a `text/calendar` part announces, in a few lines."""

from __future__ import annotations

from importlib import import_module

LONGEST = 256 * 1024
"""Characters of a calendar that are read."""
MOST_EVENTS = 5


def summary(text: str) -> str:
    """What a calendar says, for a person; "" when it has no event."""
    said: str | None = import_module("providers.calendar.text").text_of(
        text[:LONGEST].encode("utf-8", "replace"), MOST_EVENTS
    )
    return (said or "").strip()

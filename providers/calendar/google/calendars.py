"""Calendars: those that a person sees at Google, as collections."""

from __future__ import annotations

from collections.abc import Sequence

from providers.calendar.google.wire import Json, text
from providers.calendar.naming import CALENDARS
from providers.mirror.remote import Collection
from vfs.names import distinct, slug
from vfs.node import Value
from vfs.path import Path

FOLDER = Path((CALENDARS,))
ABOVE = Collection(CALENDARS, FOLDER, selectable=False)
_WRITES = ("owner", "writer")
_READS = (*_WRITES, "reader")


def collections_of(found: Sequence[Json], *, may_write: bool) -> Sequence[Collection]:
    """The person's own first. Of what shows only when somebody is busy there are no events to be had."""
    shown = [
        one
        for one in found
        if text(one, "accessRole") in _READS
        and one.get("deleted") is not True
        and one.get("hidden") is not True
    ]
    shown.sort(key=lambda one: (one.get("primary") is not True, text(one, "id")))
    names = distinct([(slug(_title(one)), text(one, "id")) for one in shown])
    made = [
        Collection(text(one, "id"), FOLDER.child(name), attrs=_attributes(one, may_write=may_write))
        for one, name in zip(shown, names, strict=True)
    ]
    return [ABOVE, *made]


def _title(one: Json) -> str:
    return text(one, "summaryOverride") or text(one, "summary") or text(one, "id")


def _attributes(one: Json, *, may_write: bool) -> dict[str, Value]:
    attrs: dict[str, Value] = {"title": _title(one)}
    colour = text(one, "backgroundColor")
    if colour.startswith("#") and colour[1:].isalnum() and len(colour) in (4, 7):
        attrs["colour"] = colour
    if not may_write or text(one, "accessRole") not in _WRITES:
        attrs["read_only"] = True
    if one.get("primary") is True:
        attrs["primary"] = True
    return attrs

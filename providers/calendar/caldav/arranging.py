"""Arranging: calendars that are made, renamed and dropped from here."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from providers.calendar.caldav import discovery, hrefs, xml
from providers.calendar.caldav.asking import XML, Dav
from providers.calendar.caldav.discovery import FOLDER, Place
from providers.calendar.caldav.xml import CAL, DAV
from providers.mirror.remote import Collection
from vfs.errors import BadName, Exists, NotEmpty, NotFound, Refused
from vfs.names import slug
from vfs.path import Path


async def make(place: Place, path: Path) -> Collection:
    """See `Arranges.make`."""
    if path.parent != FOLDER:
        raise BadName(path, "calendars lie directly in /calendars")
    there = await discovery.calendars(place)
    known = _at(there, path)
    if known is not None:
        return known
    if not place.homes:
        raise Refused(path, "only one calendar of this account is mounted", hint="connect its home: --url")
    home = place.homes[0] if place.homes[0].endswith("/") else f"{place.homes[0]}/"
    for name in (slug(path.name), f"{slug(path.name)}-{uuid4().hex[:8]}"):
        key = hrefs.path_of(f"{home}{name}/", place.dav.origin)
        answer = await place.dav.ask("MKCALENDAR", key, body=_wish(path.name), headers=XML)
        if answer.status in (405, 409) or place.dav.broke(answer, "resource-must-be-null"):
            continue
        place.dav.done(answer)
        made = _at(await discovery.calendars(place), path)
        return made if made is not None else Collection(key, path)
    raise Exists(path, f"{place.dav.service} has something of this name")


def _at(there: Sequence[Collection], path: Path) -> Collection | None:
    return next((one for one in there if one.path == path and one.selectable), None)


def _wish(title: str) -> bytes:
    return xml.document(
        CAL + "mkcalendar",
        xml.element(
            DAV + "set",
            xml.element(
                DAV + "prop",
                xml.element(DAV + "displayname", xml.text(title)),
                xml.element(
                    CAL + "supported-calendar-component-set", xml.element(CAL + "comp", name="VEVENT")
                ),
            ),
        ),
    )


async def rename(place: Place, collection: Collection, path: Path) -> Collection:
    """See `Arranges.rename`: the title is another one, the address stays."""
    if path.parent != FOLDER:
        raise BadName(path, "calendars lie directly in /calendars")
    there = await discovery.calendars(place)
    other = _at(there, path)
    if other is not None and other.key != collection.key:
        raise Exists(path)
    if collection.key not in {one.key for one in there}:
        raise NotFound(collection.path)
    title = xml.element(DAV + "displayname", xml.text(path.name))
    body = xml.document(DAV + "propertyupdate", xml.element(DAV + "set", xml.element(DAV + "prop", title)))
    answer = await place.dav.ask("PROPPATCH", collection.key, body=body, headers=XML)
    done = place.dav.multi(answer).responses
    if not any(DAV + "displayname" in one.props for one in done):
        raise Refused(path, f"{place.dav.service} does not let it be renamed")
    return collection._replace(path=path)


async def drop(dav: Dav, collection: Collection) -> None:
    """See `Arranges.drop`; also what is not shown here (tasks) keeps a calendar from going."""
    try:
        inside = await dav.look(collection.key, [DAV + "getetag"], 1)
    except NotFound:
        return
    if any(one.href.rstrip("/") != collection.key.rstrip("/") for one in inside):
        raise NotEmpty(collection.path)
    answer = await dav.ask("DELETE", collection.key)
    if answer.status not in (404, 410):
        dav.done(answer)

"""Discovery: from the address that a person gave to the account's calendars (RFC 6764, RFC 4791 §6.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from providers.calendar.caldav import hrefs
from providers.calendar.caldav.asking import Dav
from providers.calendar.caldav.xml import APPLE, CAL, DAV, SERVER, Response
from providers.mirror.remote import Collection
from vfs.errors import NotFound, Refused, Unsupported
from vfs.names import clean, marked, slug
from vfs.node import Value
from vfs.path import Path

WELL_KNOWN = "/.well-known/caldav"
FOLDER = Path(("calendars",))
"""Where all calendars of an account are shown."""
ABOVE = Collection("calendars", FOLDER, selectable=False)

_TYPE = DAV + "resourcetype"
_PRINCIPAL = DAV + "current-user-principal"
_HOME = CAL + "calendar-home-set"
_ADDRESSES = CAL + "calendar-user-address-set"
_ABOUT = (_TYPE, _PRINCIPAL, _HOME, _ADDRESSES)
_CALENDAR = (
    _TYPE, DAV + "displayname", DAV + "current-user-privilege-set", DAV + "supported-report-set",
    CAL + "supported-calendar-component-set", APPLE + "calendar-color",
)  # fmt: skip
_WRITING = ("write", "write-content", "all", "bind")


class Place(NamedTuple):
    """Where an account's calendars are."""

    dav: Dav
    """The server that has them; not always the one that was asked first."""
    homes: tuple[str, ...]
    """The folders in which they lie; none when the person named one calendar."""
    only: str = ""
    """That calendar."""
    addresses: tuple[str, ...] = ()
    """The person's own, as the server knows them."""
    schedules: bool = False
    """Whether the server sends invitations itself when an event with guests is put there."""


async def find(first: Dav, path: str, server: Callable[[str], Dav]) -> Place:
    """The place of the calendars. Raises NotFound, Refused, LoginNeeded, Unavailable.

    `server` makes another one, for an account whose calendars lie on a neighbour of the first.
    """
    start, about = await _start(first, path)
    if about is not None and _is_calendar(about):
        return Place(first, (), about.href, (), await _schedules(first, about.href))
    principal = "" if about is None else _one(about, _PRINCIPAL)
    said = about
    if said is None or not said.hrefs(_HOME):
        said = await _look(first, principal) if principal else said
    if said is None:
        raise NotFound(None, f"{first.service} has no calendars here", hint="look at the address: --url")
    addresses = tuple(
        one[len("mailto:") :] for one in said.hrefs(_ADDRESSES) if one.lower().startswith("mailto:")
    )
    dav, homes = first, tuple(_path(one) for one in said.hrefs(_HOME))
    elsewhere = [one for one in said.hrefs(_HOME) if _leaves(first, one)]
    if elsewhere:
        dav = server(neighbour(first, elsewhere[0]))
    if not homes and about is not None and about.props.get(_TYPE) is not None:
        homes = (start,)
    if not homes:
        raise NotFound(None, f"{first.service} has no calendars here", hint="look at the address: --url")
    return Place(dav, homes, "", addresses, await _schedules(dav, homes[0]))


async def _start(dav: Dav, path: str) -> tuple[str, Response | None]:
    """Where to begin, and what is said there: where the person said, where servers say, or at the root."""
    tries = [path] if path.strip("/") else [WELL_KNOWN, "/"]
    for one in tries:
        found = await _look(dav, one)
        if found is not None and (found.hrefs(_HOME) or found.hrefs(_PRINCIPAL) or found.props.get(_TYPE)):
            if one == WELL_KNOWN and not (found.hrefs(_HOME) or found.hrefs(_PRINCIPAL)):
                continue
            return found.href, found
    return path, None


async def _look(dav: Dav, path: str) -> Response | None:
    try:
        found = await dav.look(path, _ABOUT)
    except (NotFound, Unsupported):
        return None
    except Refused:
        if path == WELL_KNOWN:
            return None
        raise
    return next((one for one in found if one.status < 300), None)


def _one(response: Response, name: str) -> str:
    """The first address of a property, as a path."""
    return next((_path(one) for one in response.hrefs(name)), "")


def _path(href: str) -> str:
    return hrefs.path_of(href, "http://localhost/")


def _leaves(dav: Dav, href: str) -> bool:
    host = urlsplit(href).hostname
    return host is not None and host != urlsplit(dav.origin).hostname


def neighbour(dav: Dav, href: str) -> str:
    """The origin of an address on another host of the same service. Raises Refused for any other."""
    here, there = urlsplit(dav.origin), urlsplit(href)
    family = (here.hostname or "").partition(".")[2]
    named = (there.hostname or "").endswith(f".{family}") and "." in family
    if not named or there.scheme != "https" or here.scheme != "https":
        raise Refused(None, f"{dav.service} names another place for the calendars, which is not followed")
    return hrefs.origin_of(href).removesuffix(":443")


async def _schedules(dav: Dav, path: str) -> bool:
    answer = await dav.ask("OPTIONS", path)
    return "calendar-auto-schedule" in answer.headers.get("dav", "").lower()


def _is_calendar(response: Response) -> bool:
    kind = response.props.get(_TYPE)
    return kind is not None and kind.has(CAL + "calendar")


async def calendars(place: Place) -> Sequence[Collection]:
    """The account's calendars that hold events, by path, the folder above them first."""
    found: dict[str, Response] = {}
    if place.only:
        looks = [await place.dav.look(place.only, _CALENDAR)]
    else:
        looks = [await place.dav.look(home, _CALENDAR, 1) for home in place.homes]
    for look in looks:
        for one in look:
            if one.status < 300 and _is_calendar(one) and _holds_events(one) and not _is_foreign(one):
                found.setdefault(_slashed(one.href), one)
    if place.only and not found:
        raise NotFound(None, f"{place.dav.service} has no such calendar any more")
    names = {key: _name(key, one) for key, one in found.items()}
    collections = [ABOVE]
    for key, one in sorted(found.items()):
        name = names[key]
        if list(names.values()).count(name) > 1:
            name = marked(name, key)
        collections.append(Collection(key, FOLDER.child(name), attrs=_attributes(one, place)))
    return collections


def _slashed(path: str) -> str:
    return path if path.endswith("/") else path + "/"


def _holds_events(response: Response) -> bool:
    kinds = response.props.get(CAL + "supported-calendar-component-set")
    if kinds is None or not kinds.children:
        return True
    return any(one.attributes.get("name", "").upper() == "VEVENT" for one in kinds.all(CAL + "comp"))


def _is_foreign(response: Response) -> bool:
    """A subscription, whose events the server only names the source of."""
    kind = response.props.get(_TYPE)
    return kind is not None and kind.has(SERVER + "subscribed")


def _name(path: str, response: Response) -> str:
    """What a calendar's folder is called: by its title, else by its address."""
    last = clean(hrefs.unquoted(path.rstrip("/").rpartition("/")[2]))
    title = response.words(DAV + "displayname")
    # Radicale's word for a calendar without a title is its path.
    if not title or title.strip("/") == hrefs.unquoted(path.strip("/")):
        title = last
    return slug(title)


def _attributes(response: Response, place: Place) -> dict[str, Value]:
    attrs: dict[str, Value] = {"title": response.words(DAV + "displayname") or response.href}
    colour = response.words(APPLE + "calendar-color")
    if colour.startswith("#") and colour[1:].isalnum() and len(colour) in (4, 7, 9):
        attrs["colour"] = colour[:7]
    if not _may_write(response):
        attrs["read_only"] = True
    if place.schedules:
        attrs["schedules"] = True
    reports = response.props.get(DAV + "supported-report-set")
    if reports is not None and any(
        one.has(DAV + "report", DAV + "sync-collection") for one in reports.all(DAV + "supported-report")
    ):
        attrs["syncs"] = True
    return attrs


def _may_write(response: Response) -> bool:
    """Whether the person may change a calendar; a server that keeps no rights says nothing of them."""
    rights = response.props.get(DAV + "current-user-privilege-set")
    if rights is None or not rights.children:
        return True
    return any(one.has(DAV + word) for one in rights.all(DAV + "privilege") for word in _WRITING)

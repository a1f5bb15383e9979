"""Verbs: what can be done with events besides reading and writing them; all of it here, undoable.

What leaves the workspace (inviting, answering to an organizer) is the service's, by way of the outbox;
where there is none, `request` and `reply` say what a mail would have to carry.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from providers.calendar import days, editing, naming, single
from providers.calendar.changing import Changing, Done
from providers.calendar.days import Happening
from providers.calendar.editing import Edited, Spot
from vfs.action import Arguments, Change, Effect, Parameter, Undo, Verb
from vfs.errors import BadName, Conflict, Unsupported
from vfs.node import Node, Value
from vfs.path import Path

if TYPE_CHECKING:
    from providers.calendar.event import Person
    from providers.calendar.provider import Days

SCOPES = ("this", "following", "all")

_SCOPE = Parameter("scope", "`this` time, it and all `following`, or `all` of the series", False)
_WHEN = (
    Parameter("start", "when it begins: a time with its zone, or a date for whole days"),
    Parameter("end", "when it ends; of whole days the first day after it", False),
)
_SAID = tuple(
    Parameter(name, text, False)
    for name, text in (
        ("location", "where it is"),
        ("description", "what there is to say about it"),
        ("attendees", "who is to be there, as `Name <address>`; nobody is told"),
        ("rule", "how it recurs, as the value of an RRULE"),
        ("calendar", "the calendar in which it lies"),
        ("remind", "how many minutes before it begins"),
        ("busy", "whether the time counts as taken"),
        ("link", "where it happens online"),
        ("categories", "what kind of event it is"),
    )
)

_AT_ROOT = {
    "schedule": Verb(
        "schedule",
        "a new event",
        Effect.WRITE,
        Undo.REVERSIBLE,
        (
            Parameter("title", "what it is called"),
            *_WHEN,
            Parameter("duration", "minutes that it takes, instead of its end", False),
            Parameter("zone", "the zone in which it stays at its time", False),
            Parameter("all_day", "whether it takes whole days", False),
            *_SAID,
        ),
    ),
    "import": Verb(
        "import",
        "the events of a calendar file",
        Effect.WRITE,
        Undo.REVERSIBLE,
        (
            Parameter("content", "the file, a character a byte"),
            Parameter("calendar", "the calendar that they go to", False),
            Parameter("name", "what the file is called", False),
        ),
    ),
}
_AT_EVENT = {
    "move": Verb("move", "to another time", Effect.WRITE, Undo.REVERSIBLE, (*_WHEN, _SCOPE)),
    "change": Verb(
        "change",
        "what is said of it",
        Effect.WRITE,
        Undo.REVERSIBLE,
        (
            Parameter("title", "what it is called", False),
            Parameter("status", "confirmed, tentative or cancelled", False),
            *_SAID,
            Parameter("uninvite", "who is not to be there any more", False),
            _SCOPE,
        ),
    ),
    "cancel": Verb("cancel", "takes it out of the calendar", Effect.DELETE, Undo.REVERSIBLE, (_SCOPE,)),
    "answer": Verb(
        "answer",
        "notes the own answer to an invitation; nobody is told",
        Effect.WRITE,
        Undo.REVERSIBLE,
        (Parameter("answer", "accepted, declined or tentative"), _SCOPE),
    ),
    "request": Verb("request", "the invitation that a mail would carry", Effect.READ, Undo.FINAL, (_SCOPE,)),
    "reply": Verb(
        "reply",
        "the answer that a mail to the organizer would carry",
        Effect.READ,
        Undo.FINAL,
        (Parameter("answer", "accepted, declined or tentative"), _SCOPE),
    ),
}


class Aim(NamedTuple):
    """What a deed is about."""

    file: Path
    spot: Spot
    one: Happening | None
    """The instance; None where a file is meant, and nothing of it happens any more."""


def offered(path: Path, node: Node) -> Mapping[str, Verb]:
    """The deeds at a plain path."""
    if not path.parts:
        return _AT_ROOT
    is_event = not node.is_folder and (not naming.is_stored(path) or path.parts[0] == naming.CALENDARS)
    return _AT_EVENT if is_event else {}


async def reached(lens: Days, verb: str, arguments: Arguments) -> Sequence[Path]:
    """The calendars that a deed is about besides the one of its entry; see `vfs.door.Reaching`."""
    if verb == "import":
        # An event that is there already is changed where it lies.
        return [Path((naming.CALENDARS,))]
    calendar = _text(arguments, "calendar")
    if verb == "schedule" or (verb == "change" and calendar):
        return [await Changing(lens).folder(calendar)]
    return []


async def told(lens: Days, path: Path, verb: str, arguments: Arguments) -> Arguments:
    """What leaves, with whom it goes to and what they are sent; see `vfs.door.Telling`."""
    if not path.parts or verb not in await lens.deeds():
        return arguments
    aim = await _aim(lens, path, arguments)
    return {**arguments, **_addressed(await Changing(lens).content(aim.file), verb)}


def _addressed(whole: bytes, verb: str) -> Mapping[str, Value]:
    said = single.main(single.part_of(whole).series).said
    if verb == "answer":
        return {"event": said.title, "recipients": _mailboxes([said.organizer] if said.organizer else [])}
    people = import_module("providers.calendar.invitation").recipients(whole)
    return {"event": said.title, "recipients": _mailboxes(people), "content": whole.decode(errors="replace")}


def _mailboxes(people: Iterable[Person]) -> tuple[str, ...]:
    return tuple(person.mailbox for person in people if person.mailbox)


async def act(lens: Days, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
    """Does one; the answer's `entry` is the path at which it is found from then on. Raises Unsupported."""
    verbs = await lens.verbs(path)
    if verb not in verbs:
        raise Unsupported(path, f"has no verb `{verb}`")
    deeds = await lens.deeds() if path.parts else {}
    changing = Changing(lens)
    if verb in deeds:
        return await _leave(changing, await _aim(lens, path, arguments), verb, arguments, change)
    if verb == "schedule":
        return await _schedule(changing, path, arguments, change)
    if verb == "import":
        done: Node = await import_module("providers.calendar.importing").import_file(
            changing, path, arguments, change
        )
        return done
    aim = await _aim(lens, path, arguments)
    if verb in ("request", "reply"):
        return await _written(changing, path, aim, verb, arguments)
    return await _DEEDS[verb](changing, path, aim, arguments, change)


async def _aim(lens: Days, path: Path, arguments: Arguments) -> Aim:
    """Which instances of which file. Raises NotFound, BadName."""
    changing = Changing(lens)
    stored = naming.is_stored(path)
    scope = str(arguments.get("scope") or ("all" if stored else "this"))
    if scope not in SCOPES:
        raise BadName(path, f"`scope` is {', '.join(SCOPES)}, but not `{scope}`")
    if not stored:
        one = await lens.happening(path)
        return Aim(one.file, changing.spot(one, scope), one)
    found = await changing.next_of(path)
    if scope != "all" and found is not None and found.key:
        raise BadName(path, "is a whole series", hint="name one time of it by its day's path")
    spot = Spot("", "all", lens.clock(), lens.zone(), str(uuid4()))
    return Aim(path, spot, found)


async def _schedule(changing: Changing, path: Path, arguments: Arguments, change: Change) -> Node:
    lens = changing.lens
    compose = import_module("providers.calendar.compose")
    start = _moment(path, arguments, "start")
    end = _moment(path, arguments, "end", required=False)
    if start is None:
        raise BadName(path, "an event has a `start`")
    if arguments.get("all_day") and isinstance(start, datetime):
        start = start.date()
        end = end.date() if isinstance(end, datetime) else end
    minutes = arguments.get("duration")
    if end is None and isinstance(minutes, int | float):
        end = start + timedelta(minutes=minutes)
    title = str(arguments.get("title") or "").strip()
    if not title:
        raise BadName(path, "an event has a title")
    draft = compose.Draft(
        title=title,
        start=start,
        end=end,
        zone=_text(arguments, "zone"),
        location=_text(arguments, "location"),
        description=_text(arguments, "description"),
        attendees=tuple(map(compose.person_of, _texts(arguments, "attendees"))),
        organizer=_organizer(lens, arguments),
        rule=_text(arguments, "rule"),
        remind=_numbers(path, arguments, "remind"),
        busy=bool(arguments.get("busy", True)),
        status=_text(arguments, "status") or "confirmed",
        categories=_texts(arguments, "categories"),
        link=_text(arguments, "link"),
    )
    data = compose.composed(draft, str(uuid4()), lens.clock())
    part = single.part_of(data)
    node = await changing.add(part, change, calendar=_text(arguments, "calendar"))
    return _answered(node, lens)


def _organizer(lens: Days, arguments: Arguments) -> Value:
    """Who invites: the person's first own address, where somebody is invited."""
    if not lens.mine or not arguments.get("attendees"):
        return None
    person: Value = import_module("providers.calendar.compose").person_of(lens.mine[0])
    return person


async def _move(changing: Changing, path: Path, aim: Aim, arguments: Arguments, change: Change) -> Node:
    start = _moment(path, arguments, "start")
    end = _moment(path, arguments, "end", required=False)
    assert start is not None
    done = await changing.edit(aim.file, lambda whole: editing.moved(whole, aim.spot, start, end), change)
    return await _found(changing, done, days.day_in(start, changing.lens.zone()))


async def _change(changing: Changing, path: Path, aim: Aim, arguments: Arguments, change: Change) -> Node:
    lens = changing.lens
    changes = {name: value for name, value in arguments.items() if name not in ("scope", "calendar")}
    calendar = _text(arguments, "calendar")
    done = Done(aim.file, aim.spot.key)
    day = None if aim.one is None else days.first_day(aim.one.instance, lens.zone())
    if changes:
        done = await changing.edit(aim.file, lambda whole: editing.changed(whole, aim.spot, changes), change)
    if calendar and calendar != aim.file.parent.name:
        if aim.spot.scope != "all":
            raise BadName(path, "a series lies in one calendar", hint="say scope all")
        folder = await changing.folder(calendar)
        target = folder.child(await changing.free_name(folder, done.file.name))
        await changing.need(folder, change)
        await changing.editor.move(done.file, target, change)
        done = Done(target, done.key)
    return await _found(changing, done, day)


async def _cancel(changing: Changing, path: Path, aim: Aim, arguments: Arguments, change: Change) -> Node:
    node = aim.one.node if aim.one is not None else await changing.lens.stat(path)
    if aim.spot.scope == "all":
        await changing.editor.remove(aim.file, change, False)
    else:
        await changing.edit(aim.file, lambda whole: editing.cancelled(whole, aim.spot), change)
    return _answered(node, changing.lens)


async def _answer(changing: Changing, path: Path, aim: Aim, arguments: Arguments, change: Change) -> Node:
    lens = changing.lens
    word, mine = _text(arguments, "answer"), lens.mine
    done = await changing.edit(aim.file, lambda whole: editing.answered(whole, aim.spot, mine, word), change)
    return await _found(
        changing, done, None if aim.one is None else days.first_day(aim.one.instance, lens.zone())
    )


async def _leave(changing: Changing, aim: Aim, verb: str, arguments: Arguments, change: Change) -> Node:
    """Has the service tell others: of the event as it is here; an answer is noted here, too."""
    if "recipients" in arguments:
        now = _addressed(await changing.content(aim.file), verb)
        if any(arguments.get(name) != value for name, value in now.items()):
            raise Conflict(aim.file, "was changed since it was allowed", hint="run it again")
    if verb == "answer":
        word, mine = _text(arguments, "answer"), changing.lens.mine
        await changing.edit(aim.file, lambda whole: editing.answered(whole, aim.spot, mine, word), change)
    asked: dict[str, Value] = {
        **arguments,
        "content": (await changing.content(aim.file)).decode(errors="replace"),
        "instance": "" if aim.spot.scope == "all" else aim.spot.key,
    }
    return await changing.lens.perform(aim.file, verb, asked, change)


_Deed = Callable[[Changing, Path, Aim, Arguments, Change], Awaitable[Node]]
_DEEDS: Mapping[str, _Deed] = {"move": _move, "change": _change, "cancel": _cancel, "answer": _answer}


async def _written(changing: Changing, path: Path, aim: Aim, verb: str, arguments: Arguments) -> Node:
    """What a mail to those who are invited, or to who invites, would carry."""
    lens = changing.lens
    invitation = import_module("providers.calendar.invitation")
    whole = await changing.content(aim.file)
    key = "" if aim.spot.scope == "all" else aim.spot.key
    host = single.main(single.part_of(whole).series).said.organizer
    if verb == "request":
        if host is not None and lens.mine and host.address.lower() not in map(str.lower, lens.mine):
            who = host.mailbox or str(host)
            raise BadName(path, f"{who} invites to it, and nobody else can", hint="run: calendar answer")
        people = invitation.recipients(whole, key)
        organizer = _organizer(lens, {"attendees": True})
        content = invitation.request(whole, key, organizer=organizer, now=lens.clock())
        addresses = _mailboxes(people)
    else:
        answered: Edited = editing.answered(whole, aim.spot, lens.mine, _text(arguments, "answer"))
        content = invitation.reply(answered.kept, lens.mine, key, now=lens.clock())
        addresses = _mailboxes([host] if host else [])
    node = aim.one.node if aim.one is not None else await lens.stat(path)
    attrs = {**node.attrs, "content": content.decode(), "recipients": addresses}
    return node._replace(attrs=attrs)


async def _found(changing: Changing, done: Done, day: date | None) -> Node:
    return _answered(await changing.entry(done.file, done.key, day), changing.lens)


def _answered(node: Node, lens: Days) -> Node:
    """The node with the path of the day at which it is reached."""
    start = node.attrs.get("start")
    entry = str(node.attrs.get("series") or "")
    if isinstance(start, date) and entry:
        entry = str(Path((days.day_in(start, lens.zone()).isoformat(), node.name)))
    return node._replace(attrs={**node.attrs, "entry": entry})


def _moment(path: Path, arguments: Arguments, name: str, *, required: bool = True) -> datetime | date | None:
    value = arguments.get(name)
    if isinstance(value, str) and value:
        try:
            value = (
                datetime.fromisoformat(value) if "T" in value or ":" in value else date.fromisoformat(value)
            )
        except ValueError:
            raise BadName(path, f"`{name}` is no date and no time: {value}") from None
    if isinstance(value, date):
        return value
    if required or value not in (None, ""):
        raise BadName(path, f"`{name}` must be a time or a date")
    return None


def _text(arguments: Arguments, name: str) -> str:
    return str(arguments.get(name) or "")


def _texts(arguments: Arguments, name: str) -> tuple[str, ...]:
    value = arguments.get(name)
    if isinstance(value, str):
        return tuple(filter(None, (part.strip() for part in value.split(","))))
    return tuple(str(one) for one in value) if isinstance(value, tuple) else ()


def _numbers(path: Path, arguments: Arguments, name: str) -> Sequence[int]:
    value = arguments.get(name)
    given = value if isinstance(value, tuple) else () if value in (None, "") else (value,)
    try:
        return tuple(int(str(one)) for one in given)
    except ValueError:
        raise BadName(path, f"`{name}` is a number of minutes") from None

"""Pushing: marks, moves, appends and deletions, few requests for many.

All of it may be done again: marks are added and taken off, a message that is not where it was is looked for
where it should be, and an append looks first whether the message is there. Nothing but the named messages is
ever expunged: a server without UIDPLUS keeps what was deleted, marked so, until somebody else clears it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from providers.mail.facts import item_facts
from providers.mail.imap import flags, responses, uids
from providers.mail.imap.fetching import LARGEST
from providers.mail.imap.flags import Turn
from providers.mail.imap.hrefs import href, uid_of, uids_of, validity_of
from providers.mail.imap.items import asked, identity, message_id
from providers.mail.imap.pool import Pool
from providers.mail.imap.session import Session, name_of, quoted, searchable
from providers.mirror.remote import Push, Pushed, Throttled
from vfs.errors import (
    BadName,
    Conflict,
    LoginNeeded,
    NotFound,
    Refused,
    TimedOut,
    Unavailable,
    Unsupported,
    VfsError,
)

EVERYTHING = (LoginNeeded, Unavailable, TimedOut, Throttled)
"""Errors that all changes meet, not only one."""
TOGETHER = 200
"""Messages that one command names."""
LOOKED_AT = 20
"""Messages of one Message-ID that are looked at."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Result = Pushed | VfsError


class Step(NamedTuple):
    """What is done by the same commands to many messages."""

    source: str
    validity: int
    """UIDVALIDITY that the source had when the mirror looked."""
    target: str | None
    """None: gone for good."""
    turn: Turn


async def push(pool: Pool, changes: Sequence[Push]) -> Sequence[Result]:
    """See `Remote.push`."""
    results: dict[int, Result] = {}
    waiting: dict[Step, dict[int, int]] = {}
    busy: set[tuple[str, str]] = set()
    for index, change in enumerate(changes):
        try:
            step = _step(change)
        except VfsError as error:
            results[index] = error
            continue
        place = (change.collection.key, change.href) if change.collection is not None else ("", "")
        if step is None or place in busy:
            await _settle(pool, changes, waiting, results)
            waiting, busy = {}, set()
        if step is None:
            results[index] = await _one(pool, change)
            continue
        waiting.setdefault(step, {})[uid_of(change.href)] = index
        busy.add(place)
    await _settle(pool, changes, waiting, results)
    return [results[index] for index in range(len(changes))]


def _step(change: Push) -> Step | None:
    """What a change of a message's marks or place asks for; None for one of its content."""
    if change.collection is None or change.content is not None:
        return None
    if not uid_of(change.href):
        raise Conflict(None, "the server has not told its number yet")
    target = None if change.target is None else change.target.key
    turn = flags.turn(change.base, change.state) if change.target is not None else Turn((), ())
    return Step(change.collection.key, validity_of(change.href), target, turn)


async def _settle(
    pool: Pool,
    changes: Sequence[Push],
    waiting: Mapping[Step, Mapping[int, int]],
    results: dict[int, Result],
) -> None:
    for step, indexes in waiting.items():
        for chunk in uids.chunks(sorted(indexes), TOGETHER):
            wanted = {uid: changes[indexes[uid]] for uid in chunk}
            try:
                told = await pool.call(
                    lambda session, step=step, wanted=wanted: _done(session, step, wanted),  # type: ignore[misc]
                    mailbox=step.source,
                )
            except EVERYTHING:
                raise
            except VfsError as error:
                told = dict.fromkeys(wanted, error)
            for uid, result in told.items():
                results[indexes[uid]] = result


def _done(session: Session, step: Step, wanted: Mapping[int, Push]) -> dict[int, Result]:
    _writable(session, step.source)
    if session.validity != step.validity:
        return dict.fromkeys(wanted, Conflict(None, "the server has renumbered this folder"))
    if step.target is None:
        _delete(session, list(wanted))
        return dict.fromkeys(wanted, Pushed("", "", {}))
    marked = _mark(session, step.turn, wanted) if step.target == step.source or any(step.turn) else {}
    if step.target == step.source:
        return {uid: marked.get(uid) or NotFound(None, "gone at the server") for uid in wanted}
    moved = _moved(session, step.target, wanted)
    gone = NotFound(None, "gone at the server")
    return {
        uid: Pushed(moved[uid], "", change.state) if uid in moved else gone for uid, change in wanted.items()
    }


def _writable(session: Session, mailbox: str) -> None:
    session.at(mailbox, write=True)
    if not session.writable:
        raise Refused(None, f"{session.server} lets this folder be read only")


def _mark(session: Session, turn: Turn, wanted: Mapping[int, Push]) -> dict[int, Result]:
    """Adds and takes off marks; what each message has then, where it is still there."""
    if turn.keywords and not session.keywords:
        raise Unsupported(None, f"{session.server} keeps no labels in this folder")
    found: dict[int, Result] = {}
    numbers = uids.compact(wanted)
    for sign, names in (("+", turn.add), ("-", turn.remove)):
        if names:
            answer = session.run("UID", "STORE", numbers, f"{sign}FLAGS", f"({' '.join(names)})")
            _noted(session.validity, answer.of("FETCH"), wanted, found)
    if len(found) < len(wanted):
        # Nothing was to be changed, or the server does not say what it did, or they are gone.
        told = session.run("UID", "FETCH", numbers, "(UID FLAGS)")
        _noted(session.validity, told.of("FETCH"), wanted, found)
    return found


def _noted(
    validity: int,
    parts: Sequence[responses.Part],
    wanted: Mapping[int, Push],
    found: dict[int, Result],
) -> None:
    for one in responses.fetched(parts):
        if one.uid in wanted and one.flags is not None and not one.deleted:
            found[one.uid] = Pushed(href(validity, one.uid), "", flags.state(one.flags))


def _delete(session: Session, numbers: Sequence[int]) -> None:
    named = uids.compact(numbers)
    session.run("UID", "STORE", named, "+FLAGS.SILENT", f"({flags.DELETED})")
    if "UIDPLUS" in session.offers:
        session.run("UID", "EXPUNGE", named)


def _moved(session: Session, target: str, wanted: Mapping[int, Push]) -> dict[int, str]:
    """Where each message is in the target: as the server says, else as a look there finds it."""
    numbers, name = uids.compact(wanted), quoted(name_of(target))
    if "MOVE" in session.offers:
        moved = responses.copied(session.run("UID", "MOVE", numbers, name).of("COPYUID"))
        return moved | _found(session, target, {uid: wanted[uid] for uid in wanted if uid not in moved})
    # What an earlier try has copied is not copied again, but it may still have to go from here.
    moved = _alike(session, target, wanted, _found(session, target, wanted))
    left = [uid for uid in wanted if uid not in moved]
    if left:
        said = responses.copied(session.run("UID", "COPY", uids.compact(left), name).of("COPYUID"))
        moved |= said or _found(session, target, {uid: wanted[uid] for uid in left})
        session.at(_source(wanted), write=True)
    if moved:
        _delete(session, list(moved))
    return moved


def _alike(
    session: Session, target: str, wanted: Mapping[int, Push], found: Mapping[int, str]
) -> dict[int, str]:
    """Those of `found` that are the same to the last byte: the original will go. The source is open then."""
    there = {old: _digest(session, target, uid_of(new)) for old, new in found.items()}
    session.open(_source(wanted), write=True)
    return {
        old: new
        for old, new in found.items()
        if there[old] and there[old] == _digest(session, _source(wanted), old)
    }


def _digest(session: Session, mailbox: str, uid: int) -> bytes:
    """Of a whole message; b"" when it is gone."""
    session.at(mailbox, write=session.writable)
    told = session.uid_fetch(str(uid), "(UID BODY.PEEK[])", allowance=LARGEST)
    return next((sha256(one.content).digest() for one in told if one.uid == uid and one.content), b"")


def _source(wanted: Mapping[int, Push]) -> str:
    return next(change.collection.key for change in wanted.values() if change.collection is not None)


def _found(session: Session, mailbox: str, wanted: Mapping[int, Push]) -> dict[int, str]:
    """Those of `wanted` that are in a mailbox already, by what tells messages apart."""
    if not wanted:
        return {}
    session.open(mailbox)
    told = {uid: _lookup(session, change.identity) for uid, change in wanted.items()}
    return {uid: href(session.validity, there) for uid, there in told.items() if there}


def _lookup(session: Session, wanted: str) -> int:
    """The newest message of the open mailbox that has an identity; 0 when there is none."""
    kind, _, rest = wanted.partition(":")
    own = {"OBJECTID": "EMAILID", "X-GM-EXT-1": "X-GM-MSGID"}
    if kind == "e":
        name = next((word for offer, word in own.items() if offer in session.offers), None)
        if name is None or (key := searchable(rest)) is None:
            return 0
        return max(session.uid_search(name, key.strip(b'"')), default=0)
    candidates = _named(session, message_id(wanted))
    if not candidates:
        return 0
    told = session.uid_fetch(uids.compact(candidates), asked(frozenset(), False))
    return max((one.uid for one in told if one.uid and identity(one) == wanted), default=0)


def _named(session: Session, message_id: str) -> list[int]:
    """The newest messages of the open mailbox that have a Message-ID."""
    key = searchable(message_id)
    if key is None:
        return []
    return sorted(session.uid_search("HEADER", "Message-ID", key))[-LOOKED_AT:]


def _sized(session: Session, size: int) -> list[int]:
    """The newest messages of the open mailbox that have so many bytes: for those without a Message-ID."""
    found = session.uid_search("LARGER", str(size - 1), "SMALLER", str(size + 1)) if size else []
    return sorted(found)[-LOOKED_AT:]


# -- contents


async def _one(pool: Pool, change: Push) -> Result:
    try:
        return await pool.call(lambda session: _append(session, change), again=False)
    except EVERYTHING:
        raise
    except VfsError as error:
        return error


def _append(session: Session, change: Push) -> Result:
    """A message that is new at the server, or takes the place of another (a draft)."""
    if change.target is None or change.content is None:
        raise BadName(None, "there is nothing to append")
    target = change.target.key
    _writable(session, target)
    content = lines(change.content)
    there = _there(session, content) or _appended(session, target, change, content)
    if change.collection is not None and change.href and change.href != there:
        _writable(session, change.collection.key)
        _delete(session, uids_of([change.href], session.validity))
    return Pushed(there, "", change.state)


def _appended(session: Session, target: str, change: Push, content: bytes) -> str:
    names = flags.flags_of(change.state)
    if not session.keywords:
        names = tuple(name for name in names if name[:1] == "\\")
    return appended(session, target, content, names) or _there(session, content, again=True)


def appended(session: Session, mailbox: str, content: bytes, names: Sequence[str]) -> str:
    """Appends a message; its href, "" when the server does not say it. Raises NotFound, NoSpace, TooLarge."""
    if b"\0" in content:
        raise BadName(None, "a mail with NUL characters cannot be kept at a mail server")
    words: list[str | bytes] = [quoted(name_of(mailbox)), f"({' '.join(names)})"]
    date = _date(content)
    if date:
        words.append(date)
    said = responses.appended(session.run("APPEND", *words, literal=content).of("APPENDUID"))
    return href(*said) if said is not None else ""


def _there(session: Session, content: bytes, *, again: bool = False) -> str:
    """The message with this very content in the open mailbox; "" when there is none."""
    facts = item_facts(content)
    if again and session.mailbox is not None:
        session.open(session.mailbox, write=True)
    candidates = (
        _named(session, f"<{facts.message_id}>") if facts.message_id else _sized(session, len(content))
    )
    if not candidates:
        return ""
    told = session.uid_fetch(uids.compact(candidates), "(UID FLAGS RFC822.SIZE)")
    alike = [one.uid for one in told if one.uid and one.size == len(content) and not one.deleted]
    if not again:
        # Mails that claim to be one may be two: what is there counts only when it is the same.
        digest = sha256(content).digest()
        alike = [uid for uid in alike if _digest(session, session.mailbox or "", uid) == digest]
    return href(session.validity, max(alike)) if alike else ""


def lines(content: bytes) -> bytes:
    """A message with the ends of lines that the protocol has."""
    return b"\r\n".join(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))


def _date(content: bytes) -> str:
    """When a message was sent, as APPEND has it; "" when it does not say."""
    date = item_facts(content).date
    if date is None or not 1970 <= date.year <= 9999:
        return ""
    return date.strftime(f'"%d-{_MONTHS[date.month - 1]}-%Y %H:%M:%S %z"')

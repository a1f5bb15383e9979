"""Arranging: mailboxes that are made, renamed and dropped from here."""

from __future__ import annotations

from contextlib import suppress

from providers.mail.imap import mutf7, responses
from providers.mail.imap.folders import Shelf, listed
from providers.mail.imap.session import Session, key_of, name_of, quoted
from providers.mirror.remote import Collection
from vfs.errors import BadName, Exists, NotEmpty, NotFound, Refused, VfsError
from vfs.path import ROOT, Path


def make(session: Session, path: Path) -> Collection:
    """See `Arranges.make`."""
    shelf = listed(session)
    there = next((one for one in shelf.collections if one.path == path and one.selectable), None)
    if there is not None:
        return there
    name = _name(shelf, path)
    with suppress(Exists):
        session.run("CREATE", quoted(name))
    _subscribe(session, name)
    return _shown(session, name, path)


def rename(session: Session, collection: Collection, path: Path) -> Collection:
    """See `Arranges.rename`."""
    shelf = listed(session)
    name, old = _name(shelf, path), name_of(collection.key)
    if name == old:
        return collection._replace(path=path)
    keys = {one.key for one in shelf.collections}
    if collection.key not in keys and key_of(name) in keys:
        return _shown(session, name, path)
    if collection.role == "inbox":
        # Renaming the inbox would move its mails and leave it there, empty.
        raise Refused(path, "the inbox cannot be renamed")
    _leave(session)
    session.run("RENAME", quoted(old), quoted(name))
    with suppress(VfsError):
        session.run("UNSUBSCRIBE", quoted(old))
    _subscribe(session, name)
    return _shown(session, name, path)


def drop(session: Session, collection: Collection) -> None:
    """See `Arranges.drop`."""
    name = quoted(name_of(collection.key))
    if collection.role == "inbox":
        raise Refused(collection.path, "the inbox cannot be removed")
    if collection.key not in {one.key for one in listed(session).collections}:
        return
    _leave(session)
    answer = session.run("STATUS", name, "(MESSAGES)")
    if any(numbers.get("MESSAGES", 1) for _, numbers in responses.statuses(answer.of("STATUS"))):
        raise NotEmpty(collection.path)
    with suppress(NotFound):
        session.run("DELETE", name)
    with suppress(VfsError):
        session.run("UNSUBSCRIBE", name)


def _name(shelf: Shelf, path: Path) -> bytes:
    """What a mailbox that is shown at `path` is called on the wire. Raises BadName, NotFound."""
    part = mutf7.encode(path.name)
    if not path.parts or (shelf.delimiter and shelf.delimiter in part):
        raise BadName(path, f"a folder at this server cannot have {shelf.delimiter.decode()!r} in its name")
    if path.parent == ROOT:
        return shelf.prefix + part
    above = next((one for one in shelf.collections if one.path == path.parent), None)
    if above is None:
        raise NotFound(path.parent)
    if not shelf.delimiter:
        raise BadName(path, "this server has no folders within folders")
    return name_of(above.key) + shelf.delimiter + part


def _subscribe(session: Session, name: bytes) -> None:
    """Other programs show what is subscribed to."""
    with suppress(VfsError):
        session.run("SUBSCRIBE", quoted(name))


def _shown(session: Session, name: bytes, path: Path) -> Collection:
    found = next((one for one in listed(session).collections if one.key == key_of(name)), None)
    return found if found is not None else Collection(key_of(name), path)


def _leave(session: Session) -> None:
    """Some servers neither rename nor delete a mailbox that is open."""
    session.close()

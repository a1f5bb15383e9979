"""Folders: the server's list of mailboxes as collections, in names that a person would type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from providers.mail.imap import mutf7, responses
from providers.mail.imap.responses import Listed
from providers.mail.imap.session import Session, key_of
from providers.mail.roles import guessed
from providers.mirror.remote import Collection
from vfs.coverage import Gap, tell
from vfs.names import marked, slug
from vfs.path import ROOT, Path

MOST = 20_000
"""Mailboxes of one account."""

_ROLES = {
    "\\sent": "sent",
    "\\drafts": "drafts",
    "\\archive": "archive",
    "\\trash": "trash",
    "\\junk": "junk",
    "\\all": "all",
    "\\flagged": "flagged",
}
_PATHS = {"all": "all-mail", "flagged": "starred"}
_UNSPEAKABLE = re.compile(rb"[\x00\r\n]")
_STATUS = "STATUS (MESSAGES UIDNEXT UIDVALIDITY{})"


class Shelf(NamedTuple):
    """All mailboxes of an account, and what the server said of each in passing."""

    collections: Sequence[Collection]
    statuses: Mapping[str, Mapping[str, int]]
    """By key; empty where the server does not say it along with its list."""
    delimiter: bytes = b""
    """What parts a folder's name from that of the one above."""
    prefix: bytes = b""
    """What begins the names of all folders, and is not shown."""


def listed(session: Session, wanted: Sequence[str] = ()) -> Shelf:
    """Asks the server. `wanted` are patterns of paths or names, those that begin with `!` leave out."""
    extended = "LIST-EXTENDED" in session.offers
    options = ["SPECIAL-USE"] if extended and "SPECIAL-USE" in session.offers else []
    if extended and "LIST-STATUS" in session.offers:
        modseq = " HIGHESTMODSEQ" if "CONDSTORE" in session.offers else ""
        options.append(_STATUS.format(modseq))
    words = ['""', '"*"', *(["RETURN", f"({' '.join(options)})"] if options else [])]
    answer = session.run("LIST", *words)
    statuses = {key_of(name): numbers for name, numbers in responses.statuses(answer.of("STATUS"))}
    # Of the mailbox that is open here a server says what it was like when it was opened.
    statuses.pop(session.mailbox or "", None)
    found = [*responses.listed(answer.of("LIST"))][:MOST]
    delimiter = next((one.delimiter for one in found if one.delimiter), b"")
    prefix = _common({one.name: one for one in found})
    return Shelf(collections(found, wanted), statuses, delimiter, prefix)


def collections(found: Sequence[Listed], wanted: Sequence[str] = ()) -> list[Collection]:
    """A collection for each mailbox, each path once, folders before what is in them."""
    usable: dict[bytes, Listed] = {}
    for one in found:
        if _UNSPEAKABLE.search(one.name):
            tell(Gap(mutf7.decode(one.name), "a folder with a line break in its name is left out"))
        elif "\\nonexistent" not in one.attributes or "\\noselect" in one.attributes:
            usable.setdefault(_inbox(one.name), one._replace(name=_inbox(one.name)))
    roles = _roles(usable)
    prefix = _common(usable)
    made: dict[Path, Collection] = {}
    spots: dict[tuple[str, ...], Path] = {(): ROOT}
    placed = sorted((one.name not in roles, _parts(one, prefix), one) for one in usable.values())
    for _, parts, one in placed:
        role = roles.get(one.name, "")
        path = spots[parts] = _place(parts, role, one, spots, made)
        made[path] = Collection(key_of(one.name), path, role, _holds(one))
    return _chosen(sorted(made.values(), key=_order), wanted)


def _order(one: Collection) -> tuple[int, bool, Path]:
    return len(one.path.parts), one.role != "inbox", one.path


def _inbox(name: bytes) -> bytes:
    return b"INBOX" if name.upper() == b"INBOX" else name


def _parts(one: Listed, prefix: bytes) -> tuple[str, ...]:
    name = one.name.removeprefix(prefix) if one.name != b"INBOX" else one.name
    parts = name.split(one.delimiter) if one.delimiter else [name]
    return tuple(mutf7.decode(part) for part in parts)


def _common(usable: Mapping[bytes, Listed]) -> bytes:
    """`INBOX.` where the server keeps all folders below the inbox: a detail of its own."""
    others = [one for one in usable.values() if one.name != b"INBOX"]
    delimiter = next((one.delimiter for one in others if one.delimiter), b"")
    prefix = b"INBOX" + delimiter
    below = delimiter and others and all(one.name.upper().startswith(prefix) for one in others)
    return others[0].name[: len(prefix)] if below else b""


def _roles(usable: Mapping[bytes, Listed]) -> dict[bytes, str]:
    """What each mailbox is for: as the server says, else as its name says in one of many languages."""
    roles: dict[bytes, str] = {b"INBOX": "inbox"} if b"INBOX" in usable else {}
    for one in usable.values():
        role = next((_ROLES[attribute] for attribute in one.attributes if attribute in _ROLES), "")
        if role and role not in roles.values() and one.name not in roles and _holds(one):
            roles[one.name] = role
    prefix = _common(usable)
    for one in usable.values():
        parts = _parts(one, prefix)
        role = guessed(parts[-1]) if len(parts) == 1 or parts[0][:1] == "[" else ""
        if role and role not in roles.values() and one.name not in roles and _holds(one):
            roles[one.name] = role
    return roles


def _holds(one: Listed) -> bool:
    return not one.attributes & {"\\noselect", "\\nonexistent"}


def _place(
    parts: tuple[str, ...],
    role: str,
    one: Listed,
    spots: Mapping[tuple[str, ...], Path],
    made: Mapping[Path, Collection],
) -> Path:
    """Where a mailbox is shown: by its role, else below the folder above it; the only one there."""
    if role:
        return ROOT.child(_PATHS.get(role, role))
    above = parts[:-1]
    while above not in spots:
        above = above[:-1]
    path = spots[above]
    for part in parts[len(above) :]:
        path = path.child(slug(part))
    return path.parent.child(marked(path.name, key_of(one.name))) if path in made else path


def _chosen(all_of_them: Sequence[Collection], wanted: Sequence[str]) -> list[Collection]:
    """Those that the patterns name, and the folders above them; without any all that hold mails."""
    names = [pattern for pattern in wanted if not pattern.startswith("!")]
    without = [pattern[1:] for pattern in wanted if pattern.startswith("!")]

    def matches(one: Collection, patterns: Sequence[str]) -> bool:
        spellings = (str(one.path)[1:], mutf7.decode(one.key.encode("utf-8", "replace")))
        return any(
            fnmatchcase(spelling.casefold(), pattern.strip("/").casefold())
            for pattern in patterns
            for spelling in spellings
        )

    kept = [
        one
        for one in all_of_them
        if one.selectable and (not names or matches(one, names)) and not matches(one, without)
    ]
    above = {parent for one in kept for parent in _above(one.path)}
    return [one for one in all_of_them if one in kept or (not one.selectable and one.path in above)]


def _above(path: Path) -> list[Path]:
    found = []
    while path.parts:
        path = path.parent
        found.append(path)
    return found

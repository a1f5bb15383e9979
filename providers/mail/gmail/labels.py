"""Labels: Gmail's labels as folders, and as the state of a message.

A message is in the folder of each of its labels, so that one with two labels is in two folders. Trash and
junk hold what has their label, and nothing of that is anywhere else. `/archive` holds what is neither in
the inbox, nor sent, nor a draft: what the person has put away. UNREAD and STARRED are state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from providers.mail.gmail.wire import Json, key, text
from providers.mirror.remote import Collection, State
from vfs.errors import BadName, Unsupported
from vfs.names import marked, slug
from vfs.node import Value
from vfs.path import ROOT, Path

INBOX, SENT, DRAFT, TRASH, SPAM = "INBOX", "SENT", "DRAFT", "TRASH", "SPAM"
ARCHIVE = "ARCHIVE"
"""No label of Gmail's: what has none of the others' places."""
UNREAD, STARRED = "UNREAD", "STARRED"

_PLACES = (
    Collection(INBOX, Path(("inbox",)), "inbox"),
    Collection(SENT, Path(("sent",)), "sent"),
    Collection(DRAFT, Path(("drafts",)), "drafts"),
    Collection(ARCHIVE, Path(("archive",)), "archive"),
    Collection(TRASH, Path(("trash",)), "trash"),
    Collection(SPAM, Path(("junk",)), "junk"),
)
ARCHIVED = "-in:inbox -in:sent -in:drafts -in:chats"
"""How Gmail is asked for what is archived; trash and junk are left out of every search anyway."""
LONGEST = 225
"""Characters of a label's name."""


class Turn(NamedTuple):
    """Labels to be added to a message, and to be taken from it; ids."""

    add: frozenset[str]
    remove: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)


class Labels:
    """The labels of an account at one moment."""

    def __init__(self, said: Iterable[Json]) -> None:
        self.names = {key(one, "id"): text(one, "name") for one in said if text(one, "type") == "user"}
        self._ids = {name: id for id, name in self.names.items()}

    def collections(self) -> Sequence[Collection]:
        """The folders, each path once, those above before those below."""
        found = list(_PLACES)
        paths: dict[tuple[str, ...], Path] = {(): ROOT}
        taken = {str(one.path) for one in found}
        for name in sorted(self.names.values(), key=lambda name: (name.count("/"), name)):
            segments = tuple(name.split("/"))
            for depth in range(1, len(segments) + 1):
                here = segments[:depth]
                if here in paths:
                    continue
                # One that stands above this label need not be a label itself.
                id = self._ids.get("/".join(here))
                key = id or f"/{'/'.join(here)}"
                paths[here] = _free(paths[here[:-1]], here[-1], key, taken)
                found.append(Collection(key, paths[here], selectable=id is not None))
        return found

    def folders(self, labels: frozenset[str]) -> frozenset[str]:
        """The keys of the collections that a message with these labels is in."""
        for alone in (TRASH, SPAM, DRAFT):
            if alone in labels:
                return frozenset({alone})
        if "CHAT" in labels:
            return frozenset()
        found = labels & (self.names.keys() | {INBOX, SENT})
        return found if found & {INBOX, SENT} else found | {ARCHIVE}

    def knows(self, labels: Iterable[str]) -> bool:
        """Whether no label has come up since these were asked for."""
        return all(one in self.names or one.isupper() for one in labels)

    def state(self, labels: frozenset[str]) -> State:
        """What a message's labels say of it."""
        named = sorted(self.names[one] for one in labels if one in self.names)
        return {"unread": UNREAD in labels, "flagged": STARRED in labels, "labels": tuple(named)}

    def missing(self, state: State) -> Sequence[str]:
        """Names of labels in a state that the account does not have. Raises BadName for what can be none."""
        found = [name for name in _named(state.get("labels")) if name not in self._ids]
        for name in found:
            if not name.strip("/ ") or len(name) > LONGEST or not name.isprintable():
                raise BadName(None, f"{name[:40]!r} cannot be a label at Gmail")
        return found

    def turn(self, base: State, wanted: State) -> Turn:
        """From one state to another; what `wanted` does not name stays. Raises Unsupported."""
        add: set[str] = set()
        remove: set[str] = set()
        for name, label in (("unread", UNREAD), ("flagged", STARRED)):
            if name in wanted and bool(wanted[name]) != bool(base.get(name, False)):
                (add if wanted[name] else remove).add(label)
        if "labels" in wanted:
            before, after = _named(base.get("labels")), _named(wanted["labels"])
            unknown = sorted(name for name in after - before if name not in self._ids)
            if unknown:
                raise Unsupported(None, f"Gmail has no label {unknown[0][:40]!r}")
            add |= {self._ids[name] for name in after - before}
            remove |= {self._ids[name] for name in before - after if name in self._ids}
        return Turn(frozenset(add), frozenset(remove))


def move(source: str, target: str) -> Turn:
    """The labels that a message changes when it goes from one collection to another; keys.

    Raises Unsupported for what Gmail does not let anybody do.
    """
    if source == target:
        return Turn(frozenset(), frozenset())
    if target in (SENT, DRAFT):
        raise Unsupported(None, f"Gmail lets nothing be moved to {'sent' if target == SENT else 'drafts'}")
    if source == DRAFT or (source == SENT and target != TRASH):
        what = "a draft" if source == DRAFT else "what was sent"
        raise Unsupported(None, f"Gmail lets {what} be moved to the trash only", hint="use cp")
    add = {target} - {ARCHIVE}
    # Out of the inbox is what being archived means; a label that is left alone would keep it where it was.
    remove = ({source} if source not in (ARCHIVE, SENT) else set()) | (
        {INBOX} if target == ARCHIVE else set()
    )
    return Turn(frozenset(add), frozenset(remove))


def first(labels: State | Mapping[str, Value], target: str) -> frozenset[str]:
    """The labels of a message that is new in a collection."""
    add = {target} - {ARCHIVE}
    add |= {UNREAD} if labels.get("unread") else set()
    return frozenset(add | ({STARRED} if labels.get("flagged") else set()))


def _free(above: Path, segment: str, key: str, taken: set[str]) -> Path:
    path = above.child(slug(segment))
    more = 0
    while str(path) in taken:
        path = above.child(marked(slug(segment), f"{key}#{more}" if more else key))
        more += 1
    taken.add(str(path))
    return path


def _named(value: Value) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split(","))
    return frozenset(str(one) for one in value) if isinstance(value, tuple) else frozenset()

"""Flags and keywords of the protocol as the state of an item, and the difference between two states."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from providers.mail.imap import mutf7
from providers.mirror.remote import State
from vfs.errors import BadName

DELETED = "\\Deleted"

_MARKS = {
    "flagged": "\\Flagged",
    "answered": "\\Answered",
    "forwarded": "$Forwarded",
    "draft": "\\Draft",
}
_TECHNICAL = frozenset(
    [
        "$forwarded",
        "$mdnsent",
        "$submitted",
        "$submitpending",
        "$junk",
        "$notjunk",
        "junk",
        "nonjunk",
        "notjunk",
        "$phishing",
        "$x-me-annot-2",
        "$hasattachment",
        "$hasnoattachment",
        "$ismailinglist",
        "$canunsubscribe",
        "$hasmemo",
        "$hasmemoattr",
    ]
)
"""Keywords that programs leave for each other: no labels, and left alone."""
FEW = 20
"""Flags whose meaning is remembered: most messages of a mailbox have one of a few sets."""


def state(flags: Iterable[str]) -> State:
    """What the flags of a message say."""
    held = tuple(flags)
    return _recent(held) if len(held) <= FEW else _state(held)


def _state(flags: tuple[str, ...]) -> State:
    held = {flag.lower() for flag in flags}
    said: dict[str, bool | tuple[str, ...]] = {"unread": "\\seen" not in held}
    for name, flag in _MARKS.items():
        said[name] = flag.lower() in held
    said["labels"] = tuple(
        sorted(mutf7.label(flag) for flag in flags if flag[:1] != "\\" and flag.lower() not in _TECHNICAL)
    )
    return said


_recent = lru_cache(256)(_state)


class Turn(NamedTuple):
    """Flags to be added to a message, and to be taken from it."""

    add: tuple[str, ...]
    remove: tuple[str, ...]

    @property
    def keywords(self) -> bool:
        """Whether labels are added that the server may have to learn."""
        return any(flag[:1] not in "\\$" for flag in self.add)


def turn(base: State, wanted: State) -> Turn:
    """From one state to another; what `wanted` does not name stays. Raises BadName for no label at all."""
    add: list[str] = []
    remove: list[str] = []
    if "unread" in wanted and bool(wanted["unread"]) != bool(base.get("unread", True)):
        (remove if wanted["unread"] else add).append("\\Seen")
    for name, flag in _MARKS.items():
        if name in wanted and bool(wanted[name]) != bool(base.get(name, False)):
            (add if wanted[name] else remove).append(flag)
    if "labels" in wanted:
        before, after = _labels(base.get("labels")), _labels(wanted["labels"])
        add += sorted(map(_keyword, after - before))
        remove += sorted(map(_keyword, before - after))
    return Turn(tuple(add), tuple(remove))


def flags_of(wanted: State) -> tuple[str, ...]:
    """All flags of a message that is new at the server."""
    return turn({"unread": True}, wanted).add


def _labels(value: object) -> set[str]:
    if isinstance(value, str):
        return set(value.split())
    return {str(one) for one in value} if isinstance(value, (tuple, list, set, frozenset)) else set()


def _keyword(label: str) -> str:
    keyword = mutf7.keyword(label)
    if not label or len(keyword) > 200 or label.lower() in _TECHNICAL:
        raise BadName(None, f"{label[:40]!r} cannot be a label at this server")
    return keyword

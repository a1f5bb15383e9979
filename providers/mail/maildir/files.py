"""Files: the messages of one maildir folder: their names, flags and delivery. Blocks."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from typing import NamedTuple

from providers.mirror.remote import State
from vfs.errors import NotFound
from vfs.ids import uuid7

INFO = ":2,"
_MARKS = {"flagged": "F", "answered": "R", "forwarded": "P", "draft": "D"}
_PLACES = ("new", "cur")


class Message(NamedTuple):
    """A message's file."""

    href: str
    """Its name without the flags, as text, which stays the same wherever it goes."""
    place: str
    """`new` or `cur`."""
    name: str
    flags: str

    def path(self, folder: str) -> str:
        return os.path.join(folder, self.place, self.name)


def listed(folder: str) -> dict[str, Message]:
    """All messages of a folder by their href; one that is in `new` and in `cur` counts once."""
    found: dict[str, Message] = {}
    for place in _PLACES:
        try:
            with os.scandir(os.path.join(folder, place)) as entries:
                names = [entry.name for entry in entries if entry.name[:1] != "." and entry.is_file()]
        except FileNotFoundError:
            continue
        for name in names:
            base, _, flags = name.partition(INFO)
            # What is no UTF-8 is told in letters that are.
            href = os.fsencode(base).decode("utf-8", "backslashreplace")
            found[href] = Message(href, place, name, flags)
    return found


def find(folder: str, href: str) -> Message | None:
    """One message of a folder, whatever its flags are."""
    return listed(folder).get(href)


def stamp(folder: str) -> str:
    """Changes when a message comes, goes or is marked; "" when that could not be relied upon.

    A folder that was changed a moment ago may be changed again within the same tick of its clock.
    """
    stamps = []
    for place in _PLACES:
        with suppress(FileNotFoundError):
            changed = os.stat(os.path.join(folder, place)).st_mtime_ns
            if time.time_ns() - changed < 2_000_000_000:
                return ""
            stamps.append(f"{place}={changed}")
    return " ".join(stamps)


def state_of(message: Message) -> State:
    """What the flags say."""
    said: dict[str, bool] = {"unread": "S" not in message.flags}
    said.update((name, letter in message.flags) for name, letter in _MARKS.items())
    return said


def flags_of(state: State, before: str = "") -> str:
    """The flags of a state, in the order that the format asks for; unknown ones of `before` stay."""
    flags = set(before)
    for name, letter in _MARKS.items():
        if name in state:
            (flags.add if state[name] else flags.discard)(letter)
    if "unread" in state:
        (flags.discard if state["unread"] else flags.add)("S")
    return "".join(sorted(flags))


def settle(message: Message, folder: str, target: str, state: State) -> Message:
    """Marks a message and brings it to another folder, in one rename. Raises NotFound when it is gone."""
    flags = flags_of(state, message.flags)
    base = message.name.partition(INFO)[0]
    moved = Message(message.href, "cur", f"{base}{INFO}{flags}", flags)
    if target == folder and moved.name == message.name and message.place == "cur":
        return message
    try:
        os.rename(message.path(folder), moved.path(target))
    except FileNotFoundError:
        raise NotFound(None, "the message is there no more") from None
    for place in {os.path.join(folder, message.place), os.path.join(target, "cur")}:
        flush_folder(place)
    return moved


def deliver(folder: str, content: bytes, state: State, href: str = "") -> Message:
    """Puts a message into a folder: whole, or not at all."""
    href = href or f"{int(time.time())}.{uuid7().replace('-', '')}.{_host()}"
    flags = flags_of(state)
    message = Message(href, "cur", f"{href}{INFO}{flags}", flags)
    draft = os.path.join(folder, "tmp", href)
    try:
        with open(draft, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(draft, message.path(folder))
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise
    flush_folder(os.path.join(folder, "cur"))
    return message


def drop(message: Message, folder: str) -> None:
    """Removes a message for good; one that is gone already is what was asked for."""
    with suppress(FileNotFoundError):
        os.unlink(message.path(folder))
        flush_folder(os.path.join(folder, message.place))


def make(folder: str) -> None:
    """The three folders of a maildir."""
    for place in ("tmp", *_PLACES):
        os.makedirs(os.path.join(folder, place), mode=0o700, exist_ok=True)


def flush_folder(folder: str) -> None:
    """What was renamed in a folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _host() -> str:
    # The format reserves these two characters.
    return socket.gethostname().replace("/", "_").replace(":", "_") or "localhost"


class Listings:
    """The folders that many changes are about, each listed once and kept as it is changed."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Message]] = {}

    def find(self, folder: str, href: str) -> Message | None:
        """One message of a folder, whatever its flags are."""
        if folder not in self._known:
            self._known[folder] = listed(folder)
        return self._known[folder].get(href)

    def settle(self, message: Message, folder: str, target: str, state: State) -> Message:
        """As the function; what another program has marked meanwhile is looked for again."""
        try:
            settled = settle(message, folder, target, state)
        except NotFound:
            self._known.pop(folder, None)
            there = self.find(folder, message.href)
            if there is None:
                raise
            settled = settle(there, folder, target, state)
        self._known.get(folder, {}).pop(message.href, None)
        self._known.get(target, {})[settled.href] = settled
        return settled

    def deliver(self, folder: str, content: bytes, state: State) -> Message:
        """As the function."""
        made = deliver(folder, content, state)
        self._known.get(folder, {})[made.href] = made
        return made

    def drop(self, message: Message, folder: str) -> None:
        """As the function; what another program has marked meanwhile is looked for again."""
        if not os.path.lexists(message.path(folder)):
            self._known.pop(folder, None)
        there = self.find(folder, message.href)
        if there is not None:
            drop(there, folder)
            self._known[folder].pop(message.href)

"""Mailbox: what all mailboxes have in common as mounts, whichever service they are at."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from providers.mirror.settings import OPTIONS, MirrorSettings, bodies_of, seconds_of
from providers.spec import Opening, Option

if TYPE_CHECKING:
    from types import ModuleType

MARKS = frozenset({"unread", "flagged", "answered", "forwarded", "draft", "labels"})
"""Attributes of a mail that can be set, where its service keeps them all."""

COLLECTION = Option("collection", "the collection of the store that keeps the replica", default="mail")
ADDRESS = Option("address", "the address that mails from here come from, as `Name <address>`")

MAILBOX = (COLLECTION, ADDRESS, *OPTIONS)
"""Options that every mailbox has."""


class Attachments:
    """The files of a mail, in `.attachments/NAME/` beside it."""

    folder = ".attachments"
    count = "attachments"

    def entries(self, content: bytes) -> Sequence[tuple[str, str | None, int | None]]:
        """Name, kind and size of each."""
        return [(one.name, one.mime, one.size) for one in _module().entries(content)]

    def content(self, message: bytes, name: str) -> bytes:
        """One of them. Raises NotFound."""
        data: bytes = _module().read(message, name)
        return data


def _module() -> ModuleType:
    return import_module("providers.mail.attachments")


def settings(
    opening: Opening,
    title: str,
    *,
    max_age: str = "10m",
    settable: frozenset[str] = MARKS,
    sure: bool = False,
    arranges: bool = False,
) -> MirrorSettings:
    """How a mailbox is kept, by the options of its mount. Raises BadName."""
    options = opening.options
    return MirrorSettings(
        title,
        max_age=seconds_of(options.get("max_age") or max_age),
        bodies=bodies_of(options.get("bodies") or "ahead"),
        settable=settable,
        replaces=frozenset({"drafts"}),
        sure=sure,
        arranges=arranges,
        makes_trash=arranges,
        reach=opening.reach,
        extra=Attachments(),
    )

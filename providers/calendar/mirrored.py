"""CalendarMirror: the calendars of an account at a service, by a replica that is read by days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from providers.calendar.provider import FOLDER, Days
from providers.mirror.mirror import Mirror
from providers.mirror.settings import MirrorSettings
from vfs.action import Arguments, Change, Verb
from vfs.node import Node
from vfs.path import ROOT, Path

if TYPE_CHECKING:
    from providers.mirror.remote import Remote
    from providers.store.store import Store


class CalendarMirror(Days, Mirror):
    """CalDAV, Google Calendar: a mirror whose collections are `/calendars/NAME`."""

    def __init__(
        self,
        store: Store,
        mount: str,
        remote: Callable[[], Remote],
        settings: MirrorSettings,
        *,
        default: str = "",
        mine: tuple[str, ...] = (),
    ) -> None:
        """`default`: the calendar that new events go to; `mine`: the person's own addresses."""
        Mirror.__init__(self, store, mount, remote, settings)
        self.default = default
        self._mine = mine

    @property
    def account(self) -> str:
        return self.settings.title

    @property
    def mine(self) -> tuple[str, ...]:
        return self._mine

    async def news(self) -> None:
        await self.freshness.look(FOLDER)

    async def deeds(self) -> Mapping[str, Verb]:
        return await Mirror.verbs(self, ROOT)

    async def perform(self, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
        return await Mirror.act(self, path, verb, arguments, change)

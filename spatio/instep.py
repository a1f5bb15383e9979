"""In step: the worker's jobs for mounts that are replicas: keeping each in step, hearing of news, rules."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from providers.mirror import records
from providers.mirror.mirror import Mirror
from providers.mirror.records import ACCOUNT, Folder
from providers.mirror.remote import Collection, Waits
from spatio.replicas import is_replica
from spatio.rules import apply_rules
from vfs.drive import event_loop
from vfs.errors import Unavailable, VfsError
from vfs.path import Path
from vfs.visible import visible_line

if TYPE_CHECKING:
    from providers.store.store import Connection
    from spatio.workspace import Workspace

LISTENS = 25 * 60.0
"""Seconds for which news of a mailbox is waited for at once."""

SETTLES = 1.0
"""Seconds between two times that news is listened for: several mails that come together are one sync."""

BUSY = 5.0
"""Seconds until an account is looked at again that another program syncs."""

_PUSHES = "SELECT min(due) FROM push WHERE user_id = ? AND mount = ?"

Say = Callable[[str], None]


class Syncing:
    """One account: synced when it is too old, when something waits to be told to it, when news is heard."""

    def __init__(self, workspace: Workspace, path: Path, mirror: Mirror, say: Say) -> None:
        self.name = f"sync {path}"
        self.mirror = mirror
        self.asked = True
        """Somebody has heard of news, or may have missed some."""
        self.done = False
        """It was synced by this program."""
        self._workspace = workspace
        self._path = path
        self._say = say

    async def turn(self) -> float | None:
        """Syncs if that is due; seconds until it is again."""
        await event_loop()
        left = await self._left()
        if not self.asked and left > 0:
            return left
        self.asked = False
        began = time.time_ns() // 1000
        try:
            report = await self.mirror.engine.sync()
            self.done = True
        except Unavailable:
            account = await self._account()
            if account is not None and (account.tried_at or 0) < began:
                return BUSY  # somebody else is at it
            raise
        for problem in report.problems:
            self._say(visible_line(f"{self._path}: {problem}"))
        for outcome in await apply_rules(self._workspace, self._path, self.mirror.mount):
            self._say(visible_line(outcome.line))
        return max(await self._left(), BUSY)

    async def _account(self) -> Folder | None:
        place = self.mirror.place
        return await self.mirror.store.read(lambda connection: records.folder(connection, place, ACCOUNT))

    async def _left(self) -> float:
        """Seconds until it is to be synced."""
        account, store = await self._account(), self.mirror.store
        if account is None or account.synced_at is None:
            return 0.0
        age = time.time() - account.synced_at / 1e6
        left = self.mirror.settings.max_age - age if age >= 0 else 0.0

        def due(connection: Connection) -> int | None:
            row = connection.execute(_PUSHES, (store.user, self.mirror.mount)).fetchone()
            return None if row is None or row[0] is None else int(row[0])

        told = await store.read(due)
        return left if told is None else min(left, told / 1e6 - time.time())


class Listening:
    """One account whose service says when something is new."""

    def __init__(self, syncing: Syncing, path: Path, service: Waits, wake: Callable[[str], None]) -> None:
        self.name = f"listen {path}"
        self._syncing = syncing
        self._service = service
        self._wake = wake

    async def turn(self) -> float | None:
        """Waits for news of the inbox, since the last sync, and has it synced."""
        if not self._syncing.done:
            return SETTLES
        inbox = await self._inbox()
        if inbox is None:
            return LISTENS
        if not await self._service.wait(inbox, LISTENS):
            return SETTLES
        self._syncing.asked = True
        self._wake(self._syncing.name)
        return SETTLES

    async def _inbox(self) -> Collection | None:
        found = await self._syncing.mirror.engine.remote.collections()
        return next((one for one in found if one.role == "inbox" and one.selectable), None)


def mirrors(workspace: Workspace, say: Say) -> Iterator[tuple[Path, Mirror]]:
    """The replicas among the mounts; what cannot be opened is said."""
    for mount in workspace.mounts:
        try:
            provider = mount.provider() if is_replica(mount) else None
        except VfsError as error:
            say(visible_line(f"{mount.path}: {error.reason}"))
            continue
        if isinstance(provider, Mirror):
            yield mount.path, provider


def jobs(workspace: Workspace, say: Say, wake: Callable[[str], None]) -> Sequence[Syncing | Listening]:
    """What is to be done for all accounts."""
    found: list[Syncing | Listening] = []
    for path, mirror in mirrors(workspace, say):
        syncing = Syncing(workspace, path, mirror, say)
        found.append(syncing)
        with suppress(VfsError):
            service = mirror.engine.remote
            if isinstance(service, Waits):
                found.append(Listening(syncing, path, service, wake))
    return found

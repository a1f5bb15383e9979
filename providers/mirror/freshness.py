"""Freshness: how old a replica is, when a read looks for news first, and what is said of what it lacks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from providers.mirror import records
from providers.mirror.records import ACCOUNT, Folder, Place
from providers.mirror.settings import MirrorSettings
from providers.spec import Reach
from providers.store.rows import path_text
from vfs.coverage import Gap, tell
from vfs.drive import event_loop, looping
from vfs.errors import VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from providers.mirror.sync import Engine
    from providers.store.store import Store

LOOKED = 1.0
"""Seconds for which what was found holds, so that a command over many paths looks once."""


RESTS = 30.0
"""Seconds for which a service that did not answer in time is not waited for again."""


class Freshness:
    """One account's replica, looked at before each read."""

    def __init__(
        self, store: Store, place: Place, settings: MirrorSettings, engine: Callable[[], Engine]
    ) -> None:
        self.store = store
        self.place = place
        self.settings = settings
        self._engine = engine
        self._folders: dict[str, Folder] = {}
        self._looked: dict[str, float] = {}
        self._asked: set[str] = set()
        self._why: VfsError | None = None
        self._rests = 0.0
        """Until when (monotonic) the service is not waited for."""
        self._task: Any = None

    async def aclose(self) -> None:
        """Ends what still goes on of a refresh that nobody waits for."""
        task, self._task = self._task, None
        if task is not None and not task.done() and looping():
            task.cancel()
            await import_module("asyncio").gather(task, return_exceptions=True)

    async def look(self, path: Path) -> None:
        """What is at `path` is as new as was asked for, or the answer says that it is not.

        Raises what keeps the service from being asked where nothing is here yet, or news was demanded.
        """
        where = path_text(Path(path.parts[:1])) if path.parts else ""
        if where.startswith("/.") or where[1:] in self.settings.here:
            return
        now = time.monotonic()
        if now - self._looked.get(where, -LOOKED) >= LOOKED:
            self._looked[where] = now
            await self._read()
            reach = self.settings.reach()
            if reach is Reach.FRESH:
                await self._refresh(where, None)
            elif reach is Reach.WAIT and self._is_stale(where):
                await self._refresh(where, self.settings.wait)
        self._tell(where)

    async def _read(self) -> None:
        self._folders = await self.store.read(lambda connection: records.folders(connection, self.place))

    def forget(self) -> None:
        """The next read looks again."""
        self._looked.clear()

    # -- how old it is

    def _here(self, where: str) -> list[Folder]:
        """The collections that an answer about a place comes from."""
        found = [
            folder for key, folder in self._folders.items() if key != ACCOUNT and folder.cursor is not None
        ]
        if not where:
            return found
        return [one for one in found if f"{one.path}/".startswith(f"{where}/")]

    def synced(self, where: str) -> float | None:
        """When the oldest of what is here was the same as at the service; None when it never was."""
        here = self._here(where)
        account = self._folders.get(ACCOUNT)
        times = [folder.synced_at for folder in here] or [None if account is None else account.synced_at]
        if any(at is None for at in times):
            return None
        return min(at for at in times if at is not None) / 1e6

    def _is_stale(self, where: str) -> bool:
        at = self.synced(where)
        return at is None or not -60 <= time.time() - at <= self.settings.max_age

    async def _refresh(self, where: str, seconds: float | None) -> None:
        """Syncs, for so long; once for each place, however many paths a command reads."""
        if where in self._asked:
            return
        if seconds is not None and time.monotonic() < self._rests:
            if self._why is not None:
                self._fail(self._why, seconds)
            return
        self._asked.add(where)
        self._why = None
        await event_loop()
        asyncio = import_module("asyncio")
        paths = [Path((where[1:],))] if where and self._here(where) else []
        task: Any = asyncio.ensure_future(self._engine().sync(paths, bodies=False, patience=seconds or 60.0))
        task.add_done_callback(_heard)
        self._task = task
        try:
            await asyncio.wait_for(asyncio.shield(task), seconds)
        except TimeoutError as error:
            self._rests = time.monotonic() + RESTS
            if isinstance(error, VfsError):
                self._fail(error, seconds)
        except VfsError as error:
            self._rests = time.monotonic() + RESTS
            self._fail(error, seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            self._asked.discard(where)
            await self._read()

    def _fail(self, error: VfsError, seconds: float | None) -> None:
        self._why = error
        account = self._folders.get(ACCOUNT)
        if seconds is None or account is None or not self._here(""):
            raise error

    # -- what is said

    def _tell(self, where: str) -> None:
        for gap in self.gaps(where):
            tell(gap)

    def gaps(self, where: str = "") -> Sequence[Gap]:
        """What an answer about a place lacks, by what was read last."""
        account = self._folders.get(ACCOUNT)
        here = self._here(where)
        title = self.settings.title
        if account is None or (not here and account.synced_at is None):
            return [Gap(title, "nothing of it is here yet", "run: sync", True)]
        found = []
        for folder in here:
            if folder.listing:
                known = f"of {folder.total:,} " if folder.total is not None else ""
                reason = f"not all {known}entries are known yet"
                found.append(Gap(f"{title}: {folder.path}", reason, "run: sync", True))
            elif folder.problem:
                found.append(Gap(f"{title}: {folder.path}", folder.problem, "run: sync"))
        if self.settings.reach() is Reach.BACKGROUND and not account.problem:
            return found
        if self._is_stale(where):
            at = self.synced(where)
            reason = "some of it was never complete" if at is None else f"as of {_ago(at)}"
            why = self._why.reason if self._why is not None else account.problem
            hint = self._why.hint if self._why is not None else None
            found.append(Gap(title, f"{reason}: {why}" if why else reason, hint or "run: sync"))
        return found


def _ago(at: float) -> str:
    """A moment as a person says it."""
    seconds = time.time() - at
    if seconds < 86400:
        return f"{datetime.fromtimestamp(at).astimezone():%H:%M}"
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M}"


def _heard(task: Any) -> None:
    """What a sync that nobody waits for any more ended with is noted in its account."""
    if not task.cancelled():
        task.exception()

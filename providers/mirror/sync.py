"""Engine: everything that a mirror does with its service: a sync from end to end, and contents on demand."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from providers.mirror import folders, records
from providers.mirror.arriving import Counts
from providers.mirror.bodies import Bodies, Demand, fetched
from providers.mirror.folders import Reconciled
from providers.mirror.lease import Lease
from providers.mirror.pulling import Pulling
from providers.mirror.pushing import Pushing
from providers.mirror.records import ACCOUNT, Folder, ItemRow, Place
from providers.mirror.remote import Arranges, Collection, Remote
from providers.mirror.removing import Withheld
from providers.mirror.run import Progress, Report, Run
from providers.mirror.settings import AHEAD, MirrorSettings
from providers.store.rows import path_text
from vfs.drive import event_loop
from vfs.errors import LoginNeeded, TimedOut, Unavailable, VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from providers.mirror.arranging import Arranging
    from providers.store.store import Connection, Store

FATAL = (LoginNeeded, Unavailable, TimedOut)
"""What ends the sync of an account: all else is about one of its collections."""

RESTS = 10.0
"""Seconds for which a service that could not be asked for a content is not asked for another."""

PATIENCE = 2.0
"""Seconds for which another sync of the same account is waited for."""


class Engine:
    """An account's replica and its service."""

    def __init__(
        self, store: Store, mount: str, remote: Callable[[], Remote], settings: MirrorSettings
    ) -> None:
        self.store = store
        self.place = Place(store.user, mount)
        self.settings = settings
        self._make = remote
        self._remote: Remote | None = None
        self._demand = Demand()
        self._down: tuple[float, VfsError] | None = None

    @property
    def remote(self) -> Remote:
        """The service, made by the first use."""
        if self._remote is None:
            self._remote = self._make()
        return self._remote

    async def aclose(self) -> None:
        """Lets go of the service."""
        remote, self._remote = self._remote, None
        if remote is not None:
            await remote.aclose()

    async def want(self, folder: Folder, row: ItemRow) -> None:
        """Returns once the content of an item is here. Raises what the remote raises, NotFound."""
        self._need_up()
        run = Run(self.store, self.place, self.settings, self.remote, None)
        try:
            await self._demand.want(run, folder, row)
        except FATAL as error:
            self._down = time.monotonic(), error
            raise

    async def want_all(self, wanted: Sequence[tuple[Folder, ItemRow]]) -> Mapping[int, VfsError | None]:
        """Why the content of each item is not here; None for each that is. Raises as `want` does."""
        self._need_up()
        run = Run(self.store, self.place, self.settings, self.remote, None)
        try:
            return await fetched(run, {row.node: (folder, row) for folder, row in wanted})
        except FATAL as error:
            self._down = time.monotonic(), error
            raise

    def _need_up(self) -> None:
        """Raises what was raised a moment ago: a command over many files asks a dead service once."""
        if self._down is not None and time.monotonic() - self._down[0] < RESTS:
            raise self._down[1]

    async def sync(
        self,
        paths: Sequence[Path] = (),
        *,
        full: bool = False,
        accept: bool = False,
        bodies: bool = True,
        everything: bool = False,
        patience: float = PATIENCE,
        progress: Progress | None = None,
    ) -> Report:
        """Brings both ends to the same state; with `paths`, only what lies there.

        `everything`: also changes of here that the service refused a while ago are told to it again.

        Raises LoginNeeded, Unavailable, TimedOut, Withheld (when most of the account would go), once
        that is noted. What is wrong with one collection is a problem of the report.
        """
        await event_loop()
        self._down = None
        asyncio = import_module("asyncio")
        lease = Lease(self.store, self.place)
        await lease.take(patience)
        keeper = asyncio.ensure_future(lease.keep())
        run = Run(
            self.store, self.place, self.settings, self.remote, lease, full=full, accept=accept,
            progress=progress,
        )  # fmt: skip
        try:
            report = await self._synced(run, [path_text(path) for path in paths], bodies, everything)
            await self._note(report.problems[0] if report.problems else "", whole=not paths)
            return report
        except VfsError as error:
            await self._note(error.reason, whole=False)
            raise
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await lease.give_up()

    async def _synced(self, run: Run, paths: Sequence[str], bodies: bool, everything: bool) -> Report:
        arranging: Arranging | None = None
        if self.settings.arranges and isinstance(run.remote, Arranges):
            arranging = import_module("providers.mirror.arranging").Arranging(run, run.remote)
            assert arranging is not None
            await arranging.arrange()
        leaving = frozenset(one.key for one in arranging.leaving) if arranging is not None else frozenset()
        there = await folders.reconcile(run, leaving)
        known = {collection.key: (collection, folder) for collection, folder in there.there}
        pushing = Pushing(run, known)
        await pushing.push(everything=everything)
        if arranging is not None:
            await arranging.drop()
        chosen = [
            (collection, folder)
            for collection, folder in there.there
            if collection.key not in leaving and (not paths or _is_chosen(folder.path, paths))
        ]
        counts = await self._pulled(run, chosen, there)
        if not paths:
            gone = await folders.drop(run, there.vanished)
            counts = counts._replace(gone=counts.gone + gone)
        if pushing.again or counts.conflicts:
            await pushing.push()
        run.problems += [
            f"{path}: changed here and at the service: both are kept" for path in counts.conflicts
        ]
        fetched = await self._filled(run, chosen) if bodies and self.settings.bodies == AHEAD else 0
        return Report(counts, fetched, pushing.pushed, tuple(run.problems))

    async def _pulled(
        self, run: Run, chosen: Sequence[tuple[Collection, Folder]], there: Reconciled
    ) -> Counts:
        counts = Counts()
        late: list[tuple[Collection, Folder]] = []
        for collection, folder in chosen:
            try:
                counts = counts.plus(await Pulling(run, collection, folder, there.vanished).pull())
            except Withheld:
                # What went from here may turn up in a collection that comes later.
                late.append((collection, folder))
            except FATAL:
                raise
            except VfsError as error:
                await self._problem(run, folder, error)
        for collection, folder in late:
            fresh = await self.store.read(
                lambda connection, key=folder.key: records.folder(connection, self.place, key)  # type: ignore[misc]
            )
            try:
                counts = counts.plus(await Pulling(run, collection, fresh or folder, there.vanished).pull())
            except FATAL:
                raise
            except VfsError as error:
                await self._problem(run, folder, error)
        return counts

    async def _filled(self, run: Run, chosen: Sequence[tuple[Collection, Folder]]) -> int:
        bodies = Bodies(run)
        for collection, folder in chosen:
            try:
                await bodies.fetch_ahead(collection)
            except FATAL:
                raise
            except VfsError as error:
                await self._problem(run, folder, error)
        if bodies.failed:
            run.problems.append(f"{bodies.failed:,} contents could not be fetched")
        return bodies.fetched

    async def _problem(self, run: Run, folder: Folder, error: VfsError) -> None:
        """Notes what keeps a collection from being synced; the others go on."""
        text = error.reason if isinstance(error, Withheld) else f"{folder.path}: {error.reason}"
        run.problems.append(f"{text} ({error.hint})" if error.hint else text)

        def note(connection: Connection) -> None:
            row = records.folder(connection, self.place, folder.key)
            if row is not None:
                problem = row._replace(problem=error.reason, tried_at=time.time_ns() // 1000)
                records.put_folders(connection, self.place, [problem])

        await self.store.write(note)

    async def _note(self, problem: str, *, whole: bool) -> None:
        """How the sync of the account ended."""

        def note(connection: Connection) -> None:
            row = records.folder(connection, self.place, ACCOUNT)
            if row is not None:
                now = time.time_ns() // 1000
                synced = now if whole else row.synced_at
                row = row._replace(problem=problem, tried_at=now, synced_at=synced)
                records.put_folders(connection, self.place, [row])

        await self.store.write(note)


def _is_chosen(path: str, paths: Sequence[str]) -> bool:
    """Whether a collection lies at, above or below one of the places."""
    return any(f"{path}/".startswith(f"{one}/") or f"{one}/".startswith(f"{path}/") for one in paths)

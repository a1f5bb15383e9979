"""Syncing: the replicas among a workspace's mounts, synced, and what is known of each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from commands.replicas import Standing, Synced
from providers.mirror.mirror import Mirror
from providers.mirror.records import ACCOUNT, Place, folders
from providers.mirror.removing import ACCEPT, Withheld
from spatio.login.unlock import unlock
from spatio.progress import Progress
from spatio.replicas import collection_of, is_replica
from vfs.errors import NotFound, VfsError
from vfs.fan import fan_out
from vfs.mount import Mount
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection
    from spatio.workspace import Workspace

_ITEMS = (
    "SELECT count(*), coalesce(sum(CASE WHEN i.whole THEN 1 ELSE 0 END), 0) FROM item i"
    " JOIN node n ON n.user_id = i.user_id AND n.seq = i.node"
    " WHERE i.user_id = ? AND i.mount = ? AND n.deleted_at IS NULL"
)
_PUSHES = "SELECT count(*), coalesce(max(problem), '') FROM push WHERE user_id = ? AND mount = ?"


class WorkspaceSyncing:
    """See commands.replicas.Syncing."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def _mounts(self) -> list[Mount]:
        return [mount for mount in self._workspace.mounts if is_replica(mount)]

    def replicas(self) -> Sequence[Path]:
        return [mount.path for mount in self._mounts()]

    async def sync(
        self,
        paths: Sequence[Path] = (),
        *,
        full: bool = False,
        accept: bool = False,
        shown: bool = False,
    ) -> Sequence[Synced]:
        await unlock(self._workspace)
        progress = Progress() if shown else None
        chosen: dict[Path, list[Path]] = {}
        by_path = {mount.path: mount for mount in self._mounts()}
        for path in paths:
            found = [one for one in by_path if one.is_under(path) or path.is_under(one)]
            if not found:
                raise NotFound(path, "is no replica of an account", hint="run: mounts")
            for at in found:
                chosen.setdefault(at, []).append(path.below(at) if path.is_under(at) else Path())
        if not paths:
            chosen = {path: [] for path in by_path}

        async def sync_one(path: Path) -> Synced:
            places = [] if Path() in chosen[path] else chosen[path]
            return await self._one(by_path[path], places, full, accept, progress)

        try:
            return [synced async for _, synced in fan_out(list(chosen), sync_one)]
        finally:
            if progress is not None:
                progress.clear()

    async def _one(
        self, mount: Mount, places: Sequence[Path], full: bool, accept: bool, progress: Progress | None
    ) -> Synced:
        def told(what: str, done: int, total: int | None) -> None:
            if progress is not None:
                progress(f"{mount.path}: {what}", done, total or 0)

        try:
            provider = mount.provider()
            if not isinstance(provider, Mirror):
                return Synced(mount.path)
            report = await provider.engine.sync(
                places, full=full, accept=accept, everything=True, progress=told
            )
            provider.freshness.forget()
            ruled = await import_module("spatio.rules").apply_rules(
                self._workspace, mount.path, provider.mount
            )
        except VfsError as error:
            return Synced(mount.path, error=error, withheld=isinstance(error, Withheld))
        counts = report.counts
        return Synced(
            mount.path,
            counts.new,
            counts.changed,
            counts.gone,
            report.bodies,
            report.pushed,
            report.problems,
            withheld=any(ACCEPT in problem for problem in report.problems),
            rules=tuple(outcome.line for outcome in ruled),
        )

    async def standing(self) -> Sequence[Standing]:
        found = []
        for mount in self._mounts():
            collection = collection_of(mount)
            if collection is not None:
                found.append(await self._standing(mount, collection))
        return found

    async def _standing(self, mount: Mount, collection: str) -> Standing:
        store = self._workspace.store()
        place = Place(store.user, collection)

        def look(connection: Connection) -> Standing:
            known = folders(connection, place)
            account = known.pop(ACCOUNT, None)
            items, bodies = connection.execute(_ITEMS, place).fetchone()
            waiting, problem = connection.execute(_PUSHES, place).fetchone()
            problems = [f"{one.path}: {one.problem}" for one in known.values() if one.problem]
            if account is not None and account.problem:
                problems.insert(0, account.problem)
            synced = None if account is None else account.synced_at
            totals = [one.total for one in known.values() if one.total is not None]
            return Standing(
                mount.path,
                mount.name,
                int(items),
                int(bodies),
                sum(totals) if totals else None,
                None if synced is None else max(0.0, time.time() - synced / 1e6),
                int(waiting),
                (problems or [str(problem)])[0],
                any(one.listing for one in known.values()),
            )

        return await store.read(look)

"""Settings: what `config` and `status` say of a workspace."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from spatio.replicas import is_replica
from vfs.drive import event_loop, hop
from vfs.errors import VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from commands.replicas import Standing
    from spatio.workspace import Workspace


PLAN = {
    "hours": "09:00-18:00",
    "days": "mon-fri",
    "peak": "09:00-12:00",
    "lunch": "12:30-13:00",
    "focus": "5h",
    "buffer": "10m",
    "pause": "10m",
    "longest": "90m",
    "shortest": "25m",
    "usual": "45m",
}
"""How a day is planned where the config says nothing else; the `plan` command explains each."""

_STORE = (("url", "store"), ("objects", "objects"), ("user", "user"))


class WorkspaceSettings:
    """The config that is in force and the workspace's condition; never a secret."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def file(self) -> str:
        return self._workspace.where.config_file

    def values(self) -> Sequence[tuple[str, str]]:
        """Every setting in the words of the config file, defaults included."""
        config = self._workspace.config
        rows = [("shell.host_commands", str(config.host_commands).lower())]
        rows += [(f"plan.{name}", value) for name, value in {**PLAN, **config.plan}.items()]
        facts = self._workspace.store_facts()
        rows += [(f"store.{name}", facts[key]) for name, key in _STORE]
        for mount in self._workspace.mounts:
            key = f'mounts."{mount.path}"'
            rows.append((f"{key}.provider", mount.name))
            if mount.read_only:
                rows.append((f"{key}.read_only", "true"))
            if mount.trust != "own":
                rows.append((f"{key}.trust", mount.trust))
            rows += [(f"{key}.{name}", value) for name, value in mount.options.items()]
        for at, table in enumerate(config.endpoints):
            rows += [(f"endpoints[{at}].{name}", _written(value)) for name, value in table.items()]
        return rows

    async def condition(self) -> Sequence[tuple[str, str]]:
        """Where things lie, how large the database is, who answers agents, where keys are kept."""
        where, facts = self._workspace.where, self._workspace.store_facts()
        there = os.path.exists(where.config_file)  # noqa: ASYNC240 (one stat of the own config)
        rows = [
            ("config", where.config_file if there else f"{where.config_file} (not there: all defaults)"),
            ("database", _sized(facts["store"]) if facts["engine"] == "sqlite" else facts["store"]),
            ("objects", facts["objects"]),
            ("cache", where.cache),
        ]
        replicas = await self._replicas()
        for mount in self._workspace.mounts:
            state = "in use" if mount.opened is not None else "not opened"
            rows.append((str(mount.path), f"{mount.name}, {replicas.get(mount.path, state)}"))
        rows += await self._outbox()
        await event_loop()
        rows += await hop(self._models)
        return rows

    async def _replicas(self) -> Mapping[Path, str]:
        """What is known of each account, in a line."""
        if not self._workspace.is_founded:
            return {}
        try:
            found = await self._workspace.services.syncing.standing()
        except VfsError as error:
            return {mount.path: error.reason for mount in self._workspace.mounts if is_replica(mount)}
        return {one.path: _standing(one) for one in found}

    async def _outbox(self) -> Sequence[tuple[str, str]]:
        """What waits to leave; nothing for a workspace that is only to be made."""
        if not self._workspace.is_founded:
            return []
        try:
            return await self._workspace.services.outbox.condition()
        except VfsError as error:
            return [("outbox", f"cannot be looked at: {error.reason}")]

    def _models(self) -> list[tuple[str, str]]:
        endpoints = import_module("spatio.agents.endpoints")
        vault = self._workspace.vault
        found = endpoints.endpoints_of(self._workspace.config.endpoints, os.environ, vault.knows)
        models = ", ".join(f"{one.name} ({one.model})" for one in found)
        answering = models or "none: agents work with the small local ones"
        return [("models", answering), ("secrets", vault.place())]


def _standing(one: Standing) -> str:
    """How much of an account is here, how old it is, and what is in its way."""
    if one.age is None and not one.items:
        parts = ["nothing is here yet"]
    else:
        of = f" of {one.total:,}" if one.listing and one.total is not None else ""
        parts = [f"{one.items:,}{of} entries"]
        if one.bodies < one.items:
            parts.append(f"{one.bodies:,} of them whole")
        parts.append("never complete" if one.age is None else f"as of {_span(one.age)} ago")
    if one.waiting:
        parts.append(f"{one.waiting:,} change{'s' if one.waiting > 1 else ''} not sent back yet")
    if one.problem:
        parts.append(one.problem)
    return ", ".join(parts)


def _span(seconds: float) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count = int(seconds // size)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "a moment"


def _written(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sized(database: str) -> str:
    try:
        size = os.stat(database).st_size
    except OSError:
        return f"{database} (made by the first use)"
    return f"{database} ({size / 1_000_000:.1f} MB)"

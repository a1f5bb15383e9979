"""Settings: what `config` and `status` say of a workspace."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from vfs.drive import event_loop, hop
from vfs.errors import VfsError

if TYPE_CHECKING:
    from spatio.workspace import Workspace


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
        for mount in self._workspace.mounts:
            state = "in use" if mount.opened is not None else "not opened"
            rows.append((str(mount.path), f"{mount.name}, {state}"))
        rows += await self._outbox()
        await event_loop()
        rows += await hop(self._models)
        return rows

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


def _written(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sized(database: str) -> str:
    try:
        size = os.stat(database).st_size
    except OSError:
        return f"{database} (made by the first use)"
    return f"{database} ({size / 1_000_000:.1f} MB)"

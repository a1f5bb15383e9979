"""replicas: which mounts are replicas of accounts at services, told without opening any."""

from __future__ import annotations

from contextlib import suppress

from spatio.plugins import provider_spec
from vfs.errors import VfsError
from vfs.mount import Mount

_OWN = frozenset(
    (
        "agents",
        "devices",
        "files",
        "local",
        "memory",
        "notes",
        "outbox",
        "runs",
        "s3",
        "scratch",
        "sys",
        "tasks",
    )
)
"""Providers that are none, which need not be loaded to know that."""


def is_replica(mount: Mount) -> bool:
    """Whether a mount shows what an account had at the last sync."""
    if mount.name in _OWN:
        return False
    with suppress(VfsError):
        return any(option.name == "max_age" for option in provider_spec(mount.name).options)
    return False


def collection_of(mount: Mount) -> str | None:
    """The collection of the store that a mount shows, by its options or its provider's default."""
    return option_of(mount, "collection")


def option_of(mount: Mount, name: str) -> str | None:
    """What a mount's option says, or its provider's default; None where there is no such option."""
    said = mount.options.get(name)
    if said:
        return said
    with suppress(VfsError):
        for option in provider_spec(mount.name).options:
            if option.name == name:
                return option.default
    return None

"""What a server and its tables have to be for this program to work with them."""

from __future__ import annotations

from providers.store import schema
from vfs.errors import Unsupported, VfsError

OLDEST = 150000
"""The oldest server that is known to do: 15.0, as `server_version_num` counts."""


def need_server(number: int, name: str | None) -> None:
    """Raises Unsupported for a server that is too old."""
    if number < OLDEST:
        raise Unsupported(
            name, f"PostgreSQL {number // 10000} is too old", hint="PostgreSQL 15 or newer is needed"
        )


def need_version(version: int, name: str | None) -> None:
    """Raises VfsError for tables of another version than this program's."""
    need_no_newer(version, name)
    if version < schema.VERSION:
        raise VfsError(
            name,
            f"its schema is older ({version}, this Spatio needs {schema.VERSION})",
            hint="run, as the owner of its tables: spatio --store ADDRESS init",
        )


def need_no_newer(version: int, name: str | None, known: int = schema.VERSION) -> None:
    """Raises VfsError for tables that a newer program has made."""
    if version > known:
        raise VfsError(
            name,
            f"written by a newer Spatio (its schema is {version}, this one knows {known})",
            hint="update Spatio, then run it again; nothing was changed",
        )

"""Founding: a new workspace's database, the shipped agents inside, put in place in one step.

It is made beside its place and linked there when whole, so that a kill leaves no half of one, and
of two programs that found at the same moment one wins and the other uses what is there.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

from providers.spec import Opening
from providers.store.database import head_path
from providers.store.errors import damaged
from providers.store.sqlite import SqliteStore
from spatio.agents.shipped import shipped
from spatio.paths import make_private
from spatio.plugins import provider_spec
from vfs.action import Change
from vfs.drive import drive
from vfs.errors import NoSpace, ReadOnly, VfsError
from vfs.ids import uuid7
from vfs.path import Path
from vfs.provider import WritableMany

if TYPE_CHECKING:
    from providers.store.objects import ObjectStore
    from providers.store.store import Store


def found(database: str, objects: ObjectStore | str, user: str = "me") -> None:
    """Makes an embedded database with a new workspace. Raises ReadOnly, NoSpace, Corrupt, VfsError.

    Works inside a running event loop too: the work is done on a thread of its own, waited for.
    """
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            _found(database, objects, user)
        except BaseException as error:  # handed to the caller's thread
            wrong.append(error)

    thread = threading.Thread(target=work, name="founding")
    thread.start()
    thread.join()
    if wrong:
        raise wrong[0]


def _found(database: str, objects: ObjectStore | str, user: str) -> None:
    _begin_anew(database)
    aside = f"{database}.{os.getpid()}.new"
    try:
        make_private(os.path.dirname(database))
        if isinstance(objects, str):
            make_private(objects)
        drive(_fill_and_close(SqliteStore(aside, objects, user, keep_copy=False)))
        _place(aside, database)
    except VfsError:
        raise
    except OSError as error:
        raise _failure(database, error) from error
    finally:
        _sweep(aside)


def _begin_anew(database: str) -> None:
    """Raises Corrupt where there was a database: its log's anchor outlives it, and so may copies."""
    anchor = head_path(database)
    if not os.path.exists(anchor) or os.path.exists(database):
        return
    error = damaged(database, "it is missing, though it was here")
    error.hint = f"{error.hint}; to begin anew, remove {anchor}"
    raise error


def _sweep(aside: str) -> None:
    """Removes what is left of the file that was made aside, and what the store laid beside it."""
    folder, start = os.path.split(aside)
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(start):
                os.unlink(os.path.join(folder, name))


def _place(aside: str, database: str) -> None:
    """Links the file where it belongs; the anchor of its log follows only if this one has won."""
    try:
        os.link(aside, database)
    except FileExistsError:
        return
    except OSError:
        # A file system without links: the moment between the question and the move is all that is lost.
        if os.path.exists(database):
            return
        os.rename(aside, database)
    os.replace(f"{aside}.head", f"{database}.head")


async def _fill_and_close(store: Store) -> None:
    try:
        await bring_agents(store)
    finally:
        await store.aclose()


async def settle(store: Store) -> bool:
    """Makes a user's workspace in a database whose tables are there; False when it has one.

    Two programs that do so at the same moment write the same agents twice, which changes nothing.
    """
    ask = "SELECT 1 FROM event WHERE user_id = ? LIMIT 1"
    if await store.read(lambda connection: connection.execute(ask, (store.user,)).fetchall()):
        return False
    await bring_agents(store)
    return True


async def bring_agents(store: Store) -> None:
    """Writes the shipped agents."""
    provider = provider_spec("agents").open(Opening({}, lambda: store))
    if isinstance(provider, WritableMany):
        change = Change(uuid7(), "spatio: a new workspace", "spatio")
        async for _ in provider.write_many(_agents(), change):
            pass


async def _agents() -> AsyncIterator[tuple[Path, bytes]]:
    for name, text in sorted(shipped().items()):
        yield Path((f"{name}.md",)), text.encode()


def _failure(path: str, error: OSError) -> VfsError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace(path)
    hint = "set SPATIO_HOME=DIR"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return ReadOnly(path, "the workspace cannot be made here: read-only", hint=hint)
    return VfsError(path, f"the workspace cannot be made here: {str(error.strerror).lower()}", hint=hint)

"""Events of mounts outside of the store: from intent to event, and back through the tree."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING

from providers.store import contents, log
from providers.store.takeback import Logged
from vfs.action import Change
from vfs.closing import Closing
from vfs.errors import NotADirectory, NotFound, VfsError
from vfs.fan import in_order
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Blocks
from vfs.tree import Tree

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

LEFT = 600 * 1_000_000
"""Microseconds after which an intent is one of a program that was killed."""

_COLUMNS = "id, at, command_id, line, actor, op, path, target, before"


def spelt(path: Path) -> str:
    """A path as the log holds it; names that are no UTF-8 lose what cannot be said."""
    return "".join([f"/{name}" for name in path.parts]).encode("utf-8", "replace").decode()


def settle(connection: Connection, user: str, key: str, done: bool, tag: str) -> None:
    """Turns an intent into an event, or drops it."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM intent WHERE user_id = ? AND id = ?", (user, key)
    ).fetchone()
    if row is None:
        return
    connection.execute("DELETE FROM intent WHERE user_id = ? AND id = ?", (user, key))
    if done:
        _record(connection, user, row, {"etag": tag} if tag else {})


def _record(connection: Connection, user: str, row: Sequence[str], further: dict[str, str | bool]) -> None:
    _, _, command_id, line, actor, op, path, target, before = row
    detail = import_module("json").dumps(further) if further else ""
    entry = log.Entry(op, "", path, target, None, before, None, detail)  # type: ignore[arg-type]
    log.append(connection, user, Change(command_id, line, actor), time.time_ns() // 1000, [entry])


async def settle_left(store: Store) -> None:
    """Intents of killed programs become events: whether they happened, `undo` looks for itself."""

    def left(connection: Connection) -> list[Sequence[str]]:
        limit = time.time_ns() // 1000 - LEFT
        sql = f"SELECT {_COLUMNS} FROM intent WHERE user_id = ? AND at < ?"
        return connection.execute(sql, (store.user, limit)).fetchall()

    if not await store.read(left):
        return

    def settle_all(connection: Connection) -> None:
        for row in left(connection):
            connection.execute("DELETE FROM intent WHERE user_id = ? AND id = ?", (store.user, row[0]))
            _record(connection, store.user, row, {"unsure": True})

    await store.write(settle_all)


async def take_back(store: Store, tree: Tree | None, events: Sequence[Logged]) -> list[str | None]:
    """Takes events back through the tree, in order; for each the reason why not, or None.

    The tree journals what it does, so that this can be taken back in its turn.
    """
    if tree is None:
        return ["its mount is not there"] * len(events)

    async def one(event: Logged) -> str | None:
        try:
            return await _one(store, tree, event)
        except VfsError as error:
            return error.reason

    reasons: list[str | None] = []
    for group in _groups(tree, events):
        async with Closing(in_order(group, one, at_once=len(group) > 1)) as calls:
            reasons += [reason async for _, reason in calls]
    return reasons


def _groups(tree: Tree, events: Sequence[Logged]) -> list[list[Logged]]:
    """The events in order; files behind a network that follow one another stand together."""
    groups: list[list[Logged]] = []
    paths: set[str] = set()
    for event in events:
        is_file = event.op == "write" or (event.op == "remove" and event.before is not None)
        alone = not is_file or not tree.waits(Path(tuple(event.path.split("/")[1:])))
        if alone or event.path in paths or not paths:
            groups.append([])
            paths = set()
        groups[-1].append(event)
        if not alone:
            paths.add(event.path)
    return groups


async def _one(store: Store, tree: Tree, event: Logged) -> str | None:
    path = Path(tuple(event.path.split("/")[1:]))
    if event.op == "move":
        return await _move(store, tree, event, path)
    node = await _there(tree, path)
    if event.op == "remove":
        if node is not None:
            return "something else has this name now"
        if event.before is None:
            await tree.mkdir(path)
        else:
            await tree.write(path, await _old(store, event))
        return None
    if node is None:
        return "is gone already"
    if event.op == "mkdir":
        await tree.remove(path)
        return None
    tag = event.further().get("etag")
    if tag and node.etag != tag and not await _is_as_left(store, tree, event, path):
        return "was changed since"
    if event.before is None:
        await tree.remove(path)
    else:
        await tree.write(path, await _old(store, event), etag=node.etag)
    return None


async def _is_as_left(store: Store, tree: Tree, event: Logged, path: Path) -> bool:
    """Whether the file holds what it held before the next event: put back since, it has another etag."""

    def following(connection: Connection) -> bytes | None:
        row = connection.execute(
            "SELECT e.before FROM event_name n JOIN event e ON e.user_id = n.user_id AND e.seq = n.seq"
            " WHERE n.user_id = ? AND n.mount = '' AND n.path = ? AND n.seq > ? AND e.before IS NOT NULL"
            " ORDER BY n.seq LIMIT 1",
            (store.user, event.path, event.seq),
        ).fetchone()
        return None if row is None else bytes(row[0])

    left = await store.read(following)
    if left is None:
        return False
    hashed = sha256()
    async with tree.open(path) as blocks:
        async for block in blocks:
            hashed.update(block)
    return hashed.digest() == left


async def _move(store: Store, tree: Tree, event: Logged, path: Path) -> str | None:
    target = Path(tuple((event.target or "").split("/")[1:]))
    if await _there(tree, target) is None:
        return "was removed or renamed since"
    if await _there(tree, path) is not None:
        return "something else has its former name now"
    await tree.move(target, path)
    if event.before is not None:
        await tree.write(target, await _old(store, event))
    return None


async def _there(tree: Tree, path: Path) -> Node | None:
    with suppress(NotFound, NotADirectory):
        return await tree.stat(path)
    return None


async def _old(store: Store, event: Logged) -> Blocks:
    """The content before; asked for at once, so that a purged one is told before anything is done."""
    digest = event.before
    assert digest is not None
    content = await store.read(lambda connection: contents.kept(connection, store.user, digest, Path()))
    return contents.blocks(store.objects, content, 0, content.size)

"""The event log: each row carries the hash of the one before, so that a changed row shows.

A row says when, who, by which command, what was done to which node, and the hashes of the content
before and after. Paths and the line as typed stand beside it, where they can be purged; the row
holds a salted hash of them, which tells nothing once the salt is gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from vfs.action import Change

if TYPE_CHECKING:
    from providers.store.rows import NodeRow
    from providers.store.store import Connection

START = bytes(32)
"""What the first row is chained to."""

_EVENT = (
    "INSERT INTO event (user_id, seq, at, command_id, actor, op, node, before, after, ref, names, chain)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_NAME = (
    "INSERT INTO event_name (user_id, seq, mount, path, target, detail, salt) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_COMMAND = (
    "INSERT INTO command (user_id, id, line, actor, at, first, last, undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (user_id, id) DO UPDATE SET last = excluded.last"
)


class Entry(NamedTuple):
    """What one change did, before it has its number."""

    op: str
    """write, mkdir, remove, move, attrs, touch, purge."""
    mount: str
    path: str
    target: str | None = None
    node: str | None = None
    before: bytes | None = None
    after: bytes | None = None
    detail: str = ""
    """JSON: what else undoing it needs."""
    ref: int | None = None
    """The event that this one takes back."""


def before(old: NodeRow, new: NodeRow) -> str:
    """What else taking back a new content needs: the time, and the attributes where they differ."""
    if (old.mime, old.attrs) == (new.mime, new.attrs):
        return f'{{"mtime":{old.mtime}}}'
    was = {"mtime": old.mtime, "mime": old.mime, "attrs": old.attrs}
    text: str = import_module("json").dumps(was, ensure_ascii=False)
    return text


def last_link(connection: Connection, user: str) -> tuple[int, bytes]:
    """The number and the chain of the newest event."""
    row = connection.execute(
        "SELECT seq, chain FROM event WHERE user_id = ? ORDER BY seq DESC LIMIT 1", (user,)
    ).fetchone()
    return (row[0], row[1]) if row is not None else (0, START)


def link(
    before: bytes,
    seq: int,
    at: int,
    command_id: str,
    actor: str,
    op: str,
    node: str | None,
    old: bytes | None,
    new: bytes | None,
    ref: int | None,
    names: bytes,
) -> bytes:
    """The chain of a row: the hash of the row before and of all that this one says."""
    text = (
        f"{seq}\0{at}\0{command_id}\0{actor}\0{op}\0{node or ''}\0{old.hex() if old else ''}"
        f"\0{new.hex() if new else ''}\0{'' if ref is None else ref}\0{names.hex()}"
    )
    return sha256(before + text.encode()).digest()


def names_hash(salt: bytes, mount: str, path: str, target: str | None, detail: str, line: str) -> bytes:
    """What the chained row holds of an event's names."""
    text = f"{mount}\0{path}\0{'' if target is None else '/' + target}\0{detail}\0{line}"
    return sha256(salt + text.encode("utf-8", "surrogatepass")).digest()


def append(
    connection: Connection,
    user: str,
    change: Change,
    at: int,
    entries: Sequence[Entry],
    undoes: str | None = None,
) -> tuple[int, int]:
    """Adds rows at the end, within the caller's transaction; returns the first and the last number."""
    seq, chain = last_link(connection, user)
    first = seq + 1
    command_id, actor, line = (_kept(text) for text in (change.command_id, change.actor, change.command))
    salts = os.urandom(16 * len(entries))
    events, names = [], []
    for number, entry in enumerate(entries):
        seq += 1
        salt = salts[16 * number : 16 * number + 16]
        named = names_hash(salt, entry.mount, entry.path, entry.target, entry.detail, line)
        chain = link(
            chain,
            seq,
            at,
            command_id,
            actor,
            entry.op,
            entry.node,
            entry.before,
            entry.after,
            entry.ref,
            named,
        )
        events.append(
            (user, seq, at, command_id, actor, entry.op, entry.node, entry.before, entry.after, entry.ref,
             named, chain)
        )  # fmt: skip
        names.append((user, seq, entry.mount, entry.path, entry.target, entry.detail, salt))
    connection.executemany(_EVENT, events)
    connection.executemany(_NAME, names)
    connection.execute(_COMMAND, (user, command_id, line, actor, at, first, seq, undoes))
    return first, seq


def _kept(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def breaks(connection: Connection, user: str) -> Iterator[tuple[int, str]]:
    """The rows that are not what they were when written, with what is wrong, in order."""
    chain, expected = START, 1
    rows = connection.execute(
        "SELECT e.seq, e.at, e.command_id, e.actor, e.op, e.node, e.before, e.after, e.ref, e.names, e.chain,"
        " n.salt, n.mount, n.path, n.target, n.detail, c.line"
        " FROM event e LEFT JOIN event_name n ON n.user_id = e.user_id AND n.seq = e.seq"
        " LEFT JOIN command c ON c.user_id = e.user_id AND c.id = e.command_id"
        " WHERE e.user_id = ? ORDER BY e.seq",
        (user,),
    )
    for row in rows:
        seq = row[0]
        if seq != expected:
            yield expected, "is missing"
        if link(chain, *row[:10]) != row[10]:
            yield seq, "was changed"
        elif (
            row[11] is not None
            and names_hash(row[11], row[12], row[13], row[14], row[15], row[16] or "") != row[9]
        ):
            yield seq, "has other names than it was written with"
        chain, expected = row[10], seq + 1

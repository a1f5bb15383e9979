"""queue: a prepared deed becomes a file of the outbox and a row that a worker finds, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from providers.outbox import table
from providers.outbox.deed import CANCELLED, DONE, WAITING, Prepared
from providers.outbox.form import form_of, with_text
from providers.store import rows
from providers.store.contents import Content
from providers.store.intake import Intake
from providers.store.unit import Put, Unit
from vfs.action import Change
from vfs.errors import Conflict, Exists
from vfs.names import clean
from vfs.node import Node, Value
from vfs.path import Path

if TYPE_CHECKING:
    from providers.store.store import Connection, Store

OF_AGENTS = 300.0
"""Seconds for which a person can stop what an agent wants to send."""


def countdown_for(change: Change, wanted: Value) -> float:
    """Seconds until a deed may leave: as wanted, at least OF_AGENTS for an agent's."""
    seconds = max(float(wanted), 0.0) if isinstance(wanted, int | float) else 0.0
    return max(seconds, OF_AGENTS) if change.actor.startswith("agent:") else seconds


async def queue(
    store: Store, account: str, verb: str, prepared: Prepared, change: Change, countdown: Value = None
) -> Node:
    """The file of the outbox that stands for the deed from now on.

    `account` is the collection of the mount that performs it, `countdown` seconds. Raises Exists when the
    same deed (by its key) waits already, Conflict when it was done.
    """
    seconds = countdown_for(change, countdown)
    form = form_of(prepared.mime)
    said = form.attributes(prepared.content)
    async with Intake(store.objects) as intake:
        await intake.take(_once(prepared.content))
        content = with_text(form, await intake.finish(), prepared.content)

        def work(connection: Connection) -> Node:
            _free_key(connection, store.user, account, prepared.key)
            unit = Unit(connection, store.user, table.OUTBOX, change)
            arguments = rows.write_attrs({**prepared.arguments, table.COUNTDOWN: seconds})
            due = unit.now + int(seconds * 1_000_000)
            row = table.DeedRow(
                0, account, verb, WAITING, prepared.key, arguments, prepared.summary, change.command_id,
                change.actor, unit.now, due, unit.now, 0, "", "", None, None,
            )  # fmt: skip
            name = unit.free_name("", clean(prepared.name))
            attrs = rows.write_attrs(table.attributes(said, row))
            made = unit.put([_put(name, content, prepared.mime, attrs)])[0]
            unit.finish()
            table.insert(connection, store.user, row._replace(node=made.seq))
            return made.node()

        return await store.write(work)


def _put(name: str, content: Content, mime: str, attrs: str) -> Put:
    return Put("", name, content, mime, attrs)


def _free_key(connection: Connection, user: str, account: str, key: str) -> None:
    """Raises Exists, Conflict when a deed with this key waits, or was done; a cancelled one gives it up."""
    old = table.of_key(connection, user, account, key)
    if old is None:
        return
    if old.state == DONE:
        raise Conflict(None, "was sent already", hint="change its Message-ID to send it as another mail")
    if old.state != CANCELLED:
        path = Path(("outbox", old.name))
        raise Exists(path, "the same waits here already", hint=f"send it now: release {path}")
    table.change(connection, user, old, table.without_key(old))


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data

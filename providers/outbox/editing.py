"""What a person does to a deed that waits: changing its content, releasing it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from providers.outbox import table
from providers.outbox.deed import HELD, UNKNOWN, WAITING
from providers.outbox.form import form_of, with_text
from providers.outbox.keeping import HELD_WORDS
from providers.store import nodes, rows
from providers.store.intake import Intake
from providers.store.unit import Put, Unit
from vfs.action import Change
from vfs.errors import BadName, Conflict, NotFound, TooLarge
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Blocks
from vfs.reading import gather

if TYPE_CHECKING:
    from providers.store.rows import NodeRow
    from providers.store.store import Connection, Store


async def taken(data: Blocks, path: Path, most: int) -> bytes:
    """All of a new content. Raises TooLarge."""
    try:
        return await gather(data, path, most)
    except TooLarge:
        raise TooLarge(path, f"more than {most // (1024 * 1024)} MB cannot leave at once") from None


async def rewrite(store: Store, row: NodeRow, before: bytes, edited: bytes, change: Change) -> Node:
    """Another content for a deed, whose countdown starts again.

    Raises BadName for what could not be done, Conflict for what may have left, or was changed meanwhile.
    """
    path = rows.to_path(row.path)
    form = form_of(row.mime)
    deed = await store.read(lambda connection: table.of_node(connection, store.user, row.seq))
    if deed is None:
        raise NotFound(path)
    try:
        data = form.revised(before, edited, deed.key)
    except BadName as error:
        raise error.at(path) from error
    attrs = rows.write_attrs(table.attributes(form.attributes(data), deed))
    async with Intake(store.objects) as intake:
        await intake.take(_once(data))
        content = with_text(form, await intake.finish(), data)

        def work(connection: Connection) -> Node:
            unit = Unit(connection, store.user, table.OUTBOX, change)
            present = unit.at(path)
            if (present.seq, present.digest) != (row.seq, row.digest):
                raise Conflict(path)
            made = unit.put([Put(row.parent, row.name, content, row.mime, attrs)])[0]
            unit.finish()
            return made.node()

        return await store.write(work)


def released(connection: Connection, user: str, row: NodeRow, now: int) -> NodeRow:
    """A deed that is due from now on; what was refused, or is unclear, is tried again."""
    deed = table.of_node(connection, user, row.seq)
    path = rows.to_path(row.path)
    if deed is None:
        raise NotFound(path)
    if deed.state in HELD:
        raise Conflict(path, HELD_WORDS, hint="look again in a minute: ls /outbox")
    # That there was a try stays known: its service looks first whether that one sent it after all.
    tries = max(deed.tries, 1) if deed.state == UNKNOWN else deed.tries
    anew = table.waits_anew(deed, now)._replace(due=now, state=WAITING, tries=tries)
    table.change(connection, user, deed, anew)
    return nodes.find(connection, user, table.OUTBOX, path)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data

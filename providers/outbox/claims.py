"""What a worker writes about a deed: taking it, leaving, and how it ended; each guarded by its lease."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.outbox import table
from providers.outbox.deed import DONE, HELD, LEAVING, SENDING, WAITING
from providers.outbox.holder import LEASE, has_ended
from providers.outbox.table import DeedRow
from providers.store import nodes, rows
from providers.store.unit import Unit
from vfs.action import Change
from vfs.errors import Conflict
from vfs.ids import uuid7

if TYPE_CHECKING:
    from providers.store.store import Connection

WORKER = "sync:outbox"
"""The actor of what a worker does: nothing that `undo` takes back."""


class LeaseLost(Conflict):
    """Somebody else has the deed by now: nothing may be done with it any more."""


def may_claim(row: DeedRow, now: int) -> bool:
    """Whether there is something to do for a deed, and nobody who does it."""
    if row.state == WAITING:
        return row.due <= now
    if row.state == SENDING:
        return has_ended(row.lease, row.lease_until, now)
    return row.state == LEAVING and row.due <= now and has_ended(row.lease, row.lease_until, now, sure=True)


def next_moment(row: DeedRow, now: int) -> int | None:
    """When to look at it again; None when nothing but a person takes it further."""
    if row.state == WAITING:
        return row.due
    if row.state not in HELD:
        return None
    return max(row.due, row.lease_until or 0, now + int(LEASE * 1_000_000))


def claim(connection: Connection, user: str, node: int, lease: str, now: int) -> DeedRow | None:
    """The deed, leased; None when it is not to be had."""
    row = table.of_node(connection, user, node)
    if row is None or not may_claim(row, now):
        return None
    state = LEAVING if row.state == LEAVING else SENDING
    held = row._replace(state=state, lease=lease, lease_until=_until(now), changed=now)
    return table.change(connection, user, row, held)


def renew(connection: Connection, user: str, node: int, lease: str, now: int) -> bool:
    """Whether the lease still stands; it lasts longer then."""
    row = table.of_node(connection, user, node)
    if row is None or row.lease != lease:
        return False
    table.change(connection, user, row, row._replace(lease_until=_until(now)))
    return True


def leave(connection: Connection, user: str, node: int, lease: str, now: int) -> None:
    """Notes that from here on only a look tells what happened. Raises LeaseLost."""
    row = table.of_node(connection, user, node)
    if row is None or row.lease != lease or row.state not in HELD:
        raise LeaseLost(None, "another worker has it by now")
    leaving = row._replace(state=LEAVING, lease_until=_until(now), changed=now, due=now)
    table.change(connection, user, row, leaving)


def settle(connection: Connection, user: str, after: DeedRow, lease: str, now: int) -> DeedRow | None:
    """Writes how it ended and lets go of it; what is done leaves the outbox. None when the lease was lost."""
    row = table.of_node(connection, user, after.node)
    if row is None or row.lease != lease:
        return None
    settled = row._replace(
        state=after.state, due=after.due, tries=after.tries, problem=after.problem, result=after.result,
        changed=now, lease=None, lease_until=None,
    )  # fmt: skip
    settled = table.change(connection, user, row, settled)
    if settled.state == DONE:
        change = Change(uuid7(), f"{row.verb} {row.name}", WORKER)
        unit = Unit(connection, user, table.OUTBOX, change)
        live = nodes.lookup(connection, user, table.OUTBOX, row.parent, row.name)
        if live is not None and live.seq == row.node:
            unit.remove_all([live], op=row.verb)
        unit.finish()
    return settled


def claimable(connection: Connection, user: str, now: int) -> tuple[list[DeedRow], int | None]:
    """What can be done at once, and when there will be more."""
    found = table.open_deeds(connection, user)
    ready = [row for row in found if may_claim(row, now)]
    later = [
        moment for row in found if not may_claim(row, now) for moment in [next_moment(row, now)] if moment
    ]
    return ready, min(later, default=None)


def _until(now: int) -> int:
    return now + int(LEASE * 1_000_000)


def line_of(row: DeedRow) -> str:
    """How it stands with a deed, for a person."""
    words = {
        WAITING: f"waits until {rows.to_time(row.due).astimezone():%H:%M:%S}: ",
        DONE: "sent: ",
        "failed": "refused: ",
        "unknown": "may have been sent, or not: ",
        LEAVING: "may have been sent, to be looked up: ",
    }
    problem = f" ({row.problem})" if row.problem and row.state != DONE else ""
    return f"{words.get(row.state, row.state + ': ')}{row.summary or row.name}{problem}"

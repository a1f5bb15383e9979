"""What a service has no more: taken out here, unless that would be most of what there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from providers.mirror import records
from providers.mirror.records import ACCOUNT, Folder, ItemRow, Place
from providers.store.unit import Unit
from vfs.errors import VfsError

if TYPE_CHECKING:
    from providers.store.store import Connection

FEW = 50
"""So many go without a question."""

ACCEPT = "if that is right, run: sync --accept"
"""The next step for whoever knows that it is."""

EMPTIED = ("trash", "junk")
"""Roles of collections that people empty."""


class Withheld(VfsError):
    """Most of a collection would go: that is asked for first."""

    default = "would delete most of it"


def check(
    connection: Connection,
    place: Place,
    folder: Folder,
    gone: Sequence[ItemRow],
    already: int = 0,
    emptied: int = FEW,
) -> None:
    """Raises Withheld when more than half of a collection would go, and more than a few.

    Also when all of it would, and that is more than `emptied`. What is in another collection by now has
    moved, and counts as kept. `already` went before.
    """
    if len(gone) + already <= emptied or folder.role in EMPTIED:
        return
    known = records.count_items(connection, place, folder.key) + already
    limit = min(known - 1, max(FEW, known // 2))
    if len(gone) + already <= limit:
        return
    numbers = {row.node for row in gone}
    alike = records.items_like(connection, place, [row.identity for row in gone])
    elsewhere = {
        identity
        for identity, twins in alike.items()
        if any(row.node not in numbers and row.key != ACCOUNT and not row.is_apart for row in twins)
    }
    lost = sum(1 for row in gone if row.identity not in elsewhere) + already
    if lost > limit:
        raise Withheld(
            None,
            f"{folder.path}: would delete {lost:,} of {known:,}",
            hint=ACCEPT,
        )


def remove(unit: Unit, gone: Sequence[ItemRow]) -> int:
    """Takes out the files of items that are gone; how many. One that was edited here stays, as a new one."""
    place = Place(unit.user, unit.mount)
    numbers = [row.node for row in gone]
    there = records.live(unit.connection, unit.user, numbers)
    waiting = records.waiting(unit.connection, unit.user, numbers)
    leaving = [
        there[row.node]
        for row in gone
        if row.node in there and (row.node not in waiting or there[row.node].digest == row.digest)
    ]
    if leaving:
        unit.remove_all(leaving)
    records.set_apart(unit.connection, place, gone)
    return len(leaving)

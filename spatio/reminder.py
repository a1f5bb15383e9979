"""remind: what waits in the outbox, in a line on standard error, when nobody is there to send it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.outbox.standing import standing_of
from spatio.start import say

if TYPE_CHECKING:
    from providers.store.store import Store


async def remind(store: Store) -> None:
    """One line with its next step, or none."""
    found = await standing_of(store)
    needy = found.failed + found.unknown
    if found.waiting and not found.works:
        count = "1 waits" if found.waiting == 1 else f"{found.waiting} wait"
        say(f"{count} in /outbox, and no worker runs\n  run: spatio worker")
    elif needy:
        say(f"{needy} in /outbox {'needs' if needy == 1 else 'need'} you\n  run: ls -l /outbox")

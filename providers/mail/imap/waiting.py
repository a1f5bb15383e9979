"""Waiting: IDLE, where a server says when something is new, and looking again and again where it does not."""

from __future__ import annotations

import re
from time import monotonic

from providers.mail.imap.pool import Pool
from providers.mail.imap.session import Session
from providers.mirror.remote import Collection
from vfs.drive import event_loop

AGAIN = 9 * 60.0
"""Seconds after which IDLE is said again: what is between forgets connections that are silent for longer."""
LOOK = 60.0
"""Seconds between looks at a server that does not say by itself."""

_NEWS = re.compile(rb"\* (?:\d+ (?:EXISTS|EXPUNGE|FETCH)|VANISHED)", re.IGNORECASE)


class Waiting:
    """Waits for changes of one mailbox on a connection of the pool."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.seen: dict[str, tuple[int, int, int]] = {}

    def note(self, key: str, like: tuple[int, int, int]) -> None:
        """What a mailbox was like when it was listed: what is other than that is news."""
        self.seen[key] = like

    async def wait(self, collection: Collection, seconds: float) -> bool:
        """See `Waits.wait`. Raises what a lost connection means; the next call makes another one."""
        await event_loop()
        key, until = collection.key, monotonic() + seconds
        while (left := until - monotonic()) > 0:
            if await self.pool.call(lambda session, left=left: self._once(session, key, left), mailbox=key):  # type: ignore[misc]
                return True
        return False

    def _once(self, session: Session, key: str, left: float) -> bool:
        """One IDLE, or one look; True when there is something new."""
        opened = session.open(key)
        if self.seen.setdefault(key, opened.like) != opened.like:
            return True
        if "IDLE" in session.offers:
            return session.idle(min(left, AGAIN), _NEWS)
        session.rest(min(left, LOOK))
        return False

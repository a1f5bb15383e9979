"""Cursor: what of a mailbox is known so far, as the mirror keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple


class Cursor(NamedTuple):
    """Numbers of the server at the time of a listing; 0 where it said none."""

    validity: int
    """UIDVALIDITY: with another one all UIDs mean other messages."""
    next: int
    """UIDNEXT: messages from here on are new."""
    modseq: int = 0
    """HIGHESTMODSEQ: changes above are new."""
    low: int = 0
    """Of a whole listing under way: everything from this UID on is listed. 0: the listing is whole."""
    exists: int = 0
    """How many messages there were."""
    hidden: int = 0
    """How many of them were marked as deleted, and therefore not listed."""
    checked: int = 0
    """When all flags were compared, in seconds since 1970: for servers that cannot say what has changed."""

    def is_still(self, status: Mapping[str, int]) -> bool:
        """Whether the server's numbers of the mailbox say that nothing has happened since."""
        return (
            not self.low
            and self.modseq > 0
            and status.get("UIDVALIDITY") == self.validity
            and status.get("UIDNEXT") == self.next
            and status.get("HIGHESTMODSEQ") == self.modseq
            and status.get("MESSAGES") == self.exists
        )

    def written(self) -> str:
        return json.dumps(dict(zip(self._fields, self, strict=True)), separators=(",", ":"))


def read(text: str) -> Cursor | None:
    """The cursor that was written; None for what is none."""
    try:
        said = json.loads(text)
        cursor = Cursor(**said)
    except (ValueError, TypeError):
        return None
    return cursor if all(type(value) is int for value in cursor) else None

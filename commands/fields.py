"""Seen: which of the fields that a line names its records really had."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commands.command import Failure
from commands.nearest import nearest
from commands.report import report
from commands.stream import Io, Record
from commands.values import has_field

REMEMBERED = 200
"""Field names kept to find the one that was meant."""


class Seen:
    """Watches records go by, to tell a mistyped field from one that is only empty."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._missing = list(dict.fromkeys(wanted))
        self._known: dict[str, None] = {}
        self._any = False

    def look(self, batch: Sequence[Record]) -> None:
        self._any = self._any or bool(batch)
        if not self._missing:
            return
        for record in batch:
            if len(self._known) < REMEMBERED:
                self._known.update(dict.fromkeys(record.fields))
            for name in [name for name in self._missing if has_field(record, name)]:
                self._missing.remove(name)
            if not self._missing:
                return

    async def report(self, io: Io, command: str) -> int:
        """0, or 1 and an error line for each field that no record had."""
        if not self._any:
            return 0
        for name in self._missing:
            near = nearest(name, self._known)
            known = ", ".join(list(self._known)[:12])
            hint = f"did you mean {near}?" if near else f"its fields are: {known}" if known else None
            await report(io, command, Failure(f"no record has a field '{name}'", hint=hint))
        return 1 if self._missing else 0

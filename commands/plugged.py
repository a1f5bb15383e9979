"""Commands that other distributions bring, by the entry points `spatio.commands`.

`SPATIO_PLUGINS=0` leaves all of them out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from commands.command import Command, Failure

GROUP = "spatio.commands"


def _found(name: str | None = None) -> Sequence[EntryPoint]:
    if os.environ.get("SPATIO_PLUGINS") == "0":
        return []
    return list(entry_points(group=GROUP, name=name) if name else entry_points(group=GROUP))


def names() -> Sequence[str]:
    """The names of plug-ins' commands; loads none of them."""
    return [point.name for point in _found()]


def find(name: str) -> Command[Any] | None:
    """The plug-in's command of this name, or None. Raises Failure when it cannot be loaded."""
    for point in _found(name):
        try:
            command = point.load()
        except Exception as wrong:
            raise Failure(
                f"{name}: its plug-in {point.value} cannot be loaded: {wrong}",
                status=127,
                hint="update or remove the package that brings it",
            ) from wrong
        if not isinstance(command, Command):
            raise Failure(f"{name}: its plug-in {point.value} is not a Command", status=127)
        return command
    return None

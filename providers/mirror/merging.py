"""Three ways of a state into one: what it was, what it is here, what it is at the service."""

from __future__ import annotations

from collections.abc import Mapping

from providers.mirror.remote import State
from vfs.node import Value


def merged(base: State, local: Mapping[str, Value], remote: State) -> dict[str, Value]:
    """Each key as whoever changed it wants it; where both did, the service, and of lists what both did.

    None stands for what is not there any more. `local` may hold more than the state; the rest is left.
    """
    result: dict[str, Value] = {}
    for key in {**base, **remote}:
        was, here, there = base.get(key), local.get(key), remote.get(key)
        if here in (was, there):
            result[key] = there
        elif there == was:
            result[key] = here
        elif isinstance(here, tuple) and isinstance(there, tuple):
            before = was if isinstance(was, tuple) else ()
            kept = [one for one in there if one in here or one not in before]
            result[key] = (*kept, *(one for one in here if one not in before and one not in there))
        else:
            result[key] = there
    return result

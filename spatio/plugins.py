"""Kinds of mounts by name: ours from a table of strings, then those that other packages bring.

A package offers a provider by the entry point `spatio.providers`, a command by `spatio.commands`
(`commands.plugged` finds those). One that cannot be loaded fails alone, with its own name in the
error. `SPATIO_PLUGINS=0` leaves all of them out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from providers import TABLE
from vfs.errors import NotFound, Unavailable, VfsError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from providers.spec import ProviderSpec

GROUPS = ("spatio.commands", "spatio.providers")


def allowed(env: Mapping[str, str] = os.environ) -> bool:
    """Whether what other packages bring may be loaded."""
    return env.get("SPATIO_PLUGINS", "") != "0"


def brought(group: str) -> Sequence[EntryPoint]:
    """What other packages offer in `group`, by name; loads none of it."""
    if not allowed():
        return []
    points: Sequence[EntryPoint] = import_module("importlib.metadata").entry_points(group=group)
    return sorted(points, key=lambda point: point.name)


def provider_names() -> Sequence[str]:
    """Every kind of mount there is, sorted."""
    return sorted({*TABLE, *(point.name for point in brought("spatio.providers"))})


def provider_spec(name: str) -> ProviderSpec:
    """The kind of mount called `name`.

    Raises NotFound for a name that nobody offers, Unavailable when it cannot be loaded.
    """
    if name in TABLE:
        where, extra = TABLE[name]
        module, _, value = where.partition(":")
        try:
            ours: ProviderSpec = getattr(import_module(module), value)
        except ImportError as error:
            hint = f"pip install 'spatio-shell[{extra}]'" if extra else None
            raise _unusable(name, f"needs a part that is not installed: {error.name}", hint) from error
        return ours
    for point in brought("spatio.providers"):
        if point.name == name:
            return _loaded(point)
    near = import_module("commands.nearest").nearest(name, provider_names())
    raise NotFound(
        None, f"there is no provider {name}", hint=f"did you mean {near}?" if near else "run: help mount"
    )


def _loaded(point: EntryPoint) -> ProviderSpec:
    spec_type: type[ProviderSpec] = import_module("providers.spec").ProviderSpec
    hint = "update or remove the package that brings it"
    try:
        spec = point.load()
    except Exception as error:
        raise _unusable(point.name, f"its plug-in {point.value} cannot be loaded: {error}", hint) from error
    if not isinstance(spec, spec_type):
        raise _unusable(point.name, f"its plug-in {point.value} is not a ProviderSpec", hint)
    return spec


def _unusable(name: str, reason: str, hint: str | None) -> VfsError:
    return Unavailable(None, f"provider {name}: {reason}", hint=hint)

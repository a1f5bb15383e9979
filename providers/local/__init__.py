"""A folder of this computer as a mount: links never lead out of it, writes are whole or not at all."""

from __future__ import annotations

from providers.local.folder import Local
from providers.spec import Opening, Option, ProviderSpec


def _open(opening: Opening) -> Local:
    return Local(opening.options["path"])


PROVIDER = ProviderSpec(
    "local",
    "a folder of this computer",
    _open,
    (Option("path", "the folder, such as ~/Documents", required=True),),
)
__all__ = ["PROVIDER", "Local"]

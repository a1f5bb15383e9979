"""What `/tmp` is: a folder of the host inside the cache, its changes not journalled."""

from __future__ import annotations

from importlib import import_module

from providers.local import Local
from spatio.paths import make_private
from vfs.provider import Provider


class Scratch(Local):
    """A host folder whose contents nobody wants back: `undo` and `history` leave it alone."""

    journals = True


def open_scratch(folder: str) -> Provider:
    """The scratch space in `folder`; in memory, for this process, where that cannot be made."""
    try:
        return Scratch(make_private(folder))
    except OSError:
        fleeting: Provider = import_module("spatio.fleeting").Fleeting()
        return fleeting

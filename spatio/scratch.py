"""What `/tmp` is: a folder of the host inside the cache, its changes not journalled."""

from __future__ import annotations

from providers.local import Local
from providers.memory import Memory
from spatio.paths import make_private
from vfs.provider import Provider


class Scratch(Local):
    """A host folder whose contents nobody wants back: `undo` and `history` leave it alone."""

    journals = True


class Fleeting(Memory):
    """The same where nothing can be kept on the host."""

    journals = True


def open_scratch(folder: str) -> Provider:
    """The scratch space in `folder`; in memory, for this process, where that cannot be made."""
    try:
        return Scratch(make_private(folder))
    except OSError:
        return Fleeting()

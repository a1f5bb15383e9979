"""What `/tmp` is where nothing can be kept on the host."""

from __future__ import annotations

from providers.memory import Memory


class Fleeting(Memory):
    """Scratch space in memory: `undo` and `history` leave it alone."""

    journals = True

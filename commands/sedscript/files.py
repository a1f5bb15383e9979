"""Files: what a sed program reads and writes beside its input."""

from __future__ import annotations


class Files:
    """The files that a program reads and writes, by name; sed's own command provides it."""

    async def content(self, name: str) -> bytes:
        """The whole content, empty for what cannot be read."""
        raise NotImplementedError

    def write(self, name: str, line: bytes, end: bytes) -> None:
        """Adds a line to what the file will hold; one that lacks its `end` gets it from the next."""
        raise NotImplementedError

"""The titles that head and tail put above each of several inputs."""

from __future__ import annotations

from collections.abc import Sequence

from commands.stream import Sink


class Titles:
    """`==> NAME <==` above each input, an empty line between them."""

    def __init__(self, several: bool, quiet: bool, verbose: bool, given: Sequence[str]) -> None:
        asked = [name for name in given if name in ("quiet", "verbose")]
        self._wanted = asked[-1] == "verbose" if asked else several
        self._first = True

    async def show(self, out: Sink, name: str) -> None:
        """Writes the title of the next input."""
        if not self._wanted:
            return
        gap = "" if self._first else "\n"
        self._first = False
        await out.text(f"{gap}==> {'standard input' if name == '-' else name} <==\n")

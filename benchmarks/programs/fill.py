"""Fills a workspace with notes; run by the installed program's own interpreter.

python fill.py HOME COUNT WORDS [FOLDER]
"""

import asyncio
import pathlib
import sys
from collections.abc import AsyncIterator

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))

from text import documents

from spatio.workspace import open_workspace
from vfs.path import Path


async def fill(home: str, count: int, words: int) -> None:
    """Writes COUNT notes of WORDS words each to `/notes` (empty ones for 0 words)."""
    workspace = open_workspace(home)
    session = workspace.session()

    async def notes() -> AsyncIterator[tuple[Path, bytes]]:
        if not words:
            for number in range(count):
                yield Path.parse(f"/notes/note-{number:07}.md"), b"-\n"
            return
        for number, text in enumerate(documents(count, words)):
            yield Path.parse(f"/notes/note-{number:07}.md"), text.encode()

    async for _ in session.tree.write_many(notes()):
        pass
    await workspace.aclose()


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))

"""The files below a folder with their contents, read many at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from commands.stream import Source
from commands.text.inputs import Inputs, Operand
from vfs.closing import Closing
from vfs.errors import VfsError
from vfs.node import Node
from vfs.path import Path


async def files_below(
    inputs: Inputs, folder: Path, shown: str, wanted: Callable[[str], bool], skipped: Callable[[str], bool]
) -> AsyncIterator[tuple[str, Source]]:
    """Every file of a wanted name, outside of skipped folders, called by its path from `shown` on.

    What cannot be read is reported through `inputs`.
    """
    lead = shown if not shown or shown.endswith("/") else shown + "/"
    depth = len(folder.parts)
    choosing = _Choosing(wanted, skipped)
    try:
        async with Closing(inputs.ctx.tree.walk(folder)) as pages:
            async for page in pages:
                paths = choosing.files(page)
                async with Closing(inputs.ctx.tree.contents(paths)) as contents:
                    async for content in contents:
                        name = lead + "/".join(content.path.parts[depth:])
                        if content.error is not None:
                            await inputs.failed(name, content.error)
                        else:
                            yield name, Operand(inputs, name, content)
    except VfsError as error:
        await inputs.failed(shown or ".", error)


class _Choosing:
    """Which entries of a walk are files to be read."""

    def __init__(self, wanted: Callable[[str], bool], skipped: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._skipped = skipped
        self._outside: Path | None = None

    def files(self, page: Sequence[tuple[Path, Node]]) -> list[Path]:
        paths: list[Path] = []
        for path, node in page:
            if self._outside is not None and path.is_under(self._outside):
                continue
            if node.is_folder:
                self._outside = path if self._skipped(path.name) else None
            elif self._wanted(path.name):
                paths.append(path)
        return paths

"""The files below a folder with their contents, read many at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from commands.text.inputs import Inputs
from vfs.closing import Closing
from vfs.errors import VfsError
from vfs.node import Node
from vfs.path import Path
from vfs.reading import Content


def named(path: Path, folder: Path, shown: str) -> str:
    """How a file below a folder is called where the folder is called `shown`."""
    lead = shown if not shown or shown.endswith("/") else shown + "/"
    return lead + "/".join(path.parts[len(folder.parts) :])


async def files_below(
    inputs: Inputs,
    folder: Path,
    shown: str,
    wanted: Callable[[str], bool],
    skipped: Callable[[str], bool],
    missed: Callable[[bytes], bool] | None,
) -> AsyncIterator[Content]:
    """The content of every file of a wanted name outside of skipped folders, but for those `missed`.

    What cannot be read is reported through `inputs`, by its name from `shown` on.
    """
    choosing = _Choosing(wanted, skipped)
    try:
        async with Closing(inputs.ctx.tree.walk(folder)) as pages:
            async for page in pages:
                paths = choosing.files(page)
                async with Closing(inputs.ctx.tree.content_batches(paths)) as batches:
                    async for batch in batches:
                        for content in batch:
                            if content.error is not None:
                                await inputs.failed(named(content.path, folder, shown), content.error)
                            elif missed is None or content.data is None or not missed(content.data):
                                yield content
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
                self._outside = path if self._skipped(node.name) else None
            elif self._wanted(node.name):
                paths.append(path)
        return paths

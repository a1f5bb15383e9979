"""The files below a folder with their contents, read many at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from commands.text.inputs import Inputs
from vfs.closing import Closing
from vfs.errors import VfsError
from vfs.node import Node
from vfs.path import Path
from vfs.reading import Content
from vfs.tree import Tree


def named(path: Path, folder: Path, shown: str) -> str:
    """How a file below a folder is called where the folder is called `shown`."""
    lead = shown if not shown or shown.endswith("/") else shown + "/"
    return lead + "/".join(path.parts[len(folder.parts) :])


async def files_below(
    inputs: Inputs,
    folder: Path,
    shown: str,
    choosing: Choosing | None,
    missed: Callable[[bytes], bool] | None,
) -> AsyncIterator[Content]:
    """The content of every file that is chosen (None: all), but for those `missed`.

    What cannot be read is reported through `inputs`, by its name from `shown` on.
    """
    tree = inputs.ctx.tree
    chosen = tree.contents_below(folder) if choosing is None else choosing.contents(tree, folder)
    try:
        async with Closing(chosen) as batches:
            async for batch in batches:
                for content in batch:
                    if content.error is not None:
                        await inputs.failed(named(content.path, folder, shown), content.error)
                    elif missed is None or content.data is None or not missed(content.data):
                        yield content
    except VfsError as error:
        await inputs.failed(shown or ".", error)


class Choosing:
    """Files of a wanted name outside of skipped folders."""

    def __init__(self, wanted: Callable[[str], bool], skipped: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._skipped = skipped
        self._outside: Path | None = None

    async def contents(self, tree: Tree, folder: Path) -> AsyncIterator[Sequence[Content]]:
        """What they hold."""
        async with Closing(tree.walk(folder)) as pages:
            async for page in pages:
                async with Closing(tree.content_batches(self._files(page))) as batches:
                    async for batch in batches:
                        yield batch

    def _files(self, page: Sequence[tuple[Path, Node]]) -> list[Path]:
        paths: list[Path] = []
        for path, node in page:
            if self._outside is not None and path.is_under(self._outside):
                continue
            if node.is_folder:
                self._outside = path if self._skipped(node.name) else None
            elif self._wanted(node.name):
                paths.append(path)
        return paths

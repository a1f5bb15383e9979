"""Removing many nodes within one unit, as one after the other would."""

from __future__ import annotations

from providers.store import rows
from providers.store.rows import FOLDER, NodeRow
from providers.store.unit import Unit
from vfs.errors import IsADirectory, NotEmpty, NotFound, VfsError
from vfs.path import Path


class Removal:
    """Nodes that are to go: chosen one by one, taken out together."""

    def __init__(self, unit: Unit, recursive: bool) -> None:
        self._unit = unit
        self._recursive = recursive
        self._chosen: dict[Path, NodeRow] = {}
        self._above: set[Path] = set()

    def choose(self, path: Path) -> VfsError | None:
        """Why the node at `path` cannot be removed; None when it will be."""
        try:
            self._choose(path)
        except VfsError as error:
            return error
        return None

    def _choose(self, path: Path) -> None:
        if not path.parts:
            raise IsADirectory(path)
        if not rows.storable(path):
            raise NotFound(path)
        over = [Path(path.parts[:length]) for length in range(1, len(path.parts))]
        if path in self._above or path in self._chosen or any(one in self._chosen for one in over):
            self.finish()
        row = self._unit.at(path)
        if row.kind == FOLDER and not self._recursive and not self._unit.is_empty(row.path):
            raise NotEmpty(path)
        self._chosen[path] = row
        self._above.update(over)

    def finish(self) -> None:
        """Takes out what was chosen."""
        self._unit.remove_all(list(self._chosen.values()))
        self._chosen.clear()
        self._above.clear()

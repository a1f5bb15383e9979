"""Mount (opened lazily, once) and MountTable (the deepest one wins)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from vfs.errors import Exists, NotFound
from vfs.path import Path
from vfs.provider import Provider

Trust = Literal["own", "outside"]


class Mount:
    """A provider at a place in the tree. Mounting opens nothing; the first use does, once.

    `opener` builds the provider without waiting for anything: what must connect or log in does so
    inside the provider, in its first call.
    """

    __slots__ = ("_provider", "name", "opener", "options", "path", "place", "read_only", "searched", "trust")

    def __init__(
        self,
        path: Path,
        name: str,
        opener: Callable[[], Provider],
        *,
        read_only: bool = False,
        trust: Trust = "own",
        options: Mapping[str, str] | None = None,
        searched: bool = True,
        place: str = "",
    ) -> None:
        self.path = path
        self.name = name
        """The provider's name in the table, such as `notes` or `local`."""
        self.opener = opener
        self.read_only = read_only
        self.trust: Trust = trust
        """`outside`: text from here is other people's."""
        self.options = dict(options or {})
        self.searched = searched
        """Whether a search from above looks in here; one that names a place within always does."""
        self.place = place
        """Where its data lies, for people, if that is not the usual place."""
        self._provider: Provider | None = None

    @property
    def opened(self) -> Provider | None:
        """The provider if somebody has used it already."""
        return self._provider

    def provider(self) -> Provider:
        """The provider, built by the first call."""
        if self._provider is None:
            self._provider = self.opener()
        return self._provider

    async def aclose(self) -> None:
        """Closes the provider if it was opened."""
        provider, self._provider = self._provider, None
        if provider is not None:
            await provider.aclose()


class MountTable:
    """Which mount serves a path: the one with the longest path above it."""

    def __init__(self) -> None:
        self.hints: Mapping[str, str] = {}
        """The next step for whoever looks for a name at the top where nothing is mounted."""
        self._mounts: dict[tuple[str, ...], Mount] = {}
        self._above: set[tuple[str, ...]] = set()

    def add(self, mount: Mount) -> None:
        """Raises Exists when something is mounted at that very path."""
        if mount.path.parts in self._mounts:
            raise Exists(mount.path, "something is mounted here already", hint=f"run: umount {mount.path}")
        self._mounts[mount.path.parts] = mount
        self._note_folders()

    def take(self, path: Path) -> Mount:
        """Removes and returns the mount at exactly `path`. Raises NotFound."""
        try:
            mount = self._mounts.pop(path.parts)
        except KeyError:
            raise NotFound(path, "nothing is mounted here", hint="run: mounts") from None
        self._note_folders()
        return mount

    def _note_folders(self) -> None:
        self._above = {parts[:length] for parts in self._mounts for length in range(len(parts))}

    def at(self, path: Path) -> Mount | None:
        """The mount at exactly `path`."""
        return self._mounts.get(path.parts)

    def find(self, path: Path) -> Mount | None:
        """The deepest mount at or above `path`; None where only mount points lie below."""
        parts = path.parts
        for length in range(len(parts), -1, -1):
            mount = self._mounts.get(parts[:length])
            if mount is not None:
                return mount
        return None

    def nothing(self, path: Path) -> NotFound:
        """The error for a path that no mount serves."""
        return NotFound(path, hint=self.hints.get(path.parts[0]) if path.parts else None)

    def holds(self, path: Path) -> bool:
        """Whether something is mounted strictly below `path`, which makes it a folder."""
        return path.parts in self._above

    def below(self, path: Path) -> list[Mount]:
        """Mounts strictly below `path`, in path order."""
        if path.parts not in self._above:
            return []
        depth = len(path.parts)
        return [
            self._mounts[parts]
            for parts in sorted(self._mounts)
            if len(parts) > depth and parts[:depth] == path.parts
        ]

    def names_below(self, path: Path) -> list[str]:
        """The names that nested mounts add to the listing of `path`, sorted, each once."""
        depth = len(path.parts)
        return sorted({mount.path.parts[depth] for mount in self.below(path)})

    def __iter__(self) -> Iterator[Mount]:
        return iter([self._mounts[parts] for parts in sorted(self._mounts)])

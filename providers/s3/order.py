"""Order: the entries of a listing of keys in the order of paths, streamed.

Services list keys in the order of their bytes, where the folder `a/` stands behind `a-b` and `a.txt`; a tree
lists names, and `a` before them. (Some services list as a tree does, which is taken as well.) What is read is
held until nothing can come before it any more. Where that might take many pages, since all names of a page
begin like a folder that would come later, the service is asked for that folder.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from heapq import heappop, heappush
from typing import Generic, NamedTuple, TypeVar

from providers.s3.naming import ESCAPE, FILE, begun, names_of
from vfs.closing import Closing

T = TypeVar("T")

Names = tuple[str, ...]
Keyed = tuple[str, T | None]
"""A key and its object; None for a key that ends in `/` and only says that there is a folder."""
Found = tuple[Names, T | None]
"""An entry: its names from the folder listed, and its object; None for a folder."""

_FOLDER, _FILE = 0, 1
_END = "\U0010ffff"


class Source(NamedTuple, Generic[T]):
    """Where keys come from."""

    pages: Callable[[str, str, bool], AsyncIterator[Sequence[Keyed[T]]]]
    """`pages(prefix, after, deep)`: the keys that begin with `prefix`, from behind `after`. Not deep: those
    that have a `/` behind the prefix once, up to it."""
    present: Callable[[Sequence[str]], Awaitable[Sequence[bool]]]
    """For each prefix, whether any key begins with it."""


class Ordering(Generic[T]):
    """One listing: of a folder's own entries, or (`deep`) of all below it, folders before their entries."""

    def __init__(self, source: Source[T], prefix: str, *, deep: bool) -> None:
        self.source = source
        self.prefix = prefix
        self.deep = deep
        self.found = False
        """Whether there was any key: then the folder exists."""
        start, self._head = begun(prefix)
        self._component = prefix[len(start) :]
        self._held: list[tuple[Names, int, int, str, T | None]] = []
        self._taken = 0
        self._branch: Names = ()
        """The folders above the last key."""
        self._passed: list[str] = []
        """Folders that have come and that the last key begins like."""
        self._absent: set[str] = set()
        self._fetched: list[str] = []
        """Folders that were asked for and taken before their time."""
        self._last_folder: Names = ()

    async def entries(self) -> AsyncIterator[Sequence[Found[T]]]:
        after: str | None = ""
        while after is not None:
            pages = self.source.pages(self.prefix, after, self.deep)
            after = None
            async with Closing(pages):
                page = await _next(pages)
                while page and after is None:
                    ahead = await _next(pages)
                    for key, object in page:
                        self._take(key[len(self.prefix) :], object)
                    if ahead:
                        async for batch in self._due(await self._bound(page[-1][0], ahead)):
                            yield batch
                        after = self._behind_fetched(ahead)
                    page = ahead
        async for batch in self._due(None):
            yield batch

    def _names(self, rest: str) -> Names | None:
        """The names of a key, seen from the folder; None for one that only begins like what lies below."""
        names = names_of(self._component + rest)
        head = self._head
        return names[len(head) :] if names[: len(head)] == head and len(names) > len(head) else None

    def _take(self, rest: str, object: T | None) -> None:
        if any(rest.startswith(folder) for folder in self._fetched):
            return
        names = self._names(rest.removesuffix("/") if object is None else rest) if rest or object else ()
        if names is None:
            return
        self.found = True
        while self._passed and not rest.startswith(self._passed[-1]):
            self._passed.pop()
        for at in [at for at, char in enumerate(rest) if char == "/"]:
            if not self._passed or len(self._passed[-1]) < at:
                self._passed.append(rest[:at])
        if not names:
            return
        above = names if object is None else names[:-1]
        if not self.deep:
            above, names = above[:1], names[:1]
        for length in range(1, len(above) + 1):
            if self._branch[:length] != above[:length]:
                self._hold(above[:length], _FOLDER, "", None)
        self._branch = above
        if object is not None and not (above and not self.deep):
            self._hold(names, _FILE, rest, object)

    def _hold(self, names: Names, rank: int, rest: str, object: T | None) -> None:
        self._taken += 1
        heappush(self._held, (names, rank, self._taken, rest, object))

    async def _bound(self, last: str, ahead: Sequence[Keyed[T]]) -> Names:
        """What comes before all that is still to come, once folders that might come late were asked for."""
        rest, first, end = (key[len(self.prefix) :] for key in (last, ahead[0][0], ahead[-1][0]))
        late = [folder for folder in self._might_come(rest) if f"{folder}/" not in self._fetched]
        waited = [folder for folder in late if not end.startswith(folder) or first.startswith(f"{folder}/")]
        asked = [folder for folder in late if folder not in waited and folder not in self._absent]
        answers = await self.source.present([f"{self.prefix}{folder}/" for folder in asked]) if asked else ()
        self._absent.intersection_update(late)
        for folder, there in zip(asked, answers, strict=True):
            if there:
                self._fetched.append(f"{folder}/")
                self._hold(self._names(folder) or (), _FOLDER, f"{folder}/", None)
            else:
                self._absent.add(folder)
        bounds = [self._names(folder) or () for folder in waited]
        shown = rest[: rest.find(ESCAPE) + 1] or rest
        return min([*bounds, (*shown.removesuffix("/").split("/"), "")])

    def _might_come(self, rest: str) -> list[str]:
        """Folders that keys behind `rest` may lie in though their names come before its own."""
        ends = [at for at, char in enumerate(rest) if char < "/"]
        found = [rest[:at] for at in (*ends, len(rest)) if at and rest[at - 1] != "/"]
        return [
            folder
            for folder in found
            if folder not in self._passed and (self._names(folder) or ("",))[-1] == folder.rpartition("/")[2]
        ]

    def _behind_fetched(self, ahead: Sequence[Keyed[T]]) -> str | None:
        """Where to go on when the whole next page lies in a folder that was taken already."""
        for folder in self._fetched if self.deep and ahead else ():
            if all(ahead[at][0].startswith(self.prefix + folder) for at in (0, -1)):
                return self.prefix + folder + _END
        return None

    async def _due(self, bound: Names | None) -> AsyncIterator[Sequence[Found[T]]]:
        """What is held and comes before `bound`, in order."""
        batch: list[Found[T]] = []
        while self._held and (bound is None or self._held[0][0] < bound):
            names, rank, _, rest, object = heappop(self._held)
            if names == self._last_folder:
                if rank == _FILE:
                    self._hold((*names[:-1], names[-1] + FILE), _FILE, rest, object)
                continue
            batch.append((names, object))
            if rank == _FOLDER:
                self._last_folder = names
                if rest and self.deep:
                    yield batch
                    batch = []
                    inner = Ordering(self.source, self.prefix + rest, deep=True)
                    async with Closing(inner.entries()) as pages:
                        async for page in pages:
                            yield [((*names, *below), known) for below, known in page]
        if batch:
            yield batch


async def _next(pages: AsyncIterator[Sequence[Keyed[T]]]) -> Sequence[Keyed[T]]:
    """The next page that holds anything; an empty one at the end."""
    async for page in pages:
        if page:
            return page
    return ()

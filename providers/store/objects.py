"""Contents too large for a database row: ObjectStore, and LocalObjects, a folder of files named by hash.

`providers.s3.objects` keeps them in a bucket. An object is written whole before any row names it: here into
a temporary file, flushed to the disk, renamed to its hash, the folder flushed too. What no row names is swept
later. Objects never change.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Protocol

from providers.store import errors
from vfs.drive import hop
from vfs.errors import Corrupt

BLOCK = 256 * 1024
"""Bytes read at once."""

Claim = Callable[[], Awaitable[object]]

SWEEP_AGE = 24 * 3600.0
"""Seconds that an object may be unnamed: a write that is under way has not named its object yet."""


class Upload(Protocol):
    """One content on its way into the store."""

    async def write(self, block: bytes) -> None:
        """Adds bytes. Raises NoSpace."""
        ...

    async def finish(self, digest: bytes) -> None:
        """Keeps it under its hash, safely: on the disk, or acknowledged and checked by the service."""
        ...

    async def abort(self) -> None:
        """Drops it. Safe to call after `finish`."""
        ...


class ObjectStore(Protocol):
    """Contents by hash."""

    claim: Claim | None
    """Awaited before anything is written or swept; raises when the place is another workspace's."""

    @property
    def name(self) -> str:
        """Where they lie, as a person may be told."""
        ...

    async def begin(self) -> Upload: ...

    async def owner(self, mine: str) -> str:
        """Whose place it is: `mine` if it was nobody's, and from then on."""
        ...

    def read(self, digest: bytes, size: int, start: int, stop: int) -> AsyncIterator[bytes]:
        """Bytes `start` to `stop`. Raises Corrupt when the object is missing or not `size` long;
        Unavailable when the service is not there."""
        ...

    def all(self) -> AsyncIterator[Sequence[tuple[bytes, float]]]:
        """Every object and the time it was kept, in batches."""
        ...

    async def delete(self, digests: Collection[bytes]) -> None:
        """Forgets objects; missing ones are no error."""
        ...

    async def verify(self, digest: bytes, size: int) -> bool:
        """Whether the object is there and still has its hash."""
        ...

    async def sweep_parts(self, older_than: float) -> int:
        """Removes what writes that never ended left more than so many seconds ago; returns how many."""
        ...

    async def aclose(self) -> None:
        """Lets go of every connection; the next call opens them again. Safe to call twice."""
        ...


class LocalObjects:
    """A folder of this machine. Memory stays the same however large an object is."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.claim: Claim | None = None

    @property
    def name(self) -> str:
        return self.folder

    def place(self, digest: bytes) -> str:
        """The file of one object."""
        name = digest.hex()
        return os.path.join(self.folder, name[:2], name[2:])

    async def begin(self) -> LocalUpload:
        if self.claim is not None:
            await self.claim()
        upload = LocalUpload(self)
        await hop(upload.open)
        return upload

    async def owner(self, mine: str) -> str:
        return await hop(lambda: self._owner(mine))

    def _owner(self, mine: str) -> str:
        mark = os.path.join(self.folder, "owner")
        aside = f"{mark}-{os.getpid()}"
        try:
            _make_folder(self.folder)
            if not os.path.exists(mark):
                with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600), "w") as file:
                    file.write(mine)
                    file.flush()
                    os.fsync(file.fileno())
                with suppress(FileExistsError):
                    os.link(aside, mark)
                os.unlink(aside)
            with open(mark, encoding="ascii", errors="replace") as file:
                return file.read()
        except OSError as error:
            raise errors.from_os(error, self.folder) from error

    async def read(self, digest: bytes, size: int, start: int, stop: int) -> AsyncIterator[bytes]:
        file = await hop(lambda: self._open(digest, size))
        try:
            at = start
            while at < stop:
                want = min(BLOCK, stop - at)
                block = await hop(lambda at=at, want=want: os.pread(file, want, at))  # type: ignore[misc]
                if not block:
                    raise Corrupt(self.place(digest), "an object is shorter than it was")
                at += len(block)
                yield block
        finally:
            os.close(file)

    def _open(self, digest: bytes, size: int) -> int:
        place = self.place(digest)
        try:
            file = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Corrupt(
                place, "an object of the store is missing", hint="restore it from your backup"
            ) from None
        except OSError as error:
            raise errors.from_os(error, place) from error
        if os.fstat(file).st_size != size:
            os.close(file)
            raise Corrupt(
                place, "an object of the store has the wrong size", hint="restore it from your backup"
            )
        return file

    async def all(self) -> AsyncIterator[Sequence[tuple[bytes, float]]]:
        for shelf in await hop(self._shelves):
            yield await hop(lambda shelf=shelf: list(self._objects(shelf)))  # type: ignore[misc]

    def _shelves(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.folder) if len(name) == 2)
        except FileNotFoundError:
            return []

    def _objects(self, shelf: str) -> Iterator[tuple[bytes, float]]:
        with os.scandir(os.path.join(self.folder, shelf)) as entries:
            for entry in entries:
                try:
                    yield bytes.fromhex(shelf + entry.name), entry.stat().st_mtime
                except ValueError:
                    continue

    async def delete(self, digests: Collection[bytes]) -> None:
        def unlink() -> None:
            for digest in digests:
                try:
                    os.unlink(self.place(digest))
                except FileNotFoundError:
                    continue

        await hop(unlink)

    async def aclose(self) -> None:
        """Nothing is kept open."""

    async def verify(self, digest: bytes, size: int) -> bool:
        hashed = import_module("hashlib").sha256()
        try:
            async for block in self.read(digest, size, 0, size):
                hashed.update(block)
        except Corrupt:
            return False
        same: bool = hashed.digest() == digest
        return same

    async def sweep_parts(self, older_than: float) -> int:
        return await hop(lambda: self._sweep_parts(older_than))

    def _sweep_parts(self, older_than: float) -> int:
        gone = 0
        limit = time.time() - older_than
        for name in os.listdir(self.folder) if os.path.isdir(self.folder) else ():
            place = os.path.join(self.folder, name)
            if name.startswith("part-") and os.stat(place).st_mtime < limit:
                os.unlink(place)
                gone += 1
        return gone


class LocalUpload:
    """A temporary file that becomes an object."""

    def __init__(self, objects: LocalObjects) -> None:
        self.objects = objects
        self._file = -1
        self._part = ""

    def open(self) -> None:
        """Makes the temporary file. Raises ReadOnly, NoSpace."""
        self._part = os.path.join(self.objects.folder, f"part-{os.getpid()}-{os.urandom(8).hex()}")
        try:
            _make_folder(self.objects.folder)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._file = os.open(self._part, flags, 0o600)
        except OSError as error:
            raise errors.from_os(error, self.objects.folder) from error

    async def write(self, block: bytes) -> None:
        await hop(lambda: self._guarded(lambda: _write_all(self._file, block)))

    async def finish(self, digest: bytes) -> None:
        await hop(lambda: self._guarded(lambda: self._keep(digest)))

    async def abort(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._part:
            with suppress(FileNotFoundError):
                os.unlink(self._part)
            self._part = ""

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except OSError as error:
            raise errors.from_os(error, self.objects.folder) from error

    def _keep(self, digest: bytes) -> None:
        os.fsync(self._file)
        os.close(self._file)
        self._file = -1
        place = self.objects.place(digest)
        _make_folder(os.path.dirname(place))
        os.rename(self._part, place)
        self._part = ""
        _flush_folder(os.path.dirname(place))


def _make_folder(folder: str) -> None:
    if not os.path.isdir(folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        os.chmod(folder, 0o700)
        _flush_folder(os.path.dirname(folder))


def _flush_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(file: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(file, view) :]

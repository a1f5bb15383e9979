"""S3Objects: the store's large contents in a bucket, one object each, named by their hash.

`PREFIX/objects/ab/cdef…`. A content is put aside until its hash is known, in memory while it is one part
and in a nameless local file beyond, then sent to where it belongs: nothing has to be copied or cleared away
in the bucket, what is there already is not sent again, and a large upload that was cut off goes on.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from hashlib import sha256
from importlib import import_module
from typing import IO

from providers.s3.client import PART, Client
from providers.store.objects import SWEEP_AGE, Claim
from vfs.closing import Closing
from vfs.drive import hop
from vfs.errors import Conflict, Corrupt, NoSpace, NotFound

_BLOCK = 1024 * 1024
_BACKUP = "restore it from your backup"
_FRESH = SWEEP_AGE / 2
"""Seconds after which an object that is there is sent again, so that no sweep takes it for an orphan."""


class S3Objects:
    """A part of a bucket. Memory stays the same however large an object is."""

    def __init__(self, client: Client, prefix: str = "", *, spool: str | None = None) -> None:
        """`prefix` is empty or ends in `/`; `spool` is a folder for what is put aside (None: TMPDIR)."""
        self.client = client
        self.folder = f"{prefix}objects/"
        self.spool = spool
        self.claim: Claim | None = None

    @property
    def name(self) -> str:
        """What a person may be told."""
        return f"{self.client.name}/{self.folder}".rstrip("/")

    def place(self, digest: bytes) -> str:
        """The key of one object."""
        name = digest.hex()
        return f"{self.folder}{name[:2]}/{name[2:]}"

    async def begin(self) -> S3Upload:
        if self.claim is not None:
            await self.claim()
        return S3Upload(self)

    async def owner(self, mine: str) -> str:
        key = f"{self.folder.removesuffix('objects/')}owner"
        # Asked before and after: not every service turns a second put down.
        for _ in range(2):
            with suppress(NotFound):
                async with Closing(self.client.get(key)) as blocks:
                    return b"".join([block async for block in blocks]).decode("ascii", "replace")
            with suppress(Conflict):
                await self.client.put(key, mine.encode(), only_new=True)
        return mine

    async def read(self, digest: bytes, size: int, start: int, stop: int) -> AsyncIterator[bytes]:
        key = self.place(digest)
        whole = start == 0 and stop == size
        hashed = sha256()
        left = stop - start
        held = b""
        try:
            async with Closing(self.client.get(key, start, stop, size=size)) as blocks:
                async for block in blocks:
                    if held:
                        yield held
                    held = block
                    left -= len(block)
                    if whole:
                        hashed.update(block)
        except NotFound as error:
            if error.reason != NotFound.default:
                raise
            raise Corrupt(key, "an object of the store is missing", hint=_BACKUP) from None
        except Corrupt as error:
            if "should have" not in error.reason:
                raise
            raise Corrupt(key, "an object of the store has the wrong size", hint=_BACKUP) from None
        if left:
            raise Corrupt(key, "an object is shorter than it was")
        # The last block is kept back until all are known to be right: a small object is never served wrong.
        if whole and hashed.digest() != digest:
            raise Corrupt(key, "an object of the store is damaged", hint=_BACKUP)
        if held:
            yield held

    async def all(self) -> AsyncIterator[Sequence[tuple[bytes, float]]]:
        async with Closing(self.client.list(self.folder)) as pages:
            async for page in pages:
                found = []
                for facts in page.objects:
                    digest = self._digest(facts.key)
                    if digest is not None and facts.mtime is not None:
                        found.append((digest, facts.mtime.timestamp()))
                yield found

    def _digest(self, key: str) -> bytes | None:
        """None for what somebody else has put there."""
        try:
            digest = bytes.fromhex(key.removeprefix(self.folder).replace("/", ""))
        except ValueError:
            return None
        return digest if self.place(digest) == key else None

    async def delete(self, digests: Collection[bytes]) -> None:
        if digests:
            await self.client.delete([self.place(digest) for digest in digests])

    async def verify(self, digest: bytes, size: int) -> bool:
        if not size:
            return digest == sha256().digest()
        try:
            async with Closing(self.read(digest, size, 0, size)) as blocks:
                async for _ in blocks:
                    pass
        except Corrupt:
            return False
        return True

    async def sign(self, digest: bytes, seconds: int, *, filename: str, mime: str | None) -> str:
        """A link that reads one object for so long: a secret."""
        return await self.client.sign(self.place(digest), seconds, filename=filename, mime=mime)

    async def aclose(self) -> None:
        await self.client.aclose()

    async def sweep_parts(self, older_than: float) -> int:
        limit = time.time() - older_than
        gone = 0
        async with Closing(self.client.uploads(self.folder)) as pages:
            async for page in pages:
                for upload in page:
                    if upload.begun.timestamp() < limit:
                        await self.client.abort(upload)
                        gone += 1
        return gone


class S3Upload:
    """A content put aside until its hash is known."""

    def __init__(self, objects: S3Objects) -> None:
        self.objects = objects
        self._blocks: list[bytes] = []
        self._size = 0
        self._file: IO[bytes] | None = None

    async def write(self, block: bytes) -> None:
        self._size += len(block)
        if self._file is None:
            self._blocks.append(block)
            if self._size <= PART:
                return
            block, self._blocks = b"".join(self._blocks), []
        await hop(lambda: self._spool(block))

    async def finish(self, digest: bytes) -> None:
        key = self.objects.place(digest)
        try:
            if self._file is None:
                data = b"".join(self._blocks)
                if sha256(data).digest() != digest:
                    raise Corrupt(key, "a content does not fit its hash")
                await self._put_small(key, data)
            else:
                await self._put_large(key, digest)
        finally:
            await self.abort()

    async def abort(self) -> None:
        self._blocks = []
        if self._file is not None:
            self._file.close()
            self._file = None

    async def _put_small(self, key: str, data: bytes) -> None:
        client = self.objects.client
        try:
            await client.put(key, data, only_new=True)
        except Conflict:
            if not await self._is_there(key):
                await client.put(key, data)

    async def _put_large(self, key: str, digest: bytes) -> None:
        if not await self._is_there(key):
            await self.objects.client.put(key, self._spooled(key, digest))

    async def _is_there(self, key: str) -> bool:
        """Whether it is, as long as it should be, and not about to be swept."""
        try:
            facts = await self.objects.client.head(key)
        except NotFound:
            return False
        young = facts.mtime is not None and facts.mtime.timestamp() > time.time() - _FRESH
        return facts.size == self._size and young

    def _spool(self, block: bytes) -> None:
        folder = self.objects.spool
        try:
            if self._file is None:
                self._file = import_module("tempfile").TemporaryFile(prefix="spatio-", dir=folder)
            self._file.write(block)
        except OSError as error:
            place = folder or import_module("tempfile").gettempdir()
            hint = "a large content is put aside here before it is sent: free some space, or set TMPDIR"
            raise NoSpace(place, f"cannot be written ({error.strerror})", hint=hint) from None

    async def _spooled(self, key: str, digest: bytes) -> AsyncIterator[bytes]:
        file = self._file
        assert file is not None
        hashed = sha256()
        await hop(lambda: file.seek(0))
        while block := await hop(lambda: file.read(_BLOCK)):
            hashed.update(block)
            yield block
        # Raised before the parts are put together: nothing wrong ever stands under the hash.
        if hashed.digest() != digest:
            raise Corrupt(key, "a content does not fit its hash")

"""Bucket: the `Client` of one bucket, over two engines: which one does what, in threads, again and again."""

from __future__ import annotations

import random
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TypeVar

from providers.s3 import listing, receiving, sending, signature
from providers.s3.address import Location
from providers.s3.client import NO_METADATA, PART, WIDTH, Abilities, Facts, Page, Unfinished
from providers.s3.credentials import Secrets, no_secrets
from providers.s3.engine import Patience, Terms
from providers.s3.engines import Engines
from providers.s3.errors import from_library
from providers.s3.probing import probed
from vfs.closing import Closing
from vfs.drive import event_loop
from vfs.errors import BadName, Conflict, Corrupt, LoginNeeded, NotFound, Unavailable, VfsError

T = TypeVar("T")

LARGEST_COPY = 5 * 1024**3
"""Bytes that the service copies in one request."""

LONGEST_LINK = 7 * 24 * 3600
_DELETED_AT_ONCE = 1000


class Bucket:
    """One bucket. Opens nothing before it is asked something."""

    def __init__(
        self,
        location: Location,
        secrets: Secrets = no_secrets,
        *,
        library: str = "obs",
        patience: Patience | None = None,
    ) -> None:
        self.location = location
        self.patience = patience or Patience()
        self.engines = Engines(location, secrets, library, self.patience)
        self._threads = _threads()
        self._abilities: Abilities | None = None
        self.hashes: bool | None = None
        """Whether etags of this service are the hashes of contents; None while none was seen."""

    @property
    def name(self) -> str:
        return f"s3://{self.location.bucket}"

    def where(self, key: str) -> str:
        """How a key is told."""
        return f"{self.name}/{key}" if key else self.name

    async def ask(self, where: str, call: Callable[[], T]) -> T:
        """What `call()` answers, on a thread; made again after what may pass, with growing pauses."""
        await event_loop()
        asyncio = import_module("asyncio")
        pause, renewed = self.patience.pause, False
        for attempt in range(1, self.patience.attempts + 1):
            generation = self.engines.generation
            try:
                async with asyncio.timeout(self.patience.whole + self.patience.read):
                    return await self._on_thread(call)
            except TimeoutError:
                error: VfsError = Unavailable(where, "the service did not answer in time")
            except Exception as raised:
                error = from_library(raised, where)
            if isinstance(error, LoginNeeded) and not renewed:
                renewed = True
                if await self._on_thread(partial(self.engines.renew, generation)):
                    continue
            if attempt == self.patience.attempts or not (error.retryable or isinstance(error, Corrupt)):
                break
            await asyncio.sleep(random.uniform(0.5, 1) * pause)  # noqa: S311
            pause = min(pause * 2, self.patience.longest_pause)
        raise error

    async def _on_thread(self, call: Callable[[], T]) -> T:
        loop = import_module("asyncio").get_running_loop()
        result: T = await loop.run_in_executor(self._threads, call)
        return result

    async def head(self, key: str) -> Facts:
        _check(key)
        return await self.ask(self.where(key), lambda: self.engines.of(key).head(key))

    async def get(
        self,
        key: str,
        start: int = 0,
        stop: int | None = None,
        *,
        etag: str | None = None,
        size: int | None = None,
    ) -> AsyncIterator[bytes]:
        _check(key)
        async with Closing(receiving.blocks(self, key, start, stop, etag, size)) as blocks:
            async for block in blocks:
                yield block

    async def put(
        self,
        key: str,
        data: bytes | AsyncIterable[bytes],
        *,
        only_new: bool = False,
        etag: str | None = None,
        mime: str | None = None,
        metadata: Mapping[str, str] = NO_METADATA,
    ) -> Facts:
        _check(key)
        terms = Terms(only_new, etag, mime, metadata)
        try:
            if isinstance(data, bytes) and len(data) <= PART:
                return await sending.whole(self, key, data, terms)
            source = _one(data) if isinstance(data, bytes) else data
            return await sending.streamed(self, key, source, terms)
        except NotFound as missing:
            # Some services say so of an object that was to be compared.
            if etag is None or missing.reason != NotFound.default:
                raise
            raise Conflict(self.where(key)) from None

    async def copy(
        self, source: str, target: str, *, only_new: bool = False, etag: str | None = None
    ) -> Facts:
        _check(target)
        facts = await self.head(source)
        if etag is not None and facts.etag != etag:
            raise Conflict(self.where(source))
        if only_new and await self._present(target) is not None:
            raise Conflict(self.where(target), "the name is taken")
        if facts.size > LARGEST_COPY:
            return await sending.copied(self, facts, target, only_new=only_new)
        engine = self.engines.for_copy(source, target, bool(only_new or etag))
        made: list[None] = []

        def request() -> None:
            made.append(None)
            engine().copy(source, target, etag=etag, only_new=only_new)

        try:
            await self.ask(self.where(source), request)
        except Conflict:
            copied = await self._present(target) if len(made) > 1 else None
            if copied is None or (copied.etag, copied.size) != (facts.etag, facts.size):
                raise
        return await self.head(target)

    async def _present(self, key: str) -> Facts | None:
        with suppress(NotFound):
            return await self.head(key)
        return None

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            _check(key)
        for first in range(0, len(keys), _DELETED_AT_ONCE):
            some = keys[first : first + _DELETED_AT_ONCE]
            where = self.where(some[0]) if len(some) == 1 else self.name
            await self.ask(where, lambda some=some: self.engines.delete(some))  # type: ignore[misc]

    async def list(
        self, prefix: str = "", *, after: str = "", delimiter: str = "", limit: int = 1000
    ) -> AsyncIterator[Page]:
        await event_loop()
        asyncio = import_module("asyncio")

        async def page(token: str) -> tuple[Page, str]:
            return await self.ask(
                self.where(prefix),
                lambda: listing.listed(self.engines.wire(), prefix, after, delimiter, limit, token),
            )

        found, token = await page("")
        while token:
            following = asyncio.ensure_future(page(token))
            # Who leaves before asks for nothing: that it failed then is nobody's business.
            following.add_done_callback(lambda task: task.cancelled() or task.exception())
            try:
                yield found
                last = token
                found, token = await following
            finally:
                following.cancel()
            if token == last:
                raise VfsError(self.where(prefix), "the service's listing does not go on")
        yield found

    async def sign(
        self, key: str, seconds: int, *, filename: str | None = None, mime: str | None = None
    ) -> str:
        _check(key)
        if not 1 <= seconds <= LONGEST_LINK:
            raise VfsError(self.where(key), "a link lives for a second at least and for seven days at most")
        query: dict[str, str] = {}
        if filename is not None:
            query["response-content-disposition"] = signature.attachment(filename)
        if mime is not None:
            query["response-content-type"] = mime
        return await self.ask(self.where(key), lambda: self.engines.link(key, seconds, query))

    async def uploads(self, prefix: str = "") -> AsyncIterator[Sequence[Unfinished]]:
        after: tuple[str, str] | None = ("", "")
        while after is not None:
            found, after = await self.ask(
                self.where(prefix),
                lambda after=after: self.engines.parts().uploads(prefix, after),  # type: ignore[misc]
            )
            if found:
                yield found

    async def abort(self, upload: Unfinished) -> None:
        await self.ask(self.where(upload.key), lambda: self.engines.parts().abort(upload.key, upload.id))

    async def probe(self, prefix: str = "") -> Abilities:
        if self._abilities is None:
            self._abilities = await probed(self, prefix)
        return self._abilities

    async def aclose(self) -> None:
        threads, self._threads = self._threads, _threads()
        threads.shutdown(wait=False, cancel_futures=True)
        self.engines.close()


def _threads() -> ThreadPoolExecutor:
    """None of them runs yet."""
    return ThreadPoolExecutor(WIDTH, thread_name_prefix="s3")


def _check(key: str) -> None:
    """Raises BadName for what no service takes."""
    if not key:
        raise BadName(None, "the name of an object is not empty")
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        raise BadName(None, "the name of an object is UTF-8") from None
    if length > 1024:
        raise BadName(key[:60] + "…", f"the name of an object has at most 1024 bytes, but this has {length}")


async def _one(data: bytes) -> AsyncIterator[bytes]:
    view = memoryview(data)
    for first in range(0, len(data), PART):
        yield bytes(view[first : first + PART])

"""Client: what can be done with one bucket, whichever library does it. `connect` picks the library.

Keys are whole keys of the bucket, any text that S3 takes (`a//b`, `a/`); a client knows no prefix of
its own. Every call retries what may succeed later, with growing pauses, and gives up in bounded time;
16 requests are under way at most. A call can be cancelled at any time; what it had begun is dropped.

Errors are those of `vfs.errors`, about `s3://bucket/key`: NotFound, Conflict (a condition was lost),
Refused (the keys may not), LoginNeeded (the keys are missing, wrong or expired), Unavailable (nothing came
of all retries), NoSpace, TooLarge, Corrupt (a checksum does not fit), BadName.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from types import MappingProxyType
from typing import NamedTuple, Protocol

from providers.s3.address import Location
from providers.s3.credentials import Secrets, no_secrets

NO_METADATA: Mapping[str, str] = MappingProxyType({})

PART = 8 * 1024 * 1024
"""Bytes of one part of a large upload, and of one range of a large download."""

WIDTH = 16
"""Requests of one client under way at once."""


class Facts(NamedTuple):
    """What the service says about an object. None means that it did not say."""

    key: str
    size: int
    mtime: datetime | None
    """Time-zone aware. The answer to a put does not say it."""
    etag: str
    """Without quotes. Changes whenever the content does."""
    mime: str | None = None
    """Listings do not say it."""
    metadata: Mapping[str, str] = NO_METADATA
    """What whoever wrote the object put beside it; listings do not say it."""


class Page(NamedTuple):
    """A part of a listing, in the order of the keys' UTF-8 bytes, which is that of code points."""

    objects: tuple[Facts, ...]
    prefixes: tuple[str, ...] = ()
    """With a delimiter: what stands before it, and the delimiter, of every key that has one."""


class Unfinished(NamedTuple):
    """A large upload that was begun and neither completed nor aborted: its parts cost money."""

    key: str
    id: str
    begun: datetime


class Abilities(NamedTuple):
    """What this server was seen to do."""

    create_only: bool
    """A put with `only_new` fails when there is an object."""
    compare: bool
    """A put with `etag` fails when there is another object."""
    checksums: bool
    """A put whose checksum does not fit its bytes is turned down."""


class Client(Protocol):
    """One bucket."""

    @property
    def name(self) -> str:
        """`s3://bucket`: may be shown to anybody."""
        ...

    async def head(self, key: str) -> Facts:
        """The facts of one object. Raises NotFound."""
        ...

    def get(
        self,
        key: str,
        start: int = 0,
        stop: int | None = None,
        *,
        etag: str | None = None,
        size: int | None = None,
    ) -> AsyncIterator[bytes]:
        """Bytes `start` to `stop` (None: the end), in blocks of at most `PART`, read ahead in parallel.

        All blocks are of one version: with `etag`, of that one; otherwise of the first answer. A body that
        breaks off is gone on with where it stopped. Past the end there is nothing.
        Raises NotFound, Conflict (replaced meanwhile), Corrupt. With `size` the object has to be so long, and
        who names it checks the content; otherwise that of an object of one part is checked by its etag.
        """
        ...

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
        """Writes a whole object; it is there, checked by the server, when this returns.

        Up to `PART` bytes are one request; more are sent in parts, in parallel, in bounded memory. When
        `data` raises, or the call is cancelled, nothing has changed. Raises Conflict when there is an
        object (`only_new`), or when the present one does not carry `etag` (also when there is none).
        A retried put whose first answer was lost succeeds when what lies there is what was sent.
        """
        ...

    async def copy(
        self, source: str, target: str, *, only_new: bool = False, etag: str | None = None
    ) -> Facts:
        """Copies on the server, at any size, with type and metadata; `etag` is the source's.

        Raises NotFound, Conflict (the source has changed; or, `only_new`, the target is there).
        """
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Removes objects, 1,000 a request; missing ones are no error."""
        ...

    def list(
        self, prefix: str = "", *, after: str = "", delimiter: str = "", limit: int = 1000
    ) -> AsyncIterator[Page]:
        """Pages of the objects whose keys begin with `prefix` and come after `after`, fetched ahead by one.

        With a delimiter, keys that have it behind the prefix are told once, as a prefix. `limit` is the most
        that one page holds. A missing bucket Raises NotFound.
        """
        ...

    async def sign(
        self, key: str, seconds: int, *, filename: str | None = None, mime: str | None = None
    ) -> str:
        """A link that reads the object for `seconds` (at most seven days), for anybody who has it: a secret.

        `filename` and `mime` are what a browser is told. Whether the object exists is not asked.
        """
        ...

    def uploads(self, prefix: str = "") -> AsyncIterator[Sequence[Unfinished]]:
        """Large uploads that were left behind, or are under way, in pages."""
        ...

    async def abort(self, upload: Unfinished) -> None:
        """Drops the parts of one; gone already is no error."""
        ...

    async def probe(self, prefix: str = "") -> Abilities:
        """What the server can do, tried out once on an object below `prefix` that is removed again."""
        ...

    async def aclose(self) -> None:
        """Lets go of every connection; the next call opens them again. Safe to call twice."""
        ...


def connect(location: Location, secrets: Secrets = no_secrets) -> Client:
    """The client of the location's bucket; asks nobody anything yet.

    `secrets` is asked for `s3:BUCKET`. With obstore, or by boto3 alone where obstore is not installed.
    """
    client: Client = import_module("providers.s3.bucket").Bucket(location, secrets)
    return client

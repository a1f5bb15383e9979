"""Engine: one request each, made by a library in the thread that asks. And how long one may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from providers.s3.client import NO_METADATA, Facts


class Patience(NamedTuple):
    """How long requests may take, in seconds, and how often one is made."""

    connect: float = 10.0
    read: float = 30.0
    """Between two pieces of an answer."""
    whole: float = 300.0
    """One request from beginning to end; none moves more than one part."""
    attempts: int = 6
    pause: float = 0.2
    """Before the second attempt, at most; doubled before each further one."""
    longest_pause: float = 5.0


class Terms(NamedTuple):
    """What goes with a put."""

    only_new: bool = False
    etag: str | None = None
    mime: str | None = None
    metadata: Mapping[str, str] = NO_METADATA

    @property
    def conditional(self) -> bool:
        return self.only_new or self.etag is not None


class Kept(NamedTuple):
    """A part that has arrived."""

    etag: str
    size: int
    mtime: datetime


class Engine(Protocol):
    """Blocks; may be used by many threads. Raises whatever the library raises, and `vfs.errors`."""

    def takes(self, key: str) -> bool:
        """Whether the library can spell the key."""
        ...

    def head(self, key: str) -> Facts: ...

    def fetch(self, key: str, start: int, stop: int, etag: str | None) -> tuple[Facts, list[bytes]]:
        """The facts of the whole object, and its bytes `start` to `stop` as far as they are there.

        Past the end Raises PastEnd. Never holds more than was asked for, whatever the service sends.
        """
        ...

    def store(self, key: str, data: bytes, terms: Terms) -> str:
        """Puts an object with one request that carries a checksum; returns its etag."""
        ...

    def copy(self, source: str, target: str, *, etag: str | None, only_new: bool) -> None: ...

    def delete(self, keys: Sequence[str]) -> None:
        """At most 1,000."""
        ...

    def close(self) -> None: ...


class PastEnd(Exception):
    """The range begins behind the object's last byte."""

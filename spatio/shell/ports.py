"""Ports: the numbered streams of a running command, and the drafts of files that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.stream import Io, Item, Nothing, Sink, Source
from vfs.errors import VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from spatio.shell.draft import Draft

Port = Source | Sink


class Closed(Source, Sink):
    """A port that was closed, or is open the other way only."""

    async def fetch(self) -> Item | None:
        raise VfsError(None, "bad file descriptor")

    async def write(self, data: bytes) -> None:
        raise VfsError(None, "write error: bad file descriptor")


CLOSED = Closed()


class Ports:
    """What 0, 1, 2, … are. A redirect works on a copy; `exec` changes it for good."""

    __slots__ = ("_io", "drafts", "fds")

    def __init__(self, fds: dict[int, Port], drafts: dict[Path, Draft] | None = None) -> None:
        self.fds = fds
        self.drafts: dict[Path, Draft] = {} if drafts is None else drafts
        """Files that an enclosing redirect writes: a redirect to the same file joins in."""
        self._io: Io | None = None

    @classmethod
    def of(cls, io: Io) -> Ports:
        return cls({0: io.stdin, 1: io.stdout, 2: io.stderr})

    def copy(self) -> Ports:
        return Ports(dict(self.fds), dict(self.drafts))

    def put(self, fd: int, port: Port) -> None:
        self.fds[fd] = port
        self._io = None

    def get(self, fd: int) -> Port | None:
        port = self.fds.get(fd)
        return None if port is CLOSED else port

    def adopt(self, other: Ports) -> None:
        """`exec > FILE`: the ports of a redirect become these, for good."""
        self.fds = other.fds
        self._io = None

    @property
    def io(self) -> Io:
        """The three that every command gets."""
        if self._io is None:
            source, out, errors = self.fds.get(0, CLOSED), self.fds.get(1, CLOSED), self.fds.get(2, CLOSED)
            self._io = Io(
                source if isinstance(source, Source) else CLOSED,
                out if isinstance(out, Sink) else CLOSED,
                errors if isinstance(errors, Sink) else CLOSED,
            )
        return self._io

    def with_io(self, io: Io) -> Ports:
        """A copy with other first three."""
        twin = self.copy()
        twin.put(0, io.stdin)
        twin.put(1, io.stdout)
        twin.put(2, io.stderr)
        return twin


NO_INPUT = Nothing()

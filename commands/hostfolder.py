"""HostFolder: a new folder of the host, filled in private and put in place when it is whole."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import BinaryIO

from commands.command import Failure
from vfs.drive import hop
from vfs.path import Path


class HostFolder:
    """Files written below a folder that appears under its name only after `finish`.

    `target` must not exist, or be an empty folder. Everything is readable by its owner alone.
    """

    def __init__(self, target: str) -> None:
        self.target = os.path.abspath(os.path.expanduser(target))
        self._aside = f"{self.target}.part-{os.getpid()}"
        self._made: set[str] = set()
        self._logs: dict[str, BinaryIO] = {}

    def begin(self) -> None:
        """Raises Failure when the target is in use, or nothing can be written there."""
        try:
            if os.path.lexists(self.target) and (not os.path.isdir(self.target) or os.listdir(self.target)):
                raise Failure(f"{self.target} is there already", hint="choose a folder that is new or empty")
            os.mkdir(self._aside, 0o700)
        except OSError as error:
            raise self._failure(error) from error

    async def put(self, parts: tuple[str, ...], blocks: AsyncIterator[bytes], mtime: datetime | None) -> None:
        """Writes one file at `parts` below the folder. Raises Failure."""
        if any(part in ("", ".", "..") or "/" in part or "\0" in part for part in parts):
            raise Failure(f"{Path(parts)}: this name cannot stand on the host")
        place = os.path.join(self._aside, *parts)
        self.folder(parts[:-1])
        try:
            fd = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "wb") as file:
                async for block in blocks:
                    await hop(lambda block=block: file.write(block))  # type: ignore[misc]
            if mtime is not None:
                os.utime(place, (mtime.timestamp(), mtime.timestamp()))
        except OSError as error:
            raise self._failure(error) from error

    def add(self, name: str, text: str) -> None:
        """Adds text to the end of the file `name` at the top. Raises Failure."""
        try:
            if name not in self._logs:
                place = os.path.join(self._aside, name)
                self._logs[name] = os.fdopen(
                    os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
                )
            self._logs[name].write(text.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise self._failure(error) from error

    def folder(self, parts: tuple[str, ...]) -> None:
        """Makes a folder and those above it."""
        place = os.path.join(self._aside, *parts)
        if place not in self._made:
            try:
                os.makedirs(place, 0o700, exist_ok=True)
            except OSError as error:
                raise self._failure(error) from error
            self._made.add(place)

    def finish(self) -> None:
        """Puts the folder in its place, everything on the disk."""
        try:
            self._close()
            if os.path.isdir(self.target):
                os.rmdir(self.target)
            os.sync()
            os.rename(self._aside, self.target)
        except OSError as error:
            raise self._failure(error) from error

    def drop(self) -> None:
        """Removes what was written so far."""
        with suppress(OSError):
            self._close()
        shutil.rmtree(self._aside, ignore_errors=True)

    def _close(self) -> None:
        for file in self._logs.values():
            file.close()

    def _failure(self, error: OSError) -> Failure:
        reason = "disk full" if error.errno == errno.ENOSPC else str(error.strerror or error).lower()
        return Failure(f"{self.target}: {reason}")

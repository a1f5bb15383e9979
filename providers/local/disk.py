"""Disk: the blocking operations on a folder of this computer, each of them one hop, or one a step."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from providers.local.beneath import FOLDER, Beneath, clear, open_file, translating
from providers.local.draft import Draft, etag_of, is_draft
from vfs.errors import BadName, Incomplete, IsADirectory, NotADirectory, NotFound, VfsError
from vfs.names import check
from vfs.node import Kind, Node, Value
from vfs.path import Path
from vfs.provider import Mode

BLOCK = 64 * 1024
BLOCKS = 8
"""Blocks read in one step."""

FIRST_PAGE = 64
PAGE = 1000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Entries = list[tuple[Path, Node]]


class Disk:
    """What `Local` does, as plain calls. Raises errors of `vfs.errors` only."""

    def __init__(self, folder: str) -> None:
        self._beneath = Beneath(folder)

    def close(self) -> None:
        self._beneath.close()

    def stat(self, path: Path) -> Node:
        with self._beneath.spot(path, follow=False) as (parent, name), translating(path):
            status = os.lstat(name, dir_fd=parent)
        if stat.S_ISLNK(status.st_mode):
            return self._link(path, status)
        return _node(path.name, status)

    def real(self, path: Path) -> Path:
        return self._beneath.real(path)

    def _link(self, path: Path, link: os.stat_result) -> Node:
        """What a link stands for; the link itself where it leads nowhere, or out."""
        attrs: dict[str, Value] = {"link": True}
        try:
            with self._beneath.spot(path) as (parent, name), translating(path):
                return _node(path.name, os.lstat(name, dir_fd=parent))._replace(attrs=attrs)
        except VfsError:
            return Node(path.name, Kind.FILE, mtime=_time(link), attrs=attrs)

    def _nodes(self, folder: Path, parent: int, names: Sequence[str]) -> Entries:
        entries: Entries = []
        for name in names:
            try:
                status = os.lstat(name, dir_fd=parent)
            except FileNotFoundError:
                continue
            path = folder.child(name)
            link = stat.S_ISLNK(status.st_mode)
            entries.append((path, self._link(path, status) if link else _node(name, status)))
        return entries

    def _opened(self, path: Path) -> int:
        """A folder, open for its names."""
        with self._beneath.spot(path) as (parent, name), translating(path):
            return os.open(name, FOLDER, dir_fd=parent)

    def listing(self, path: Path) -> Generator[Entries, None, None]:
        folder = self._opened(path)
        try:
            with translating(path):
                names = _names(folder)
                size = FIRST_PAGE
                at = 0
                while at < len(names):
                    yield self._nodes(path, folder, names[at : at + size])
                    at, size = at + size, PAGE
        finally:
            os.close(folder)

    def walking(self, path: Path) -> Generator[Entries, None, None]:
        """Everything below a folder. Raises Incomplete after the rest when some could not be read."""
        page: Entries = []
        failed: list[VfsError] = []
        with translating(path):
            pending = self._below(path)
            while pending:
                inner, node = pending.pop()
                page.append((inner, node))
                if node.is_folder and "link" not in node.attrs:
                    try:
                        pending += self._below(inner)
                    except NotFound:
                        continue
                    except VfsError as error:
                        failed.append(error)
                if len(page) == PAGE:
                    yield page
                    page = []
            if page:
                yield page
        if failed:
            raise Incomplete(path, "not all could be read: " + "; ".join(map(str, failed)))

    def _below(self, path: Path) -> Entries:
        """The entries of a folder, the last one first."""
        folder = self._opened(path)
        try:
            with translating(path):
                return self._nodes(path, folder, _names(folder))[::-1]
        finally:
            os.close(folder)

    def reading(self, path: Path, start: int, stop: int | None) -> Generator[list[bytes], None, None]:
        with self._beneath.spot(path) as (parent, name), translating(path):
            file = open_file(name, parent, path)
        try:
            yield []
            at = start
            with translating(path):
                while blocks := _read(file, at, stop):
                    at += sum(map(len, blocks))
                    yield blocks
        finally:
            os.close(file)

    def read_some(self, paths: Sequence[Path], limit: int) -> list[tuple[Path, bytes | None]]:
        """Small files; those of one folder, one after the other, open it once."""
        contents: list[tuple[Path, bytes | None]] = []
        with ExitStack() as stack:
            folder: Path | None = None
            parent = -1
            for path in paths:
                try:
                    if path.parent != folder:
                        stack.close()
                        folder = None
                        parent = self._opened(path.parent)
                        folder = path.parent
                        stack.callback(os.close, parent)
                    contents.append((path, _small(path, parent, limit)))
                except (OSError, ValueError):
                    contents.append((path, None))
        return contents

    def start(self, draft: Draft) -> None:
        path = draft.path
        if not path.parts:
            raise IsADirectory(path)
        with self._beneath.spot(path) as (parent, name), translating(path):
            if name == ".":
                raise IsADirectory(path)
            _check_new(name, parent, path)
            draft.start(parent, name)

    def add(self, draft: Draft, data: bytes) -> None:
        with translating(draft.path):
            draft.write(data)

    def keep(self, draft: Draft) -> Node:
        with translating(draft.path):
            return _node(draft.path.name, draft.keep())

    def write_some(self, files: Sequence[tuple[Path, bytes]]) -> list[Node]:
        nodes: list[Node] = []
        folders: set[Path] = set()
        for path, data in files:
            draft = Draft(path, Mode.REPLACE, None)
            with translating(path):
                try:
                    self.start(draft)
                    draft.write(data)
                    nodes.append(_node(path.name, draft.keep(sync_folder=False)))
                finally:
                    draft.drop()
            folders.add(path.parent)
        for folder in folders:
            self._sync(folder)
        return nodes

    def _sync(self, path: Path) -> None:
        folder = self._opened(path)
        try:
            with translating(path):
                os.fsync(folder)
        finally:
            os.close(folder)

    def mkdir(self, path: Path) -> Node:
        with self._beneath.spot(path, follow=False) as (parent, name), translating(path):
            _check_new(name, parent, path)
            os.mkdir(name, dir_fd=parent)
            os.fsync(parent)
            return _node(path.name, os.lstat(name, dir_fd=parent))

    def remove(self, path: Path, recursive: bool) -> None:
        with self._beneath.spot(path, follow=False) as (parent, name), translating(path):
            if stat.S_ISDIR(os.lstat(name, dir_fd=parent).st_mode):
                folder = os.open(name, FOLDER, dir_fd=parent)
                try:
                    clear(folder, lambda name: not recursive and not is_draft(name))
                finally:
                    os.close(folder)
                os.rmdir(name, dir_fd=parent)
            else:
                os.unlink(name, dir_fd=parent)
            os.fsync(parent)

    def move(self, source: Path, target: Path) -> Node:
        if source == target:
            return self.stat(source)
        if target.is_under(source):
            self.stat(source)
            raise BadName(target, f"lies inside {source} itself")
        with (
            self._beneath.spot(source, follow=False) as (old, name),
            self._beneath.spot(target, follow=False) as (new, new_name),
        ):
            with translating(source):
                moving = os.lstat(name, dir_fd=old)
            with translating(target):
                _check_new(new_name, new, target)
                _check_kinds(moving, new_name, new, target)
                os.rename(name, new_name, src_dir_fd=old, dst_dir_fd=new)
                os.fsync(new)
                os.fsync(old)
        return self.stat(target)

    def set_mtime(self, path: Path, mtime: datetime) -> Node:
        since = mtime - _EPOCH
        ns = (since // timedelta(microseconds=1)) * 1000
        with self._beneath.spot(path) as (parent, name), translating(path):
            os.utime(name, ns=(ns, ns), dir_fd=parent, follow_symlinks=False)
            return _node(path.name, os.lstat(name, dir_fd=parent))


def _names(folder: int) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not is_draft(name))


def _read(file: int, at: int, stop: int | None) -> list[bytes]:
    """Some blocks from `at`; none at the end."""
    blocks: list[bytes] = []
    while len(blocks) < BLOCKS:
        wanted = BLOCK if stop is None else min(BLOCK, stop - at)
        block = os.pread(file, wanted, at) if wanted > 0 else b""
        if not block:
            break
        blocks.append(block)
        at += len(block)
    return blocks


def _small(path: Path, parent: int, limit: int) -> bytes | None:
    file = open_file(path.name, parent, path)
    try:
        data = b""
        while len(data) <= limit:
            block = os.pread(file, limit + 1 - len(data), len(data))
            if not block:
                return data
            data += block
        return None
    finally:
        os.close(file)


def _check_new(name: str, parent: int, path: Path) -> None:
    """Raises BadName when `name` would be created and may not be."""
    try:
        check(name, path)
    except BadName:
        try:
            os.lstat(name, dir_fd=parent)
        except (OSError, ValueError):
            raise BadName(path) from None


def _check_kinds(moving: os.stat_result, name: str, parent: int, target: Path) -> None:
    """Some systems answer EEXIST or EPERM where a folder and a file meet; this says which it is."""
    try:
        there = os.lstat(name, dir_fd=parent)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(there.st_mode) and not stat.S_ISDIR(moving.st_mode):
        raise IsADirectory(target)
    if stat.S_ISDIR(moving.st_mode) and not stat.S_ISDIR(there.st_mode):
        raise NotADirectory(target)


def _time(status: os.stat_result) -> datetime | None:
    """The time of the last change; None where it is no date."""
    try:
        return _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000)
    except OverflowError:
        return None


def _node(name: str, status: os.stat_result) -> Node:
    if stat.S_ISDIR(status.st_mode):
        return Node(name, Kind.FOLDER, mtime=_time(status))
    if not stat.S_ISREG(status.st_mode):
        return Node(name, Kind.FILE, mtime=_time(status))
    return Node(name, Kind.FILE, status.st_size, _time(status), etag_of(status))

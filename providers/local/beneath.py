"""Beneath: from a path to an open parent folder and a last name, never outside the folder it starts from.

Each component is opened from the one before, and the system follows no link: links are read here, and
followed only while they stay inside. A link swapped in between check and use is an error, not a way out.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vfs.errors import (
    BadName,
    Exists,
    IsADirectory,
    NoSpace,
    NotADirectory,
    NotEmpty,
    NotFound,
    ReadOnly,
    Refused,
    TooLarge,
    Unavailable,
    Unsupported,
    VfsError,
)
from vfs.path import Path

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""How folders are opened."""

LINKS = 40
"""Links followed for one path, as many as Linux follows."""

_CLASSES: dict[int, type[VfsError]] = {
    errno.ENOENT: NotFound,
    errno.ENOTDIR: NotADirectory,
    errno.EISDIR: IsADirectory,
    errno.EEXIST: Exists,
    errno.ENOTEMPTY: NotEmpty,
    errno.EROFS: ReadOnly,
    errno.ENOSPC: NoSpace,
    errno.EDQUOT: NoSpace,
    errno.EFBIG: TooLarge,
    errno.ENAMETOOLONG: BadName,
    errno.EINVAL: BadName,
    errno.EILSEQ: BadName,
    errno.EXDEV: Unsupported,
    errno.ENXIO: Unsupported,
    errno.EOPNOTSUPP: Unsupported,
    errno.EAGAIN: Unavailable,
    errno.EBUSY: Unavailable,
    errno.EMFILE: Unavailable,
    errno.ENFILE: Unavailable,
    errno.ETXTBSY: Unavailable,
    errno.ESTALE: Unavailable,
}


def translated(error: OSError, path: Path) -> VfsError:
    """The error of the system as one of ours."""
    known = _CLASSES.get(error.errno or 0)
    if known is not None and known.code == error.errno:
        return known(path)
    reason = os.strerror(error.errno).lower() if error.errno else str(error)
    return (known or VfsError)(path, reason)


@contextmanager
def translating(path: Path) -> Iterator[None]:
    """Turns errors of the system into ours, about `path`; ours pass."""
    try:
        yield
    except VfsError:
        raise
    except OSError as error:
        raise translated(error, path) from error
    except RecursionError:
        raise VfsError(path, "folders are nested too deeply") from None
    except (UnicodeEncodeError, ValueError) as error:
        raise BadName(path, str(error)) from error


class Beneath:
    """A folder that nothing here leaves. It is opened by the first use, and stays open."""

    def __init__(self, folder: str) -> None:
        self.folder = os.path.realpath(os.path.expanduser(folder))
        self._root: int | None = None

    def root(self) -> int:
        """A descriptor of the folder itself, which stays this object's."""
        if self._root is None:
            try:
                self._root = os.open(self.folder, FOLDER)
            except OSError as error:
                reason = f"{self.folder} cannot be opened: {os.strerror(error.errno or 0).lower()}"
                raise (_CLASSES.get(error.errno or 0) or VfsError)(Path(), reason) from error
        return self._root

    def close(self) -> None:
        root, self._root = self._root, None
        if root is not None:
            os.close(root)

    def real(self, path: Path) -> Path:
        """The path from the folder once links are followed; `path` where that is not inside."""
        try:
            place = os.path.realpath(os.path.join(self.folder, *path.parts))
        except (OSError, ValueError):
            return path
        own = self.folder.rstrip("/") + "/"
        if not f"{place}/".startswith(own):
            return path
        return Path(tuple(name for name in place[len(own) :].split("/") if name))

    @contextmanager
    def spot(self, path: Path, *, follow: bool = True) -> Iterator[tuple[int, str]]:
        """The parent folder of `path`, open, and the last name in it; "." for the root.

        With `follow` a link at the end is followed as well: what is found is no link then, or is
        missing and would be created where the link points. Raises NotFound, NotADirectory, Refused.
        """
        with translating(path):
            parent, name = self._resolve(path, follow)
        try:
            yield parent, name
        finally:
            os.close(parent)

    def _resolve(self, path: Path, follow: bool) -> tuple[int, str]:
        todo = list(reversed(path.parts))
        passed: list[str] = []
        links = 0
        here = os.dup(self.root())
        try:
            while todo:
                name = todo.pop()
                if name in ("", "."):
                    continue
                if name == "..":
                    if not passed:
                        raise Refused(path, "leads out of the mounted folder")
                    todo += reversed(passed[:-1])
                    passed, here = [], self._instead(here, self.root())
                    continue
                if not todo and not (follow and _is_link(name, here)):
                    return here, name
                opened = None if not todo else _folder(name, here)
                if opened is not None:
                    os.close(here)
                    here = opened
                    passed.append(name)
                    continue
                links += 1
                if links > LINKS:
                    raise OSError(errno.ELOOP, "too many links")
                inside, target = self._inside(os.readlink(name, dir_fd=here), path)
                todo += reversed(target)
                if not inside:
                    passed, here = [], self._instead(here, self.root())
            return here, "."
        except BaseException:
            os.close(here)
            raise

    @staticmethod
    def _instead(old: int, new: int) -> int:
        fresh = os.dup(new)
        os.close(old)
        return fresh

    def _inside(self, target: str, path: Path) -> tuple[bool, list[str]]:
        """Whether a link's target is relative, and its names from there, or else from the root."""
        if not target.startswith("/"):
            return True, target.split("/")
        names = [name for name in target.split("/") if name]
        own = [name for name in self.folder.split("/") if name]
        if names[: len(own)] != own:
            raise Refused(path, "leads out of the mounted folder")
        return False, names[len(own) :]


def _is_link(name: str, parent: int) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(name, dir_fd=parent).st_mode)
    except FileNotFoundError:
        return False


def _folder(name: str, parent: int) -> int | None:
    """The folder, open; None when it is a link."""
    try:
        return os.open(name, FOLDER, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK) and _is_link(name, parent):
            return None
        raise


def open_file(name: str, parent: int, path: Path) -> int:
    """A regular file, open for reading; nothing else is ever opened, so that nothing hangs."""
    check_regular(os.lstat(name, dir_fd=parent).st_mode, path)
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    file = os.open(name, flags, dir_fd=parent)
    try:
        check_regular(os.fstat(file).st_mode, path)
    except BaseException:
        os.close(file)
        raise
    return file


def check_regular(mode: int, path: Path) -> None:
    """Raises IsADirectory, and Unsupported for what is neither file nor folder."""
    if stat.S_ISDIR(mode):
        raise IsADirectory(path)
    if not stat.S_ISREG(mode):
        raise Unsupported(path, "a pipe, socket or device is not opened")


def clear(folder: int, spare: Callable[[str], bool] = lambda name: False) -> None:
    """Removes all that a folder holds, following no link; `spare` says which names stay."""
    for name in os.listdir(folder):
        if spare(name):
            continue
        if stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode):
            inner = os.open(name, FOLDER, dir_fd=folder)
            try:
                clear(inner)
            finally:
                os.close(inner)
            os.rmdir(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)

"""Every way an operation can fail, with errno and exit status.

    VfsError                EIO        1
    ├── NotFound            ENOENT     1    (is a FileNotFoundError)
    ├── Exists              EEXIST     1    (is a FileExistsError)
    ├── NotADirectory       ENOTDIR    1    (is a NotADirectoryError)
    ├── IsADirectory        EISDIR     1    (is an IsADirectoryError)
    ├── NotEmpty            ENOTEMPTY  1
    ├── BadName             EINVAL     1    the name cannot be created here
    ├── ReadOnly            EROFS      1
    ├── Unsupported         ENOTSUP    1    the mount cannot do this at all
    ├── Conflict            ESTALE     1    somebody else changed it first
    ├── NoSpace             ENOSPC     1
    ├── TooLarge            EFBIG      1
    ├── Corrupt             EIO        1    stored data fails its own check
    ├── Incomplete          EIO        3    done, but entries are known to be missing
    ├── Unavailable         EAGAIN    75    try again later (retryable)
    ├── LoginNeeded         EACCES    77
    ├── TimedOut            ETIMEDOUT 124   (is a TimeoutError)
    └── Refused             EPERM     126   policy said no (is a PermissionError)

`str(error)` is `path: reason`; the command that reports it puts its own name in front. A provider
raises with its own paths; `Tree` re-anchors them with `at`.
"""

from __future__ import annotations

import errno
from typing import ClassVar, Self

from vfs.path import Path


class VfsError(OSError):
    """An operation on the tree failed. `hint` is a next step for a person, or None."""

    code: ClassVar[int] = errno.EIO
    status: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    default: ClassVar[str] = "input/output error"

    def __init__(
        self, path: Path | str | None = None, reason: str | None = None, *, hint: str | None = None
    ) -> None:
        super().__init__(self.code, reason or self.default)
        self.path = path
        self.reason = reason or self.default
        self.hint = hint

    def __str__(self) -> str:
        return self.reason if self.path is None else f"{self.path}: {self.reason}"

    def __reduce__(self) -> tuple[type[Self], tuple[Path | str | None, str]]:
        return type(self), (self.path, self.reason)

    def at(self, path: Path | str) -> Self:
        """The same failure, about another path."""
        moved = type(self)(path, self.reason, hint=self.hint)
        moved.__cause__ = self.__cause__
        return moved


class NotFound(VfsError, FileNotFoundError):
    """Nothing has this name, or the caller may not know that something does."""

    code = errno.ENOENT
    default = "no such file or directory"


class Exists(VfsError, FileExistsError):
    """Something has this name already."""

    code = errno.EEXIST
    default = "file exists"


class NotADirectory(VfsError, NotADirectoryError):
    """A path goes through, or a listing asks for, something that is no folder."""

    code = errno.ENOTDIR
    default = "not a directory"


class IsADirectory(VfsError, IsADirectoryError):
    """A folder stands where a file was asked for."""

    code = errno.EISDIR
    default = "is a directory"


class NotEmpty(VfsError):
    """The folder to be removed still holds entries."""

    code = errno.ENOTEMPTY
    default = "directory not empty"


class BadName(VfsError):
    """The name cannot be created here: too long, a control character, not UTF-8."""

    code = errno.EINVAL
    default = "not a valid name"


class ReadOnly(VfsError):
    """The mount, or this entry, cannot be changed."""

    code = errno.EROFS
    default = "read-only"


class Unsupported(VfsError):
    """The provider has no such ability."""

    code = errno.ENOTSUP
    default = "not supported here"


class Conflict(VfsError):
    """The entry changed after the caller had read it; nothing was written."""

    code = errno.ESTALE
    default = "changed by somebody else in the meantime"


class NoSpace(VfsError):
    """The disk, or the account's quota, is full."""

    code = errno.ENOSPC
    default = "disk full"


class TooLarge(VfsError):
    """The content is larger than the provider accepts."""

    code = errno.EFBIG
    default = "file too large"


class Corrupt(VfsError):
    """Stored data does not match its own checksum or structure."""

    default = "stored data is damaged"


class Incomplete(VfsError):
    """The work was done, but entries are known to be missing from it."""

    status = 3
    default = "some entries could not be read"


class Unavailable(VfsError):
    """Busy, locked or offline: the same call may succeed later."""

    code = errno.EAGAIN
    status = 75
    retryable = True
    default = "temporarily unavailable"


class LoginNeeded(VfsError):
    """The service wants the user to log in (again)."""

    code = errno.EACCES
    status = 77
    default = "login needed"


class TimedOut(VfsError, TimeoutError):
    """The time limit ran out."""

    code = errno.ETIMEDOUT
    status = 124
    retryable = True
    default = "timed out"


class Refused(VfsError, PermissionError):
    """Policy, or the person who was asked, said no."""

    code = errno.EPERM
    status = 126
    default = "refused by policy"

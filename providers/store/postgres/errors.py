"""What the server, and the way to it, report, as the errors of the tree. The one place that maps them."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl

import asyncpg

from providers.store.postgres.roles import APP
from vfs.errors import (
    BadName,
    Conflict,
    Corrupt,
    LoginNeeded,
    NoSpace,
    ReadOnly,
    Refused,
    Unavailable,
    VfsError,
)

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.DatabaseDroppedError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TooManyConnectionsError,
    asyncio.IncompleteReadError,
    ConnectionError,
    TimeoutError,
)
_NETWORK = {
    None,  # several addresses were tried
    errno.ECONNREFUSED,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETRESET,
    errno.ENETUNREACH,
    errno.EPIPE,
    errno.ETIMEDOUT,
}
_NO_SUCH_HOST = {
    getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)
}
_REFUSALS = ("password", "auth", "no such user", "does not exist", "no such database", "pg_hba")
"""What a pooling proxy says, in the words and under the code of a broken connection, that no retry mends."""
_AGAIN = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.DuplicatePreparedStatementError,
)
"""Nothing was done, and doing it again may well succeed."""

OUT_OF_RANGE = asyncpg.InvalidParameterValueError

_ENTRY = "its administrator says who may come from where, with TLS or without"
_TRUST = "check the address; sslrootcert=FILE names the authority of a server of your own"
_PREPARE = "to make one: spatio init postgresql://OWNER@HOST/DATABASE"


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, or was never there: another one may do."""
    if isinstance(error, VfsError | ssl.SSLError) or _speaks_no_tls(error):
        return False
    if isinstance(error, asyncpg.InternalClientError):
        # What asyncpg raises, too, for a statement after the server has said farewell.
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, asyncpg.DataError | asyncpg.ClientConfigurationError) and (
            "connection" in str(error) or "closed" in str(error)
        )
    if isinstance(error, socket.gaierror):
        return error.errno not in _NO_SUCH_HOST
    if isinstance(error, asyncpg.ProtocolViolationError):
        return not _refused(error)
    return isinstance(error, _LOST) or (isinstance(error, OSError) and error.errno in _NETWORK)


def _refused(error: BaseException) -> bool:
    return any(word in str(error).lower() for word in _REFUSALS)


def absence(error: BaseException) -> str:
    """What is the matter with a server that is waited for, in words."""
    if isinstance(error, asyncpg.TooManyConnectionsError):
        return "has no connection left"
    return "starts or stops" if isinstance(error, asyncpg.CannotConnectNowError) else "cannot be reached"


def _speaks_no_tls(error: BaseException) -> bool:
    return isinstance(error, ConnectionError) and "rejected SSL" in str(error)


def is_ours(error: BaseException) -> bool:
    """Whether the server, asyncpg or the network said it, and not this program's own code."""
    return isinstance(
        error, asyncpg.PostgresError | asyncpg.InterfaceError | asyncpg.InternalClientError | ssl.SSLError
    ) or (
        not isinstance(error, VfsError)
        and (is_lost(error) or isinstance(error, socket.gaierror | ConnectionError))
    )


def is_passing(error: BaseException) -> bool:
    """Whether the transaction was undone by the server and may be run again."""
    return isinstance(error, _AGAIN)


def is_missing(error: BaseException) -> bool:
    """Whether the database holds no workspace (or not one that this login may see)."""
    return isinstance(error, asyncpg.UndefinedTableError | asyncpg.InvalidSchemaNameError) or (
        isinstance(error, asyncpg.PostgresError)
        and error.sqlstate in ("22023", "42704")
        and f'role "{APP}"' in str(error)
    )


def from_postgres(error: BaseException, name: str) -> VfsError:
    """The tree's error for what asyncpg raised, about the database called `name`."""
    if isinstance(error, VfsError):
        return error
    if is_missing(error):
        return no_workspace(name)
    if isinstance(error, asyncpg.PostgresError):
        found = _by_state(error, name)
        if found is not None:
            return found
    if _speaks_no_tls(error):
        return VfsError(
            name,
            "the server does not encrypt the connection",
            hint="in a network that you trust, add ?sslmode=disable to the address",
        )
    if isinstance(error, ssl.SSLError | ssl.CertificateError):
        return VfsError(name, f"the server cannot be trusted ({_line(error)})", hint=_TRUST)
    if isinstance(error, socket.gaierror):
        return Unavailable(name, "no host has this name", hint="check the address, and the network")
    if isinstance(error, asyncpg.DataError):
        return BadName(name, "holds a character or a number that the database cannot hold")
    if is_lost(error):
        return Unavailable(
            name,
            f"the database cannot be reached ({_line(error)})",
            hint="try again when the server is there",
        )
    return VfsError(name, f"the database failed ({_line(error)}); nothing was changed")


def _by_state(error: asyncpg.PostgresError, name: str) -> VfsError | None:
    state = error.sqlstate or ""
    if "no pg_hba.conf entry" in str(error):
        return Refused(name, f"the server lets nobody in this way ({_line(error)})", hint=_ENTRY)
    if state == "08P01" and ("does not exist" in str(error) or "no such database" in str(error)):
        state = "3D000"
    if state in ("28P01", "28000") or (state == "08P01" and _refused(error)):
        return LoginNeeded(
            name,
            "the server refuses this user or password",
            hint="run: spatio key store (or set PGPASSWORD)",
        )
    if state == "3D000":
        return VfsError(name, "there is no such database", hint="create it, or check the address")
    if state == "53100":
        return NoSpace(name, hint="nothing was changed: free some space on the server and run it again")
    if state == "53300":
        return Unavailable(name, "the server has no connection left", hint="try again later")
    if state.startswith("53"):
        return Unavailable(name, f"the server lacks memory or another resource ({_line(error)})")
    if state == "55P03":
        return in_use(name)
    if state == "57014":
        return Unavailable(name, "took longer than a statement may; nothing was changed", hint="try again")
    if state == "55000" and "the event log" in str(error):
        return VfsError(name, f"{_line(error)}; nothing was changed")
    if state == "25006" or (state == "0A000" and "during recovery" in str(error)) or state == "55000":
        return ReadOnly(name, "the server takes no changes (it may be a copy of another one)")
    if state == "42501":
        return Refused(
            name,
            f"this user may not do that ({_line(error)})",
            hint=f"GRANT {APP} TO the user, or use the owner",
        )
    if state.startswith("XX"):
        return Corrupt(name, f"the server reports damage ({_line(error)})", hint="restore it from a backup")
    if state == "23505":
        return Conflict(name, "another session made the same change at the same moment", hint="run it again")
    if state.startswith("58"):
        return VfsError(name, f"the server's disk failed ({_line(error)}); nothing was changed")
    return None


def in_use(name: str, holder: str = "another session") -> Unavailable:
    """Another session holds the workspace for longer than is waited for."""
    return Unavailable(name, f"in use by {holder}", hint="try again when it is done")


def no_workspace(name: str) -> VfsError:
    """The database is there, and Spatio's tables are not."""
    return VfsError(name, "no workspace of Spatio is in this database", hint=_PREPARE)


def unknown_outcome(name: str) -> VfsError:
    """The server went away at the one moment when this matters. Not to be tried again unseen."""
    return VfsError(
        name,
        "the server went away while the change was being committed; whether it was made is not known",
        hint="when the server is back, look before you do it again (history shows the last change)",
    )


def _line(error: BaseException) -> str:
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno).lower()
    if isinstance(error, TimeoutError):
        return "it does not answer"
    text = str(error).strip().splitlines()
    return text[0].rstrip(".") if text else type(error).__name__

"""Where a PostgreSQL database is: a URL, its password kept apart.

    postgresql://USER@HOST:PORT/DATABASE?sslmode=verify-full&pool=4

`pool` is Spatio's own and bounds the connections of one program; every other parameter is libpq's,
as asyncpg reads it. A host that is not this machine is spoken to over TLS unless `sslmode` says otherwise.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from vfs.errors import BadName

SCHEMES = ("postgresql", "postgres")
POOL = 4
"""Connections that one program opens at most."""

_NEAR = ("", "localhost", "127.0.0.1", "::1")
_HINT = "such as: postgresql://USER@HOST/DATABASE"
_SSL = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


class Address(NamedTuple):
    """A database, its user, and how to speak to it."""

    dsn: str
    """What asyncpg is given; holds no password."""
    password: str | None
    """Out of the URL; None for the environment, a password file, or no password at all."""
    pool: int = POOL

    def __repr__(self) -> str:
        return f"Address({self.name!r})"

    @property
    def name(self) -> str:
        """As a person may be told: no password and no parameters."""
        return urlunsplit((*urlsplit(self.dsn)[:3], "", ""))


def parse_address(text: str) -> Address:
    """The address that a URL stands for. Raises BadName, never with the password in it."""
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise BadName(None, "the database's address has no valid port or host", hint=_HINT) from None
    if parts.scheme not in SCHEMES:
        raise BadName(
            None, f"a database's address begins with postgresql://, not {parts.scheme}:", hint=_HINT
        )
    options = parse_qsl(parts.query, keep_blank_values=True)
    given = dict(options)
    if "password" in given:
        raise BadName(None, "the password does not belong into the address's parameters", hint=_HINT)
    if not host and "host" not in given:
        raise BadName(None, "the database's address names no host", hint=_HINT)
    if not parts.path.strip("/") and "dbname" not in given and "database" not in given:
        raise BadName(None, "the database's address names no database", hint=_HINT)
    if given.get("sslmode", "prefer") not in _SSL:
        raise BadName(None, f"sslmode is one of {', '.join(_SSL)}, not {given['sslmode']}")
    kept = [(key, value) for key, value in options if key != "pool"]
    if "sslmode" not in given and not _is_near(host or given.get("host", "")):
        kept.append(("sslmode", "require"))
    user = quote(unquote(parts.username), safe="") + "@" if parts.username else ""
    shown = f"[{host}]" if ":" in host else host
    place = f"{user}{shown}:{port}" if port else f"{user}{shown}"
    dsn = urlunsplit(("postgresql", place, parts.path, urlencode(kept, quote_via=quote), ""))
    password = unquote(parts.password) if parts.password else None
    return Address(dsn, password, _pool(given.get("pool")))


def _is_near(host: str) -> bool:
    """Whether it is this machine: by its names, or a folder of sockets."""
    return host in _NEAR or host.startswith("/")


def _pool(text: str | None) -> int:
    if text is None:
        return POOL
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100:
        raise BadName(None, f"pool is a number of connections, 1 to 100, not {text}")
    return int(text)

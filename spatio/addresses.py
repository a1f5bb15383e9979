"""Addresses of stores and of objects: read, checked, and told again without what is secret.

    postgresql://USER@HOST:PORT/DATABASE?sslmode=verify-full   a PostgreSQL database
    sqlite:///PATH, PATH                                       an embedded database; in a folder, spatio.db
    s3://BUCKET/PREFIX?endpoint=https://…&region=…, PATH       objects

No message here repeats a part of an address in which a password may hide.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from commands.nearest import nearest
from providers.store.postgres.address import parse_address
from spatio.secrets import Secret
from vfs.errors import BadName

if TYPE_CHECKING:
    from providers.s3.address import Location

POSTGRES = ("postgresql", "postgres")
EXAMPLE = "such as: postgresql://ada@db.example.org/spatio"
PORT = 5432

_PORT = re.compile(r":([^\]]*)$")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(//)?")
_OPTIONS = (
    "application_name", "host", "krbsrvname", "passfile", "pool", "port", "sslcert", "sslcrl", "sslkey",
    "sslmode", "sslrootcert", "target_session_attrs", "user",
)  # fmt: skip
_HIDING = ("password", "sslpassword")
_ENCODED = "in a password, write @ : / ? # [ ] % as %40 %3A %2F %3F %23 %5B %5D %25"


class WrongAddress(Exception):
    """An address that cannot be used: the reason, and the nearest right thing."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class StoreAddress(NamedTuple):
    """Where a store is. Its `text` holds no password."""

    engine: str
    """`sqlite` or `postgresql`."""
    text: str
    """The file's path, or the URL."""
    password: Secret | None = None
    login: str = ""
    """USER@HOST, with the port where it is not the usual one: under what the keyring keeps the password."""

    @property
    def name(self) -> str:
        """For people."""
        return self.text.partition("?")[0] if self.engine == "postgresql" else self.text


def store_address(text: str, *, absolute: bool = False) -> StoreAddress:
    """The store that `text` names. Raises WrongAddress. `absolute`: paths must not depend on a folder."""
    if any(ord(char) < 32 for char in text):
        raise WrongAddress("an address has no control characters")
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ""
    if scheme in POSTGRES and found and found[2]:
        return _postgres(text)
    if scheme == "sqlite":
        return StoreAddress("sqlite", _file(_path_of(text), absolute))
    if found is None or (not found[2] and "/" in text.partition(":")[0]):
        return StoreAddress("sqlite", _file(text, absolute))
    raise _unknown(scheme)


def _unknown(scheme: str) -> WrongAddress:
    if scheme == "s3":
        return WrongAddress("a bucket holds objects, not the store itself", "give it as --objects s3://…")
    near = nearest(scheme, [*POSTGRES, "sqlite"])
    right = {"sqlite": "sqlite:///PATH", None: ""}.get(near, EXAMPLE)
    return WrongAddress(
        f"there is no kind of store {scheme}:",
        f"did you mean {near}:? {right}"
        if near
        else f"a store is a path, or {EXAMPLE.removeprefix('such as: ')}",
    )


def _path_of(text: str) -> str:
    rest = text.partition(":")[2]
    if rest.startswith("//") and not rest.startswith("///"):
        raise WrongAddress(
            "between sqlite:// and the path stands no host", "such as: sqlite:///home/ada/spatio.db"
        )
    if "?" in rest or "#" in rest:
        raise WrongAddress("an embedded store takes no options", "write ? as %3F and # as %23 in its path")
    path = unquote(rest)
    return "/" + path.lstrip("/") if rest.startswith("//") else path


def _file(text: str, absolute: bool) -> str:
    path = os.path.expanduser(text)
    if not path:
        raise WrongAddress("the address names no file", EXAMPLE)
    if absolute and not os.path.isabs(path):
        raise WrongAddress(f"{text} depends on the folder one is in", "write the whole path, from / on")
    folder = path.endswith("/") or os.path.isdir(path)
    path = os.path.abspath(path)
    return os.path.join(path, "spatio.db") if folder else path


def _postgres(text: str) -> StoreAddress:
    senseless = WrongAddress("the address makes no sense", f"{EXAMPLE}; {_ENCODED}")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise senseless from None
    if "#" in text or "@" in parts.path or "@" in parts.query:
        raise senseless
    _check_host(parts.netloc.rpartition("@")[2])
    _check_options(parts.query)
    if parts.path.count("/") > 1:
        raise WrongAddress("a database's name has no /", EXAMPLE)
    try:
        address = parse_address(text)
    except BadName as error:
        raise WrongAddress(error.reason, error.hint) from None
    place = urlsplit(address.dsn)
    host = place.netloc.rpartition("@")[2] or dict(parse_qsl(place.query)).get("host", "")
    login = f"{unquote(place.username or '')}@{host.removesuffix(f':{PORT}')}"
    password = None if address.password is None else Secret(address.password)
    query = urlencode(parse_qsl(parts.query), quote_via=quote, safe="/")
    clean = f"postgresql://{place.netloc}{place.path}" + (f"?{query}" if query else "")
    return StoreAddress("postgresql", clean, password, login)


def _check_options(query: str) -> None:
    for name, _ in parse_qsl(query, keep_blank_values=True):
        if name in _HIDING:
            raise WrongAddress(
                "a password is no option of an address",
                "it stands before the @: postgresql://USER:PASSWORD@HOST/…, or in PGPASSWORD or the keyring",
            )
        if name not in _OPTIONS:
            near = nearest(name, _OPTIONS)
            says = f"did you mean {near}?" if near else f"there are: {', '.join(_OPTIONS)}"
            raise WrongAddress("the address has an option that there is not", says)


def _check_host(text: str) -> None:
    """Raises WrongAddress for a port that is none, and for several hosts."""
    if "," in text:
        raise WrongAddress("an address names one host", "several are for a pooling proxy to know")
    port = _PORT.search(text)
    if port is None:
        return
    if not (port[1].isascii() and port[1].isdigit() and 0 < int(port[1]) < 65536):
        raise WrongAddress("the port is not a number from 1 to 65535", f"{EXAMPLE}; {_ENCODED}")


def objects_address(text: str, *, absolute: bool = False) -> Location | str:
    """The bucket, or the folder, that `text` names. Raises WrongAddress."""
    found = _SCHEME.match(text)
    if found is None or not found[2]:
        path = os.path.expanduser(text)
        if absolute and not os.path.isabs(path):
            raise WrongAddress(f"{text} depends on the folder one is in", "write the whole path, from / on")
        return os.path.abspath(path)
    scheme = found[1].lower()
    if scheme == "file":
        return os.path.abspath("/" + unquote(text[found.end() :]).lstrip("/"))
    if scheme == "s3":
        try:
            location: Location = import_module("providers.s3.address").Location.parse(text)
        except BadName as error:
            raise WrongAddress(error.reason, error.hint) from None
        return location
    if scheme == "r2":
        hint = "R2 speaks S3: s3://BUCKET/PREFIX?endpoint=https://ACCOUNT.r2.cloudflarestorage.com"
        raise WrongAddress("there is no kind of objects r2:", hint)
    if scheme in POSTGRES:
        raise WrongAddress("a database is the store, not its objects", "give it as --store")
    raise WrongAddress(
        f"there is no kind of objects {scheme}:", "objects lie in a folder, or in s3://BUCKET/PREFIX"
    )


def shown(objects: Location | str) -> str:
    """Objects' place, for people."""
    return objects if isinstance(objects, str) else objects.name

"""What a mount says of an account at a calendar server, checked."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from urllib.parse import urlsplit

from providers.spec import Option
from vfs.errors import BadName

OPTIONS = (
    Option(
        "url", "the server, or anything of the account there, such as https://dav.example.org/", required=True
    ),
    Option("user", "whom the server knows you as, often your address", required=True),
    Option("address", "your own address in invitations, when it is not the user's name"),
    Option("default", "the calendar that new events go to; else the first"),
    Option("plain", "`true` lets the password travel without TLS", default="false"),
    Option("ca", "a file with the authorities whose certificates count, instead of the system's"),
    Option("parallel", "requests at once", default="8"),
    Option("collection", "the collection of the store that keeps the replica", default="calendar"),
)


def secret_name(options: Mapping[str, str]) -> str:
    """What the password of an account is called where secrets are kept."""
    return f"caldav:{options['user']}@{urlsplit(options['url']).hostname or ''}"


def is_loopback(host: str) -> bool:
    """Whether a host is this computer, by its name or address."""
    # Only a server without TLS is asked about: addresses take longer to load than a day takes to list.
    address = import_module("providers.inside").address_of(host)
    return host.lower().rstrip(".") == "localhost" if address is None else bool(address.is_loopback)


def checked(options: Mapping[str, str]) -> None:
    """Raises BadName for options that cannot be."""
    url = options.get("url", "")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
        parts = urlsplit("")
    if parts.scheme not in ("https", "http") or not host or not url.isprintable() or " " in url:
        raise BadName(None, f"url is https://HOST/…, but is {url[:80]!r}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadName(None, "url holds no name, password or query: they have options of their own")
    if parts.scheme == "http" and not is_loopback(host) and options.get("plain") != "true":
        hint = "use https://, or set plain = true for a network that you trust"
        raise BadName(None, "the password would travel for all to see", hint=hint)
    user = options.get("user", "")
    if not user or not user.isprintable() or ":" in user:
        raise BadName(None, "user is missing, or cannot be")
    parallel = options.get("parallel") or "8"
    if not (parallel.isascii() and parallel.isdigit() and 0 < int(parallel) <= 32):
        raise BadName(None, f"parallel is a number from 1 to 32, but is {parallel[:40]!r}")


def addresses_of(options: Mapping[str, str]) -> tuple[str, ...]:
    """The person's own addresses, as far as the mount says them."""
    told = [options.get("address", "").rpartition("<")[2].rstrip(">"), options.get("user", "")]
    return tuple(dict.fromkeys(one.strip() for one in told if "@" in one))

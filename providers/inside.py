"""Addresses that lie inside: this computer and the networks around it, however they are spelled.

What a service out there sends (a redirect, a link, an answer of its name server) must not make this
program speak to them.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("::/96"))
"""IPv6 spellings of an IPv4 address, which is their last four bytes."""
_TUNNELS = IPv4Network("198.18.0.0/15")
"""Set aside for benchmarks, and what local tunnels answer for every public name: nothing listens there."""
_DIGITS = frozenset("0123456789abcdefABCDEFxX.")


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host's name spells (also as one number, in hex or octal), or None for a name."""
    bare = host.strip("[]").partition("%")[0]
    try:
        return ip_address(bare)
    except ValueError:
        pass
    if not bare or not set(bare) <= _DIGITS or not bare[0].isdigit():
        return None
    try:
        return IPv4Address(socket.inet_aton(bare))
    except OSError:
        return None


def is_inside(host: str) -> bool:
    """Whether a host's name says by itself that it lies inside; of other names a look-up tells."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = address_of(host)
    return address is not None and lies_inside(address)


def lies_inside(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is no public one: private, loopback, link-local, multicast, unspecified."""
    plain = _unwrapped(address)
    if isinstance(plain, IPv4Address) and plain in _TUNNELS:
        return False
    return not plain.is_global or plain.is_multicast


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address within an IPv6 one, where it is only another spelling of it."""
    if isinstance(address, IPv4Address):
        return address
    within = address.ipv4_mapped or address.sixtofour
    if within is None and any(address in network for network in _TRANSLATED) and int(address) > 1:
        within = IPv4Address(int(address) & 0xFFFFFFFF)
    return within or address

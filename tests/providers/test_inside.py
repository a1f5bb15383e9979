from __future__ import annotations

from ipaddress import ip_address

import pytest

from providers.inside import address_of, is_inside, lies_inside

INSIDE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "10.1.2.3",
    "192.168.0.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "[::1]",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
]
OUTSIDE = [
    "8.8.8.8",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "198.18.0.7",
    "example.org",
]


@pytest.mark.parametrize("host", INSIDE)
def test_every_spelling_of_a_private_address_is_seen_through(host: str) -> None:
    assert is_inside(host)


@pytest.mark.parametrize("host", OUTSIDE)
def test_what_is_public_is_not_inside(host: str) -> None:
    assert not is_inside(host)


@pytest.mark.parametrize("host", ["example.org", "a.b", "", "1.2.3.4.5", "0x", "1.2.3.4a", "999999999999"])
def test_a_name_is_no_address(host: str) -> None:
    assert address_of(host) is None


def test_an_address_within_another_is_judged_by_itself() -> None:
    assert lies_inside(ip_address("::ffff:10.0.0.1"))
    assert not lies_inside(ip_address("2002:808:808::"))

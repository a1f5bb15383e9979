"""Servers of the mail tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.dovecot import Dovecot, Mailbox, dovecot, running_dovecot

__all__ = ["dovecot"]

_LESS = "imap_capability=IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE UIDPLUS UNSELECT MOVE SPECIAL-USE"


@pytest.fixture
def box(dovecot: Dovecot) -> Mailbox:
    """A user of a server that can do everything."""
    return dovecot.mailbox()


@pytest.fixture(scope="session")
def condstore_server() -> Iterator[Dovecot]:
    """A server with CONDSTORE, without QRESYNC."""
    with running_dovecot(f"{_LESS} CONDSTORE ESEARCH") as server:
        yield server


@pytest.fixture(scope="session")
def poor_server() -> Iterator[Dovecot]:
    """A server that can hardly do anything beyond IMAP4rev1."""
    with running_dovecot("imap_capability=IMAP4rev1 LITERAL+") as server:
        yield server


@pytest.fixture(params=["qresync", "condstore", "poor"])
def any_box(request: pytest.FixtureRequest) -> Mailbox:
    """A user of a server of each kind."""
    name = {"qresync": "dovecot", "condstore": "condstore_server", "poor": "poor_server"}[request.param]
    server: Dovecot = request.getfixturevalue(name)
    return server.mailbox()

"""Login: how a connection is made, and proves who it is."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable
from ipaddress import ip_address
from typing import NamedTuple, Protocol

from providers.mail.imap.errors import refused, translated, words
from providers.mail.imap.session import Session, quoted
from providers.mail.imap.wire import Wire
from providers.mirror.remote import Throttled
from vfs.errors import LoginNeeded, Refused, Unavailable, VfsError

TLS, STARTTLS, NONE = "tls", "starttls", "none"
TOKENS = ("xoauth2", "oauthbearer")
"""Ways to log in that send an access token, not a password."""


class Address(NamedTuple):
    """Where an account is, and how it is spoken to; nothing secret."""

    host: str
    port: int
    user: str
    security: str = TLS
    auth: str = "auto"
    """`none`: an SMTP server takes mail from this computer as it is."""
    ca: str = ""
    """A file of authorities that are trusted instead of the system's."""
    patience: float = 30.0
    remedy: str = ""
    """The next step when the login is refused."""

    @property
    def server(self) -> str:
        """The server, as errors name it."""
        return self.host


class Credentials(Protocol):
    """What an account logs in with."""

    async def secret(self) -> str:
        """A password, or an access token. Raises LoginNeeded when there is none."""
        ...

    async def renewed(self, stale: str) -> str | None:
        """Another one in place of one that was refused; None when there cannot be one."""
        ...


def context(ca: str) -> ssl.SSLContext:
    """Certificates and host names are checked; there is no way around it."""
    made = ssl.create_default_context(cafile=ca or None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def may_be_plain(host: str) -> bool:
    """Whether what is said to this host leaves the computer."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def connect(address: Address, secret: str) -> Session:
    """A connection that is logged in. Blocks. Raises LoginNeeded, Refused, Unavailable, TimedOut."""
    if address.security == NONE and not may_be_plain(address.host):
        raise Refused(
            None,
            f"{address.host} would get the password unencrypted",
            hint='use security = "tls" or "starttls"; "none" is for servers on this computer',
        )
    wire = None
    try:
        with translated(address.server, secret):
            tls = None if address.security == NONE else context(address.ca)
            wire = _open(address, tls if address.security == TLS else None)
            if address.security == STARTTLS:
                assert tls is not None
                _start_tls(wire, tls, address)
            preauthenticated = wire.state == "AUTH"
            if not preauthenticated:
                _authenticate(wire, address, secret)
            session = Session(wire, address.server, secret)
            session.begin()
            return session
    except BaseException:
        if wire is not None:
            wire.shutdown()
        raise


def _open(address: Address, tls: ssl.SSLContext | None) -> Wire:
    try:
        return Wire(address.host, address.port, tls, address.patience)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        # imaplib's word for a greeting that is none, a BYE for example.
        said = words(error.args[0] if error.args else "")
        if "BYE" in said:
            raise Unavailable(None, f"{address.server}: {said.partition('BYE')[2].strip()}") from None
        raise


def _start_tls(wire: Wire, tls: ssl.SSLContext, address: Address) -> None:
    if wire.state != "NONAUTH" or "STARTTLS" not in wire.capabilities:
        raise Unavailable(
            None,
            f"{address.server} offers no encryption on port {address.port}",
            hint='most servers speak TLS on port 993: security = "tls"',
        )
    wire.start_tls(tls)


def _authenticate(wire: Wire, address: Address, secret: str) -> None:
    way = _way(wire, address)
    try:
        if way == "login":
            if not (secret + address.user).isprintable():
                raise LoginNeeded(None, _denied(address), hint=address.remedy)
            typ, said = wire.command("LOGIN", [quoted(address.user.encode()), quoted(secret.encode())], None)
            if typ != "OK":
                raise imaplib.IMAP4.error(said[-1])
        else:
            wire.authenticate(way.upper(), _answers(way, address, secret))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise _why(error, address, secret) from None
    wire.state = "AUTH"


def _way(wire: Wire, address: Address) -> str:
    offered = set(wire.capabilities)
    if address.auth != "auto":
        return address.auth
    if "AUTH=PLAIN" in offered:
        return "plain"
    if "LOGINDISABLED" in offered:
        raise Unavailable(None, f"{address.server} lets nobody log in with a password")
    return "login"


def _answers(way: str, address: Address, secret: str) -> Callable[[bytes], bytes]:
    if way == "plain":
        line = f"\0{address.user}\0{secret}"
    elif way == "xoauth2":
        line = f"user={address.user}\1auth=Bearer {secret}\1\1"
    else:
        line = f"n,a={address.user},\1host={address.host}\1port={address.port}\1auth=Bearer {secret}\1\1"
    asked = 0

    def answer(challenge: bytes) -> bytes:
        nonlocal asked
        asked += 1
        # A second challenge to a token holds the reason of its refusal, and wants an empty answer.
        return line.encode() if asked == 1 else b""

    return answer


def _denied(address: Address) -> str:
    what = "access token" if address.auth in TOKENS else "password"
    return f"{address.user} at {address.host}: the {what} was refused"


def _why(error: imaplib.IMAP4.error, address: Address, secret: str) -> VfsError:
    """A server that has no time, or keeps this user out for now, has not refused the password."""
    said = error.args[0] if error.args else b""
    why = refused([said if isinstance(said, bytes) else str(said).encode()], address.server, secret)
    text = str(said).upper()
    if isinstance(why, Throttled) or "[UNAVAILABLE]" in text:
        return why
    return LoginNeeded(None, _denied(address), hint=address.remedy or None)

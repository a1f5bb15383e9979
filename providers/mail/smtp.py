"""SMTP: a mail handed to a server that sends it on. Everything here blocks.

A `Handover` stops before the last line of the mail: until then the server has taken nothing, after it only
a look can tell. No mail goes to some of its recipients: when one is refused, none is sent.
"""

from __future__ import annotations

import io
import re
import smtplib
import socket
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from providers.mail.envelope import Envelope
from providers.mail.headers import block_end
from providers.mail.imap.errors import told, words
from providers.mail.imap.login import NONE, STARTTLS, TLS, TOKENS, Address, context, may_be_plain
from providers.mail.paced import PACE, Flood, Paced
from providers.mirror.remote import Throttled
from vfs.errors import BadName, LoginNeeded, Refused, TimedOut, TooLarge, Unavailable, VfsError

ANSWER = 1 << 20
"""Bytes of an answer."""
_ENHANCED = re.compile(r"^[245]\.\d{1,3}\.\d{1,3} ")
_DOT = re.compile(rb"^\.", re.MULTILINE)


class _Client(smtplib.SMTP):
    """smtplib over a transport that waits and takes only so much."""

    def __init__(self, account: Address) -> None:
        self.account = account
        self.tls = None if account.security == NONE else context(account.ca)
        super().__init__(account.host, account.port, local_hostname="localhost", timeout=account.patience)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = socket.create_connection((host, port), timeout)
        if self.account.security != TLS:
            return sock
        assert self.tls is not None
        try:
            return self.tls.wrap_socket(sock, server_hostname=self.account.host)
        except BaseException:
            sock.close()
            raise

    def getreply(self) -> tuple[int, bytes]:
        assert self.sock is not None
        if self.file is None:
            self.paced = Paced(self.sock, self.account.patience, ANSWER)
            self.file = io.BufferedReader(self.paced)
        self.paced.begin()
        return super().getreply()

    def send(self, s: bytes | str) -> None:  # type: ignore[override]
        if self.sock is not None:
            self.sock.settimeout(self.account.patience + len(s) / PACE)
        super().send(s)


class Handover:
    """One mail on its way: `offer` all but its end, then `finish`, or `drop`."""

    def __init__(self, account: Address, secret: str) -> None:
        self.account = account
        self.secret = secret
        self.client: _Client | None = None
        self.answered = False
        """Whether the server said what became of the whole mail."""

    def offer(self, envelope: Envelope, content: bytes) -> None:
        """Connects, logs in, and says all but the end. Raises LoginNeeded, Refused, TooLarge, Unavailable."""
        with self._translated():
            client = self._connected()
            options = _options(client, envelope, content)
            if client.has_extn("size") and client.esmtp_features["size"].isdigit():
                most = int(client.esmtp_features["size"])
                if 0 < most < len(content):
                    raise TooLarge(
                        None,
                        f"{self.account.host} takes mails of up to {most} bytes; this one has {len(content)}",
                    )
            code, said = client.mail(_ascii(envelope.sender, client), options)
            if code != 250:
                raise self._refusal(code, said, f"as sender {envelope.sender}")
            self._recipients(client, envelope.recipients)
            code, said = client.docmd("DATA")
            if code != 354:
                raise self._refusal(code, said, "the mail")
            body = _DOT.sub(b"..", content)
            client.send(body if body.endswith(b"\r\n") else body + b"\r\n")

    def finish(self) -> str:
        """The last line; what the server says. Raises Refused, Throttled: its word that it took nothing."""
        assert self.client is not None
        with self._translated():
            self.client.send(b".\r\n")
            code, said = self.client.getreply()
            self.answered = 200 <= code < 600
            if code // 100 != 2:
                raise self._refusal(code, said, "the mail")
            return _ENHANCED.sub("", words(said))

    def drop(self) -> None:
        """Ends the connection; a mail whose end was not said is thrown away by the server."""
        client = self.client
        if client is None:
            return
        if client.sock is not None:
            with suppress(OSError):
                # Wakes whoever still waits for an answer.
                client.sock.shutdown(socket.SHUT_RDWR)
        with suppress(OSError, smtplib.SMTPException):
            client.close()

    def try_login(self) -> None:
        """Connects and logs in, sending nothing. Raises LoginNeeded, Unavailable, TimedOut."""
        with self._translated():
            self._connected()
        self.drop()

    def _connected(self) -> _Client:
        account = self.account
        if account.security == NONE and not may_be_plain(account.host):
            raise Refused(
                None,
                f"{account.host} would get the password unencrypted",
                hint='use smtp_security = "tls" or "starttls"; "none" is for servers on this computer',
            )
        client = self.client = _Client(account)
        client.ehlo_or_helo_if_needed()
        if account.security == STARTTLS:
            if not client.has_extn("starttls"):
                raise Unavailable(
                    None,
                    f"{account.host} offers no encryption on port {account.port}",
                    hint='many servers speak TLS on port 465: smtp_security = "tls"',
                )
            client.starttls(context=client.tls)
            client.ehlo()
        if account.auth != "none" and client.has_extn("auth"):
            self._log_in(client)
        return client

    def _log_in(self, client: _Client) -> None:
        account, secret = self.account, self.secret
        try:
            offered = client.esmtp_features.get("auth", "").upper().split()
            if account.auth in TOKENS:
                _say(client, "XOAUTH2", f"user={account.user}\1auth=Bearer {secret}\1\1")
            elif "PLAIN" in offered or "LOGIN" not in offered:
                _say(client, "PLAIN", f"\0{account.user}\0{secret}")
            else:
                _say(client, "LOGIN", account.user, secret, first=False)
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code // 100 == 4:
                raise Unavailable(None, f"{account.host}: {words(error.smtp_error, secret)}") from None
            what = "access token" if account.auth in TOKENS else "password"
            raise LoginNeeded(
                None, f"{account.user} at {account.host}: the {what} was refused", hint=account.remedy or None
            ) from None

    def _recipients(self, client: _Client, recipients: Sequence[str]) -> None:
        refused: list[tuple[str, int, bytes]] = []
        for one in recipients:
            code, said = client.rcpt(_ascii(one, client))
            if code not in (250, 251):
                refused.append((one, code, said))
        if not refused:
            return
        with suppress(OSError, smtplib.SMTPException):
            client.rset()
        why = "; ".join(f"{one}: {words(said, self.secret)}" for one, _, said in refused[:5])
        if all(code // 100 == 4 for _, code, _ in refused):
            raise Throttled(f"{self.account.host} does not take it for now ({why})")
        raise Refused(
            None,
            f"{self.account.host} refuses {why}",
            hint="nothing was sent, to nobody: change the recipients",
        )

    def _refusal(self, code: int, said: bytes, what: str) -> VfsError:
        reason = f"{self.account.host} refuses {what}: {words(said, self.secret)} ({code})"
        if code == 552:
            return TooLarge(None, reason)
        if code == 530:
            return LoginNeeded(None, reason, hint=self.account.remedy or None)
        return Throttled(reason) if code // 100 == 4 else Refused(None, reason)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except VfsError:
            self.drop()
            raise
        except (smtplib.SMTPException, OSError, ValueError, LookupError, TypeError) as error:
            self.drop()
            # Not `from error`: what was sent may stand in it.
            raise mapped(error, self.account.host, self.secret) from None
        except BaseException:
            self.drop()
            raise


def mapped(error: Exception, host: str, secret: str = "") -> VfsError:
    """The error of the tree for one of smtplib, sockets or TLS."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        late = "timed out" in str(error) or "too long" in str(error)
        return (
            TimedOut(None, f"{host} did not answer in time")
            if late
            else Unavailable(None, f"{host} closed the connection")
        )
    if isinstance(error, smtplib.SMTPResponseException):
        # About the connection, not about the mail: what is said to that, `Handover` judges itself.
        return Unavailable(None, f"{host}: {words(error.smtp_error, secret)}")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Unavailable(None, f"{host} lacks what is needed: {words(str(error), secret)}")
    if isinstance(error, Flood):
        return Unavailable(None, f"{host} sends more than an answer can hold")
    if isinstance(error, smtplib.SMTPException) or not isinstance(error, OSError):
        return Unavailable(None, f"{host} answered what is no SMTP")
    return told(error, host, secret)


def _say(client: _Client, mechanism: str, *answers: str, first: bool = True) -> None:
    """Logs in by a mechanism. Not by smtplib's own `auth`, which knows passwords in ASCII only."""
    coded = [b64encode(answer.encode()).decode() for answer in answers]
    words = [mechanism, coded.pop(0)] if first else [mechanism]
    code, said = client.docmd("AUTH", " ".join(words))
    for _ in range(4):
        if code != 334:
            break
        code, said = client.docmd(coded.pop(0) if coded else "")
    if code not in (235, 503):
        raise smtplib.SMTPAuthenticationError(code, said)


def _options(client: _Client, envelope: Envelope, content: bytes) -> list[str]:
    """What is said with the sender. Raises BadName for what this server cannot take."""
    options = [f"size={len(content)}"] if client.has_extn("size") else []
    end, _ = block_end(content)
    wide = not all(one.isascii() for one in (envelope.sender, *envelope.recipients))
    if not content.isascii():
        if not client.has_extn("8bitmime"):
            raise BadName(None, "the server takes no mail with 8-bit characters")
        options.append("BODY=8BITMIME")
    if (wide and not _idn(envelope)) or not content[:end].isascii():
        if not client.has_extn("smtputf8"):
            raise BadName(None, "the server takes no addresses or headers beyond ASCII")
        options.append("SMTPUTF8")
    return options


def _idn(envelope: Envelope) -> bool:
    """Whether only the domains go beyond ASCII, for which there is another spelling."""
    return all(one.rpartition("@")[0].isascii() for one in (envelope.sender, *envelope.recipients))


def _ascii(address: str, client: _Client) -> str:
    local, _, domain = address.rpartition("@")
    if address.isascii() or not local.isascii():
        client.command_encoding = "ascii" if address.isascii() else "utf-8"
        return address
    client.command_encoding = "ascii"
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise BadName(None, f"{address[:60]!r} is no address") from None

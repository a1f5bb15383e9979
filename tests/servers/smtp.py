"""A real server that takes mail, for tests: aiosmtpd; it keeps what it takes, and may hand it on."""

from __future__ import annotations

import asyncio
import re
import smtplib
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

USER = "ada@example.org"
PASSWORD = "correct-horse-battery"
_ID = re.compile(rb"^message-id:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Taken:
    """A mail that the server took."""

    sender: str
    recipients: list[str]
    content: bytes
    options: list[str]

    @property
    def key(self) -> str:
        found = _ID.search(self.content)
        return found.group(1).decode().strip("<>") if found else ""


@dataclass
class Sink:
    """What was taken, and what is refused."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Recipients with the answer that they get: `550 5.1.1 unknown`."""
    answer: str = "250 2.0.0 taken"
    """What is said to a whole mail; what is no 250 is not taken."""
    on_taken: Callable[[Taken], None] | None = None

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("2"):
            mail = Taken(
                envelope.mail_from,
                list(envelope.rcpt_tos),
                bytes(envelope.content),
                list(envelope.mail_options),
            )
            self.taken.append(mail)
            if self.on_taken is not None:
                self.on_taken(mail)
        return self.answer

    @property
    def keys(self) -> list[str]:
        return [mail.key for mail in self.taken]


def handing_on(lmtp_port: int, users: Mapping[str, str]) -> Callable[[Taken], None]:
    """Delivers what is taken to the mailboxes of recipients: address -> user of the LMTP server."""

    def deliver(mail: Taken) -> None:
        there = [users[one] for one in mail.recipients if one in users]
        if there:
            with smtplib.LMTP("127.0.0.1", lmtp_port, timeout=20) as lmtp:
                lmtp.sendmail(mail.sender, there, mail.content)

    return deliver


@contextmanager
def running_smtp(
    *,
    login: bool = True,
    size: int = 33554432,
    utf8: bool = True,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
) -> Iterator[Sink]:
    """A server on loopback; with `login` it takes mail only from who has logged in."""
    try:
        from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
    except ImportError:
        pytest.skip("aiosmtpd is not installed")
    sink = Sink()

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        sink.logins.append(data.login.decode())
        good = data.login.decode() == USER and data.password.decode() == PASSWORD
        return AuthResult(success=good, handled=False)

    options: dict[str, Any] = {
        "hostname": "127.0.0.1",
        "enable_SMTPUTF8": utf8,
        "data_size_limit": size,
        "auth_required": login,
        "auth_require_tls": False,
        "tls_context": starttls,
    }
    if login:
        options["authenticator"] = authenticate

    def protocol() -> Any:
        with warnings.catch_warnings():
            # It warns of logins without TLS, which are what is wanted here.
            warnings.simplefilter("ignore")
            return SMTP(sink, **options, loop=loop)

    loop = asyncio.new_event_loop()
    ready = threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0, ssl=tls))
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()
        loop.run_forever()
        server.close()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)

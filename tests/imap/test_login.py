"""How a connection is made and proves who it is; and what is said when it cannot."""

from __future__ import annotations

import base64
import pathlib
import socket
import ssl
import subprocess

import pytest

from providers.mail.imap.account import open_account
from providers.mail.imap.provider import PROVIDER, checked, secret_name
from providers.spec import Opening
from tests.engines import new_store
from tests.imap.post import drive, opened
from tests.servers.dovecot import PASSWORD, TLS, Mailbox, running_dovecot
from tests.servers.imapscript import Talk, scripted
from vfs.errors import BadName, LoginNeeded, Refused, Unavailable, VfsError

AUTHORITY = str(TLS / "authority.pem")
CANARY = "canary-3f9a"


def trying(**options: str) -> VfsError | None:
    """What is wrong with an account; None when it can be used."""

    async def tried() -> None:
        remote = open_account(
            {"host": "127.0.0.1", "user": "ada", "timeout": "5", **options}, lambda name: CANARY
        )
        try:
            await remote.collections()
        finally:
            await remote.aclose()

    try:
        drive(tried())
    except VfsError as error:
        told = error
    else:
        return None
    assert CANARY not in f"{told} {told.hint}"
    assert told.__cause__ is None
    return told


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_account_is_reached_encrypted(box: Mailbox, security: str) -> None:
    port = box.server.imaps if security == "tls" else box.server.imap

    async def reached() -> None:
        async with opened(box, security=security, port=str(port), ca=AUTHORITY, host="localhost") as remote:
            assert any(one.role == "inbox" for one in await remote.collections())
            session = remote.pool._idle[0][0]
            assert session.wire.secure
            assert isinstance(session.wire.sock, ssl.SSLSocket)

    drive(reached())


def test_a_refused_password_says_the_next_step(box: Mailbox) -> None:
    async def refused() -> None:
        async with opened(box, lambda name: CANARY) as remote:
            await remote.collections()

    with pytest.raises(LoginNeeded) as caught:
        drive(refused())
    assert "the password was refused" in str(caught.value)
    assert f"connect imap --host 127.0.0.1 --user {box.user}" in str(caught.value.hint)
    assert CANARY not in str(caught.value)


def test_a_password_that_is_nowhere_says_the_next_step(box: Mailbox) -> None:
    async def missing() -> None:
        async with opened(box, lambda name: None) as remote:
            await remote.collections()

    with pytest.raises(LoginNeeded) as caught:
        drive(missing())
    assert "no password" in str(caught.value)
    assert "connect imap" in str(caught.value.hint)


def test_a_password_that_was_changed_meanwhile_is_read_again(box: Mailbox) -> None:
    known = {secret_name(box.user, "127.0.0.1"): "old"}

    async def renewed() -> None:
        async with opened(box, known.get) as remote:
            with pytest.raises(LoginNeeded):
                await remote.collections()
            known[secret_name(box.user, "127.0.0.1")] = PASSWORD
            assert await remote.collections()

    drive(renewed())


@pytest.mark.parametrize("password", ['sp ace "quote" \\back', "Grüße ☃", "x" * 300, "{5}", "*"])
@pytest.mark.parametrize("able", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN"])
def test_passwords_of_all_letters_are_sent_as_they_are(password: str, able: str) -> None:
    def challenge(talk: Talk) -> None:
        talk.say(b"+ \r\n")
        seen.append(base64.b64decode(talk.hear()).decode())
        talk.say(talk.tag + b" OK in\r\n")

    seen: list[str] = []
    with scripted({"AUTHENTICATE": challenge}, able=able) as server:

        async def tried() -> None:
            options = {"host": "127.0.0.1", "port": str(server.port), "user": "a da", "security": "none"}
            remote = open_account(options, lambda name: password)
            await remote.collections()
            await remote.aclose()

        drive(tried())
        if "PLAIN" in able:
            assert seen == [f"\0a da\0{password}"]
        else:
            line = next(line for line in server.heard if b" LOGIN " in line).decode()
            quoted = password.replace("\\", "\\\\").replace('"', '\\"')
            assert line.endswith(f'LOGIN "a da" "{quoted}"')


@pytest.mark.parametrize("password", ["a\r\nx LOGOUT", "a\0b"])
def test_a_password_cannot_hold_a_command(password: str) -> None:
    with scripted(able="IMAP4rev1") as server:

        async def tried() -> None:
            options = {"host": "127.0.0.1", "port": str(server.port), "user": "ada", "security": "none"}
            remote = open_account(options, lambda name: password)
            try:
                await remote.collections()
            finally:
                await remote.aclose()

        with pytest.raises(LoginNeeded):
            drive(tried())
        assert not any(b"LOG" in line for line in server.heard)


@pytest.mark.parametrize(
    ("auth", "line"),
    [
        ("xoauth2", f"user=ada\1auth=Bearer {CANARY}\1\1"),
        ("oauthbearer", f"n,a=ada,\1host=127.0.0.1\1port=PORT\1auth=Bearer {CANARY}\1\1"),
    ],
)
def test_a_token_is_sent_and_its_refusal_understood(auth: str, line: str) -> None:
    said: list[bytes] = []

    def challenge(talk: Talk) -> None:
        talk.say(b"+ \r\n")
        said.append(base64.b64decode(talk.hear()))
        talk.say(b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
        assert talk.hear() == b""
        talk.say(talk.tag + b" NO [AUTHENTICATIONFAILED] invalid token " + CANARY.encode() + b"\r\n")

    able = f"IMAP4rev1 AUTH={auth.upper()}"
    with scripted({"AUTHENTICATE": challenge}, able=able) as server:
        error = trying(port=str(server.port), security="none", auth=auth)
        assert isinstance(error, LoginNeeded)
        assert "access token was refused" in str(error)
        assert said[0].decode() == line.replace("PORT", str(server.port))


def test_nothing_is_said_unencrypted_to_another_computer() -> None:
    error = trying(host="mail.example.org", security="none")
    assert isinstance(error, Refused)
    assert "unencrypted" in str(error)


def test_a_server_without_encryption_gets_no_password() -> None:
    with scripted(able="IMAP4rev1 LOGINDISABLED") as server:
        error = trying(port=str(server.port), security="starttls")
        assert "offers no encryption" in str(error)
        assert not any(b"LOGIN" in line for line in server.heard)
    with scripted(greeting=b"* PREAUTH welcome\r\n", able="IMAP4rev1 STARTTLS") as server:
        error = trying(port=str(server.port), security="starttls")
        assert "offers no encryption" in str(error)
    with scripted(able="IMAP4rev1 LOGINDISABLED") as server:
        error = trying(port=str(server.port), security="none")
        assert isinstance(error, Unavailable)


def test_what_is_said_in_the_clear_after_starttls_is_thrown_away() -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")

    def start(talk: Talk) -> None:
        # What is injected before the encryption begins must not count after it.
        talk.say(talk.tag + b" OK go\r\n* CAPABILITY IMAP4rev1 INJECTED\r\n")
        talk.cut()

    with scripted({"STARTTLS": start}, able="IMAP4rev1 STARTTLS") as server:
        error = trying(port=str(server.port), security="starttls", ca=AUTHORITY, host="localhost")
        assert isinstance(error, VfsError)
        assert not any(b"LOGIN" in line for line in server.heard)


def certificate(folder: pathlib.Path, name: str, *more: str) -> ssl.SSLContext:
    """A server's context with a certificate that nobody signed."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(folder / "key.pem")),
            *(
                "-out",
                str(folder / "cert.pem"),
                "-subj",
                f"/CN={name}",
                "-addext",
                f"subjectAltName=DNS:{name}",
            ),
            *more,
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return made


def test_certificates_are_checked(tmp_path: pathlib.Path) -> None:
    for name, days, trusted, said in (
        ("localhost", "2", False, "trusted"),
        ("other.example.org", "2", True, "another host's"),
        ("localhost", "-2", True, "expired"),
        ("localhost", "2", True, None),
    ):
        folder = tmp_path / f"{name}{days}{trusted}"
        folder.mkdir()
        try:
            context = certificate(folder, name, "-days", days)
        except subprocess.CalledProcessError:
            continue  # this openssl makes no certificate that has expired
        ca = str(folder / "cert.pem") if trusted else ""
        with scripted(tls=context) as server:
            error = trying(host="localhost", port=str(server.port), security="tls", ca=ca)
            if said is None:
                assert error is None
            else:
                assert isinstance(error, Unavailable)
                assert said in str(error)
                assert error.hint


def test_an_authority_that_is_no_file_is_told() -> None:
    error = trying(security="tls", ca="/nowhere/authority.pem", port="1")
    assert isinstance(error, VfsError)


def test_tls_on_a_port_without_it_is_told(box: Mailbox) -> None:
    error = trying(host="localhost", port=str(box.server.imap), security="tls")
    assert isinstance(error, Unavailable)
    assert "starttls" in str(error.hint)


def test_nobody_and_nothing_at_the_address_is_told() -> None:
    assert isinstance(trying(port="1", security="none"), Unavailable)
    error = trying(host="no-such-host.invalid", security="tls")
    assert isinstance(error, VfsError)


def test_a_server_that_gives_few_connections_is_used_with_few() -> None:
    with running_dovecot("protocol imap {\n  mail_max_userip_connections = 1\n}") as server:
        box = server.mailbox()

        async def together() -> None:
            import asyncio

            async with opened(box, parallel="4") as remote:
                await remote.collections()
                inbox = next(one for one in await remote.collections() if one.role == "inbox")
                box_work = [remote.pool.call(lambda session: session.open(inbox.key)) for _ in range(6)]
                assert len(await asyncio.gather(*box_work)) == 6
                assert remote.pool.width == 1

        import asyncio

        asyncio.run(together())


def test_options_that_cannot_be_are_told() -> None:
    good = {"host": "h", "user": "u"}
    checked(good)
    for bad in (
        {"host": "h"},
        {**good, "security": "plain"},
        {**good, "auth": "magic"},
        {**good, "port": "imap"},
        {**good, "host": "a\nb"},
    ):
        with pytest.raises(BadName):
            checked(bad)


def test_a_mount_opens_nothing(tmp_path: pathlib.Path) -> None:
    asked: list[str] = []

    def secret(name: str) -> str | None:
        asked.append(name)
        return None

    options = {"host": "no-such-host.invalid", "user": "ada"}
    PROVIDER.open(Opening(options, lambda: new_store(tmp_path), secret=secret))
    assert asked == []


def test_a_port_where_nothing_listens_is_told_as_that() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        error = trying(port=str(held.getsockname()[1]), security="none")
    assert isinstance(error, Unavailable)
    assert "127.0.0.1 cannot be reached (Connection refused)" in str(error)

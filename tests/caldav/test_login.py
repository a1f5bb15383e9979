"""Logins at calendar servers: Basic, Digest, another password meanwhile, certificates."""

from __future__ import annotations

import hashlib
import re
import ssl

import pytest

from providers.calendar.caldav.account import open_account
from providers.calendar.caldav.options import checked
from tests.caldav.account import QUICK, remote_of
from tests.servers.between import between
from tests.servers.dav import PASSWORD, DavUser
from tests.servers.dovecot import TLS
from tests.servers.radicale import Radicale
from tests.servers.web import Reply, Request, serving
from vfs.drive import drive
from vfs.errors import BadName, LoginNeeded, Unavailable


async def look(remote: object) -> list[str]:
    try:
        return [str(one.path) for one in await remote.collections()]  # type: ignore[attr-defined]
    finally:
        await remote.aclose()  # type: ignore[attr-defined]


HOME = (
    b'<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><response>'
    b"<href>/work/</href><propstat><prop><resourcetype><collection/><C:calendar/></resourcetype>"
    b"<displayname>Work</displayname></prop><status>HTTP/1.1 200 OK</status></propstat></response>"
    b"</multistatus>"
)


def digest(user: str, password: str, algorithm: str) -> object:
    """A server that asks for Digest, and takes each nonce a few times."""
    made = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]
    nonces: dict[str, int] = {}

    def hashed(text: str) -> str:
        return made(text.encode()).hexdigest()

    def answer(request: Request) -> Reply:
        said = request.headers.get("authorization", "")
        parts = {key: value.strip('"') for key, value in re.findall(r'(\w+)=("[^"]*"|[^,\s]+)', said)}
        if said.startswith("Digest ") and nonces.get(parts["nonce"], 0) > 0:
            nonces[parts["nonce"]] -= 1
            first = hashed(f"{user}:{parts['realm']}:{password}")
            second = hashed(f"{request.method}:{parts['uri']}")
            middle = f"{parts['nonce']}:{parts['nc']}:{parts['cnonce']}:{parts['qop']}"
            if parts["response"] == hashed(f"{first}:{middle}:{second}"):
                return Reply(207, HOME) if request.method == "PROPFIND" else Reply(200)
        nonce = hashed(str(len(nonces)))
        nonces[nonce] = 2
        challenge = f'Digest realm="dav", nonce="{nonce}", qop="auth", algorithm={algorithm}'
        return Reply(401, b"", {"WWW-Authenticate": challenge})

    return answer


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_server_that_asks_for_digest_gets_it(algorithm: str) -> None:
    with serving(digest("ada", PASSWORD, algorithm)) as web:  # type: ignore[arg-type]
        remote = remote_of(DavUser(web.url, "ada", "/"), "/work/")
        assert drive(look(remote)) == ["/calendars", "/calendars/work"]
        wrong = remote_of(DavUser(web.url, "ada", "/"), "/work/", password="wrong")
        web.seen.clear()
        with pytest.raises(LoginNeeded, match="the password was refused"):
            drive(look(wrong))
        assert len(web.seen) <= 3


def test_a_password_that_was_given_meanwhile_is_taken(radicale: Radicale) -> None:
    user = radicale.user()
    user.make("work")
    given = iter(["stale", PASSWORD])
    options = {"url": user.origin, "user": user.user}
    remote = open_account(options, lambda name: next(given), bounds=QUICK)
    assert drive(look(remote)) == ["/calendars", "/calendars/work"]


def test_without_a_password_nobody_is_asked() -> None:
    remote = open_account({"url": "http://127.0.0.1:1/", "user": "ada"}, lambda name: None, bounds=QUICK)
    with pytest.raises(LoginNeeded, match="no password is kept here"):
        drive(look(remote))


def test_certificates_are_checked(radicale: Radicale) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    with serving(lambda request: Reply(207, HOME), context) as web:
        url = web.url.replace("127.0.0.1", "localhost")
        user = DavUser(url, "ada", "/")
        with pytest.raises(Unavailable, match="certificate"):
            drive(look(remote_of(user, "/work/")))
        trusted = remote_of(user, "/work/", ca=str(TLS / "authority.pem"))
        assert drive(look(trusted)) == ["/calendars", "/calendars/work"]


def test_passwords_travel_by_tls_or_on_this_computer_alone() -> None:
    for fine in ("https://dav.example.org/", "http://localhost:5232/", "http://127.0.0.1/", "http://[::1]/"):
        checked({"url": fine, "user": "ada"})
    checked({"url": "http://nas.example.org/", "user": "ada", "plain": "true"})
    for wrong in (
        "http://dav.example.org/", "http://192.168.1.5/", "ftp://x/", "dav.example.org", "https://",
        "https://a b/", "https://ada:pw@dav.example.org/", "https://dav.example.org/?key=1", "https://[::1", "https://x:port/",
        "https://dav.example.org/\x1b[2J",
    ):  # fmt: skip
        with pytest.raises(BadName):
            checked({"url": wrong, "user": "ada"})
    for user in ("", "a:b", "a\nb"):
        with pytest.raises(BadName):
            checked({"url": "https://dav.example.org/", "user": user})


def test_no_error_holds_the_password(radicale: Radicale) -> None:
    user = radicale.user()
    with between(radicale.origin) as web:
        web.fail("reply", reply=Reply(403, b"c4nary-pw is wrong"), times=99)
        remote = remote_of(DavUser(web.url, user.user, "/"), "/x/", password="c4nary-pw")
        with pytest.raises(Exception) as raised:
            drive(look(remote))
        assert "c4nary" not in repr(raised.value)

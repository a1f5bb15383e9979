from __future__ import annotations

import asyncio
import gzip
import json
import logging
import pathlib
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from providers.http import Answer, Bounds, Http, Pace
from providers.httpfaults import NO_ANSWER, error_of, fault_of, pause_of
from providers.mirror.remote import Throttled
from tests.servers.stub import AUTHORITY, CERTIFICATE
from tests.servers.web import Reply, Request, Web, serving
from vfs.drive import drive
from vfs.errors import (
    Conflict,
    LoginNeeded,
    NoSpace,
    NotFound,
    Refused,
    TimedOut,
    TooLarge,
    Unavailable,
    Unsupported,
    VfsError,
)

CANARY = "canary-8f1f2a"
QUICK = Bounds(connect=2.0, read=1.0, total=2.0, pause=0.001)


class Renewable:
    """A login whose tokens are counted."""

    def __init__(self, good: str = "token-1") -> None:
        self.good = good
        self.renewals = 0

    async def access(self) -> str:
        return "token-0"

    async def renewed(self, stale: str) -> str:
        self.renewals += 1
        return self.good


def echo(request: Request) -> Reply:
    value = {"path": request.path, "query": request.query, "body": request.body.decode()}
    return Reply(body=json.dumps(value).encode())


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(echo) as web:
        yield web


def asked(
    web: Web, method: str = "GET", path: str = "/x", *, client: Http | None = None, **how: Any
) -> Answer:
    """What a request gives, by a client that pauses without waiting."""
    http = client or Http(web.url, "Fake", bounds=QUICK, sleep=recorded([]))

    async def work() -> Answer:
        try:
            return await http.ask(method, path, **how)
        finally:
            await http.aclose()

    return drive(work())


def recorded(pauses: list[float]) -> Callable[[float], Awaitable[None]]:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    return sleep


def named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """From here on the name stands for this computer."""
    original = asyncio.base_events.BaseEventLoop.getaddrinfo

    async def look_up(self: Any, host: Any, *args: Any, **how: Any) -> Any:
        spelled = host.decode() if isinstance(host, bytes) else host
        return await original(self, "127.0.0.1" if spelled == name else host, *args, **how)

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", look_up)


# -- what goes well


def test_a_request_carries_its_query_body_and_login(web: Web) -> None:
    http = Http(web.url, "Fake", tokens=Renewable())
    answer = asked(web, "POST", "/a%20b", client=http, query={"n": 3, "tag": ["x", "y"]}, body=b"hello")
    assert answer.json() == {"path": "/a b", "query": {"n": ["3"], "tag": ["x", "y"]}, "body": "hello"}
    assert web.seen[0].headers["authorization"] == "Bearer token-0"
    assert "gzip" in web.seen[0].headers["user-agent"]


def test_so_many_requests_at_once_and_no_more_share_so_many_connections() -> None:
    def slow(request: Request) -> Reply:
        time.sleep(0.01)
        return Reply(body=b"{}")

    async def work(http: Http) -> None:
        await asyncio.gather(*(http.ask("GET", f"/{number}") for number in range(24)))
        await http.aclose()

    with serving(slow) as web:
        asyncio.run(work(Http(web.url, "Fake", parallel=4)))
        assert web.most_busy == 4
        assert web.connections == 4


def test_an_answer_may_be_compressed(web: Web) -> None:
    web.answer = lambda request: Reply(body=gzip.compress(b"[1]"), headers={"Content-Encoding": "gzip"})
    assert asked(web).json() == [1]


def test_a_status_that_is_expected_is_an_answer(web: Web) -> None:
    web.fail("reply", reply=Reply(404))
    assert asked(web, accept=(404,)).status == 404


def test_a_client_lives_through_several_event_loops(web: Web) -> None:
    http = Http(web.url, "Fake")
    for _ in range(2):
        assert asked(web, client=http).status == 200


def test_who_gives_up_waiting_leaves_room_for_others(web: Web) -> None:
    web.fail("hang", times=4, about="/slow")
    http = Http(web.url, "Fake", parallel=2)

    async def work() -> Answer:
        waiting = [asyncio.ensure_future(http.ask("GET", "/slow")) for _ in range(4)]
        await asyncio.sleep(0.1)
        for one in waiting:
            one.cancel()
        assert all(
            isinstance(one, BaseException) for one in await asyncio.gather(*waiting, return_exceptions=True)
        )
        answer = await http.ask("GET", "/quick")
        await http.aclose()
        return answer

    assert asyncio.run(work()).status == 200


def test_units_are_paced_after_a_burst() -> None:
    pace = Pace(rate=10, burst=20)
    waits = [pace.wait(5, now=100.0) for _ in range(6)]
    assert waits[:4] == pytest.approx([0, 0, 0, 0])
    assert waits[4:] == pytest.approx([0.5, 1.0])
    assert pace.wait(5, now=200.0) == 0


# -- what a service asks for


def test_a_pause_that_is_asked_for_is_made(web: Web) -> None:
    pauses: list[float] = []
    web.fail("reply", reply=Reply(429, headers={"Retry-After": "7"}))
    assert (
        asked(web, "POST", client=Http(web.url, "Fake", bounds=QUICK, sleep=recorded(pauses))).status == 200
    )
    assert 7 in pauses
    assert len(web.seen) == 2


def test_a_pause_may_be_told_as_a_date() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=90)
    assert pause_of(format_datetime(moment, usegmt=True)) == pytest.approx(90, abs=2)


@pytest.mark.parametrize("told", ["", "soon", "nan", "inf", "1e999", "Mon, 99 Foo 2026", "99999999999 Jan"])
def test_a_pause_that_makes_no_sense_is_none(told: str) -> None:
    assert pause_of(told) is None


def test_a_pause_in_the_past_is_over() -> None:
    assert pause_of("-5") == 0
    assert pause_of("Mon, 01 Jan 2001 00:00:00 GMT") == 0


def test_a_pause_longer_than_ones_patience_is_handed_on(web: Web) -> None:
    web.fail("reply", reply=Reply(429, headers={"Retry-After": "86400"}))
    with pytest.raises(Throttled, match="asks for a pause") as caught:
        asked(web)
    assert caught.value.seconds == 86400
    assert len(web.seen) == 1


def test_a_pause_holds_for_all_requests(web: Web) -> None:
    pauses: list[float] = []
    http = Http(web.url, "Fake", bounds=QUICK, sleep=recorded(pauses))
    web.fail("reply", reply=Reply(429, headers={"Retry-After": "9"}))

    async def work() -> None:
        await http.ask("GET", "/a")
        pauses.clear()
        await http.ask("GET", "/b")
        await http.aclose()

    drive(work())
    assert pauses
    assert pauses[0] == pytest.approx(9, abs=1)


def test_who_asked_for_a_long_pause_is_left_alone(web: Web) -> None:
    http = Http(web.url, "Fake", bounds=QUICK)
    web.fail("reply", reply=Reply(429, headers={"Retry-After": "9999999"}))

    async def work() -> float | None:
        with pytest.raises(Throttled):
            await http.ask("GET", "/a")
        with pytest.raises(Throttled) as caught:
            await http.ask("GET", "/b")
        await http.aclose()
        return caught.value.seconds

    assert drive(work()) == pytest.approx(3600, abs=60)
    assert len(web.seen) == 1


def test_a_server_that_breaks_three_times_is_asked_again_with_growing_pauses(web: Web) -> None:
    pauses: list[float] = []
    web.fail("reply", times=3, reply=Reply(500))
    assert asked(web, client=Http(web.url, "Fake", sleep=recorded(pauses))).status == 200
    assert len(pauses) == 3
    assert 0.25 <= pauses[0] <= 0.5
    assert 1.0 <= pauses[2] <= 2.0


@pytest.mark.parametrize("kind", ["lost", "drop", "cut"])
def test_a_connection_that_breaks_is_made_again_when_asking_twice_does_no_harm(web: Web, kind: str) -> None:
    web.fail(kind)
    assert asked(web).status == 200


@pytest.mark.parametrize("kind", ["lost", "drop", "cut"])
def test_what_may_have_been_done_is_not_done_again(web: Web, kind: str) -> None:
    web.fail(kind)
    with pytest.raises(Unavailable):
        asked(web, "POST", body=b"pay")
    assert len(web.seen) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_change_that_meets_a_broken_server_is_not_made_again(web: Web, status: int) -> None:
    web.fail("reply", times=9, reply=Reply(status, headers={"Retry-After": "1"}))
    with pytest.raises(Unavailable) as caught:
        asked(web, "POST")
    assert not isinstance(caught.value, Throttled), "that would say that nothing was done"
    assert len(web.seen) == 1


def test_a_change_of_which_nothing_was_sent_is_tried_again() -> None:
    with serving(echo) as web:
        pass
    pauses: list[float] = []
    with pytest.raises(Unavailable, match="cannot be reached"):
        asked(web, "POST", client=Http(web.url, "Fake", sleep=recorded(pauses)))
    assert len(pauses) == 3


# -- logins


def test_a_token_that_ran_out_is_renewed_once(web: Web) -> None:
    tokens = Renewable()

    def guarded(request: Request) -> Reply:
        return echo(request) if request.headers["authorization"] == "Bearer token-1" else Reply(401)

    web.answer = guarded
    assert asked(web, "POST", client=Http(web.url, "Fake", tokens=tokens)).status == 200
    assert tokens.renewals == 1


def test_a_login_that_is_refused_twice_is_needed_anew(web: Web) -> None:
    tokens = Renewable()
    web.fail("reply", times=9, reply=Reply(401))
    with pytest.raises(LoginNeeded):
        asked(web, client=Http(web.url, "Fake", tokens=tokens))
    assert tokens.renewals == 1
    assert len(web.seen) == 2


# -- what a service must not do


def test_an_answer_that_never_ends_is_cut_off(web: Web) -> None:
    web.fail("endless", times=9)
    with pytest.raises(TooLarge):
        asked(web, most=1 << 20)
    assert len(web.seen) == 1


def test_an_answer_that_is_told_to_be_large_is_not_begun(web: Web) -> None:
    web.answer = lambda request: Reply(headers={"Content-Length": "9" * 12})
    with pytest.raises(TooLarge):
        asked(web, most=1000)


def test_a_compressed_bomb_is_measured_by_what_comes_out(web: Web) -> None:
    bomb = gzip.compress(b"\0" * (16 << 20))
    web.answer = lambda request: Reply(body=bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(TooLarge):
        asked(web, most=1 << 20)


def test_what_is_compressed_twice_is_not_opened(web: Web) -> None:
    web.answer = lambda request: Reply(body=b"x", headers={"Content-Encoding": "gzip, gzip"})
    with pytest.raises(Unavailable, match="more than once"):
        asked(web)


def test_a_damaged_compression_is_an_answer_that_cannot_be_read(web: Web) -> None:
    web.answer = lambda request: Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(Unavailable, match="compression is damaged"):
        asked(web)


def test_a_large_answer_to_a_change_does_not_say_that_it_was_not_made(web: Web) -> None:
    web.fail("endless", times=9)
    with pytest.raises(Unavailable):
        asked(web, "POST", most=1 << 16)
    assert len(web.seen) == 1


def test_an_answer_that_trickles_meets_its_deadline(web: Web) -> None:
    web.fail("drip", times=9, seconds=0.05, reply=Reply(body=b"x" * 1000))
    web.answer = lambda request: Reply(body=b"x" * 1000)
    bounds = QUICK._replace(total=0.3, tries=1)
    with pytest.raises(TimedOut):
        asked(web, client=Http(web.url, "Fake", bounds=bounds))


def test_a_server_that_says_nothing_meets_its_deadline(web: Web) -> None:
    web.fail("hang", times=9)
    with pytest.raises(TimedOut):
        asked(web, client=Http(web.url, "Fake", bounds=QUICK._replace(read=0.1, tries=1)))


@pytest.mark.parametrize("body", [b"<html>", b"{", b"[" * 100_000, b"\xff\xfe", b"1" * 5000])
def test_what_is_no_json_is_an_answer_that_cannot_be_read(web: Web, body: bytes) -> None:
    web.answer = lambda request: Reply(body=body)
    with pytest.raises(Unavailable, match="no JSON"):
        asked(web).json()


def test_no_cookie_is_kept(web: Web) -> None:
    web.answer = lambda request: Reply(headers={"Set-Cookie": "a=b"})
    http = Http(web.url, "Fake")

    async def work() -> None:
        await http.ask("GET", "/1")
        await http.ask("GET", "/2")
        await http.aclose()

    drive(work())
    assert "cookie" not in web.seen[1].headers


# -- redirects


def test_a_redirect_on_the_same_host_is_followed(web: Web) -> None:
    web.fail("reply", reply=Reply(307, headers={"Location": "/elsewhere?a=1"}))
    assert asked(web).json()["path"] == "/elsewhere"


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/",
        "http://[::1]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//example.org/",
        "https://example.org/",
        "http://[",
        "http://127.0.0.1:1/",
    ],
)
def test_a_redirect_to_another_place_is_refused(web: Web, target: str) -> None:
    web.fail("reply", reply=Reply(302, headers={"Location": target}))
    with pytest.raises(Refused, match="redirects to another place"):
        asked(web)
    assert len(web.seen) == 1


def test_a_redirect_of_a_change_is_refused(web: Web) -> None:
    web.fail("reply", reply=Reply(302, headers={"Location": "/y"}))
    with pytest.raises(Refused, match="redirects a change"):
        asked(web, "POST")


def test_a_circle_of_redirects_ends(web: Web) -> None:
    web.fail("reply", times=99, reply=Reply(302, headers={"Location": "/x"}))
    with pytest.raises(Refused, match="in circles"):
        asked(web)


# -- addresses


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "10.0.0.1"])
def test_a_public_service_is_never_asked_at_a_private_address(web: Web, name: str) -> None:
    port = web.url.rpartition(":")[2]
    http = Http(f"http://{name}:{port}", "Fake", inside=False)
    with pytest.raises(Refused, match="private network"):
        asked(web, client=http)
    assert not web.seen


def test_a_name_that_stands_for_a_private_address_is_not_spoken_to(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a name server changes its answer between the look and the connection."""
    port = int(web.url.rpartition(":")[2])
    named(monkeypatch, "public.example")
    with pytest.raises(Refused, match="private network"):
        asked(web, client=Http(f"http://public.example:{port}", "Fake"))
    assert not web.seen
    inside = Http(f"http://public.example:{port}", "Fake", inside=True)
    assert asked(web, client=inside).status == 200


def test_a_proxy_that_the_person_has_set_may_lie_inside(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, web.url)
    monkeypatch.setenv("no_proxy", "")
    assert asked(web, client=Http("http://public.example", "Fake")).status == 200


def test_a_name_that_nobody_knows_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(self: Any, *args: Any, **named: Any) -> Any:
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", unknown)
    with serving(echo) as web, pytest.raises(Unavailable, match="cannot be reached") as caught:
        asked(web, client=Http("https://nowhere.example", "Fake", sleep=recorded([])))
    assert caught.value.hint


@pytest.fixture
def secure() -> Iterator[Web]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_name("key.pem"))
    with serving(echo, tls=context) as web:
        yield web


def test_a_certificate_that_nobody_vouches_for_is_never_accepted(secure: Web) -> None:
    with pytest.raises(Unavailable, match="certificate is not valid"):
        asked(secure, client=Http(secure.url, "Fake", sleep=recorded([])))
    assert not secure.seen


def test_an_authority_of_the_persons_own_is_taken_from_the_environment(
    secure: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    assert asked(secure).status == 200


def test_a_certificate_that_has_run_out_is_never_accepted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    own = run_out(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own)
    with serving(echo, tls=context) as web:
        with pytest.raises(Unavailable, match="has expired"):
            asked(web, client=Http(web.url, "Fake", sleep=recorded([])))
        assert not web.seen


def run_out(folder: pathlib.Path) -> pathlib.Path:
    """A certificate of this computer with its key, good until yesterday."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now - timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    form = serialization.Encoding.PEM
    secret = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(certificate.public_bytes(form) + secret)
    return path


def test_a_certificate_for_another_host_is_never_accepted(
    secure: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    named(monkeypatch, "public.example")
    port = secure.url.rpartition(":")[2]
    with pytest.raises(Unavailable, match="certificate is not valid"):
        asked(secure, client=Http(f"https://public.example:{port}", "Fake", inside=True))
    assert not secure.seen


# -- errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, LoginNeeded),
        (403, Refused),
        (404, NotFound),
        (409, Conflict),
        (410, NotFound),
        (412, Conflict),
        (413, TooLarge),
        (418, Refused),
        (429, Throttled),
        (500, Unavailable),
        (501, Unsupported),
        (507, NoSpace),
        (599, Unavailable),
        (304, Unavailable),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[VfsError]) -> None:
    assert type(error_of(status, "Fake")) is kind


def every_error() -> list[type[BaseException]]:
    names = [getattr(httpx2, name) for name in httpx2.__all__]
    return [one for one in names if isinstance(one, type) and issubclass(one, BaseException)]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_library_is_an_error_of_the_tree(kind: type[BaseException]) -> None:
    assert issubclass(kind, NO_ANSWER)
    request = httpx2.Request("GET", f"https://example.org/?key={CANARY}")
    if issubclass(kind, httpx2.HTTPStatusError):
        error: BaseException = kind("x", request=request, response=httpx2.Response(500, request=request))
    elif issubclass(kind, httpx2.HTTPError):
        error = kind(f"about {CANARY}")
    elif issubclass(kind, httpx2.StreamError) and kind is not httpx2.StreamError:
        error = kind.__new__(kind)
    else:
        error = kind(f"about {CANARY}")
    fault = fault_of(error, "Fake")
    assert isinstance(fault.error, VfsError)
    assert CANARY not in str(fault.error)


def test_no_secret_stands_in_an_error_or_a_log(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    class Canary(Renewable):
        async def access(self) -> str:
            return CANARY

    def tell(request: Request) -> Reply:
        words = f"bad token {request.headers['authorization']}\x1b]0;x\x07"
        return Reply(400, json.dumps({"error": {"message": words}}).encode())

    web.answer = tell
    with caplog.at_level(logging.DEBUG), pytest.raises(Refused) as caught:
        asked(web, client=Http(web.url, "Fake", tokens=Canary()), query={"key": CANARY})
    assert "bad token Bearer …" in str(caught.value)
    assert CANARY not in str(caught.value) + repr(caught.value) + caplog.text
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "body", ["[]", "5", '"x"', "null", '{"error": []}', '{"error": {"message": {}}}', "{"]
)
def test_words_of_another_form_are_none(web: Web, body: str) -> None:
    web.answer = lambda request: Reply(400, body.encode())
    with pytest.raises(Refused, match=r"^Fake answers 400$"):
        asked(web)


def test_long_words_of_a_service_are_cut(web: Web) -> None:
    web.answer = lambda request: Reply(400, json.dumps({"error": "word " * 1000}).encode())
    with pytest.raises(Refused) as caught:
        asked(web)
    assert len(str(caught.value)) < 300

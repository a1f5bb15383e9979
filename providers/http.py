"""Http: the one client with which services are asked over HTTP.

It bounds what a service can do to this program: how many requests are under way, how long one takes,
how much one answer holds, where a redirect leads, which addresses a name stands for. It waits when it is
told to, renews a login once, and asks again when nothing can have been done twice; what then still fails is
an error of `vfs.errors` (`providers.httpfaults`). No error and no log line holds a header or a query.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Mapping, Sequence
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2

from providers.httpfaults import NO_ANSWER, Fault, error_of, fault_of, pause_of, unreadable
from providers.inside import address_of, is_inside, lies_inside
from providers.mirror.remote import Throttled
from vfs.drive import event_loop, looping
from vfs.errors import BadName, Refused, TooLarge, VfsError
from vfs.visible import visible_line

AGENT = "spatio (gzip)"
"""Google compresses for those only whose name says gzip."""
MOST = 64 << 20
ERROR_MOST = 64 << 10
WORDS = 200
REDIRECTS = 5
LONGEST_PAUSE = 3600.0
"""Seconds after which a service is asked again, whatever it has said."""
HARMLESS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND", "REPORT"})
"""Methods that may be asked again: done twice is done once."""
LOOKING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})
"""Methods that change nothing, so that any redirect of them is followed within the service."""

Query = Mapping[str, str | int | Sequence[str]]


class Tokens(Protocol):
    """A login that is shown with each request."""

    async def access(self) -> str: ...
    async def renewed(self, stale: str) -> str:
        """Another token than `stale`. Raises LoginNeeded."""
        ...


class Bounds(NamedTuple):
    """How far a service is trusted; seconds."""

    connect: float = 10.0
    read: float = 30.0
    """Between two parts of an answer."""
    total: float = 120.0
    """One answer, however slowly it comes."""
    patience: float = 30.0
    """All pauses for one answer; longer ones are the caller's to make."""
    tries: int = 4
    pause: float = 0.5
    """The first pause before another try where the service names none; it doubles."""


BOUNDS = Bounds()


class Pace:
    """So many units a second, `burst` of them at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._slack = rate, burst / rate
        self._paid = 0.0

    def wait(self, cost: float, now: float) -> float:
        """Takes `cost` units; the seconds to let pass before they are used."""
        self._paid = max(self._paid, now - self._slack) + cost / self._rate
        return max(self._paid - now, 0.0)


class Answer(NamedTuple):
    """What a service says."""

    status: int
    headers: Mapping[str, str]
    """Names are lower case."""
    content: bytes
    service: str
    url: str = ""
    """Where it came from, after redirects."""

    def json(self) -> Any:
        """The content, as JSON. Raises Unavailable when it is none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise unreadable(self.service, "it is no JSON") from error


Judge = Callable[[Answer], VfsError | None]
"""What an answer with an error's status means to this service; None: what it means to all."""


class Http:
    """A service below one address. Calls side by side share connections; made without waiting."""

    def __init__(
        self,
        base: str,
        service: str,
        *,
        tokens: Tokens | None = None,
        parallel: int = 16,
        bounds: Bounds = BOUNDS,
        inside: bool | None = None,
        pace: Pace | None = None,
        judge: Judge | None = None,
        authorities: str = "",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`inside`: whether it may lie in a private network; None: when `base` spells such an address.

        `authorities`: a file with those whose certificates count, instead of the system's.
        """
        self.base = base.rstrip("/")
        self.service = service
        self.parallel = parallel
        self._tokens = tokens
        self._bounds = bounds
        self._inside = is_inside(urlsplit(base).hostname or "") if inside is None else inside
        self._pace = pace
        self._judge = judge
        self._authorities = authorities
        self._sleep = sleep
        self._client: httpx2.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._slots = asyncio.Semaphore(parallel)
        self._quiet_until = 0.0

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        again: bool | None = None,
        accept: Container[int] = (),
        most: int = MOST,
        cost: float = 1.0,
    ) -> Answer:
        """The answer to a request, when it is a success or its status is one of `accept`.

        `path` is what follows the base, encoded. `again`: asking twice does no harm, also when the first
        may have arrived (default: by the method). `cost`: units of the service's pace.
        """
        await event_loop()
        url = self.base + path + (f"?{urlencode(query, doseq=True)}" if query else "")
        call = _Call(method, url, body, headers or {}, most)
        harmless = method in HARMLESS if again is None else again
        token = await self._tokens.access() if self._tokens else ""
        renewed, tries, left = False, 0, self._bounds.patience
        while True:
            try:
                answer = await self._once(call, token, cost)
            except NO_ANSWER as error:
                fault = fault_of(error, self.service)
                if isinstance(fault.error, TooLarge) and not harmless:
                    # About the answer, while TooLarge of a change says that it was not done.
                    fault = Fault(unreadable(self.service, fault.error.reason), transient=False)
                again_now = fault.transient and (harmless or fault.unsent)
            else:
                if answer.status < 300 or answer.status in accept:
                    return answer
                if answer.status == 401 and self._tokens is not None and not renewed:
                    renewed, token = True, await self._tokens.renewed(token)
                    continue
                wrong = self._wrong(answer, token, harmless)
                fault = Fault(wrong, transient=wrong.retryable)
                again_now = wrong.retryable and (harmless or isinstance(wrong, Throttled))
            tries += 1
            pause = self._pause(fault.error, tries)
            if not again_now or tries >= self._bounds.tries or pause > left:
                raise fault.error from fault.error.__cause__
            left -= pause
            await self._sleep(pause)

    async def json(self, method: str, path: str, value: object = None, **how: Any) -> Any:
        """What `ask` answers as JSON, `value` being sent as JSON; None when the answer is empty."""
        if value is not None:
            how["body"] = json.dumps(value, separators=(",", ":")).encode()
            how["headers"] = {"content-type": "application/json", **how.get("headers", {})}
        answer = await self.ask(method, path, **how)
        return answer.json() if answer.content else None

    async def aclose(self) -> None:
        """Lets the connections go. Safe to call twice; a later `ask` connects anew."""
        client, self._client = self._client, None
        # The connections of a loop that has ended are gone with it.
        if client is not None and looping() and self._loop is asyncio.get_running_loop():
            await client.aclose()

    # -- one request

    async def _once(self, call: _Call, token: str, cost: float) -> Answer:
        now = time.monotonic()
        quiet = self._quiet_until - now
        if quiet > self._bounds.patience:
            raise Throttled(f"{self.service} has asked for a pause", quiet)
        wait = max(quiet, self._pace.wait(cost, now) if self._pace else 0.0)
        if wait > 0:
            await self._sleep(wait)
        client = self._connected()
        async with self._slots, asyncio.timeout(self._bounds.total):
            for _ in range(REDIRECTS):
                async with self._sent(client, call, token) as response:
                    if not response.is_redirect or "location" not in response.headers:
                        content = await self._content(response, call.most)
                        return Answer(response.status_code, response.headers, content, self.service, call.url)
                    call = self._redirected(call, response)
        raise Refused(None, f"{self.service} redirects in circles")

    @asynccontextmanager
    async def _sent(
        self, client: httpx2.AsyncClient, call: _Call, token: str
    ) -> AsyncIterator[httpx2.Response]:
        self._check_literal(call.url)
        headers = dict(call.headers)
        if token:
            headers["authorization"] = f"Bearer {token}"
        request = client.build_request(call.method, call.url, content=call.body, headers=headers)
        if not self._inside:
            request.extensions["trace"] = _Watch(self.service, request.url.host).event
        response = await client.send(request, stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    async def _content(self, response: httpx2.Response, most: int) -> bytes:
        bound = most if response.status_code < 300 else ERROR_MOST
        if response.headers.get("content-encoding", "").count(",") > 0:
            raise unreadable(self.service, "it is compressed more than once")
        told = response.headers.get("content-length", "")
        if response.status_code < 300 and told.isdigit() and len(told) < 19 and int(told) > bound:
            raise self._too_large(bound)
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > bound:
                if response.status_code < 300:
                    raise self._too_large(bound)
                break
            parts.append(part)
        return b"".join(parts)

    def _too_large(self, bound: int) -> TooLarge:
        return TooLarge(None, f"{self.service} sends more than the {bound:,} bytes that are taken of it")

    def _redirected(self, call: _Call, response: httpx2.Response) -> _Call:
        """The request that a redirect asks for. Raises Refused unless it stays where the person sent us."""
        try:
            target = urljoin(call.url, response.headers["location"])
            here, there = urlsplit(call.url), urlsplit(target)
            same = (here.scheme, here.hostname, _port(here)) == (there.scheme, there.hostname, _port(there))
            safer = (here.scheme, there.scheme, _port(here), _port(there)) == ("http", "https", 80, 443)
            stays = same or (safer and here.hostname == there.hostname)
        except ValueError:
            stays = False
        if not stays:
            raise Refused(None, f"{self.service} redirects to another place, which is not followed")
        if response.status_code not in (307, 308) and call.method not in LOOKING:
            raise Refused(None, f"{self.service} redirects a change, which is not followed")
        return call._replace(url=target)

    def _check_literal(self, url: str) -> None:
        if not self._inside and is_inside(urlsplit(url).hostname or ""):
            raise _leads_inside(self.service)

    # -- what goes wrong

    def _wrong(self, answer: Answer, token: str, harmless: bool) -> VfsError:
        """The error of an answer that is no success. A pause it asks for holds for all requests."""
        wrong = self._judge(answer) if self._judge else None
        if wrong is None:
            # Throttled says that nothing was done; 503 may also be said by what stands before the service.
            told = answer.status == 429 or harmless
            pause = pause_of(answer.headers.get("retry-after")) if told else None
            wrong = error_of(answer.status, self.service, said(answer, token), pause=pause)
        if isinstance(wrong, Throttled) and wrong.seconds is not None:
            pause = min(wrong.seconds, LONGEST_PAUSE)
            self._quiet_until = max(self._quiet_until, time.monotonic() + pause)
        return wrong

    def _pause(self, error: VfsError, tries: int) -> float:
        """Seconds before another try: as told, else growing, and by chance so that not all come at once."""
        if isinstance(error, Throttled) and error.seconds is not None:
            return error.seconds
        grown = self._bounds.pause * 2.0 ** (tries - 1)
        return grown * random.uniform(0.5, 1.0)  # noqa: S311

    # -- the connections

    def _connected(self) -> httpx2.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            # The library's own log lines hold whole addresses, queries included.
            logging.getLogger("httpx2").setLevel(logging.WARNING)
            bounds = self._bounds
            self._client = httpx2.AsyncClient(
                headers={"user-agent": AGENT, "accept-encoding": "gzip"},
                timeout=httpx2.Timeout(bounds.read, connect=bounds.connect, pool=bounds.total),
                limits=httpx2.Limits(
                    max_connections=self.parallel,
                    max_keepalive_connections=self.parallel,
                    keepalive_expiry=30.0,
                ),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                verify=self._trusted(),
            )
            self._loop = loop
            self._slots = asyncio.Semaphore(self.parallel)
            self._quiet_until = 0.0
        return self._client

    def _trusted(self) -> ssl.SSLContext | bool:
        if not self._authorities:
            return True
        try:
            return ssl.create_default_context(cafile=self._authorities)
        except (OSError, ssl.SSLError) as error:
            raise BadName(self._authorities, "holds no certificates of authorities") from error


class _Call(NamedTuple):
    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]
    most: int


class _Watch:
    """Looks at the address of each new connection before anything is sent: a name may stand for any."""

    def __init__(self, service: str, host: str) -> None:
        self._service, self._host = service, host
        self._direct = False

    async def event(self, name: str, about: Mapping[str, Any]) -> None:
        if name == "connection.connect_tcp.started":
            # A proxy that the person has set may lie inside, and it alone knows where it connects to.
            self._direct = about["host"] == self._host
        elif name == "connection.connect_tcp.complete" and self._direct:
            stream = about["return_value"]
            address = address_of(str(stream.get_extra_info("server_addr")[0]))
            if address is None or lies_inside(address):
                await stream.aclose()
                raise _leads_inside(self._service)


def _leads_inside(service: str) -> Refused:
    return Refused(None, f"{service} leads into a private network, which is not followed")


def _port(parts: Any) -> int:
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def said(answer: Answer, token: str = "") -> str:
    """A service's own words about an error, on one line and safe to show; "" when there are none."""
    try:
        value = json.loads(answer.content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return ""
    error = value.get("error")
    words = error.get("message") if isinstance(error, dict) else value.get("error_description") or error
    if not isinstance(words, str):
        return ""
    if token:
        words = words.replace(token, "…")
    line = visible_line(" ".join(words.split()))
    return line if len(line) <= WORDS else f"{line[:WORDS]}…"

"""Dav: requests to one calendar server, with the login and what its answers mean."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx2

from providers.calendar.caldav import hrefs, xml
from providers.calendar.caldav.xml import DAV, Element, Response
from providers.http import BOUNDS, Answer, Bounds, Http
from providers.httpfaults import error_of, unreadable
from vfs.errors import LoginNeeded, Refused, VfsError

XML = {"content-type": 'application/xml; charset="utf-8"'}
ICS = {"content-type": "text/calendar; charset=utf-8"}
LOOKED_AT = frozenset({400, 401, 403, 404, 405, 409, 410, 412, 415, 501})
"""What is no success and tells something that depends on what was asked."""


class Login(NamedTuple):
    """Whom the server knows the person as."""

    user: str
    secret: Callable[[], Awaitable[str]]
    """The password. Raises LoginNeeded."""
    renewed: Callable[[str], Awaitable[str | None]]
    """Another password than the stale one, given meanwhile; None."""
    remedy: str
    """How a person logs in again."""


class Multi(NamedTuple):
    """A multistatus answer."""

    responses: Sequence[Response]
    root: Element


class Dav:
    """One server. Made without waiting; paths are encoded, and begin with `/`."""

    def __init__(
        self,
        origin: str,
        login: Login,
        *,
        ca: str = "",
        bounds: Bounds = BOUNDS,
        parallel: int = 8,
        inside: bool | None = None,
    ) -> None:
        """`ca`, `inside`: see Http."""
        self.origin = origin
        self.service = urlsplit(origin).netloc
        self.parallel = parallel
        self.http = Http(
            origin, self.service, authorities=ca, bounds=bounds, parallel=parallel, inside=inside
        )
        self._login = login
        self._digest: httpx2.DigestAuth | None = None
        self._password: str | None = None

    async def aclose(self) -> None:
        await self.http.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer, also when its status is one of LOOKED_AT but 401.

        Raises LoginNeeded, Throttled, Unavailable, TimedOut …
        """
        if self._password is None:
            self._password = await self._login.secret()
        again = 0
        while True:
            password = self._password or ""
            said = {**(headers or {}), **self._authorization(method, path, password)}
            answer = await self.http.ask(method, path, body=body, headers=said, accept=LOOKED_AT)
            if answer.status != 401:
                return answer
            if again < 1 and self._takes_up(answer, method, path, password):
                again += 1
                continue
            fresh = await self._login.renewed(password) if again < 2 else None
            if fresh is None:
                self._password = None
                reason = f"{self._login.user} at {self.service}: the password was refused"
                raise LoginNeeded(None, reason, hint=self._login.remedy)
            self._password, self._digest, again = fresh, None, 2

    def _authorization(self, method: str, path: str, password: str) -> Mapping[str, str]:
        if self._digest is not None:
            request = httpx2.Request(method, self.origin + path)
            signed = next(self._digest.auth_flow(request))
            return {"authorization": signed.headers["authorization"]}
        pair = f"{self._login.user}:{password}".encode()
        return {"authorization": f"Basic {b64encode(pair).decode()}"}

    def _takes_up(self, answer: Answer, method: str, path: str, password: str) -> bool:
        """Whether the server asks for Digest, and how is known from now on."""
        challenge = answer.headers.get("www-authenticate", "")
        if not challenge.lower().startswith("digest") and ", digest " not in challenge.lower():
            return False
        at = challenge.lower().index("digest ")
        digest = httpx2.DigestAuth(self._login.user, password)
        request = httpx2.Request(method, self.origin + path)
        flow = digest.auth_flow(request)
        next(flow)
        headers = {"www-authenticate": challenge[at:]}
        try:
            flow.send(httpx2.Response(401, headers=headers, request=request))
        except (httpx2.HTTPError, StopIteration, KeyError):
            return False
        self._digest = digest
        return True

    def wrong(self, answer: Answer) -> VfsError:
        """The error that an answer is."""
        error = error_of(answer.status, self.service, self._said(answer))
        if answer.status in (403, 405):
            error.hint = error.hint or "this may be read only"
        return error

    def _said(self, answer: Answer) -> str:
        """The name of the rule that a request has broken, as DAV servers tell it."""
        if b"<" not in answer.content[:200] or b"error" not in answer.content[:1000]:
            return ""
        try:
            root = xml.parsed(answer.content, self.service)
        except VfsError:
            return ""
        names = [child.name.rpartition(" ")[2] for child in root.children if root.name == DAV + "error"]
        return ", ".join(name.replace("-", " ") for name in names[:3] if name.isprintable())

    def broke(self, answer: Answer, rule: str) -> bool:
        """Whether an answer names a rule, such as `valid-sync-token`."""
        return rule.encode() in answer.content

    def done(self, answer: Answer) -> Answer:
        """The answer, when it is a success. Raises the error that it is."""
        if answer.status >= 300:
            raise self.wrong(answer)
        return answer

    # -- looking

    async def look(self, path: str, names: Sequence[str], depth: int = 0) -> Sequence[Response]:
        """Properties of a path, or with depth 1 also of what lies in it."""
        body = xml.document(DAV + "propfind", xml.props(names))
        answer = await self.ask("PROPFIND", path, body=body, headers={**XML, "depth": str(depth)})
        return self.multi(answer).responses

    async def report(self, path: str, body: bytes, depth: int) -> Answer:
        return await self.ask("REPORT", path, body=body, headers={**XML, "depth": str(depth)})

    def multi(self, answer: Answer) -> Multi:
        """What a multistatus answer says, hrefs in one form. Raises the error that it is."""
        self.done(answer)
        if answer.status != 207:
            raise unreadable(self.service, "it is no calendar server's")
        root = xml.parsed(answer.content, self.service)
        if root.name != DAV + "multistatus":
            raise unreadable(self.service, "it is no list of properties")
        found = list(xml.responses(root))
        for one in found:
            one.href = hrefs.path_of(one.href, answer.url or self.origin)
        return Multi(found, root)

    async def etag(self, path: str) -> str:
        """The etag of an item as it is now. Raises NotFound."""
        for one in await self.look(path, [DAV + "getetag"]):
            if one.status < 300:
                return hrefs.etag_of(one.words(DAV + "getetag"))
        raise Refused(None, f"{self.service} does not say which version it has")

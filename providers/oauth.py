"""Tokens: a login by OAuth 2 as a service's client uses it; renewed when it runs out, by one POST.

What is known of a login is a secret of the app (`google:ADDRESS`), JSON of a `Login`. A service may give
another refresh token with each renewal and take the old one back, so a renewal is done by one program
at a time, begins with what lies there at that moment, and is kept before anything is done with it.
How a person logs in is the app's (`spatio.login`).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from threading import Lock
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

from providers.spec import Opening
from vfs.drive import hop
from vfs.errors import BadName, LoginNeeded, Refused, Unavailable

MARGIN = 60.0
"""Seconds before its end at which an access token counts as run out."""
MOST = 256 * 1024
"""Bytes of an answer."""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
_ENDED = ("invalid_grant",)
_CLIENT = ("invalid_client", "unauthorized_client", "deleted_client", "disabled_client")


class Client(NamedTuple):
    """An application as it is registered with a service."""

    id: str
    secret: str
    auth_uri: str
    token_uri: str
    device_uri: str = ""
    revoke_uri: str = ""
    api_uri: str = ""
    """Where its interface is, when that is not the usual place."""

    def __repr__(self) -> str:
        return f"<Client at {self.token_uri}>"


class Login(NamedTuple):
    """What is kept of a login."""

    client: Client
    refresh: str
    address: str = ""
    """Whose it is."""
    scopes: tuple[str, ...] = ()
    """What was allowed."""
    access: str = ""
    issued: float = 0.0
    """When `access` was given, by this computer's clock."""
    lasts: float = 0.0
    """Seconds from then."""

    def __repr__(self) -> str:
        return f"<Login of {self.address}>"

    def text(self) -> str:
        """As it is kept."""
        return json.dumps({**self._asdict(), "client": self.client._asdict()}, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> Login:
        """Raises ValueError for what is no login."""
        try:
            value = json.loads(text)
            client = Client(**{key: str(one) for key, one in value.pop("client").items()})
            scopes = tuple(str(scope) for scope in value.pop("scopes", ()))
            numbers = {key: float(value.pop(key, 0.0)) for key in ("issued", "lasts")}
            texts = {key: str(one) for key, one in value.items()}
            return cls(client=client, scopes=scopes, **numbers, **texts)  # type: ignore[arg-type]
        except (AttributeError, KeyError, RecursionError, TypeError) as error:
            raise ValueError(type(error).__name__) from None

    def is_fresh(self, now: float) -> bool:
        """Whether the access token is good for a while. A clock that was set back makes it old."""
        margin = min(MARGIN, self.lasts / 4)
        return bool(self.access) and 0 <= now - self.issued < self.lasts - margin

    def renewed(self, answer: Mapping[str, Any], now: float) -> Login:
        """With what the service answered to a renewal, or to the login itself. Raises Unavailable."""
        access, lasts = answer.get("access_token"), answer.get("expires_in", 3600)
        if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
            raise Unavailable(None, "the service gave no token that can be used")
        try:
            seconds = min(max(float(lasts), 0.0), 31 * 86400.0)
        except (TypeError, ValueError):
            seconds = 3600.0
        given, scope = answer.get("refresh_token"), answer.get("scope")
        return self._replace(
            access=access,
            issued=now,
            lasts=seconds,
            refresh=given if isinstance(given, str) and given else self.refresh,
            scopes=tuple(scope.split()) if isinstance(scope, str) and scope.strip() else self.scopes,
        )


class Ask(Protocol):
    """Sends a form; the status and the JSON object that is answered. Blocks."""

    def __call__(
        self, url: str, fields: Mapping[str, str], service: str
    ) -> tuple[int, Mapping[str, Any]]: ...


class Tokens:
    """The login kept under `name`, for one service's client. Made without waiting; safe to share."""

    def __init__(
        self,
        opening: Opening,
        name: str,
        *,
        service: str,
        hint: str,
        ask: Ask | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`service`: its name for people. `hint`: how to log in again, such as `run: connect gmail`."""
        self.name = name
        self._opening = opening
        self._service = service
        self._hint = hint
        self._ask = ask or post_form
        self._clock = clock
        self._turn = Lock()
        self._login: Login | None = None
        self._unkept: Login | None = None
        self._lay = ""
        """The text that was read last."""

    async def access(self) -> str:
        """An access token that is good for a while. Raises LoginNeeded, Unavailable, TimedOut."""
        login = self._login
        if login is not None and self._unkept is None and login.is_fresh(self._clock()):
            return login.access
        return await hop(lambda: self._renew(""))

    async def renewed(self, stale: str) -> str:
        """Another access token than `stale`, which the service has refused.

        Raises LoginNeeded when the login was revoked or has run out, Unavailable, TimedOut.
        """
        return await hop(lambda: self._renew(stale))

    async def require(self, any_of: Sequence[str], level: str) -> None:
        """Raises LoginNeeded, with the next step, unless one of these scopes was allowed at the login."""
        login = self._login
        if login is None or not _covers(login, any_of):
            # Another program may have been allowed more meanwhile.
            login = await hop(self._read)
        if not _covers(login, any_of):
            raise LoginNeeded(
                None,
                f"{self._service}: you have not allowed Spatio to {level}",
                hint=f"{self._hint} --allow {level}",
            )

    def _renew(self, stale: str) -> str:
        with self._turn:
            if self._unkept is not None:
                with self._alone():
                    self._keep(self._unkept)
            login = self._login
            if login is not None and self._is_usable(login, stale):
                return login.access
            with self._alone():
                login = self._read()
                if not self._is_usable(login, stale):
                    renewed = self._posted(login)
                    self._keep(renewed, rotated=renewed.refresh != login.refresh)
                    login = renewed
                self._login = login
        return login.access

    def _is_usable(self, login: Login, stale: str) -> bool:
        return login.access != stale and login.is_fresh(self._clock())

    def _posted(self, login: Login) -> Login:
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": login.refresh,
            "client_id": login.client.id,
        }
        if login.client.secret:
            fields["client_secret"] = login.client.secret
        status, answer = self._ask(login.client.token_uri, fields, self._service)
        if status >= 400:
            raise refused(self._service, answer, self._hint)
        return login.renewed(answer, self._clock())

    def _keep(self, login: Login, *, rotated: bool = True) -> None:
        """On disk before it is used. A new refresh token that could not be kept is kept by the next call."""
        self._login = login
        if self._opening.keeper is None:
            return
        self._unkept = login if rotated else None
        try:
            self._opening.keeper().keep_text(self.name, login.text())
        except Unavailable:
            if rotated:
                raise
        self._unkept = None

    def _alone(self) -> AbstractContextManager[None]:
        keeper = self._opening.keeper
        return nullcontext() if keeper is None else keeper().alone(self.name)

    def _read(self) -> Login:
        keeper = self._opening.keeper
        text = (keeper().read if keeper else self._opening.secret)(self.name)
        if text and text == self._lay and self._login is not None:
            # It lies where nothing can be kept (the environment): what this program knows is newer.
            return self._login
        self._lay = text or ""
        if not text:
            raise LoginNeeded(None, f"{self._service}: nobody is logged in", hint=self._hint)
        try:
            return Login.parse(text)
        except ValueError:
            raise LoginNeeded(None, f"{self._service}: the kept login is damaged", hint=self._hint) from None


def _covers(login: Login, any_of: Sequence[str]) -> bool:
    """Whether one of these scopes was allowed, or nothing is known of what was."""
    return not login.scopes or bool(set(any_of) & set(login.scopes))


def refused(service: str, answer: Mapping[str, Any], hint: str) -> LoginNeeded:
    """What it means that a service gives no token. Of what it says, its error word alone is told."""
    word = error_word(answer)
    if word in _ENDED:
        reason = "the login has ended: it was revoked, or not used for too long"
    elif word in _CLIENT:
        reason, hint = "the client that you registered is not known any more", f"{hint} --client FILE"
    else:
        reason = f"no new token was given ({word})"
    return LoginNeeded(None, f"{service}: {reason}", hint=hint)


def error_word(answer: Mapping[str, Any]) -> str:
    """The error code of an answer: a word, whatever was sent."""
    word = answer.get("error")
    return word if isinstance(word, str) and re.fullmatch(r"[a-z_]{1,40}", word) else "no reason was given"


def check_address(url: str, what: str) -> str:
    """`url`, when a token may be sent there: by TLS, or on this computer. Raises BadName."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if host and safe and not parts.username and not parts.fragment and url.isprintable():
        return url
    raise BadName(None, f"{what} must be an https:// address")


def post_form(url: str, fields: Mapping[str, str], service: str) -> tuple[int, Mapping[str, Any]]:
    """Sends a form and reads what is answered. Blocks. Raises Unavailable, TimedOut, Refused, BadName.

    It runs to its end also when whoever waits for it is cancelled: what a service gives is not given twice.
    """
    parts = urlsplit(check_address(url, "an address for tokens"))
    base = f"{parts.scheme}://{parts.netloc}"
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    http = import_module("providers.http")
    bounds = http.Bounds(connect=10.0, read=15.0, total=30.0, patience=10.0, tries=2)

    async def ask() -> Any:
        client = http.Http(base, service, bounds=bounds)
        try:
            return await client.ask(
                "POST",
                path,
                body=urlencode(fields).encode(),
                headers={
                    "content-type": "application/x-www-form-urlencoded",
                    "accept": "application/json",
                },
                accept=range(400, 429),
                most=MOST,
            )
        finally:
            await client.aclose()

    answer = import_module("asyncio").run(ask())
    if not answer.content and answer.status < 300:
        return answer.status, {}
    value = answer.json() if answer.status < 300 else _object(answer.content)
    if not isinstance(value, dict):
        raise Refused(None, f"{service} answered what is no token")
    return answer.status, value


def _object(content: bytes) -> Mapping[str, Any]:
    """What came with an error; empty when it says nothing."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}

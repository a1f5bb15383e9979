"""The login in a browser: PKCE and state, the answer to a port of loopback (RFC 8252)."""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from providers.oauth import Client
from spatio.login.listener import Listener
from vfs.drive import event_loop, hop
from vfs.errors import LoginNeeded, Unavailable

PATIENCE = 300.0
"""Seconds that a person may take."""
TIMEOUT = 20.0

Tell = Callable[[str], Awaitable[None]]
"""Says a line to the person."""

Hear = Callable[[], Awaitable[str]]
"""The next line that the person types; "" at the end."""


async def log_in(
    client: Client,
    scopes: Sequence[str],
    tell: Tell,
    *,
    who: str = "",
    seconds: float = PATIENCE,
    hear: Hear | None = None,
    open_page: Callable[[str], bool] | None = None,
) -> Mapping[str, Any]:
    """What the service gave: tokens, and how long they last. `who` is the address that is to log in.

    With `hear`, the address that a browser of another computer ends at may be typed instead.
    Raises LoginNeeded when the person or the service refuses, TimedOut, Unavailable.
    """
    await event_loop()
    flow = await hop(lambda: _flow(client, scopes))
    state = token_urlsafe(32)
    with Listener(state) as listener:
        flow.redirect_uri = listener.address
        asked = {"access_type": "offline", "include_granted_scopes": "true", "prompt": "consent"}
        if who:
            asked["login_hint"] = who
        url = page_of(flow, client, state, **asked)
        opened = await hop(lambda: (open_page or open_in_browser)(url))
        await tell("Log in with the browser." if opened else "Log in with a browser, at:")
        await tell(url)
        if hear is not None and not opened:
            await tell(
                "On another computer it ends at a page that does not load: paste that page's address here."
            )
        listening = asyncio.ensure_future(_heard(listener, hear, tell)) if hear is not None else None
        try:
            answer = await listener.answer(seconds)
        finally:
            if listening is not None:
                listening.cancel()
                await asyncio.wait([listening])
    if "error" in answer:
        raise LoginNeeded(None, "the login was refused in the browser", hint="run it again, and allow it")
    return await hop(lambda: exchanged(flow, client, answer["code"]))


def has_screen() -> bool:
    """Whether there is something to open a page on."""
    return sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))


def open_in_browser(url: str) -> bool:
    """Opens a page where there is a screen to open it on; False where there is none."""
    if not has_screen():
        return False
    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False


async def _heard(listener: Listener, hear: Hear, tell: Tell) -> None:
    """Takes addresses that are typed, until one is the answer."""
    while line := (await hear()).strip():
        if listener.take(line.partition("?")[2].partition("#")[0]) is not None:
            return
        await tell("This is not the address that this login ends at; it begins with " + listener.address)


def page_of(flow: Any, client: Client, state: str, **asked: str) -> str:
    """The page that the person is to open."""
    with _settings(client):
        url: str = flow.authorization_url(state=state, **asked)[0]
    return url


def _flow(client: Client, scopes: Sequence[str]) -> Any:
    config = {
        "installed": {
            "client_id": client.id,
            "client_secret": client.secret,
            "auth_uri": client.auth_uri,
            "token_uri": client.token_uri,
        }
    }
    module = import_module("google_auth_oauthlib.flow")
    return module.Flow.from_client_config(config, list(scopes), autogenerate_code_verifier=True)


def exchanged(flow: Any, client: Client, code: str) -> Mapping[str, Any]:
    """The tokens for a code, which is good once. Blocks. Raises LoginNeeded, Unavailable."""
    wrong = import_module("oauthlib.oauth2").OAuth2Error
    lost = import_module("requests").RequestException
    try:
        with _settings(client):
            flow.fetch_token(code=code, include_client_id=True, timeout=TIMEOUT)
    except wrong as error:
        # What a library says of an answer may quote the answer: its error word is enough.
        raise LoginNeeded(None, f"the service gave no tokens ({_word(error)})", hint="run it again") from None
    except lost as error:
        reason = f"the service did not answer ({type(error).__name__})"
        raise Unavailable(None, reason, hint="run it again") from None
    except ValueError:
        raise Unavailable(None, "the service answered what are no tokens", hint="run it again") from None
    token: Mapping[str, Any] = dict(flow.oauth2session.token)
    scope = token.get("scope")
    return {**token, "scope": " ".join(scope)} if isinstance(scope, list | tuple) else token


@contextmanager
def _settings(client: Client) -> Iterator[None]:
    """What oauthlib reads from the environment alone: a service may allow fewer or more scopes than were
    asked for, and a test's service is spoken to without TLS on this computer."""
    wanted = {"OAUTHLIB_RELAX_TOKEN_SCOPE": "1"}
    if "http" in (urlsplit(client.auth_uri).scheme, urlsplit(client.token_uri).scheme):
        wanted["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _word(error: Any) -> str:
    word = getattr(error, "error", "")
    plain = isinstance(word, str) and word.isascii() and word.replace("_", "").isalnum() and len(word) <= 40
    return word if plain else "no reason was given"

"""A login at Google: which scopes stand for what a person allows, and what comes of it."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from providers.oauth import Client, Login, post_form
from providers.spec import Opening
from vfs.errors import LoginNeeded, Unavailable, VfsError

SERVICE = "Gmail"
HINT = "run: connect gmail"
_GMAIL = "https://www.googleapis.com/auth/gmail."
LEVELS: Mapping[str, str] = {
    "read": f"{_GMAIL}readonly",
    "modify": f"{_GMAIL}modify",
    "send": f"{_GMAIL}compose",
    "delete": "https://mail.google.com/",
}
"""What a person allows -> the narrowest scope that does it. `delete` is: for good."""
WHO = ("openid", "email")


def name_of(address: str) -> str:
    """Under which name a login is kept."""
    return f"google:{address.lower()}"


def scopes_for(levels: Sequence[str], already: Sequence[str] = ()) -> list[str]:
    """What to ask for: the new levels beside what was allowed before, since a login replaces another."""
    wanted = [LEVELS[level] for level in levels]
    known = [scope for scope in already if scope in LEVELS.values() and scope not in wanted]
    return [*WHO, *known, *wanted]


def login_of(client: Client, answer: Mapping[str, Any], scopes: Sequence[str], address: str) -> Login:
    """What is kept of an answer. Raises LoginNeeded when it is of no use, Unavailable."""
    login = Login(client, "", scopes=tuple(scopes)).renewed(answer, time.time())
    if not login.refresh:
        raise LoginNeeded(None, f"{SERVICE} gave a login that cannot be renewed", hint=HINT)
    if not set(LEVELS.values()) & set(login.scopes):
        raise LoginNeeded(None, "reading mail was not allowed", hint=f"{HINT}, and tick its box")
    whose = _email(answer.get("id_token"), client.id) or address
    if not whose:
        raise LoginNeeded(None, f"{SERVICE} does not say whose mailbox it is", hint=f"{HINT} YOU@gmail.com")
    if address and whose.lower() != address.lower():
        raise LoginNeeded(None, f"{whose} logged in, not {address}", hint="run it again")
    return login._replace(address=whose)


def _email(token: Any, client: str) -> str:
    """The address in an id token. It came from the service itself over TLS, which vouches for it."""
    try:
        part = str(token).split(".")[1]
        claims = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        audience, email = claims["aud"], claims["email"]
    except (IndexError, KeyError, TypeError, ValueError):
        return ""
    named = audience == client or (isinstance(audience, list) and client in audience)
    fits = isinstance(email, str) and email.isprintable() and "@" in email and len(email) <= 320
    return email if named and fits and " " not in email else ""


async def try_reading(login: Login, opening: Callable[[Mapping[str, str]], Opening]) -> None:
    """Asks for the mailbox's labels with a login that is kept nowhere yet.

    Raises LoginNeeded when Gmail does not let this client in, Unavailable, TimedOut.
    """
    client = login.client
    if not client.api_uri and not client.token_uri.startswith("https://oauth2.googleapis.com/"):
        return
    options = {"address": login.address, **({"endpoint": client.api_uri} if client.api_uri else {})}
    alone = opening(options)._replace(secret=lambda name: login.text(), keeper=None)
    remote: Any = import_module("providers.mail.gmail.account").open_account(alone)
    try:
        await remote.collections()
    finally:
        await remote.aclose()


def revoke(login: Login) -> None:
    """Ends a login at the service; also one that has ended already. Blocks. Raises Unavailable, TimedOut."""
    if not login.client.revoke_uri:
        raise Unavailable(None, f"{SERVICE} has no address to end a login at")
    fields = {"token": login.refresh, "token_type_hint": "refresh_token", "client_id": login.client.id}
    if login.client.secret:
        fields["client_secret"] = login.client.secret
    try:
        status, answer = post_form(login.client.revoke_uri, fields, SERVICE)
    except VfsError as error:
        raise Unavailable(None, f"the login could not be ended there: {error.reason}") from error
    if status >= 400 and answer.get("error") not in ("invalid_token", "invalid_grant"):
        raise Unavailable(None, "the login could not be ended there", hint="end it at the service itself")

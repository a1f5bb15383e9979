"""A login at Google: which scopes stand for what a person allows, and what comes of it."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from providers.oauth import Client, Login, post_form
from providers.spec import Opening
from vfs.errors import LoginNeeded, Unavailable, VfsError

if TYPE_CHECKING:
    from providers.mirror.remote import Collection, Remote

_GMAIL = "https://www.googleapis.com/auth/gmail."
LEVELS: Mapping[str, str] = {
    "read": f"{_GMAIL}readonly",
    "modify": f"{_GMAIL}modify",
    "send": f"{_GMAIL}compose",
    "delete": "https://mail.google.com/",
}
"""What a person allows -> the narrowest scope that does it. `delete` is: for good."""
WHO = ("openid", "email")


class Service(NamedTuple):
    """One of Google's services, as far as logging in differs."""

    name: str
    hint: str
    """How a person logs in again."""
    kept: str
    """What the names of its logins begin with."""
    levels: Mapping[str, str]
    always: tuple[str, ...]
    """Scopes that each login asks for."""
    needed: str
    """What cannot be missing, for a person."""
    account: str
    """The module whose `open_account` makes its remote."""

    def name_of(self, address: str) -> str:
        """Under which name a login is kept."""
        return f"{self.kept}:{address.lower()}"


GMAIL = Service(
    "Gmail", "run: connect gmail", "google", LEVELS, (), "reading mail", "providers.mail.gmail.account"
)


def name_of(address: str) -> str:
    """Under which name a login at Gmail is kept."""
    return GMAIL.name_of(address)


def scopes_for(levels: Sequence[str], already: Sequence[str] = (), service: Service = GMAIL) -> list[str]:
    """What to ask for: the new levels beside what was allowed before, since a login replaces another."""
    wanted = [service.levels[level] for level in levels]
    known = [scope for scope in already if scope in service.levels.values() and scope not in wanted]
    return [*WHO, *service.always, *known, *wanted]


def login_of(
    client: Client, answer: Mapping[str, Any], scopes: Sequence[str], address: str, service: Service = GMAIL
) -> Login:
    """What is kept of an answer. Raises LoginNeeded when it is of no use, Unavailable."""
    login = Login(client, "", scopes=tuple(scopes)).renewed(answer, time.time())
    hint = service.hint
    if not login.refresh:
        raise LoginNeeded(None, f"{service.name} gave a login that cannot be renewed", hint=hint)
    if not set(service.levels.values()) & set(login.scopes):
        raise LoginNeeded(None, f"{service.needed} was not allowed", hint=f"{hint}, and tick its box")
    whose = _email(answer.get("id_token"), client.id) or address
    if not whose:
        raise LoginNeeded(
            None, f"{service.name} does not say whose account it is", hint=f"{hint} YOU@gmail.com"
        )
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


async def try_reading(
    login: Login, opening: Callable[[Mapping[str, str]], Opening], service: Service = GMAIL
) -> Sequence[Collection]:
    """Asks for the account's folders with a login that is kept nowhere yet; none where it cannot be asked.

    Raises LoginNeeded when the service does not let this client in, Unavailable, TimedOut.
    """
    client = login.client
    if not client.api_uri and not client.token_uri.startswith("https://oauth2.googleapis.com/"):
        return []
    options = {"address": login.address, **({"endpoint": client.api_uri} if client.api_uri else {})}
    alone = opening(options)._replace(secret=lambda name: login.text(), keeper=None)
    remote: Remote = import_module(service.account).open_account(alone)
    try:
        return await remote.collections()
    finally:
        await remote.aclose()


def revoke(login: Login, service: Service = GMAIL) -> None:
    """Ends a login at the service; also one that has ended already. Blocks. Raises Unavailable, TimedOut."""
    if not login.client.revoke_uri:
        raise Unavailable(None, f"{service.name} has no address to end a login at")
    fields = {"token": login.refresh, "token_type_hint": "refresh_token", "client_id": login.client.id}
    if login.client.secret:
        fields["client_secret"] = login.client.secret
    try:
        status, answer = post_form(login.client.revoke_uri, fields, service.name)
    except VfsError as error:
        raise Unavailable(None, f"the login could not be ended there: {error.reason}") from error
    if status >= 400 and answer.get("error") not in ("invalid_token", "invalid_grant"):
        raise Unavailable(None, "the login could not be ended there", hint="end it at the service itself")

"""Connecting calendars at a CalDAV server: its address, a password tried before it is kept."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from commands.command import Failure, Usage
from providers.calendar.caldav.options import checked, secret_name
from spatio.login.kinds import LoggedIn
from spatio.login.planning import LONGEST, is_address, plain_address
from vfs.drive import drive
from vfs.errors import BadName, LoginNeeded

if TYPE_CHECKING:
    from commands.accounts import Account, Hear, Plan, Tell, Wish
    from spatio.workspace import Workspace

_KNOWN: Mapping[str, str] = {
    "fastmail.com fastmail.fm": "https://caldav.fastmail.com/",
    "icloud.com me.com mac.com": "https://caldav.icloud.com/",
    "posteo.de posteo.net": "https://posteo.de:8443/",
    "mailbox.org": "https://dav.mailbox.org/",
    "gmx.net gmx.de gmx.at gmx.ch": "https://caldav.gmx.net/",
    "gmx.com": "https://caldav.gmx.com/",
    "web.de": "https://caldav.web.de/",
    "yahoo.com yahoo.de yahoo.fr yahoo.co.uk": "https://caldav.calendar.yahoo.com/",
    "zoho.com": "https://calendar.zoho.com/",
    "runbox.com": "https://dav.runbox.com/",
    "yandex.com yandex.ru": "https://caldav.yandex.com/",
}
_OTHERS = "it wants an app password, made in the account's security settings, not the account's own password"
_APP = ("caldav.fastmail.com", "caldav.icloud.com", "caldav.calendar.yahoo.com", "caldav.yandex.com")


class CalDav:
    """See Way."""

    password = True

    def planned(self, wish: Wish) -> tuple[dict[str, str], list[str]]:
        if wish.client or wish.device or wish.allow:
            raise Usage("--client, --device and --allow are for a login in the browser")
        if wish.address and not is_address(wish.address):
            raise Usage(f"an address is NAME@DOMAIN, but is '{wish.address}'")
        user = wish.options.get("user") or wish.address
        if not user or len(user) > LONGEST:
            hint = "connect caldav --url https://dav.example.org/ --user ada"
            raise Usage("connect caldav needs a --user, or an address", hint=hint)
        url = wish.options.get("url") or _known(wish.address or user)
        options = {**wish.options, "url": url if "://" in url else f"https://{url}/", "user": user}
        if wish.address and wish.address != user:
            options["address"] = wish.address
        try:
            checked(options)
        except BadName as error:
            raise Usage(error.reason, hint=error.hint) from error
        remarks = [f"{self.place(options)}: {_OTHERS}"] if self.place(options) in _APP else []
        if options["url"].startswith("http:") and options.get("plain") == "true":
            remarks.append("without TLS: whoever is in the network between can read the password")
        return options, remarks

    def address(self, options: Mapping[str, str]) -> str:
        """By the login: which address stands in invitations, the server may tell later."""
        return plain_address({"user": options["user"], "host": urlsplit(options["url"]).hostname or ""})

    def place(self, options: Mapping[str, str]) -> str:
        return urlsplit(options.get("url", "")).netloc

    def question(self, options: Mapping[str, str]) -> str:
        return f"Password of {options['user']} at {self.place(options)}: "

    def secrets(self, options: Mapping[str, str]) -> Sequence[str]:
        return (secret_name(options),) if options.get("url") and options.get("user") else ()

    async def log_in(
        self, workspace: Workspace, plan: Plan, password: str, tell: Tell, hear: Hear | None
    ) -> LoggedIn:
        given = os.environ.get(plan.variable) if plan.variable else password
        found, told = await _calendars(plan.options, given or "")
        names = ", ".join(found[:6]) + (f" and {len(found) - 6} more" if len(found) > 6 else "")
        await tell(f"Calendars there: {names}" if found else "There are no calendars yet")
        own = [one for one in told if is_address(one)]
        unknown = "address" not in plan.options and "@" not in plan.options["user"] and not plan.again
        return LoggedIn(
            {} if plan.variable else {secret_name(plan.options): password},
            options={"address": own[0]} if own and unknown else {},
        )

    def revoke(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> None:
        """A password cannot be ended from here."""

    def check(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> str:
        found = workspace.vault.find(secret_name(options))
        if found is None:
            line = f"connect caldav --url {options['url']} --user {options['user']}"
            raise LoginNeeded(None, "nobody is logged in", hint=f"run: {line}")
        drive(_calendars(options, found.secret.reveal()))
        return found.place


def _known(address: str) -> str:
    """The server of a well-known provider. Raises Usage, Failure."""
    domain = address.rpartition("@")[2].lower() if "@" in address else ""
    if domain in ("gmail.com", "googlemail.com"):
        raise Failure(f"{domain}: Google takes no passwords for calendars", hint="connect google-calendar")
    if domain in ("outlook.com", "hotmail.com", "live.com", "msn.com"):
        raise Failure(f"{domain}: Microsoft has no CalDAV")
    for domains, url in _KNOWN.items():
        if domain in domains.split():
            return url
    what = f"the calendar server of {domain} is not known" if domain else "which server?"
    raise Usage(what, hint=f"name it: connect caldav --url https://HOST/ --user {address}")


async def _calendars(options: Mapping[str, str], password: str) -> tuple[list[str], Sequence[str]]:
    """The names of the account's calendars, and its addresses.

    Raises LoginNeeded, NotFound, Unavailable, TimedOut.
    """
    hint = "look at the user's name, and whether the provider wants an app password"
    made: Any = import_module("providers.calendar.caldav.account")
    bounds = import_module("providers.http").BOUNDS._replace(tries=2)
    remote = made.open_account(options, lambda name: password, bounds=bounds, hint=hint)
    try:
        names = [one.path.name for one in await remote.collections() if one.selectable]
        return names, await remote.addresses()
    finally:
        await remote.aclose()


WAY = CalDav()

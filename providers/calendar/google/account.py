"""Account: the remote that a mount's options describe, and the login that it uses."""

from __future__ import annotations

from providers.calendar.google.api import BASE
from providers.calendar.google.provider import WRITES, address_of, login_name
from providers.calendar.google.remote import GoogleCalendarRemote
from providers.calendar.google.wire import SERVICE
from providers.oauth import Tokens, check_address
from providers.spec import Opening


def open_account(opening: Opening) -> GoogleCalendarRemote:
    """The account of a mount. Asks nobody. Raises BadName for options that cannot be."""
    address = address_of(opening.options)
    hint = f"run: connect google-calendar {address}"
    base = check_address(opening.options.get("endpoint") or BASE, "the endpoint")
    tokens = Tokens(opening, login_name(address), service=SERVICE, hint=hint)

    async def allowed() -> None:
        await tokens.require(WRITES, "modify")

    return GoogleCalendarRemote(tokens, base=base, hint=hint, allowed=allowed, mine=(address,))

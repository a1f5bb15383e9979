"""Account: the remote that a mount's options describe, and the login that it uses."""

from __future__ import annotations

from providers.mail.gmail.api import BASE
from providers.mail.gmail.provider import address_of, login_name
from providers.mail.gmail.remote import GmailRemote
from providers.mail.gmail.scopes import allowed_by
from providers.mail.gmail.wire import SERVICE
from providers.oauth import Tokens, check_address
from providers.spec import Opening


def open_account(opening: Opening) -> GmailRemote:
    """The account of a mount. Asks nobody. Raises BadName for options that cannot be."""
    address = address_of(opening.options)
    hint = f"run: connect gmail {address}"
    base = check_address(opening.options.get("endpoint") or BASE, "the endpoint")
    tokens = Tokens(opening, login_name(address), service=SERVICE, hint=hint)
    return GmailRemote(tokens, base=base, hint=hint, allowed=allowed_by(tokens))

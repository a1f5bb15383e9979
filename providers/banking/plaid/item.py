"""Item: the remote that a mount's options describe, and the secrets that it uses."""

from __future__ import annotations

from collections.abc import Callable

from providers.banking.keeping import Files
from providers.banking.plaid.api import Api
from providers.banking.plaid.faults import Faults
from providers.banking.plaid.keys import Keys, base_of, keys_name, token_name
from providers.banking.plaid.provider import COLLECTION
from providers.banking.plaid.remote import PlaidRemote
from providers.banking.plaid.transfers import Transfers
from providers.banking.trade import RULES, Money
from providers.http import BOUNDS, Bounds
from providers.spec import Opening
from vfs.errors import BadName, LoginNeeded

PRODUCTION = "production"
CACHED, LIVE = "cached", "live"


def open_item(opening: Opening, bounds: Bounds = BOUNDS) -> PlaidRemote:
    """The connection of a mount. Asks nobody. Raises BadName for options that cannot be."""
    options = opening.options
    item = options.get("item", "")
    if not item:
        raise BadName(None, "`item` names the connection")
    title = options.get("institution") or "the bank"
    api = open_api(
        options.get("environment") or PRODUCTION,
        opening.secret,
        Faults(title, f"run: connect plaid {options.get('name') or ''}".rstrip()),
        item=item,
        bounds=bounds,
    )
    balances = options.get("balances") or CACHED
    if balances not in (CACHED, LIVE):
        raise BadName(None, f"balances is {CACHED} or {LIVE}, not {balances[:40]!r}")
    moves = "transfer" in options.get("products", "").split()

    async def rules() -> bytes:
        files = Files(opening.store(), options.get("collection") or COLLECTION, Money())
        return (await files.read([RULES]))[RULES].data

    return PlaidRemote(
        api,
        rules,
        live=balances == LIVE,
        transfers=Transfers(api, options.get("holder", "")) if moves else None,
    )


def open_api(
    environment: str,
    secret: Callable[[str], str | None],
    faults: Faults,
    *,
    item: str = "",
    bounds: Bounds = BOUNDS,
) -> Api:
    """The interface of an environment, with the secrets that are kept for it. Raises BadName."""

    def keys() -> Keys:
        text = secret(keys_name(environment))
        try:
            return Keys.parse(text or "")
        except ValueError:
            reason = "there are no keys for Plaid" if not text else "the kept keys for Plaid are damaged"
            raise LoginNeeded(None, reason, hint=f"{faults.hint} --client FILE") from None

    def token() -> str:
        text = secret(token_name(item))
        if not text:
            raise LoginNeeded(None, f"{faults.title}: nobody is logged in", hint=faults.hint)
        return text

    return Api(base_of(environment), keys, token if item else None, faults, bounds=bounds)

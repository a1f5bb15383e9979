"""Connecting a bank over Plaid: the person's own keys, a login by Plaid's page, a token that is kept."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from commands.command import Failure, Usage
from providers.banking.plaid.api import Api
from providers.banking.plaid.faults import Faults, ItemGone, KeysRefused
from providers.banking.plaid.item import PRODUCTION, open_api
from providers.banking.plaid.keys import ENVIRONMENTS, Keys, base_of, keys_name, token_name
from providers.banking.plaid.wire import Item
from spatio.login.browser import has_screen
from spatio.login.kinds import LoggedIn
from spatio.login.link import exchanged, link
from vfs.drive import hop
from vfs.errors import BadName, LoginNeeded, VfsError
from vfs.names import slug

if TYPE_CHECKING:
    from commands.accounts import Account, Hear, Plan, Tell, Wish
    from spatio.workspace import Workspace

T = TypeVar("T")

ID, SECRET, ENVIRONMENT = "SPATIO_PLAID_CLIENT_ID", "SPATIO_PLAID_SECRET", "SPATIO_PLAID_ENV"
LARGEST = 64 * 1024
TRANSFER = "transfer"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
REGISTER = "get your own, once, at https://dashboard.plaid.com:"
STEPS = (
    "1. sign up, and ask for the product Transactions (the sandbox has it at once)",
    "2. Developers, Keys: copy the client_id and the secret of the environment",
    '3. write {"client_id": "…", "secret": "…", "environment": "production"} to a file (or "sandbox")',
    f"4. run: connect plaid --client FILE; or set {ID}, {SECRET} and {ENVIRONMENT}",
)


class PlaidWay:
    """See Way. An account is a connection to one bank, called as the person likes."""

    password = False

    def planned(self, wish: Wish) -> tuple[dict[str, str], list[str]]:
        holder = wish.options.get("user", "")
        if extra := sorted(set(wish.options) - {"user"}):
            raise Usage(f"Plaid has no setting {extra[0].replace('_', '-')}")
        if wish.address and not _NAME.fullmatch(wish.address):
            raise Usage(f"a bank is called by lower-case letters, digits and -, but is '{wish.address}'")
        if set(wish.allow) - {TRANSFER}:
            raise Usage(f"for plaid, --allow knows {TRANSFER} alone")
        if wish.allow and not holder:
            raise Usage("transfers need your legal name: --user 'ADA LOVELACE'")
        name = wish.address or wish.name
        return {**({"name": name} if name else {}), **({"holder": holder} if holder else {})}, []

    def address(self, options: Mapping[str, str]) -> str:
        return options.get("name", "")

    def place(self, options: Mapping[str, str]) -> str:
        environment = options.get("environment") or PRODUCTION
        where = "" if environment == PRODUCTION else f" ({environment})"
        return f"{options.get('institution') or 'a bank'}, over Plaid{where}"

    def question(self, options: Mapping[str, str]) -> str:
        return ""

    def secrets(self, options: Mapping[str, str]) -> Sequence[str]:
        kept = [token_name(options["item"])] if options.get("item") else []
        with suppress(BadName):
            kept.append(keys_name(options.get("environment") or PRODUCTION))
        return kept

    async def log_in(
        self, workspace: Workspace, plan: Plan, password: str, tell: Tell, hear: Hear | None
    ) -> LoggedIn:
        if plan.again and plan.wish.allow:
            raise Failure(
                "what a connection may do is chosen when it is made",
                hint=f"run: disconnect {plan.account.path}, then connect it with --allow",
            )
        keys = await hop(lambda: _keys(workspace, plan))
        hosted = plan.wish.device or not has_screen()
        login = _Login(keys, _faults(plan.options), tell, hosted)
        if plan.again:
            item = plan.options["item"]
            old = await hop(lambda: workspace.vault.read(token_name(item)))
            token = await login.again(item, old or "", plan.options.get("products", "").split())
            return LoggedIn({token_name(item): token, **keys.kept})
        token, item = await login.anew(["transactions", *plan.wish.allow])
        there = await login.looked_at(token, item)
        have = [one for one in ("transactions", *plan.wish.allow) if one in there.products]
        if TRANSFER in plan.wish.allow and TRANSFER not in have:
            await tell(f"{there.institution}: this bank cannot move money over Plaid")
        options = {"item": item, "institution": there.institution, "products": " ".join(have)}
        if keys.environment != PRODUCTION:
            options["environment"] = keys.environment
        name = plan.account.address or _free(workspace, there.institution)
        undo = partial(login.ended, token, item)
        return LoggedIn({token_name(item): token, **keys.kept}, name, options, undo)

    def revoke(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> None:
        async def remove(api: Api) -> None:
            # Without keys, or at a connection that has ended, there is nothing that could be ended.
            with suppress(ItemGone, KeysRefused, LoginNeeded):
                await api.ask("/item/remove")

        _asked(workspace, options, remove)

    def check(self, workspace: Workspace, account: Account, options: Mapping[str, str]) -> str:
        found = workspace.vault.knows(token_name(options.get("item", "")))
        if found is None:
            raise LoginNeeded(None, "nobody is logged in", hint=f"run: connect plaid {account.address}")

        async def look(api: Api) -> None:
            item = await api.item()
            if item.error is not None:
                raise api.faults.error(item.error)

        _asked(workspace, options, look)
        return found.place


class _Found(NamedTuple):
    """The person's keys, and where they let in."""

    environment: str
    keys: Keys
    kept: Mapping[str, str]
    """What of them is to be kept from now on."""


class _Login:
    """One login under way."""

    def __init__(self, found: _Found, faults: Faults, tell: Tell, hosted: bool) -> None:
        self._found = found
        self._faults = faults
        self._tell = tell
        self._hosted = hosted

    def _api(self, item: str = "", token: str = "") -> Api:
        environment, keys, _ = self._found
        secrets = {keys_name(environment): keys.text(), token_name(item): token}
        return open_api(environment, secrets.get, self._faults, item=item)

    async def anew(self, products: Sequence[str]) -> tuple[str, str]:
        """A new connection: its token, and what Plaid calls it."""
        api = self._api()
        countries = self._found.keys.countries
        try:
            public = await link(api, self._tell, products=products, countries=countries, hosted=self._hosted)
            return await exchanged(api, public)
        finally:
            await api.aclose()

    async def again(self, item: str, token: str, products: Sequence[str]) -> str:
        """The token of a connection whose person logs in again; another one where it had ended."""
        api = self._api(item, token)
        try:
            if token:
                countries = self._found.keys.countries
                await link(api, self._tell, countries=countries, renew=True, hosted=self._hosted)
                return token
        except ItemGone:
            await self._tell("The connection was ended at Plaid: it is made anew.")
        finally:
            await api.aclose()
        return (await self.anew(products or ["transactions"]))[0]

    async def looked_at(self, token: str, item: str) -> Item:
        """What the connection is."""
        api = self._api(item, token)
        try:
            return await api.item()
        except BaseException:
            await self.ended(token, item)
            raise
        finally:
            await api.aclose()

    async def ended(self, token: str, item: str) -> None:
        """Ends a connection whose token nobody keeps, if that can be done: nobody could do so later."""
        api = self._api(item, token)
        try:
            with suppress(VfsError):
                await api.ask("/item/remove")
        finally:
            await api.aclose()


def _asked(workspace: Workspace, options: Mapping[str, str], what: Callable[[Api], Awaitable[T]]) -> T:
    """What comes of a question about a mount's connection. Blocks."""
    environment = options.get("environment") or PRODUCTION
    api = open_api(environment, workspace.vault.read, _faults(options), item=options.get("item", ""))

    async def ask() -> T:
        try:
            return await what(api)
        finally:
            await api.aclose()

    return asyncio.run(ask())


def _faults(options: Mapping[str, str]) -> Faults:
    name = options.get("name", "")
    return Faults(options.get("institution") or "the bank", f"run: connect plaid {name}".rstrip())


def _free(workspace: Workspace, institution: str) -> str:
    """What a new connection is called: as its bank, and with a number where another one is."""
    first = re.sub(r"[^a-z0-9]+", "-", slug(institution or "bank")).strip("-")[:36] or "bank"
    taken = {mount.options.get("name") for mount in workspace.mounts if mount.name == "plaid"}
    return next(
        name for name in (first, *(f"{first}-{number}" for number in range(2, 1000))) if name not in taken
    )


def _keys(workspace: Workspace, plan: Plan) -> _Found:
    """The person's keys: handed over, in the environment, or kept. Blocks. Raises Failure."""
    if plan.wish.client:
        environment, keys = _read(plan.wish.client, plan)
        return _Found(environment, keys, {keys_name(environment): keys.text()})
    if os.environ.get(ID):
        environment = _known(os.environ.get(ENVIRONMENT) or _own(plan) or PRODUCTION, ENVIRONMENT)
        keys = _parsed(json.dumps({"client_id": os.environ[ID], "secret": os.environ.get(SECRET, "")}), ID)
        return _Found(environment, keys, {keys_name(environment): keys.text()})
    mounted = [one.options.get("environment", PRODUCTION) for one in workspace.mounts if one.name == "plaid"]
    wanted = [os.environ.get(ENVIRONMENT, ""), *mounted, PRODUCTION, *ENVIRONMENTS]
    for environment in filter(None, [_own(plan)] if plan.again else wanted):
        text = workspace.vault.read(keys_name(_known(environment, ENVIRONMENT)))
        if text:
            return _Found(environment, _parsed(text, "the kept keys"), {})
    raise Failure(
        "Plaid lets in only who is registered, and Spatio brings no registration of its own",
        status=77,
        hint=REGISTER,
        steps=STEPS,
    )


def _own(plan: Plan) -> str:
    return plan.options.get("environment") or (PRODUCTION if plan.again else "")


def _read(file: str, plan: Plan) -> tuple[str, Keys]:
    try:
        with open(file, "rb") as opened:
            text = opened.read(LARGEST + 1).decode("utf-8", "replace")
    except OSError as error:
        raise Failure(f"{file}: {str(error.strerror).lower()}", hint=REGISTER, steps=STEPS) from None
    keys = _parsed(text, file)
    told = json.loads(text).get("environment") or _own(plan) or PRODUCTION
    environment = _known(told if isinstance(told, str) else "", file)
    if plan.again and base_of(environment) != base_of(_own(plan)):
        raise Failure(f"{file}: keys for {environment}, but this connection is at {_own(plan)}")
    return environment, keys


def _parsed(text: str, name: str) -> Keys:
    try:
        return Keys.parse(text)
    except ValueError as error:
        reason = "not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
        raise Failure(f"{name}: {reason}", status=77, hint=REGISTER, steps=STEPS) from None


def _known(environment: str, name: str) -> str:
    try:
        base_of(environment)
    except BadName as error:
        raise Failure(f"{name}: {error.reason}") from None
    return environment


WAY = PlaidWay()

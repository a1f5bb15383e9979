"""Link: a person logs in to a bank by Plaid's own page, here or at Plaid; what comes of it is a token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from providers.banking.plaid import wire
from providers.banking.plaid.api import Api
from spatio.login.browser import open_in_browser
from spatio.login.linkpage import LinkPage
from vfs.drive import hop
from vfs.errors import LoginNeeded, TimedOut, Unavailable
from vfs.visible import visible_line

PATIENCE = 900.0
"""Seconds that a person may take; a bank may send a code by mail."""
PAUSE = 3.0
"""Seconds between two looks at a page of Plaid's."""
DAYS = 730
"""Of transactions that are asked for; Plaid has no more."""

Tell = Callable[[str], Awaitable[None]]


async def link(
    api: Api,
    tell: Tell,
    *,
    products: Sequence[str] = ("transactions",),
    countries: Sequence[str] = ("US",),
    renew: bool = False,
    hosted: bool = False,
    seconds: float = PATIENCE,
    pause: float | None = None,
    open_page: Callable[[str], bool] = open_in_browser,
) -> str:
    """The public token of a login, which is good once. `renew`: the connection of `api` logs in again.

    `hosted`: by a page at Plaid, on whichever device. Raises LoginNeeded when the person leaves, TimedOut,
    Unavailable, Refused.
    """
    asked: dict[str, Any] = {
        "client_name": "Spatio",
        "language": "en",
        "country_codes": list(countries),
        "user": {"client_user_id": "spatio"},
    }
    if not renew:
        asked |= {"products": list(products), "transactions": {"days_requested": DAYS}}
    if hosted:
        asked["hosted_link"] = {}
    said = await api.ask("/link/token/create", asked, again=False, token=renew)
    token = wire.key(said, "link_token")
    if hosted:
        return await _at_plaid(api, said, token, tell, seconds, PAUSE if pause is None else pause)
    with LinkPage(token, api.http.base) as page:
        opened = await hop(lambda: open_page(page.address))
        await tell(
            "Log in to your bank in the browser." if opened else "Log in to your bank with a browser, at:"
        )
        await tell(page.address)
        answer = await page.answer(seconds)
    return _public(answer)


def _public(answer: Mapping[str, str]) -> str:
    if "public_token" not in answer:
        word = visible_line(answer.get("error", ""))[:60]
        reason = "the login was left" if word in ("", "LEFT") else f"the login failed ({word})"
        raise LoginNeeded(None, f"{reason}; nothing was connected", hint="run it again")
    return answer["public_token"]


async def _at_plaid(
    api: Api, said: Mapping[str, Any], token: str, tell: Tell, seconds: float, pause: float
) -> str:
    """By a page at Plaid, which is asked what has come of it until it is known."""
    url = wire.text(said, "hosted_link_url")
    if not url.startswith("https://"):
        raise Unavailable(None, "Plaid gave no page to log in at", hint="run it where there is a browser")
    await tell("Log in to your bank on any device, at:")
    await tell(url)
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = _outcome(await api.ask("/link/token/get", {"link_token": token}, token=False))
                if found is not None:
                    return _public(found)
                await asyncio.sleep(pause)
    except TimeoutError as error:
        if isinstance(error, TimedOut):
            raise
        raise TimedOut(None, "nobody logged in in time", hint="run it again") from None


def _outcome(said: wire.Json) -> Mapping[str, str] | None:
    """What the sessions of a page at Plaid came to; None while somebody may still log in."""
    sessions = wire.things(said, "link_sessions")
    for session in sessions:
        results = session.get("results")
        added = wire.things(results, "item_add_results") if isinstance(results, dict) else ()
        success = session.get("on_success")
        for one in (*added, *([success] if isinstance(success, dict) else [])):
            if wire.text(one, "public_token"):
                return {"public_token": wire.key(one, "public_token")}
    ended = [one for one in sessions if one.get("finished_at")]
    if not ended or len(ended) < len(sessions):
        return None
    left = ended[-1].get("exit")
    if not isinstance(left, dict):
        # A connection that was renewed gives no token: the one that there is goes on.
        return {"public_token": "renewed"}
    error = left.get("error")
    return {"error": wire.text(error, "error_code") if isinstance(error, dict) else "LEFT"}


async def exchanged(api: Api, public: str) -> tuple[str, str]:
    """The access token for a public one, and the connection that it is for."""
    said = await api.ask("/item/public_token/exchange", {"public_token": public}, again=False, token=False)
    token = wire.key(said, "access_token")
    return token, wire.key(said, "item_id")

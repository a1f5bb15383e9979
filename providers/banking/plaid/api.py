"""Api: the requests to Plaid, each a POST of JSON. Numbers of the answers are exact."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from providers.banking.plaid import wire
from providers.banking.plaid.faults import SERVICE, BankDown, Faults, Mutated, NotReady, is_about_cursor
from providers.banking.plaid.keys import Keys
from providers.http import BOUNDS, Bounds, Http, Pace
from providers.httpfaults import unreadable
from providers.mirror.remote import Forgotten
from vfs.drive import hop
from vfs.errors import Refused

VERSION = "2020-09-14"
COUNT = 500
"""Transactions of a page; the most that Plaid gives."""
RESTARTS = 8
"""How often what has changed between its pages is read anew."""

Json = Mapping[str, Any]


class Api:
    """Plaid for one connection, or, without a token, before there is one."""

    def __init__(
        self,
        base: str,
        keys: Callable[[], Keys],
        token: Callable[[], str] | None,
        faults: Faults,
        *,
        bounds: Bounds = BOUNDS,
        pace: Pace | None = None,
    ) -> None:
        """`keys` and `token` are asked when they are needed, may block, and raise LoginNeeded."""
        self.faults = faults
        self.http = Http(base, SERVICE, parallel=4, bounds=bounds, pace=pace, judge=faults.judge)
        self._keys = keys
        self._token = token

    async def ask(
        self, path: str, fields: Json | None = None, *, again: bool = True, token: bool = True
    ) -> Json:
        """The answer to a request; `token`: it is about this connection."""
        keys = await hop(self._keys)
        body: dict[str, Any] = dict(fields or {})
        if token and self._token is not None:
            body["access_token"] = await hop(self._token)
        answer = await self.http.ask(
            "POST",
            path,
            body=json.dumps(body, separators=(",", ":")).encode(),
            headers={
                "content-type": "application/json",
                "plaid-client-id": keys.client_id,
                "plaid-secret": keys.secret,
                "plaid-version": VERSION,
            },
            again=again,
        )
        return wire.parsed(answer.content)

    async def item(self) -> wire.Item:
        """The connection, and how it stands."""
        return wire.item_of(await self.ask("/item/get"))

    async def accounts(self) -> list[wire.Account]:
        """The accounts, with the balances that Plaid knows."""
        said = await self.ask("/accounts/get")
        return [wire.account_of(one) for one in wire.things(said, "accounts")]

    async def balances(self) -> list[wire.Account] | None:
        """The accounts, with the balances that the bank has at this moment; None where it does not say."""
        try:
            said = await self.ask("/accounts/balance/get")
        except (BankDown, NotReady, Refused):
            return None
        return [wire.account_of(one) for one in wire.things(said, "accounts")]

    async def pages(self, cursor: str) -> list[wire.Page]:
        """All that has happened since a cursor, "" being the beginning. Raises Forgotten.

        The pages are true together only: when something changes while they are read, they are read anew.
        """
        for _ in range(RESTARTS):
            try:
                return await self._pages(cursor)
            except Mutated:
                continue
            except Refused as error:
                if cursor and is_about_cursor(error):
                    raise Forgotten from error
                raise
        return await self._pages(cursor)

    async def _pages(self, cursor: str) -> list[wire.Page]:
        pages: list[wire.Page] = []
        while True:
            fields: dict[str, Any] = {"count": COUNT, "options": {"include_original_description": True}}
            if cursor:
                fields["cursor"] = cursor
            page = wire.page_of(await self.ask("/transactions/sync", fields))
            pages.append(page)
            if not page.more:
                return pages
            if page.cursor == cursor:
                raise unreadable(SERVICE, "its pages have no end")
            cursor = page.cursor

    async def aclose(self) -> None:
        await self.http.aclose()

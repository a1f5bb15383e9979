"""Transfers: money between an account and the person's balance at Plaid, as a deed that happens once.

An authorization has the deed's own key, so that asking for it again gives the same one, and Plaid makes one
transfer of an authorization, however often it is asked to. After the hours for which it remembers the key,
nothing is asked again: a person decides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from providers.banking.plaid import accounts, wire
from providers.banking.plaid.api import Api
from providers.banking.plaid.faults import BankDown
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Effect, Parameter, Verb
from vfs.errors import BadName, LoginNeeded, Refused, Unavailable
from vfs.ids import uuid7
from vfs.money import BadAmount, decimal_of, minor_units, plain, written

OWN = "plaid"
"""What the person's balance at Plaid is called in a transfer."""
CURRENCY = "USD"
REMEMBERED = timedelta(hours=24)
"""For how long a try is surely not done twice; Plaid remembers keys for 48 hours."""
KEYS = 10
"""How many keys are tried for one deed, at most."""
PAGE = 25
PAGES = 40
DESCRIPTION = 15
"""Characters of the note that a bank statement shows."""
MARK = "spatio_deed"

TRANSFER = Verb(
    "transfer",
    f"move money between an account and your balance at Plaid (`{OWN}`)",
    Effect.SPEND,
    parameters=(
        Parameter("from", f"the account that pays, or `{OWN}`"),
        Parameter("to", f"the account that is paid, or `{OWN}`"),
        Parameter("amount", "how much"),
        Parameter("currency", f"of the amount ({CURRENCY})", required=False),
        Parameter("note", "what the statement shows", required=False),
        Parameter("key", "the same transfer is never made twice", required=False),
    ),
)


class Order(NamedTuple):
    """What is to be moved."""

    source: str
    target: str
    amount: Decimal
    note: str

    @property
    def account(self) -> str:
        """The one at the bank."""
        return self.target if self.source == OWN else self.source

    @property
    def kind(self) -> str:
        """debit takes from the account, credit gives to it."""
        return "credit" if self.source == OWN else "debit"

    def content(self) -> bytes:
        """As it waits in the outbox."""
        said = {
            "from": self.source,
            "to": self.target,
            "amount": plain(self.amount, CURRENCY),
            "currency": CURRENCY,
            "note": self.note,
        }
        return (json.dumps(said, indent=2, ensure_ascii=False) + "\n").encode()

    def summary(self) -> str:
        """For who decides."""
        ends = [f"your balance at {OWN.title()}" if one == OWN else one for one in (self.source, self.target)]
        note = f" ({self.note})" if self.note else ""
        return f"transfer {written(self.amount, CURRENCY)} from {ends[0]} to {ends[1]}{note}"


def order_of(said: Mapping[str, Any]) -> Order:
    """Raises BadName for what could never be moved."""
    source, target, note = (_text(said, name) for name in ("from", "to", "note"))
    if not source or not target:
        raise BadName(None, "a transfer names what pays (from) and what is paid (to)")
    if (source == OWN) == (target == OWN):
        raise BadName(
            None,
            f"Plaid moves money between an account and your balance there: one end is `{OWN}`",
            hint=f"in two steps: from {source} to {OWN}, and once it has arrived, from {OWN} to {target}",
        )
    currency = _text(said, "currency") or CURRENCY
    if currency.upper() != CURRENCY:
        raise BadName(None, f"Plaid moves US dollars, not {currency[:12]}")
    value = said.get("amount")
    amount = value if isinstance(value, Decimal) else decimal_of(str(value if value is not None else ""))
    if amount is None or not amount.is_finite() or amount <= 0:
        raise BadName(None, "an amount is a number above zero, such as 12.50")
    try:
        text = plain(amount, CURRENCY)
    except BadAmount as error:
        raise BadName(None, str(error)) from error
    if len(text.partition(".")[2]) > minor_units(CURRENCY) or amount.adjusted() > 9:
        raise BadName(None, f"{text} is no amount of {CURRENCY} that can be moved")
    return Order(source, target, Decimal(text), note)


class Transfers:
    """What moves money over one connection."""

    def __init__(self, api: Api, holder: str, now: Callable[[], datetime] | None = None) -> None:
        """`holder`: the legal name of whose accounts these are."""
        self._api = api
        self._holder = holder
        self._now = now or (lambda: datetime.now(UTC))

    def deeds(self) -> Mapping[str, Verb]:
        return {TRANSFER.name: TRANSFER}

    def prepare(self, verb: str, arguments: Arguments) -> Prepared:
        """Raises BadName."""
        order = order_of(arguments)
        if not self._holder:
            raise BadName(
                None, "nobody said whose accounts these are", hint="connect plaid … --user 'YOUR NAME'"
            )
        key = _text(arguments, "key") or uuid7()
        amount = plain(order.amount, CURRENCY)
        name = f"transfer-{amount}-from-{order.source}-to-{order.target}.json"
        return Prepared(name, order.summary(), key, order.content(), {}, "application/json")

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        """Moves it, unless an earlier try has."""
        order = _read(content)
        try:
            if deed.tries and (found := await self._found(deed)) is not None:
                return _told(found)
            account = await self._account(order)
            authorization = await self._authorized(deed, order, account)
        except BankDown as error:
            raise Unavailable(None, error.reason) from error
        await leaving()
        said = await self._api.ask(
            "/transfer/create",
            {
                "account_id": account,
                "authorization_id": authorization,
                "amount": plain(order.amount, CURRENCY),
                "description": (order.note or "Transfer")[:DESCRIPTION],
                "metadata": {MARK: deed.key},
            },
            again=False,
        )
        return _told(wire.thing(said.get("transfer")))

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        """Among what was moved. What is not there can be asked for again while Plaid remembers its key."""
        if await self._found(deed) is not None:
            return True
        return False if self._now() - deed.at < REMEMBERED else None

    async def _found(self, deed: Deed) -> wire.Json | None:
        """The transfer that a deed has become."""
        since = (deed.at - timedelta(days=1)).astimezone(UTC).isoformat(timespec="seconds")
        for page in range(PAGES):
            fields = {"start_date": since.replace("+00:00", "Z"), "count": PAGE, "offset": page * PAGE}
            said = await self._api.ask("/transfer/list", fields, token=False)
            transfers = wire.things(said, "transfers")
            for one in transfers:
                marks = one.get("metadata")
                if isinstance(marks, dict) and marks.get(MARK) == deed.key:
                    return one
            if len(transfers) < PAGE:
                return None
        raise Unavailable(None, "there are too many transfers to look through")

    async def _account(self, order: Order) -> str:
        known = await self._api.accounts()
        names = accounts.names_of(known, {})
        found = accounts.found(order.account, known, names)
        if len(found) == 1:
            return found[0].id
        what = "no such account" if not found else "several such accounts"
        raise Refused(
            None, f"{what} at {self._api.faults.title}: {order.account}",
            hint=f"there are: {', '.join(sorted(names.values()))}",
        )  # fmt: skip

    async def _authorized(self, deed: Deed, order: Order, account: str) -> str:
        """The authorization of a transfer. Raises Refused when it is declined.

        Plaid answers a key as it did before. So a further try asks with another key, but only once all
        keys of earlier tries were declined: of what was declined, nothing can be on its way.
        """
        for number in range(min(deed.tries, KEYS) + 1):
            authorization = await self._asked(deed, order, account, number)
            if wire.text(authorization, "decision") == "approved":
                break
        decision = wire.text(authorization, "decision")
        why = authorization.get("decision_rationale")
        code = wire.text(why, "code") if isinstance(why, dict) else ""
        words = wire.text(why, "description") if isinstance(why, dict) else ""
        if decision == "user_action_required" or code == "ITEM_LOGIN_REQUIRED":
            raise LoginNeeded(
                None, f"{self._api.faults.title} wants you to log in again", hint=self._api.faults.hint
            )
        if decision != "approved":
            raise Refused(
                None, f"Plaid has declined the transfer ({code or decision}){words and ': '}{words}"
            )
        proposed = wire.thing(authorization.get("proposed_transfer"))
        asked = (plain(order.amount, CURRENCY), order.kind)
        if (wire.text(proposed, "amount"), wire.text(proposed, "type")) != asked:
            raise Refused(None, "Plaid has authorized another transfer than was asked for")
        return wire.key(authorization, "id")

    async def _asked(self, deed: Deed, order: Order, account: str, number: int) -> wire.Json:
        amount = plain(order.amount, CURRENCY)
        # What a person has changed since is another transfer, under another key.
        said = f"{deed.key}\n{account}\n{order.kind}\n{amount}\n{number}"
        answer = await self._api.ask(
            "/transfer/authorization/create",
            {
                "account_id": account,
                "type": order.kind,
                "network": "ach",
                "ach_class": "ppd",
                "amount": amount,
                "user": {"legal_name": self._holder},
                "idempotency_key": sha256(said.encode()).hexdigest()[:48],
            },
        )
        return wire.thing(answer.get("authorization"))


def _read(content: bytes) -> Order:
    try:
        said = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise BadName(None, "the transfer cannot be read any more")
    return order_of(said)


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 200 or not value.isprintable():
        raise BadName(None, f"`{name}` is a short text")
    return value.strip()


def _told(transfer: wire.Json) -> str:
    return f"transfer {wire.key(transfer, 'id')}, {wire.text(transfer, 'status') or 'on its way'}"

"""A Plaid of this process: real HTTP, whose requests and answers are all held to `plaid-python`'s models.

What happened at the bank is a log, and a cursor a place in it. `web` fails as it is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from plaid.api_client import ApiClient
from plaid.configuration import Configuration

from tests.servers.web import Reply, Request, Web, serving

CLIENT_ID, SECRET = "client-5f2a", "secret-9c41"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
_CHECKER = ApiClient(Configuration())
_WHERE = dict.fromkeys(
    ("address", "city", "region", "postal_code", "country", "lat", "lon", "store_number")
)  # fmt: skip
_META = dict.fromkeys((
    "reference_number", "ppd_id", "payee", "by_order_of", "payer", "payment_method", "payment_processor",
    "reason",
))  # fmt: skip

Json = dict[str, Any]


class Refusal(Exception):
    """An answer in Plaid's words."""

    def __init__(self, code: str, kind: str = "INVALID_INPUT", status: int = 400, message: str = "") -> None:
        super().__init__(code)
        self.reply = refusal(code, kind, status, message)


def refusal(
    code: str, kind: str = "ITEM_ERROR", status: int = 400, message: str = "", **headers: str
) -> Reply:
    """An error as Plaid answers it."""
    said = error_of(code, kind, message)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(said).encode(), {"content-type": "application/json", **names})


def error_of(code: str, kind: str = "ITEM_ERROR", message: str = "") -> Json:
    """An error, as it also stands within an Item."""
    said = {
        "error_type": kind,
        "error_code": code,
        "error_message": message or f"about {code.lower().replace('_', ' ')}",
        "display_message": None,
        "request_id": "r",
    }
    _held("PlaidError", said)
    return said


class Bank:
    """A connection to a bank (an Item): accounts, and what happened on them."""

    def __init__(self, name: str = "First Platypus Bank", number: int = 1) -> None:
        self.name = name
        self.item = f"item-{number}"
        self.token = f"access-sandbox-{number:08}"
        self.products = ["transactions"]
        self.accounts: dict[str, Json] = {}
        self.log: list[tuple[str, Json]] = []
        self.status = "HISTORICAL_UPDATE_COMPLETE"
        self.error: Json | None = None
        self.updated: datetime | None = NOW
        self.removed = False
        self.live_balances: dict[str, Any] = {}
        """What the bank itself would say of accounts."""
        self.forgotten = 0
        """Cursors before this place are known no more."""

    def account(self, name: str, balance: Any, **how: Any) -> str:
        """A new account; its id."""
        number = len(self.accounts) + 1
        id = str(how.get("id", f"acc-{self.item}-{number}"))
        self.accounts[id] = {
            "account_id": id,
            "name": name,
            "official_name": how.get("official"),
            "mask": how.get("mask", f"{number:04}"),
            "type": how.get("type", "depository"),
            "subtype": how.get("subtype", "checking"),
            "balances": {
                "current": balance,
                "available": how.get("available"),
                "limit": how.get("limit"),
                "iso_currency_code": how.get("currency", "USD"),
                "unofficial_currency_code": how.get("unofficial"),
            },
        }
        return id

    def add(self, id: str, day: str, amount: Any, name: str, account: str = "", **how: Any) -> Json:
        """A transaction; `amount` as Plaid counts: money out is positive."""
        row = {
            "transaction_id": id,
            "account_id": account or next(iter(self.accounts)),
            "amount": amount,
            "iso_currency_code": how.get("currency", "USD"),
            "unofficial_currency_code": how.get("unofficial"),
            "date": date.fromisoformat(day).isoformat(),
            "authorized_date": None,
            "authorized_datetime": None,
            "datetime": None,
            "name": name,
            "merchant_name": how.get("merchant"),
            "original_description": how.get("original"),
            "pending": how.get("pending", False),
            "pending_transaction_id": how.get("was"),
            "account_owner": None,
            "payment_channel": "other",
            "transaction_code": None,
            "location": dict(_WHERE),
            "payment_meta": dict(_META),
            "category": None,
            "category_id": None,
            "personal_finance_category": how.get("category"),
        }
        self.log.append(("added", row))
        return row

    def modify(self, id: str, **fields: Any) -> None:
        row = dict(self.live()[id]) | fields
        self.log.append(("modified", row))

    def remove(self, id: str) -> None:
        row = self.live()[id]
        self.log.append(("removed", {"transaction_id": id, "account_id": row["account_id"]}))

    def post(self, pending: str, id: str, **fields: Any) -> None:
        """A pending transaction is posted, under another id."""
        row = dict(self.live()[pending]) | {"pending": False, **fields}
        self.remove(pending)
        self.log.append(("added", {**row, "transaction_id": id, "pending_transaction_id": pending}))

    def live(self) -> dict[str, Json]:
        """What there is."""
        rows: dict[str, Json] = {}
        for what, row in self.log:
            if what == "removed":
                rows.pop(row["transaction_id"], None)
            else:
                rows[row["transaction_id"]] = row
        return rows


def category(primary: str, detailed: str = "") -> Json:
    return {"primary": primary, "detailed": detailed or f"{primary}_OTHER", "confidence_level": "HIGH"}


class Plaid:
    """The service's state; tests read and change it."""

    def __init__(self) -> None:
        self.banks: dict[str, Bank] = {}
        self.links: dict[str, Json] = {}
        self.public: dict[str, Bank] = {}
        self.next: list[Bank] = []
        """Which banks people choose, one after the other."""
        self.authorizations: dict[str, Json] = {}
        self.transfers: list[Json] = []
        self.decision = ("approved", "")
        self.page = 500
        self.page_of_transfers = 25
        self.violations: list[str] = []
        self.asked: list[tuple[str, Json]] = []
        self.web: Web = None  # type: ignore[assignment]

    def bank(self, name: str = "First Platypus Bank") -> Bank:
        """A connection that is there."""
        bank = Bank(name, len(self.banks) + 1)
        self.banks[bank.token] = bank
        return bank

    def chosen(self, link_token: str) -> str:
        """Somebody logs in to a bank by Link; the public token."""
        link = self.links[link_token]
        if link["update"] is not None:
            link["update"].error = None
            bank = link["update"]
        else:
            bank = self.next.pop(0) if self.next else Bank(number=len(self.banks) + 1)
            bank.products = sorted({*bank.products, *link["products"]})
            self.banks[bank.token] = bank
        public = f"public-sandbox-{len(self.public) + 1:08}"
        self.public[public] = bank
        link["public"] = public
        return public

    # -- answers

    def answer(self, request: Request) -> Reply:
        try:
            said = self._said(request)
        except Refusal as error:
            return error.reply
        except Exception as error:
            self.violations.append(f"{request.path}: {error!r}")
            return Reply(500)
        return Reply(200, _json(said), {"content-type": "application/json"})

    def _said(self, request: Request) -> Json:
        asked = json.loads(request.body)
        model = _MODELS.get(request.path)
        if model is None or request.method != "POST":
            self.violations.append(f"{request.method} {request.path}")
            raise Refusal("NOT_FOUND", "INVALID_REQUEST", 404)
        self.asked.append((request.path, asked))
        try:
            _held(f"{model}Request", asked)
        except Exception as error:
            self.violations.append(f"{request.path}: {error}")
            raise Refusal("INVALID_FIELD", "INVALID_REQUEST") from error
        if (request.headers.get("plaid-client-id"), request.headers.get("plaid-secret")) != (
            CLIENT_ID,
            SECRET,
        ):
            raise Refusal("INVALID_API_KEYS")
        name = f"_{model[0].lower()}" + re.sub(r"[A-Z]", lambda m: f"_{m[0].lower()}", model[1:])
        said: Json = getattr(self, name)(asked) | {"request_id": "r"}
        _held(_ANSWERS.get(model, f"{model}Response"), said)
        return said

    def _of(self, asked: Json) -> Bank:
        bank = self.banks.get(str(asked.get("access_token")))
        if bank is None:
            message = f"could not find matching access token: {asked.get('access_token')}"
            raise Refusal("INVALID_ACCESS_TOKEN", message=message)
        if bank.removed:
            raise Refusal("ITEM_NOT_FOUND")
        return bank

    def _item_get(self, asked: Json) -> Json:
        bank = self._of(asked)
        when = None if bank.updated is None else bank.updated.isoformat().replace("+00:00", "Z")
        status = {
            "transactions": {"last_successful_update": when, "last_failed_update": None},
            "last_webhook": None,
        }
        return {"item": _item(bank), "status": status if when else None}

    def _accounts_get(self, asked: Json) -> Json:
        bank = self._of(asked)
        return {"accounts": list(bank.accounts.values()), "item": _item(bank)}

    def _accounts_balance_get(self, asked: Json) -> Json:
        bank = self._of(asked)
        for id, balance in bank.live_balances.items():
            bank.accounts[id]["balances"]["current"] = balance
        return self._accounts_get(asked)

    def _transactions_sync(self, asked: Json) -> Json:
        bank = self._of(asked)
        at = _place(bank, asked.get("cursor", ""))
        size = min(asked.get("count", 100), self.page)
        some = bank.log[at : at + size]
        if not asked.get("cursor") and bank.status == "NOT_READY":
            some = []
        end = at + len(some)
        said: Json = {
            what: [row for kind, row in some if kind == what] for what in ("added", "modified", "removed")
        }
        return said | {
            "accounts": list(bank.accounts.values()),
            "has_more": bool(some) and end < len(bank.log),
            "next_cursor": f"c{end}" if end else "",
            "transactions_update_status": bank.status,
        }

    def _link_token_create(self, asked: Json) -> Json:
        token = f"link-sandbox-{len(self.links) + 1:08}"
        update = self._of(asked) if asked.get("access_token") else None
        self.links[token] = {
            "update": update,
            "products": asked.get("products") or [],
            "public": "",
            "left": False,
        }
        said: Json = {"link_token": token, "expiration": _stamp()}
        if "hosted_link" in asked:
            said["hosted_link_url"] = f"https://secure.plaid.com/hl/{token[-8:]}"
        return said

    def _link_token_get(self, asked: Json) -> Json:
        link = self.links[asked["link_token"]]
        session: Json = {"link_session_id": "s", "started_at": _stamp()}
        if link["public"]:
            added = ("cra_item_add_results", "cra_update_results", "bank_income_results")
            results: Json = {name: [] for name in (*added, "payroll_income_results")} | {
                "item_add_results": [
                    {
                        "public_token": link["public"],
                        "accounts": [],
                        "institution": {"name": "B", "institution_id": "i"},
                    }
                ],
                "document_income_results": None,
            }
            session |= {"finished_at": _stamp(), "results": results}
        elif link["left"]:
            session |= {"finished_at": _stamp(), "exit": {"error": None, "metadata": None}}
        metadata = {
            "initial_products": link["products"],
            "webhook": None,
            "country_codes": ["US"],
            "language": "en",
            "redirect_uri": None,
            "client_name": "Spatio",
        }
        return {
            "link_token": asked["link_token"],
            "created_at": _stamp(),
            "expiration": _stamp(),
            "link_sessions": [session],
            "metadata": metadata,
        }

    def _item_public_token_exchange(self, asked: Json) -> Json:
        bank = self.public.pop(asked["public_token"], None)
        if bank is None:
            raise Refusal("INVALID_PUBLIC_TOKEN")
        return {"access_token": bank.token, "item_id": bank.item}

    def _item_remove(self, asked: Json) -> Json:
        self._of(asked).removed = True
        return {}

    # -- money

    def _transfer_authorization_create(self, asked: Json) -> Json:
        bank = self._of(asked)
        if asked["account_id"] not in bank.accounts:
            raise Refusal("INVALID_ACCOUNT_ID")
        made = self.authorizations.get(asked["idempotency_key"])
        if made is None:
            decision, code = self.decision
            why = {"code": code, "description": f"because of {code}"} if code else None
            made = {
                "id": f"auth-{len(self.authorizations) + 1}",
                "created": _stamp(),
                "decision": decision,
                "decision_rationale": why,
                "guarantee_decision": None,
                "guarantee_decision_rationale": None,
                "payment_risk": None,
                "proposed_transfer": {
                    "ach_class": asked["ach_class"],
                    "account_id": asked["account_id"],
                    "funding_account_id": None,
                    "type": asked["type"],
                    "user": _user(asked["user"]["legal_name"]),
                    "amount": asked["amount"],
                    "requested_amount": asked["amount"],
                    "network": asked["network"],
                    "origination_account_id": "",
                    "iso_currency_code": "USD",
                    "originator_client_id": None,
                    "credit_funds_source": None,
                },
            }
            self.authorizations[asked["idempotency_key"]] = made
        return {"authorization": made}

    def _transfer_create(self, asked: Json) -> Json:
        self._of(asked)
        for one in self.transfers:
            if one["authorization_id"] == asked["authorization_id"]:
                return {"transfer": one}
        [authorized] = [one for one in self.authorizations.values() if one["id"] == asked["authorization_id"]]
        proposed = authorized["proposed_transfer"]
        transfer = {
            "id": f"transfer-{len(self.transfers) + 1}",
            "authorization_id": authorized["id"],
            "ach_class": "ppd",
            "account_id": asked["account_id"],
            "funding_account_id": None,
            "ledger_id": None,
            "type": proposed["type"],
            "user": proposed["user"],
            "amount": proposed["amount"],
            "description": asked["description"],
            "created": _stamp(),
            "status": "pending",
            "sweep_status": None,
            "network": "ach",
            "cancellable": True,
            "failure_reason": None,
            "metadata": asked.get("metadata"),
            "origination_account_id": "",
            "guarantee_decision": None,
            "guarantee_decision_rationale": None,
            "iso_currency_code": "USD",
            "standard_return_window": None,
            "unauthorized_return_window": None,
            "expected_settlement_date": None,
            "originator_client_id": None,
            "refunds": [],
            "recurring_transfer_id": None,
            "credit_funds_source": None,
        }
        self.transfers.append(transfer)
        return {"transfer": transfer}

    def _transfer_list(self, asked: Json) -> Json:
        at, size = asked.get("offset", 0), min(asked.get("count", 25), self.page_of_transfers)
        return {"transfers": self.transfers[::-1][at : at + size]}


_MODELS = {
    "/item/get": "ItemGet",
    "/item/remove": "ItemRemove",
    "/item/public_token/exchange": "ItemPublicTokenExchange",
    "/accounts/get": "AccountsGet",
    "/accounts/balance/get": "AccountsBalanceGet",
    "/transactions/sync": "TransactionsSync",
    "/link/token/create": "LinkTokenCreate",
    "/link/token/get": "LinkTokenGet",
    "/transfer/authorization/create": "TransferAuthorizationCreate",
    "/transfer/create": "TransferCreate",
    "/transfer/list": "TransferList",
}


_ANSWERS = {"AccountsBalanceGet": "AccountsGetResponse"}


def _held(model: str, said: Mapping[str, Any]) -> None:
    """Raises what `plaid-python` raises unless it is of this model, every field of it known."""
    module = re.sub(r"(?<!^)(?=[A-Z])", "_", model).lower()
    kind = getattr(import_module(f"plaid.model.{module}"), model)
    if unknown := set(said) - set(kind.attribute_map) - {"request_id"}:
        raise ValueError(f"{model} has no {sorted(unknown)}")
    _CHECKER.deserialize(SimpleNamespace(data=_json(said).decode()), (kind,), True)


def _item(bank: Bank) -> Json:
    return {
        "item_id": bank.item,
        "institution_id": "ins_1",
        "institution_name": bank.name,
        "webhook": None,
        "error": bank.error,
        "available_products": [],
        "billed_products": bank.products,
        "products": bank.products,
        "consent_expiration_time": None,
        "update_type": "background",
    }


def _place(bank: Bank, cursor: str) -> int:
    if not cursor:
        return 0
    found = re.fullmatch(r"c(\d+)", cursor)
    if found is None or int(found[1]) > len(bank.log) or int(found[1]) < bank.forgotten:
        raise Refusal(
            "INVALID_FIELD", "INVALID_REQUEST", message="cursor is not associated with the access token"
        )
    return int(found[1])


def _user(name: str) -> Json:
    return {"legal_name": name, "phone_number": None, "email_address": None, "address": None}


def _stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json(said: Mapping[str, Any]) -> bytes:
    """JSON; a Decimal is the very number that it spells."""
    text = json.dumps(said, default=lambda value: f"\x01{value}\x01" if isinstance(value, Decimal) else None)
    return re.sub(r'"\\u0001([^"]*)\\u0001"', r"\1", text).encode()


@contextmanager
def plaid() -> Iterator[Plaid]:
    """A service with no banks; at the end every request and answer must have been in form."""
    service = Plaid()
    answer: Callable[[Request], Reply] = service.answer
    with serving(answer) as web:
        service.web = web
        yield service
    assert not service.violations

"""What Plaid's errors mean, by the `error_code` that it says.

ITEM_LOGIN_REQUIRED …                    LoginNeeded        the bank wants the person again
INVALID_ACCESS_TOKEN, ITEM_NOT_FOUND …   ItemGone           Plaid does not know the connection
INVALID_API_KEYS …                       KeysRefused        Plaid does not know who asks
INSTITUTION_DOWN …                       BankDown           the bank cannot be asked; the rest can
PRODUCT_NOT_READY                        NotReady           Plaid is still fetching
TRANSACTIONS_SYNC_MUTATION_…             Mutated            the pages have changed while they were read
RATE_LIMIT_EXCEEDED                      Throttled
INTERNAL_SERVER_ERROR, maintenance       Unavailable
everything else                          Refused
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from providers.http import Answer
from providers.httpfaults import pause_of
from providers.mirror.remote import Throttled
from vfs.errors import LoginNeeded, Refused, Unavailable, VfsError
from vfs.visible import visible_line

SERVICE = "Plaid"
WORDS = 200

_LOGIN = frozenset({
    "ITEM_LOGIN_REQUIRED", "INVALID_CREDENTIALS", "INVALID_MFA", "INVALID_UPDATED_USERNAME",
    "INSUFFICIENT_CREDENTIALS", "ITEM_LOCKED", "USER_SETUP_REQUIRED", "USER_INPUT_TIMEOUT", "NO_ACCOUNTS",
    "ACCESS_NOT_GRANTED", "PENDING_EXPIRATION", "PENDING_DISCONNECT", "ITEM_CONCURRENTLY_DELETED",
    "ADDITIONAL_CONSENT_REQUIRED",
})  # fmt: skip
_GONE = frozenset(
    {"INVALID_ACCESS_TOKEN", "ITEM_NOT_FOUND", "USER_PERMISSION_REVOKED", "USER_ACCOUNT_REVOKED"}
)
_KEYS = frozenset({"INVALID_API_KEYS", "UNAUTHORIZED_ENVIRONMENT", "MISSING_FIELDS_CREDENTIALS"})
_BANK = frozenset({
    "INSTITUTION_DOWN", "INSTITUTION_NOT_RESPONDING", "INSTITUTION_NOT_AVAILABLE",
    "INSTITUTION_NO_LONGER_SUPPORTED", "INSTITUTION_REGISTRATION_REQUIRED",
})  # fmt: skip
_BUSY = frozenset({"INTERNAL_SERVER_ERROR", "PLANNED_MAINTENANCE", "REQUEST_TIMED_OUT"})
MUTATED = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,79}")


class BankDown(VfsError):
    """The bank does not answer Plaid; what Plaid has of it is there."""

    status: ClassVar[int] = 75
    default = "the bank cannot be reached"


class NotReady(VfsError):
    """Plaid is still fetching from the bank; the same call will succeed in minutes."""

    status: ClassVar[int] = 75
    default = "Plaid is still fetching it from the bank"


class Mutated(VfsError):
    """What is listed has changed between two pages of it."""

    default = "has changed while it was read"


class ItemGone(LoginNeeded):
    """Plaid does not know the connection any more."""

    default = "the connection to the bank was ended"


class KeysRefused(LoginNeeded):
    """Plaid does not let this registration in."""

    default = "Plaid does not know the client id and secret"


class Faults:
    """Judges the answers about one account."""

    def __init__(self, title: str, hint: str) -> None:
        """`title`: what a person calls the bank. `hint`: how to log in again: `run: connect plaid chase`."""
        self.title = title
        self.hint = hint

    def judge(self, answer: Answer) -> VfsError | None:
        """What an answer with an error's status means; None where it does not say so in Plaid's words."""
        said = _object(answer.content)
        if said is None or code_of(said) == "":
            return None
        return self.error(said, pause_of(answer.headers.get("retry-after")))

    def error(self, said: Mapping[str, Any], pause: float | None = None) -> VfsError:
        """The error that Plaid's words are."""
        code, kind = code_of(said), said.get("error_type")
        words = _words(said)
        if code in _LOGIN:
            return LoginNeeded(None, f"{self.title} wants you to log in again{words}", hint=self.hint)
        if code in _GONE:
            return ItemGone(None, f"the connection to {self.title} was ended", hint=self.hint)
        if code in _KEYS:
            return KeysRefused(
                None, f"Plaid refuses the client id and secret ({code})", hint=f"{self.hint} --client FILE"
            )
        if kind == "RATE_LIMIT_EXCEEDED" or code == "RATE_LIMIT":
            return Throttled("Plaid asks for a pause", pause)
        if code in _BANK:
            return BankDown(None, f"{self.title} cannot be reached by Plaid ({code})", hint="try again later")
        if code == "PRODUCT_NOT_READY":
            return NotReady(None, hint="run: sync, in a minute")
        if code == MUTATED:
            return Mutated()
        if code in _BUSY or kind == "API_ERROR":
            return Unavailable(None, f"Plaid cannot answer now ({code})")
        return Refused(None, f"Plaid refuses: {code}{words}")


def code_of(said: Mapping[str, Any]) -> str:
    """The error code of an answer; "" where it has none."""
    code = said.get("error_code")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def is_about_cursor(error: VfsError) -> bool:
    """Whether Plaid has refused a cursor."""
    return isinstance(error, Refused) and "cursor" in error.reason.lower()


def _words(said: Mapping[str, Any]) -> str:
    for name in ("display_message", "error_message"):
        words = said.get(name)
        if isinstance(words, str) and words.strip():
            # Tokens are quoted in some of them.
            words = re.sub(r"\b(access|public|link)-[\w-]{8,}", "…", words)
            return f" ({visible_line(' '.join(words.split()))[:WORDS]})"
    return ""


def _object(content: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None

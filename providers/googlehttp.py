"""Asking Google's services: one client for each, which knows what they mean by 401 and 403."""

from __future__ import annotations

from typing import Any

from providers.http import Answer, Bounds, Http, Pace, Tokens, said
from providers.httpfaults import pause_of
from providers.mirror.remote import Throttled
from vfs.errors import LoginNeeded, VfsError

_BUSY = frozenset(
    {
        "rateLimitExceeded",
        "userRateLimitExceeded",
        "quotaExceeded",
        "dailyLimitExceeded",
        "calendarUsageLimitsExceeded",
    }
)
_UNPERMITTED = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})


def client(
    base: str, service: str, tokens: Tokens, hint: str, bounds: Bounds, pace: Pace, parallel: int = 16
) -> Http:
    """A service below one address. `hint`: how a person logs in again."""
    return Http(
        base,
        service,
        tokens=tokens,
        parallel=parallel,
        bounds=bounds,
        pace=pace,
        judge=lambda answer: judged(answer, service, hint),
    )


def judged(answer: Answer, service: str, hint: str) -> VfsError | None:
    """The error of an answer; None where its status says all."""
    if answer.status not in (401, 403):
        return None
    reasons = _reasons(answer)
    words = said(answer)
    if reasons & _BUSY:
        return Throttled(f"{service} asks for a pause", pause_of(answer.headers.get("retry-after")))
    if answer.status == 401:
        return LoginNeeded(None, f"{service} wants a new login", hint=hint)
    if reasons & _UNPERMITTED:
        return LoginNeeded(None, f"{service} was not permitted this", hint=hint)
    if "accessNotConfigured" in reasons or "SERVICE_DISABLED" in reasons:
        return LoginNeeded(None, f"{service}'s interface is not enabled for this client: {words}", hint=hint)
    return None


def _reasons(answer: Answer) -> frozenset[str]:
    """The words that Google's errors are told by, old and new form."""
    try:
        error: Any = answer.json()["error"]
        found = [one.get("reason") for one in error.get("errors", []) + error.get("details", [])]
    except (VfsError, KeyError, TypeError, AttributeError):
        return frozenset()
    return frozenset(one for one in found if isinstance(one, str))

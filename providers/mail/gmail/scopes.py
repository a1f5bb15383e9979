"""Scopes: what of the account a person has allowed at the login, and what takes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from providers.oauth import Tokens

FULL = "https://mail.google.com/"
MODIFY = "https://www.googleapis.com/auth/gmail.modify"
COMPOSE = "https://www.googleapis.com/auth/gmail.compose"

SUFFICE = {"modify": (MODIFY, FULL), "send": (COMPOSE, MODIFY, FULL), "delete": (FULL,)}
"""What is done -> the scopes of which each allows it. Google lets only the last one delete for good."""

Allowed = Callable[[str], Awaitable[None]]
"""Raises LoginNeeded, with the next step, unless this (a key of SUFFICE) was allowed."""


async def everything(level: str) -> None:
    """For a login of which nothing is known: the service says no where it has to."""


def allowed_by(tokens: Tokens) -> Allowed:
    """By what is kept of a login."""

    async def allowed(level: str) -> None:
        await tokens.require(SUFFICE[level], level)

    return allowed

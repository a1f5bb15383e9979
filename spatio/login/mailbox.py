"""A mailbox's password, tried at its servers before it is kept. Everything here blocks."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def secret_names(options: Mapping[str, str]) -> tuple[str, ...]:
    """Under which names the passwords of such a mount may lie; the first is the one of the mailbox."""
    user = options["user"]
    names = [f"imap:{user}@{options['host']}"]
    if options.get("smtp_host"):
        names.append(f"smtp:{options.get('smtp_user') or user}@{options['smtp_host']}")
    return tuple(names)


def try_reading(options: Mapping[str, str], password: str) -> None:
    """Logs in to the IMAP server, and out. Raises LoginNeeded, Refused, Unavailable, TimedOut."""
    address = _setup(options).address
    remedy = "look at the user's name, and whether the provider wants an app password"
    session = import_module("providers.mail.imap.login").connect(address._replace(remedy=remedy), password)
    session.wire.quit()


def try_sending(options: Mapping[str, str], password: str) -> None:
    """Logs in to the SMTP server, sending nothing. Raises LoginNeeded, Refused, Unavailable, TimedOut."""
    outgoing = _setup(options).outgoing
    if outgoing is not None:
        remedy = "look at --smtp-host; the mailbox itself took this password"
        import_module("providers.mail.smtp").Handover(outgoing._replace(remedy=remedy), password).try_login()


def _setup(options: Mapping[str, str]) -> Any:
    return import_module("providers.mail.imap.account").setup(options)

"""A mailbox's password, tried at its servers before it is kept. Everything here blocks."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

PATIENCE = 20.0
"""Seconds for each answer of a server."""
PORTS = {"tls": 993, "starttls": 143, "none": 143}
SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 25}


def secret_names(options: Mapping[str, str]) -> tuple[str, ...]:
    """Under which names the passwords of such a mount may lie; the first is the one of the mailbox."""
    user = options["user"]
    names = [f"imap:{user}@{options['host']}"]
    if options.get("smtp_host"):
        names.append(f"smtp:{options.get('smtp_user') or user}@{options['smtp_host']}")
    return tuple(names)


def try_reading(options: Mapping[str, str], password: str) -> None:
    """Logs in to the IMAP server, and out. Raises LoginNeeded, Refused, Unavailable, TimedOut."""
    login: Any = import_module("providers.mail.imap.login")
    security = options.get("security") or "tls"
    address = login.Address(
        options["host"],
        int(options.get("port") or PORTS[security]),
        options["user"],
        security,
        ca=options.get("ca", ""),
        patience=PATIENCE,
        remedy="look at the user's name, and whether the provider wants an app password",
    )
    login.connect(address, password).close()


def try_sending(options: Mapping[str, str], password: str) -> None:
    """Logs in to the SMTP server, sending nothing. Raises LoginNeeded, Refused, Unavailable, TimedOut."""
    if not options.get("smtp_host"):
        return
    smtp: Any = import_module("providers.mail.smtp")
    security = options.get("smtp_security") or "tls"
    account = smtp.Account(
        options["smtp_host"],
        int(options.get("smtp_port") or SMTP_PORTS[security]),
        options.get("smtp_user") or options["user"],
        security,
        ca=options.get("ca", ""),
        patience=PATIENCE,
        remedy="look at --smtp-host; the password of the mailbox was taken",
    )
    smtp.Handover(account, password).try_login()

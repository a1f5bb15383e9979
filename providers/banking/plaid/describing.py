"""Describing: what the files of accounts and of months say, as in any ledger."""

from __future__ import annotations

from providers.banking.accounts import attributes
from providers.banking.summing import month_attributes
from providers.mirror.remote import Described
from vfs.transactions import read_month


def described(content: bytes) -> Described:
    """What a content says. Never raises."""
    text = content.decode("utf-8", "replace")
    if content.lstrip()[:1] == b"{":
        return Described("application/json", attributes("account", content), text)
    return Described("text/csv", month_attributes(read_month(content)), text)

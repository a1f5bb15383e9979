"""Describing: what the files of accounts and of months say, as attributes of their entries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from providers.mirror.remote import Described
from vfs.money import EXACT
from vfs.node import Value
from vfs.transactions import read_month

_AMOUNTS = ("balance", "available", "limit")
_TEXTS = ("kind", "institution", "mask", "currency", "as_of")


def described(content: bytes) -> Described:
    """What a content says. Never raises."""
    text = content.decode("utf-8", "replace")
    if content.lstrip()[:1] == b"{":
        return Described("application/json", _account(content), text)
    return Described("text/csv", _month(content), text)


def _account(content: bytes) -> Mapping[str, Value]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    attrs: dict[str, Value] = {name: said[name] for name in _TEXTS if isinstance(said.get(name), str)}
    if isinstance(said.get("name"), str):
        attrs["title"] = said["name"]
    for name in _AMOUNTS:
        try:
            amount = Decimal(said[name]) if isinstance(said.get(name), str) else None
        except InvalidOperation:
            amount = None
        if amount is not None and amount.is_finite():
            attrs[name] = amount
    return attrs


def _month(content: bytes) -> Mapping[str, Value]:
    rows = read_month(content).rows
    sums: dict[str, Decimal] = {}
    for row in rows:
        name = f"{'out' if row.amount < 0 else 'in'}_{row.currency}"
        sums[name] = EXACT.add(sums.get(name, Decimal(0)), row.amount)
    return {
        "count": len(rows),
        "pending": sum(1 for row in rows if row.pending),
        "uncategorized": sum(1 for row in rows if not row.category),
        "currencies": tuple(sorted({row.currency for row in rows})),
        **sums,
    }

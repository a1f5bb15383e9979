"""What was said of statements of one make, remembered by what their headings have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping

from providers.banking.statement import Answers

_FIELDS = ("dates", "decimal", "sign", "columns")


def read_layout(data: bytes) -> Answers:
    """The answers in a file; none where it cannot be read. An account only where there was never another."""
    try:
        stored = json.loads(data)
    except (ValueError, RecursionError):
        return Answers()
    if not isinstance(stored, dict):
        return Answers()
    texts = {name: stored[name] for name in _FIELDS if isinstance(stored.get(name), str)}
    accounts = stored.get("accounts")
    if isinstance(accounts, list) and len(accounts) == 1 and isinstance(accounts[0], str):
        texts["account"] = accounts[0]
    return Answers(**texts)


def with_answers(data: bytes, settled: Mapping[str, str], heading: str) -> bytes:
    """The file after an import: the same bytes when that said nothing new."""
    try:
        stored = json.loads(data) if data else {}
    except (ValueError, RecursionError):
        stored = {}
    if not isinstance(stored, dict):
        stored = {}
    before = dict(stored)
    if heading:
        stored.setdefault("from", heading)
    stored.update({name: settled[name] for name in _FIELDS if settled.get(name)})
    accounts = stored.get("accounts")
    accounts = [one for one in accounts if isinstance(one, str)] if isinstance(accounts, list) else []
    account = settled.get("account")
    if account and account not in accounts:
        accounts = [*accounts, account]
    stored["accounts"] = accounts
    if stored == before:
        return data
    return (json.dumps(stored, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")

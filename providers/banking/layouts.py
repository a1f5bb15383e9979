"""What was said of statements of one make, remembered by what their headings have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from providers.banking.statement import Answers

_CHANGING = re.compile(r"[\d\s()._-]+")
_FIELDS = ("dates", "decimal", "sign", "columns")


def read_layout(data: bytes, name: str = "") -> Answers:
    """The answers in a file; none where it cannot be read.

    A heading does not say whose statement it is: the account is that of statements whose files were called
    like this one but for the digits, and only where there was never another.
    """
    try:
        stored = json.loads(data)
    except (ValueError, RecursionError):
        return Answers()
    if not isinstance(stored, dict):
        return Answers()
    texts = {name: stored[name] for name in _FIELDS if isinstance(stored.get(name), str)}
    named = stored.get("accounts")
    accounts = named.get(_stem(name)) if isinstance(named, dict) else None
    if isinstance(accounts, list) and len(accounts) == 1 and isinstance(accounts[0], str):
        texts["account"] = accounts[0]
    return Answers(**texts)


def _stem(name: str) -> str:
    """What the names of statements of one account have in common."""
    return _CHANGING.sub("", name.casefold().rpartition("/")[2])


def with_answers(data: bytes, settled: Mapping[str, str], heading: str, name: str = "") -> bytes:
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
    named = stored.get("accounts")
    named = dict(named) if isinstance(named, dict) else {}
    known = named.get(_stem(name))
    accounts = [one for one in known if isinstance(one, str)] if isinstance(known, list) else []
    account = settled.get("account")
    if account and account not in accounts:
        named[_stem(name)] = [*accounts, account]
    stored["accounts"] = named
    if stored == before:
        return data
    return (json.dumps(stored, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")

"""Keys: who asks Plaid. Plaid lets in who is registered; Spatio brings no registration of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from providers.oauth import check_address
from vfs.errors import BadName

ENVIRONMENTS: Mapping[str, str] = {
    "sandbox": "https://sandbox.plaid.com",
    "development": "https://development.plaid.com",
    "production": "https://production.plaid.com",
}


class Keys(NamedTuple):
    """A registration with Plaid, for one of its environments."""

    client_id: str
    secret: str
    countries: tuple[str, ...] = ("US",)
    """Whose banks Plaid offers to this registration."""

    def __repr__(self) -> str:
        return "<Keys>"

    def text(self) -> str:
        """As it is kept."""
        return json.dumps(self._asdict())

    @classmethod
    def parse(cls, text: str) -> Keys:
        """Raises ValueError for what is none."""
        try:
            value = json.loads(text)
            keys = cls(value["client_id"], value["secret"], tuple(value.get("countries") or ("US",)))
        except (AttributeError, KeyError, TypeError, RecursionError) as error:
            raise ValueError("it is an object with client_id and secret") from error
        for one in (*keys[:2], *keys.countries):
            if (
                not isinstance(one, str)
                or not one.isascii()
                or not one.isprintable()
                or not 0 < len(one) < 200
            ):
                raise ValueError("client_id, secret and countries are texts, as Plaid's dashboard shows them")
        return keys


def base_of(environment: str) -> str:
    """Where an environment is: one of Plaid's, or an address. Raises BadName."""
    known = ENVIRONMENTS.get(environment)
    if known is not None:
        return known
    if "://" not in environment:
        raise BadName(None, f"the environment is sandbox or production, not {environment[:40]!r}")
    return check_address(environment, "the environment").rstrip("/")


def keys_name(environment: str) -> str:
    """What the keys for an environment are called where secrets are kept."""
    return f"plaid:client@{urlsplit(base_of(environment)).netloc}"


def token_name(item: str) -> str:
    """What the token of a connection is called where secrets are kept."""
    return f"plaid:{item}"

"""A keeper of secrets in a folder, and an opening over it."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Mapping

from providers.oauth import Client, Login
from providers.spec import Opening
from spatio.login.client import parse_client
from spatio.paths import places
from spatio.secrets import Vault
from tests.servers.oidc import Oidc


def vault_in(home: pathlib.Path) -> Vault:
    """Secrets in an encrypted file of `home`, under a key file beside it."""
    key = home.parent / f"{home.name}.key"
    if not key.exists():
        key.write_bytes(os.urandom(32))
        key.chmod(0o600)
    return Vault(places(home), {"SPATIO_KEY_FILE": str(key)})


def opening_over(vault: Vault) -> Opening:
    def no_store() -> None:
        raise AssertionError("no store is needed")

    return Opening({}, no_store, secret=vault.read, keeper=lambda: vault)  # type: ignore[arg-type]


def client_of(server: Oidc) -> Client:
    return parse_client(json.dumps(server.client()), "client.json")


def login_from(client: Client, answer: Mapping[str, object]) -> Login:
    return Login(client, "", "alice@example.org").renewed(answer, 0.0)

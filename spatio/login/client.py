"""The OAuth client: Spatio ships none, so each person registers one and hands its JSON over once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from commands.command import Failure
from providers.oauth import Client, check_address
from vfs.errors import BadName

LARGEST = 64 * 1024
KEPT = "google-client"
"""The name under which a client is kept, which is a secret too."""
ID, SECRET = "SPATIO_GOOGLE_CLIENT_ID", "SPATIO_GOOGLE_CLIENT_SECRET"
AUTH = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address)
DEVICE = "https://oauth2.googleapis.com/device/code"
REVOKE = "https://oauth2.googleapis.com/revoke"
_FIELDS = ("client_id", "client_secret", "auth_uri", "token_uri", "device_uri", "revoke_uri", "api_uri")
REGISTER = "register one, once, at https://console.cloud.google.com:"
STEPS = (
    "1. make a project, and enable the Gmail API in it, or the Google Calendar API",
    "2. Google Auth Platform: fill in the branding, add your address to the test users",
    "3. Clients: create one of the type Desktop app, and download its JSON",
    "4. run: connect gmail --client FILE, or connect google-calendar --client FILE",
)


def read_client(file: str) -> Client:
    """The client in a file that the service's console gave. Raises Failure."""
    try:
        with open(file, "rb") as opened:
            text = opened.read(LARGEST + 1)
    except OSError as error:
        raise Failure(f"{file}: {str(error.strerror).lower()}", hint=REGISTER, steps=STEPS) from None
    return parse_client(text, file)


def parse_client(text: bytes | str, name: str) -> Client:
    """The client in a JSON text; of what is wrong with it, no value is told. Raises Failure."""
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Failure(f"{name}: not the JSON of a client", hint=REGISTER, steps=STEPS)
    if "web" in value:
        raise Failure(
            f"{name}: a client of the type Web application",
            hint="create one of the type Desktop app: only that may come back to this computer",
        )
    table = value.get("installed")
    if not isinstance(table, dict) or not isinstance(table.get("client_id"), str) or not table["client_id"]:
        raise Failure(f"{name}: not the JSON of a client", hint=REGISTER, steps=STEPS)
    texts = {key: one for key, one in table.items() if isinstance(one, str)}
    token = texts.get("token_uri", TOKEN)
    own = token.startswith("https://oauth2.googleapis.com/")
    client = Client(
        texts["client_id"],
        texts.get("client_secret", ""),
        texts.get("auth_uri", AUTH),
        token,
        texts.get("device_uri", DEVICE if own else ""),
        texts.get("revoke_uri", REVOKE if own else ""),
        texts.get("api_uri", ""),
    )
    try:
        for what, url in zip(_FIELDS[2:], client[2:], strict=True):
            if url:
                check_address(url, what)
    except BadName as error:
        raise Failure(f"{name}: {error.reason}") from None
    return client


def client_text(client: Client) -> str:
    """As it is kept; `parse_client` reads it."""
    return json.dumps({"installed": dict(zip(_FIELDS, client, strict=True))}, separators=(",", ":"))


def from_environment(env: Mapping[str, str]) -> Client | None:
    """The client that two variables name; None where they do not."""
    if not env.get(ID):
        return None
    return Client(env[ID], env.get(SECRET, ""), AUTH, TOKEN, DEVICE, REVOKE)

"""Listener: the port of loopback to which a browser comes back with the answer of a login, once."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs, urlsplit

from spatio.login.loopback import NOT_OURS, Loopback, Request

DONE = "Spatio is logged in. You can close this page."
REFUSED = "Nothing was allowed. You can close this page."


class Listener(Loopback):
    """See Loopback; what it answers has `code`, or `error`."""

    def __init__(self, state: str) -> None:
        self._state = state
        super().__init__(_Request)

    @property
    def address(self) -> str:
        """Where the browser is sent in the end."""
        return f"http://{self.place}/"

    def take(self, query: str) -> str | None:
        """What to tell the person about an answer; None when it is not the one that is waited for.

        The first that names the state of this login counts, and no other after it.
        """
        fields = {name: values[0] for name, values in parse_qs(query, max_num_fields=30).items()}
        state = fields.get("state", "")
        if not hmac.compare_digest(state.encode(), self._state.encode()):
            return None
        if not (fields.get("code") or fields.get("error")) or not self.settle(fields):
            return None
        return DONE if fields.get("code") else REFUSED


class _Request(Request):
    def do_GET(self) -> None:  # noqa: N802
        said: str | None = None
        status = 404
        if self.is_ours():
            parts = urlsplit(self.path)
            if parts.path == "/":
                status = 400
                said = self.server.login.take(parts.query)
        text = said or NOT_OURS
        body = f"<!doctype html><title>Spatio</title><p>{text}</p>".encode()
        self.say(200 if said else status, body)

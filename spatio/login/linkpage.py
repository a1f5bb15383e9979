"""LinkPage: a page on loopback that opens Plaid's own login, and hears what comes of it, once.

The page's address holds a secret of this login, so that nobody else on this computer finds it. What it runs
is its own few lines and Plaid's Link from cdn.plaid.com; nothing else may be loaded.
"""

from __future__ import annotations

import hmac
import json
from secrets import token_urlsafe

from spatio.login.loopback import LONGEST, NOT_OURS, Loopback, Request

LINK = "https://cdn.plaid.com/link/v2/stable/link-initialize.js"
_TEXTS = 300

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Spatio: log in to your bank</title>
<style>body{{font:1rem system-ui,sans-serif;margin:4rem auto;max-width:32rem}}</style></head>
<body><p id="said">Opening Plaid …</p>
<script src="{link}"></script>
<script nonce="{nonce}">
const said = document.getElementById("said");
const tell = async (answer, words) => {{
  const headers = {{"content-type": "application/json"}};
  const body = JSON.stringify(answer);
  const heard = await fetch("{done}", {{method: "POST", headers, body}}).catch(() => null);
  said.textContent = heard && heard.ok ? words : "Spatio does not wait for this login any more.";
}};
if (window.Plaid) {{
  said.textContent = "Log in to your bank in Plaid's window.";
  Plaid.create({{
    token: {token},
    onSuccess: (public_token, about) => tell(
      {{public_token, institution: about && about.institution ? about.institution.name : ""}},
      "Spatio is connected. You can close this page."),
    onExit: (error) => tell({{error: error ? error.error_code : "LEFT"}},
      "Nothing was connected. You can close this page, and run it again."),
  }}).open();
}} else {{
  said.textContent = "Plaid's page could not be loaded. Is the network there? Reload to try again.";
}}
</script></body></html>
"""


class LinkPage(Loopback):
    """See Loopback; what it answers has `public_token`, or `error`."""

    def __init__(self, link_token: str, service: str) -> None:
        """`service` is where Plaid's interface is, which Link may ask."""
        self._secret = token_urlsafe(32)
        self._token = link_token
        self._service = service
        super().__init__(_Request)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{self.place}"

    @property
    def address(self) -> str:
        """What the person is to open."""
        return f"{self.origin}/{self._secret}"

    def is_page(self, path: str) -> bool:
        """Whether this is the page's address."""
        return hmac.compare_digest(path.encode("utf-8", "replace"), f"/{self._secret}".encode())

    def is_done(self, path: str) -> bool:
        """Whether this is where the page tells what came of it."""
        return hmac.compare_digest(path.encode("utf-8", "replace"), f"/{self._secret}/done".encode())

    def html(self) -> tuple[bytes, str]:
        """The page, and what it may load."""
        nonce = token_urlsafe(16)
        # A `<` would end the script, whatever the token is.
        token = json.dumps(self._token).replace("<", "\\u003c")
        text = _PAGE.format(link=LINK, nonce=nonce, token=token, done=f"/{self._secret}/done")
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}' {LINK}; style-src 'unsafe-inline';"
            f" frame-src https://cdn.plaid.com; connect-src 'self' {self._service};"
            " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return text.encode(), policy

    def take(self, body: bytes) -> bool:
        """Whether this answer counts: the first one that is in form does, and no other after it."""
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return False
        if not isinstance(value, dict):
            return False
        fields = {
            name: one
            for name, one in value.items()
            if name in ("public_token", "institution", "error")
            and isinstance(one, str)
            and len(one) <= _TEXTS
        }
        return bool(fields.get("public_token") or fields.get("error")) and self.settle(fields)


class _Request(Request):
    def do_GET(self) -> None:  # noqa: N802
        page: LinkPage = self.server.login
        if self.is_ours() and page.is_page(self.path):
            self.say(200, *page.html())
        else:
            self.say(404, NOT_OURS.encode())

    def do_POST(self) -> None:  # noqa: N802
        page: LinkPage = self.server.login
        told = self.headers.get("content-length", "")
        size = int(told) if told.isdecimal() and len(told) < 6 else -1
        # A page of elsewhere can send such a request, but neither from this origin nor with this type.
        same = self.headers.get("origin") == page.origin
        plain = self.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
        if not (self.is_ours() and same and plain and page.is_done(self.path) and 0 < size <= LONGEST):
            self.say(404, NOT_OURS.encode())
            return
        taken = page.take(self.rfile.read(size))
        self.say(200 if taken else 409, b"")

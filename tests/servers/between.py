"""A server that hands everything on to a real one, and fails or spells things otherwise as it is told."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.servers.web import Reply, Request, Web, serving

HANDED = (
    "authorization", "content-type", "depth", "if-match", "if-none-match", "overwrite", "accept",
    "schedule-reply",
)  # fmt: skip
KEPT = ("etag", "www-authenticate", "dav", "location", "content-type")

Edit = Callable[[Request, Reply], Reply]


@contextmanager
def between(origin: str, edit: Edit = lambda request, reply: reply) -> Iterator[Web]:
    """`edit` sees what was answered, and says what is answered instead."""

    def answer(request: Request) -> Reply:
        said = {name: value for name, value in request.headers.items() if name in HANDED}
        target = request.headers.get("destination")
        if target is not None:
            said["destination"] = origin + urllib.parse.urlsplit(target).path
        url = origin + urllib.parse.quote(request.path)
        asked = urllib.request.Request(url, request.body or None, said, method=request.method)
        try:
            with _opener.open(asked, timeout=20) as found:
                reply = Reply(found.status, found.read(), dict(found.headers))
        except urllib.error.HTTPError as error:
            with error:
                reply = Reply(error.code, error.read(), dict(error.headers))
        reply.headers = {name: value for name, value in reply.headers.items() if name.lower() in KEPT}
        return edit(request, reply)

    with serving(answer) as web:
        yield web


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *about: object) -> None:
        """Redirects are handed on, too."""


_opener = urllib.request.build_opener(_Stay)

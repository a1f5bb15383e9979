"""Location: which bucket, which part of it, and at which service.

`s3://bucket/prefix` alone is Amazon's service. Others are named by an endpoint, in the address itself
(`s3://bucket/prefix?endpoint=https://…&region=auto`) or as options beside it. Keys never stand in one.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from vfs.errors import BadName

Style = Literal["path", "virtual"]
"""Where requests name the bucket: in the path, or in the host's name."""

OPTIONS = ("endpoint", "region", "profile", "style")

_BUCKET = re.compile(r"[a-z0-9A-Z][a-zA-Z0-9._-]{1,253}[a-zA-Z0-9]")
_SECRET = re.compile(r"key|secret|token|password|credential|signature", re.IGNORECASE)
_NEXT = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile of ~/.aws:"
    " s3://bucket/prefix?profile=NAME"
)


class Location(NamedTuple):
    """A place in a bucket. None: the environment, the profile or the service's default decides."""

    bucket: str
    prefix: str = ""
    """Empty, or ends in `/`; begins with none."""
    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    style: Style | None = None

    @classmethod
    def parse(cls, text: str, **options: str | None) -> Location:
        """From `s3://bucket/prefix?option=value`; `options` go before those in the text.

        Raises BadName, which never repeats what might be a secret.
        """
        parts = _split(text)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        for name in asked:
            if name not in OPTIONS:
                _refuse_option(name)
        chosen = asked | {name: value for name, value in options.items() if value is not None}
        bucket = parts.netloc
        if not _BUCKET.fullmatch(bucket) or ".." in bucket:
            raise BadName(None, "an address is s3://BUCKET/PREFIX, and this names no bucket", hint=_EXAMPLE)
        prefix = unquote(parts.path).strip("/")
        return cls(
            bucket,
            f"{prefix}/" if prefix else "",
            _endpoint(chosen.get("endpoint")),
            chosen.get("region") or None,
            chosen.get("profile") or None,
            _style(chosen.get("style")),
        )

    @property
    def name(self) -> str:
        """`s3://bucket/prefix`: for people."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def __str__(self) -> str:
        """What `parse` makes the same location of."""
        asked = {name: getattr(self, name) for name in OPTIONS if getattr(self, name) is not None}
        query = f"?{urlencode(asked, safe=':/')}" if asked else ""
        return f"s3://{self.bucket}/{quote(self.prefix)}".rstrip("/") + query


_EXAMPLE = "for example: s3://my-bucket/files?endpoint=https://ACCOUNT.r2.cloudflarestorage.com&region=auto"


class _Parts:
    """An address, cut."""

    __slots__ = ("netloc", "path", "query")

    def __init__(self, netloc: str, path: str, query: str) -> None:
        self.netloc, self.path, self.query = netloc, path, query


def _split(text: str) -> _Parts:
    scheme, colon, rest = text.partition("://")
    if not colon or scheme.lower() != "s3":
        raise BadName(None, "an address of a bucket begins with s3://", hint=_EXAMPLE)
    rest, _, query = rest.partition("?")
    bucket, _, path = rest.partition("/")
    if "@" in bucket:
        raise BadName(None, "keys do not belong in an address: it is shown and stored", hint=_NEXT)
    if any(ord(letter) < 32 for letter in text):
        raise BadName(None, "an address has no control characters")
    return _Parts(bucket, path, query)


def _refuse_option(name: str) -> None:
    if _SECRET.search(name):
        raise BadName(None, "keys do not belong in an address: it is shown and stored", hint=_NEXT)
    raise BadName(
        None, f"an address of a bucket has no option {name!r}", hint=f"there are: {', '.join(OPTIONS)}"
    )


def _endpoint(text: str | None) -> str | None:
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise BadName(None, "an endpoint is https://HOST, or http://HOST:PORT", hint=_EXAMPLE)
    if parts.username is not None or parts.query or parts.fragment:
        raise BadName(None, "keys do not belong in an endpoint: it is shown and stored", hint=_NEXT)
    return text.rstrip("/")


def _style(text: str | None) -> Style | None:
    if not text:
        return None
    if text == "path":
        return "path"
    if text == "virtual":
        return "virtual"
    raise BadName(None, "style must be path or virtual")

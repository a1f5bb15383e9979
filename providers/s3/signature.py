"""Signatures of requests (AWS Signature Version 4): in a header, or in a link that may be handed on."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

from providers.s3.credentials import Keys
from providers.s3.service import UNRESERVED, Service

_ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY = sha256(b"").hexdigest()


def signed_headers(
    service: Service,
    keys: Keys,
    method: str,
    path: str,
    query: Mapping[str, str],
    now: datetime | None = None,
) -> dict[str, str]:
    """The headers of a request without a body, signed."""
    stamp = _stamp(now)
    headers = {"host": service.host, "x-amz-content-sha256": EMPTY, "x-amz-date": stamp}
    if keys.session is not None:
        headers["x-amz-security-token"] = keys.session
    names = ";".join(sorted(headers))
    signature = _signature(service, keys, stamp, method, path, encoded(query), headers, EMPTY)
    credential = f"{keys.access}/{_scope(service, stamp)}"
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    return headers


def link(
    service: Service,
    keys: Keys,
    path: str,
    seconds: int,
    query: Mapping[str, str],
    now: datetime | None = None,
) -> str:
    """An address that reads `path` for `seconds`, for whoever has it."""
    stamp = _stamp(now)
    asked = {
        **query,
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{keys.access}/{_scope(service, stamp)}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    if keys.session is not None:
        asked["X-Amz-Security-Token"] = keys.session
    text = encoded(asked)
    headers = {"host": service.host}
    signature = _signature(service, keys, stamp, "GET", path, text, headers, "UNSIGNED-PAYLOAD")
    scheme, _, _ = service.root.partition("://")
    return f"{scheme}://{service.host}{path}?{text}&X-Amz-Signature={signature}"


def encoded(query: Mapping[str, str]) -> str:
    """A query as it is sent and signed: sorted, everything but letters, digits and `-._~` escaped."""
    pairs = sorted(
        (quote(name, safe=UNRESERVED), quote(text, safe=UNRESERVED)) for name, text in query.items()
    )
    return "&".join(f"{name}={text}" for name, text in pairs)


def attachment(filename: str) -> str:
    """A header that has browsers save under a name: in ASCII for the old ones, whole for the others."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in filename)
    plain = plain.replace("\\", "_").replace('"', "_")
    whole = quote(filename, safe=UNRESERVED, errors="replace")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"


def _signature(
    service: Service,
    keys: Keys,
    stamp: str,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    payload: str,
) -> str:
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    request = f"{method}\n{path}\n{query}\n{lines}\n{';'.join(names)}\n{payload}"
    hashed = sha256(request.encode()).hexdigest()
    text = f"{_ALGORITHM}\n{stamp}\n{_scope(service, stamp)}\n{hashed}"
    key = f"AWS4{keys.secret}".encode()
    for step in (*_scope(service, stamp).split("/"), text):
        key = hmac.digest(key, step.encode(), "sha256")
    return key.hex()


def _scope(service: Service, stamp: str) -> str:
    return f"{stamp[:8]}/{service.region}/s3/aws4_request"


def _stamp(now: datetime | None) -> str:
    return (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")

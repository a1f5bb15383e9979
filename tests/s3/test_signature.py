"""Signatures are those that botocore makes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from providers.s3 import signature
from providers.s3.credentials import Keys
from providers.s3.service import Service

NOW = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)
SERVICE = Service("bucket", "eu-west-1", "https://host.example:8443", False)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: NOW.replace(tzinfo=None))


def theirs(kind: Any, keys: Keys, url: str, **more: Any) -> AWSRequest:
    request = AWSRequest("GET", url, data=b"")
    credentials = Credentials(keys.access, keys.secret, keys.session)
    kind(credentials, "s3", SERVICE.region, **more).add_auth(request)
    return request


@pytest.mark.parametrize("session", [None, "sess/ion+="])
@pytest.mark.parametrize("query", [{}, {"list-type": "2", "prefix": "ü/ a+b&c=~'()*", "delimiter": "/"}])
def test_a_header_is_signed_as_botocore_signs_it(session: str | None, query: dict[str, str]) -> None:
    keys = Keys("AKIA", "SECRET/+=", session)
    path = SERVICE.path()
    ours = signature.signed_headers(SERVICE, keys, "GET", path, query, NOW)
    url = f"{SERVICE.root}{path}?{signature.encoded(query)}"
    request = theirs(botocore.auth.S3SigV4Auth, keys, url)
    assert request.headers["Authorization"] == ours["authorization"]


@pytest.mark.parametrize("session", [None, "sess/ion+="])
@pytest.mark.parametrize("key", ["plain", "a b/ü+~'()*%25", "a//b", "../up", "e\x01"])
def test_a_link_is_signed_as_botocore_signs_it(session: str | None, key: str) -> None:
    keys = Keys("AKIA", "SECRET/+=", session)
    query = {"response-content-disposition": signature.attachment('ü".pdf')}
    path = SERVICE.path(key)
    ours = signature.link(SERVICE, keys, path, 600, query, NOW)
    url = f"{SERVICE.root}{path}?{signature.encoded(query)}"
    request = theirs(botocore.auth.S3SigV4QueryAuth, keys, url, expires=600)
    assert request.url.rpartition("X-Amz-Signature=")[2] == ours.rpartition("X-Amz-Signature=")[2]

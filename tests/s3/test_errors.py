"""Every failure of the libraries is told by this package's own words, and by none that a secret stands in."""

from __future__ import annotations

import http.client
import inspect
import socket
import ssl
import warnings

import botocore.exceptions
import obstore.exceptions
import pytest

from providers.s3.errors import CODES, STATUSES, class_of, from_answer, from_library
from vfs.errors import (
    BadName,
    Conflict,
    Corrupt,
    LoginNeeded,
    NoSpace,
    NotFound,
    Refused,
    TooLarge,
    Unavailable,
    Unsupported,
    VfsError,
)

ROOTS = {botocore.exceptions.BotoCoreError, obstore.exceptions.BaseError}


def classes() -> list[type[Exception]]:
    """Whatever the libraries may raise; of boto3, only its lower half is used."""
    modules = (botocore.exceptions, obstore.exceptions)
    found = {
        one
        for module in modules
        for _, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, Exception) and not issubclass(one, Warning)
    }
    return sorted(found - ROOTS, key=lambda one: (one.__module__, one.__name__))


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_class_of_the_libraries_is_mapped(kind: type[Exception]) -> None:
    assert class_of(kind) is not None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NoSuchKey", NotFound),
        ("PreconditionFailed", Conflict),
        ("SlowDown", Unavailable),
        ("InternalError", Unavailable),
        ("ExpiredToken", LoginNeeded),
        ("SignatureDoesNotMatch", LoginNeeded),
        ("RequestTimeTooSkewed", LoginNeeded),
        ("AccessDenied", Refused),
        ("QuotaExceeded", NoSpace),
        ("BadDigest", Corrupt),
        ("XAmzContentSHA256Mismatch", Corrupt),
        ("KeyTooLongError", BadName),
        ("EntityTooLarge", TooLarge),
        ("NotImplemented", Unsupported),
        ("AuthorizationHeaderMalformed", VfsError),
        ("NeverHeardOf", VfsError),
    ],
)
def test_what_the_service_says_is_told_as_what_it_means(code: str, kind: type[VfsError]) -> None:
    error = from_answer(400, code, "s3://bucket/a")
    assert type(error) is kind
    assert str(error).startswith("s3://bucket/a: ")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, NotFound),
        (412, Conflict),
        (403, Refused),
        (401, LoginNeeded),
        (503, Unavailable),
        (429, Unavailable),
        (500, Unavailable),
        (520, Unavailable),
        (507, NoSpace),
        (501, Unsupported),
        (418, VfsError),
    ],
)
def test_an_answer_without_a_body_is_told_by_its_status(status: int, kind: type[VfsError]) -> None:
    assert type(from_answer(status, "", "a")) is kind
    assert type(from_answer(status, str(status), "a")) is kind


def test_only_what_may_pass_is_tried_again() -> None:
    kinds = {*CODES.values(), *STATUSES.values()}
    assert {kind for kind, _, _ in kinds if kind.retryable} == {Unavailable}


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (socket.gaierror(-2, "Name or service not known"), Unavailable),
        (ConnectionRefusedError(111, "Connection refused"), Unavailable),
        (ConnectionResetError(104, "reset"), Unavailable),
        (TimeoutError("timed out"), Unavailable),
        (http.client.RemoteDisconnected("closed"), Unavailable),
        (http.client.IncompleteRead(b"abc"), Unavailable),
        (ssl.SSLCertVerificationError("certificate verify failed"), Refused),
        (FileNotFoundError("Object at location a not found"), NotFound),
        (ValueError("Could not parse path"), BadName),
    ],
)
def test_what_came_without_an_answer_is_told_too(raised: Exception, kind: type[VfsError]) -> None:
    assert type(from_library(raised, "a")) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Generic S3 error: x - HTTP error: error sending request kind: Connect", Unavailable),
        ("HttpError { kind: Timeout, source: TimedOut }", Unavailable),
        ("invalid peer certificate: UnknownIssuer", Refused),
        ("status code: 503 Service Unavailable: <Error><Code>SlowDown</Code></Error>", Unavailable),
        ("status code: 403 Forbidden: <Error><Code>RequestTimeTooSkewed</Code></Error>", LoginNeeded),
        ("status code: 301 Moved Permanently: ", VfsError),
        ("something else", VfsError),
    ],
)
def test_what_obstore_only_says_in_its_text_is_found_there(text: str, kind: type[VfsError]) -> None:
    assert type(from_library(obstore.exceptions.GenericError(text), "a")) is kind


def test_an_error_of_the_tree_stays_what_it_is() -> None:
    error = Corrupt(None, "damaged")
    assert str(from_library(error, "a")) == "a: damaged"
    assert str(from_library(Corrupt("b", "damaged"), "a")) == "b: damaged"


def test_no_text_of_a_library_is_passed_on() -> None:
    secret = "X-Amz-Signature=abc AWS_SECRET wJalrXUtnFEMI"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raised: list[Exception] = [
            obstore.exceptions.GenericError(f"HTTP error {secret}"),
            obstore.exceptions.PermissionDeniedError(f"status code: 403 <Code>AccessDenied</Code> {secret}"),
            botocore.exceptions.EndpointConnectionError(endpoint_url=secret),
            botocore.exceptions.ClientError(
                {"Error": {"Code": "Other", "Message": secret}, "ResponseMetadata": {"HTTPStatusCode": 400}},
                "x",
            ),
            ValueError(secret),
        ]
    for one in raised:
        error = from_library(one, "a")
        assert "Signature" not in f"{error} {error.hint}"
        assert "wJalr" not in f"{error} {error.hint}"

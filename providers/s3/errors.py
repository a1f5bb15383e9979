"""The libraries' and the service's failures, as the errors of the tree. The one place where they are mapped.

What the service answered is known by its code (`NoSuchKey`), else by its status; what came of no answer,
by the library's class. Messages are this module's own: a library's may hold a key or a signed address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

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

Kind = tuple[type[VfsError], str, str | None]
"""An error, its reason and its hint."""

_KEYS: Final = "check the keys of this bucket: AWS_ACCESS_KEY_ID, the keyring, or the profile in ~/.aws"
_REGION: Final = "name it: s3://BUCKET?region=REGION, or set AWS_REGION"
_BUSY: Kind = (Unavailable, "the service is busy or failing", "try again later")
_LOST: Kind = (Conflict, Conflict.default, None)
_NONE: Kind = (NotFound, NotFound.default, None)
_WRONG: Kind = (LoginNeeded, "the service does not accept the keys", _KEYS)
_OLD: Kind = (LoginNeeded, "the keys have expired", "get new ones; with a profile: aws sso login")
_MAY_NOT: Kind = (Refused, "the keys are not allowed to do this", _KEYS)
_CLOCK: Kind = (LoginNeeded, "this machine's clock and the service's differ too much", "set the clock")
_FULL: Kind = (NoSpace, "the account's quota is used up", "nothing was changed: free some space")
_DAMAGED: Kind = (Corrupt, "what arrived does not fit its checksum", None)
_ELSEWHERE: Kind = (VfsError, "the bucket lies in another region", _REGION)
_BAD_NAME: Kind = (BadName, "the service does not take this name", None)
_CANNOT: Kind = (Unsupported, "this service cannot do that", None)
_TOO_LARGE: Kind = (TooLarge, "larger than the service takes", None)
_ARCHIVED: Kind = (Unsupported, "archived: the service has to restore it first", None)
_NO_BUCKET: Kind = (NotFound, "no such bucket", "check the name, the endpoint and the region")
_UNREACHED: Kind = (Unavailable, "the service cannot be reached", "check the network and the endpoint")
_SLOW: Kind = (Unavailable, "the service did not answer in time", "try again later")
_BROKEN_OFF: Kind = (Unavailable, "the connection broke off", "try again later")
_UNTRUSTED: Kind = (Refused, "the service's certificate is not trusted", "check the endpoint and the clock")
_MISREAD: Kind = (VfsError, "the service answered something that is not S3's", "check the endpoint")
_SETTINGS: Kind = (VfsError, "the settings for this bucket do not work", "check ~/.aws/config and AWS_*")
_NO_KEYS: Kind = (LoginNeeded, "no keys were found for this bucket", _KEYS)

CODES: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("NoSuchKey", "NoSuchUpload", "NoSuchVersion", "NotFound"), _NONE),
    "NoSuchBucket": _NO_BUCKET,
    "PreconditionFailed": _LOST,
    "InvalidAccessKeyId": _WRONG,
    "SignatureDoesNotMatch": _WRONG,
    "Unauthorized": _WRONG,
    "InvalidToken": _OLD,
    "ExpiredToken": _OLD,
    "ExpiredTokenException": _OLD,
    "TokenRefreshRequired": _OLD,
    "RequestTimeTooSkewed": _CLOCK,
    "RequestExpired": _CLOCK,
    "AccessDenied": _MAY_NOT,
    "AllAccessDisabled": _MAY_NOT,
    "AccountProblem": _MAY_NOT,
    "NotSignedUp": _MAY_NOT,
    **dict.fromkeys(("QuotaExceeded", "ServiceQuotaExceeded", "StorageQuotaExceeded"), _FULL),
    **dict.fromkeys(("XMinioStorageFull", "InsufficientStorage"), _FULL),
    **dict.fromkeys(("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch"), _DAMAGED),
    "XAmzContentChecksumMismatch": _DAMAGED,
    **dict.fromkeys(("PermanentRedirect", "TemporaryRedirect", "Redirect"), _ELSEWHERE),
    "AuthorizationHeaderMalformed": _ELSEWHERE,
    "IllegalLocationConstraintException": _ELSEWHERE,
    **dict.fromkeys(("KeyTooLongError", "InvalidURI", "InvalidObjectName", "InvalidBucketName"), _BAD_NAME),
    **dict.fromkeys(("NotImplemented", "MethodNotAllowed"), _CANNOT),
    "InvalidObjectState": _ARCHIVED,
    "EntityTooLarge": _TOO_LARGE,
    **dict.fromkeys(("SlowDown", "ServiceUnavailable", "InternalError", "Throttling"), _BUSY),
    **dict.fromkeys(("ThrottlingException", "TooManyRequests", "RequestLimitExceeded"), _BUSY),
    **dict.fromkeys(("OperationAborted", "ConditionalRequestConflict", "BandwidthLimitExceeded"), _BUSY),
    "RequestTimeout": _SLOW,
    "IncompleteBody": _BROKEN_OFF,
}
"""What the service says."""

STATUSES: Final[Mapping[int, Kind]] = {
    **dict.fromkeys((301, 307, 308), _ELSEWHERE),
    401: _WRONG,
    403: _MAY_NOT,
    404: _NONE,
    405: _CANNOT,
    408: _SLOW,
    412: _LOST,
    413: _TOO_LARGE,
    **dict.fromkeys((409, 429, 500, 502, 503, 504), _BUSY),
    501: _CANNOT,
    507: _FULL,
}
"""What it means when it says nothing more; answers to HEAD have no body."""

_CLASSES: Final[Mapping[str, Kind]] = {
    "AlreadyExistsError": _LOST,
    "PreconditionError": _LOST,
    "NotModifiedError": _LOST,
    "NotFoundError": _NONE,
    "FileNotFoundError": _NONE,
    "InvalidPathError": _BAD_NAME,
    "NotSupportedError": _CANNOT,
    "PermissionDeniedError": _MAY_NOT,
    "UnauthenticatedError": _WRONG,
    "UnknownConfigurationKeyError": _SETTINGS,
    "JoinError": _BROKEN_OFF,
    "GenericError": _MISREAD,
    "ClientError": _MISREAD,
    **dict.fromkeys(("ConnectTimeoutError", "ReadTimeoutError", "TimeoutError"), _SLOW),
    **dict.fromkeys(("SSLError", "SSLCertVerificationError"), _UNTRUSTED),
    **dict.fromkeys(("ConnectionError", "EndpointConnectionError", "ProxyConnectionError"), _UNREACHED),
    **dict.fromkeys(("gaierror", "ConnectionRefusedError"), _UNREACHED),
    **dict.fromkeys(("HTTPClientError", "ConnectionClosedError", "IncompleteReadError"), _BROKEN_OFF),
    **dict.fromkeys(("ResponseStreamingError", "HTTPException", "ConnectionResetError"), _BROKEN_OFF),
    **dict.fromkeys(("ChecksumError", "FlexibleChecksumError", "AwsChunkedWrapperError"), _DAMAGED),
    **dict.fromkeys(("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"), _NO_KEYS),
    **dict.fromkeys(("NoAuthTokenError", "TokenRetrievalError", "MetadataRetrievalError"), _NO_KEYS),
    **dict.fromkeys(("SSOError", "LoginError", "RefreshWithMFAUnsupportedError"), _OLD),
    **dict.fromkeys(("InvalidDNSNameError", "InvalidHostLabelError"), _BAD_NAME),
    "ParamValidationError": _BAD_NAME,
    **dict.fromkeys(("CapacityNotAvailableError", "WaiterError"), _BUSY),
    **dict.fromkeys(("PaginationError", "EventStreamError", "DataNotFoundError"), _MISREAD),
    # What follows says that this machine's settings, or this program, asked for what cannot be.
    **dict.fromkeys(("ProfileNotFound", "ConfigNotFound", "ConfigParseError"), _SETTINGS),
    **dict.fromkeys(("InvalidConfigError", "InvalidProxiesConfigError", "InvalidDefaultsMode"), _SETTINGS),
    **dict.fromkeys(("InvalidRetryConfigurationError", "InvalidChecksumConfigError"), _SETTINGS),
    **dict.fromkeys(("InvalidS3AddressingStyleError", "InvalidIMDSEndpointError"), _SETTINGS),
    **dict.fromkeys(("InvalidIMDSEndpointModeError", "InvalidEndpointConfigurationError"), _SETTINGS),
    "InvalidS3UsEast1RegionalEndpointConfigError": _SETTINGS,
    "InvalidSTSRegionalEndpointsConfigError": _SETTINGS,
    "InvalidEndpointDiscoveryConfigurationError": _SETTINGS,
    **dict.fromkeys(("BaseEndpointResolverError", "EndpointProviderError", "ValidationError"), _SETTINGS),
    **dict.fromkeys(("UnknownRegionError", "UnknownCredentialError", "UnknownServiceStyle"), _SETTINGS),
    **dict.fromkeys(("UnknownTokenProviderError", "UnknownSignatureVersionError"), _SETTINGS),
    **dict.fromkeys(("UnsupportedSignatureVersionError", "ServiceNotInRegionError"), _SETTINGS),
    **dict.fromkeys(("UnsupportedS3ConfigurationError", "UnsupportedS3ArnError"), _SETTINGS),
    "UnsupportedS3AccesspointConfigurationError": _SETTINGS,
    **dict.fromkeys(("UnsupportedS3ControlArnError", "UnsupportedS3ControlConfigurationError"), _SETTINGS),
    **dict.fromkeys(("UnsupportedOutpostResourceError", "UnsupportedServiceProtocolsError"), _SETTINGS),
    **dict.fromkeys(("MissingDependencyException", "MD5UnavailableError"), _SETTINGS),
    **dict.fromkeys(("MissingParametersError", "InvalidExpressionError", "WaiterConfigError"), _SETTINGS),
    **dict.fromkeys(("OperationNotPageableError", "UnknownClientMethodError"), _SETTINGS),
    **dict.fromkeys(("UnseekableStreamError", "StubResponseError"), _SETTINGS),
    **dict.fromkeys(("ApiVersionNotFoundError", "UndefinedModelAttributeError"), _SETTINGS),
    # botocore follows a service that sends it on and on until Python has enough.
    "RecursionError": _ELSEWHERE,
    "OSError": _BROKEN_OFF,
    "ValueError": _BAD_NAME,
}
"""What came without an answer of the service, by the first of the class's ancestors that is named here."""

_CODE = re.compile(r"<Code>\s*(\w+)\s*</Code>")
_STATUS = re.compile(r"status code: (\d{3})")


def from_library(error: Exception, where: str) -> VfsError:
    """The tree's error for a library's, about `where`."""
    if isinstance(error, VfsError):
        return error if error.path is not None else error.at(where)
    answer = getattr(error, "response", None)
    if isinstance(answer, Mapping):
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return from_answer(int(status), str(answer.get("Error", {}).get("Code", "")), where)
    text = str(error)
    code, status_text = _CODE.search(text), _STATUS.search(text)
    if code is not None or status_text is not None:
        said = code.group(1) if code else ""
        return from_answer(int(status_text.group(1)) if status_text else 0, said, where)
    kind, reason, hint = _without_answer(error, text)
    return kind(where, reason, hint=hint)


def from_answer(status: int, code: str, where: str) -> VfsError:
    """The tree's error for a status and the service's own code."""
    if code.isdigit():
        code = ""
    found = CODES.get(code) or STATUSES.get(status)
    if found is None and status >= 500:
        found = _BUSY
    if found is None:
        hint = "check the keys and the region" if status == 400 and not code else None
        return VfsError(where, f"the service refused the request ({code or status})", hint=hint)
    kind, reason, hint = found
    return kind(where, reason, hint=hint)


def class_of(error: type[Exception]) -> Kind | None:
    """How a library's class is told when it came without an answer; None: nobody has said."""
    for ancestor in error.__mro__:
        if ancestor.__name__ in _CLASSES:
            return _CLASSES[ancestor.__name__]
    return None


def _without_answer(error: Exception, text: str) -> Kind:
    # obstore has one class for whatever goes wrong below HTTP, and says what it was in its text.
    if type(error).__name__ == "GenericError":
        for sign, kind in _SIGNS:
            if sign in text:
                return kind
    return class_of(type(error)) or _MISREAD


_SIGNS: Final[tuple[tuple[str, Kind], ...]] = (
    ("Received redirect", _ELSEWHERE),
    ("InvalidCertificate", _UNTRUSTED),
    ("UnknownIssuer", _UNTRUSTED),
    ("kind: Timeout", _SLOW),
    ("TimedOut", _SLOW),
    ("kind: Connect", _UNREACHED),
    ("dns error", _UNREACHED),
    ("HTTP error", _BROKEN_OFF),
    ("HttpError", _BROKEN_OFF),
    ("reqwest::Error", _BROKEN_OFF),
)

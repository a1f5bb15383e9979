"""What can go wrong when a service is asked over HTTP, as errors of `vfs.errors`.

no answer       TimedOut, Unavailable          a `Fault` says whether the request may have arrived
an answer       401 LoginNeeded, 404 410 NotFound, 409 412 Conflict, 413 TooLarge, 429 Throttled,
                501 Unsupported, 507 NoSpace, other 4xx Refused, everything else Unavailable
"""

from __future__ import annotations

import math
import ssl
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx2

from providers.mirror.remote import Throttled
from vfs.errors import (
    Conflict,
    LoginNeeded,
    NoSpace,
    NotFound,
    Refused,
    TimedOut,
    TooLarge,
    Unavailable,
    Unsupported,
    VfsError,
)

NO_ANSWER = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.CookieConflict, httpx2.StreamError, OSError)
"""All that asking raises; the last one for what the library below lets through."""

_BY_STATUS: dict[int, type[VfsError]] = {
    401: LoginNeeded,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    413: TooLarge,
    423: Unavailable,
    425: Unavailable,
    501: Unsupported,
    507: NoSpace,
}


class Fault(NamedTuple):
    """Why there is no answer."""

    error: VfsError
    transient: bool
    """Whether another try may do better."""
    unsent: bool = False
    """Surely nothing of the request has reached the service."""


def fault_of(error: BaseException, service: str) -> Fault:
    """What an error of asking means. `service` is its name for people."""
    if isinstance(error, VfsError):
        return Fault(error, transient=error.retryable)
    broken = _certificate(error)
    if broken is not None:
        return Fault(Unavailable(None, f"{service}: {broken}"), transient=False, unsent=True)
    match error:
        case httpx2.ConnectTimeout() | httpx2.PoolTimeout():
            late = TimedOut(None, f"{service} could not be reached in time")
            return Fault(late, transient=True, unsent=True)
        case httpx2.TimeoutException() | TimeoutError():
            return Fault(TimedOut(None, f"{service} did not answer in time"), transient=True)
        case httpx2.ConnectError():
            away = Unavailable(None, f"{service} cannot be reached{_cause(error)}", hint=_OFFLINE)
            return Fault(away, transient=True, unsent=True)
        case httpx2.ProxyError():
            return Fault(Unavailable(None, f"the proxy on the way to {service} refuses"), transient=True)
        case httpx2.LocalProtocolError() | httpx2.UnsupportedProtocol() | httpx2.InvalidURL():
            return Fault(Refused(None, f"{service} cannot be asked this way"), transient=False, unsent=True)
        case httpx2.DecodingError():
            return Fault(unreadable(service, "its compression is damaged"), transient=True)
        case httpx2.HTTPStatusError():
            refused = error_of(error.response.status_code, service)
            return Fault(refused, transient=refused.retryable)
        case httpx2.RequestError():
            return Fault(Unavailable(None, f"{service} cut the connection"), transient=True)
    return Fault(Unavailable(None, f"{service} cannot be asked: {type(error).__name__}"), transient=False)


_OFFLINE = "Is this computer online?"


def error_of(status: int, service: str, said: str = "", *, pause: float | None = None) -> VfsError:
    """What a status means that is no success; `said`: the service's own words, made safe already."""
    words = f": {said}" if said else ""
    if status == 429:
        return Throttled(f"{service} asks for a pause{words}", pause)
    if status == 503 and pause is not None:
        return Throttled(f"{service} is busy{words}", pause)
    found = _BY_STATUS.get(status)
    if found is None:
        found = Refused if 400 <= status < 500 else Unavailable
    what = {LoginNeeded: "wants a new login", NotFound: "does not have it"}.get(found, f"answers {status}")
    return found(None, f"{service} {what}{words}")


def unreadable(service: str, why: str) -> Unavailable:
    """The service answered what is no answer."""
    return Unavailable(None, f"{service} sent an answer that cannot be read: {why}")


def pause_of(header: str | None) -> float | None:
    """Seconds that a Retry-After asks for, as a number or a date; None when it says nothing sensible."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = parsedate_to_datetime(header)
        except (ValueError, TypeError, OverflowError):
            return None
        # Without a zone it is none of the forms that HTTP has; they are all in GMT.
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - time.time()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _certificate(error: BaseException) -> str | None:
    """What is wrong with the certificate that was shown, when that is why there is no connection."""
    for one in _causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {one.verify_message}"
    return None


def _cause(error: BaseException) -> str:
    """The system's own word for it, such as "Connection refused"."""
    for one in _causes(error):
        if isinstance(one, OSError) and one.strerror and one.strerror.isprintable():
            return f" ({one.strerror})"
    return ""


def _causes(error: BaseException) -> list[BaseException]:
    """An error with all that led to it, the last cause first."""
    found: list[BaseException] = []
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is None or one in found or len(found) > 30:
            continue
        found.append(one)
        if isinstance(one, BaseExceptionGroup):
            left += one.exceptions
        left += [one.__context__, one.__cause__]
    return found[::-1]

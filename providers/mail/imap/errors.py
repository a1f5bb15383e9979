"""Where what imaplib, sockets and TLS raise, and what servers refuse, becomes errors of the tree: only here.

What a server says is shown in part only, and never with the password in it.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from providers.mail.paced import Flood
from providers.mirror.remote import Throttled
from vfs.errors import (
    BadName,
    Exists,
    LoginNeeded,
    NoSpace,
    NotFound,
    Refused,
    TimedOut,
    TooLarge,
    Unavailable,
    VfsError,
)

_CODE = re.compile(r"\[([A-Z-]+)[^\]]*\]\s*")
_COMMAND = re.compile(r"^(?:command: \w+ => )+")
_BUSY = {"INUSE", "LIMIT", "CONTACTADMIN"}
_CUT = (
    *(ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError),
    *(ConnectionError, BrokenPipeError),
)


@contextmanager
def translated(server: str, secret: str = "") -> Iterator[None]:
    """Within, nothing but errors of the tree is raised; `server` is named in them, `secret` never is."""
    try:
        yield
    except VfsError:
        raise
    except (imaplib.IMAP4.error, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        # Not `from error`: what was sent may stand in it, and a traceback would show it.
        raise told(error, server, secret) from None


def told(error: Exception, server: str, secret: str = "") -> VfsError:
    """The error of the tree for one of a lower level."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, server)
    if isinstance(error, Flood):
        return TooLarge(None, f"{server}: {error}")
    if isinstance(error, TimeoutError):
        return TimedOut(None, f"{server} did not answer in time")
    if isinstance(error, socket.gaierror):
        return Unavailable(None, f"{server}: no such host is known, or there is no network")
    if isinstance(error, _CUT) and not isinstance(error, ConnectionRefusedError):
        return Unavailable(None, f"{server} closed the connection")
    if isinstance(error, ssl.SSLError):
        return Unavailable(
            None,
            f"{server} speaks no TLS that is understood here ({getattr(error, 'reason', None) or 'unknown'})",
            hint='a server with STARTTLS wants `security = "starttls"` and another port',
        )
    if isinstance(error, OSError):
        return Unavailable(None, f"{server} cannot be reached ({error.strerror or type(error).__name__})")
    if isinstance(error, imaplib.IMAP4.abort):
        return _aborted(str(error), server, secret)
    if isinstance(error, imaplib.IMAP4.error):
        said = words(_COMMAND.sub("", str(error)), secret)
        return Unavailable(None, f"{server} answered what is no IMAP: {said}")
    return Unavailable(None, f"{server} answered what is no IMAP")


def _aborted(said: str, server: str, secret: str) -> VfsError:
    said = _COMMAND.sub("", said)
    if "EOF" in said or "connection ended" in said or "socket error" in said:
        late = "timed out" in said or "too long" in said
        return (
            TimedOut(None, f"{server} did not answer in time")
            if late
            else Unavailable(None, f"{server} closed the connection")
        )
    if said.startswith("unexpected"):
        return Unavailable(None, f"{server} answered what is no IMAP: {words(said, secret)}")
    code = _CODE.search(said)
    if code is not None and code.group(1) in _BUSY:
        return Throttled(f"{server} is busy: {words(said, secret)}")
    return Unavailable(None, f"{server}: {words(said, secret)}")


def _certificate(error: ssl.SSLCertVerificationError, server: str) -> VfsError:
    why = str(getattr(error, "verify_message", "") or "").lower()
    if "expired" in why:
        return Unavailable(
            None, f"{server}: its certificate has expired", hint="the server's owner renews it"
        )
    if "mismatch" in why or "not valid for" in why:
        return Unavailable(
            None,
            f"{server}: its certificate is another host's",
            hint="use the host's name that stands in the certificate",
        )
    if ("self" in why and "signed" in why) or "local issuer" in why:
        return Unavailable(
            None,
            f"{server}: its certificate is signed by nobody who is trusted here",
            hint='when it is your own, name its authority: ca = "/path/to/authority.pem"',
        )
    return Unavailable(None, f"{server}: its certificate is not valid ({words(why)})")


def words(said: object, secret: str = "") -> str:
    """What a server said, short, on one line, without codes and without the secret."""
    if isinstance(said, (list, tuple)):
        said = said[-1] if said else b""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said or "")
    text = " ".join(_CODE.sub("", text).split())
    if secret:
        text = text.replace(secret, "…")
    return (text[:160] + "…" if len(text) > 160 else text) or "no reason given"


def refused(said: Sequence[bytes | None], server: str, secret: str = "") -> VfsError:
    """The error that a NO to a command means."""
    last = said[-1] if said else b""
    text = last.decode("utf-8", "replace") if isinstance(last, bytes) else ""
    found = _CODE.search(text)
    code = found.group(1) if found else ""
    reason = f"{server}: {words(text, secret)}"
    if code in ("OVERQUOTA",):
        return NoSpace(None, reason, hint="delete what is not needed there, or ask for more room")
    if code in ("TOOBIG",):
        return TooLarge(None, reason)
    if code in _BUSY:
        return Throttled(reason)
    if code in ("NOPERM", "READ-ONLY"):
        return Refused(None, reason)
    if code in ("NONEXISTENT", "TRYCREATE"):
        return NotFound(None, reason)
    if code in ("ALREADYEXISTS",):
        return Exists(None, reason)
    if code in ("CANNOT", "BADCHARSET", "CLIENTBUG"):
        return BadName(None, reason)
    if code in ("AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED"):
        return LoginNeeded(None, reason)
    if code == "UNAVAILABLE":
        return Unavailable(None, reason)
    # About what was asked for: a folder, a message. The rest of the account is fine.
    return VfsError(None, reason)

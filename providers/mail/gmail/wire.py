"""Wire: what Gmail's answers hold, read with care: another form than it should have raises Unavailable."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from providers.httpfaults import unreadable
from vfs.errors import Unavailable

SERVICE = "Gmail"
HEADERS = (
    *("From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To"),
    *("References", "List-ID", "List-Post", "List-Unsubscribe", "Content-Type", "MIME-Version"),
    *("Content-Transfer-Encoding", "Auto-Submitted", "Importance", "Delivered-To"),
)
"""What a mail is listed by; the rest comes with its content."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Json = Mapping[str, Any]


class Mail(NamedTuple):
    """A message as Gmail lists it."""

    id: str
    thread: str
    labels: frozenset[str]
    at: datetime | None
    """When Gmail got it."""
    size: int | None
    """About so many bytes."""
    header: bytes
    """The fields of HEADERS that it has; b"" when they were not asked for."""


class Drafted(NamedTuple):
    """A draft: its id stays, its message is another one after each change."""

    id: str
    message: str
    thread: str


def mail_of(value: Any) -> Mail:
    """A message."""
    said = thing(value)
    payload = said.get("payload")
    return Mail(
        key(said, "id"),
        text(said, "threadId"),
        frozenset(texts(said, "labelIds")),
        moment(said),
        number(said, "sizeEstimate"),
        b"" if payload is None else header_of(thing(payload)),
    )


def draft_of(value: Any) -> Drafted:
    """A draft."""
    said = thing(value)
    message = thing(said.get("message"))
    return Drafted(key(said, "id"), key(message, "id"), text(message, "threadId"))


def header_of(payload: Json) -> bytes:
    """The header block of a message, each field on one line whatever its value holds."""
    lines = []
    for field in things(payload, "headers"):
        name, value = text(field, "name"), text(field, "value")
        if name.isascii() and name.isprintable() and name and not {" ", ":"} & set(name):
            line = " ".join(value.replace("\0", " ").splitlines())
            lines.append(f"{name}: {line}".encode("utf-8", "replace"))
    return b"\r\n".join([*lines, b"", b""])


def raw_of(value: Any) -> bytes:
    """The bytes of a message that was asked for raw."""
    encoded = thing(value).get("raw")
    if not isinstance(encoded, str):
        raise _wrong("raw")
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars="-_", validate=True)
    except (ValueError, binascii.Error):
        raise _wrong("raw") from None


def raw_for(content: bytes) -> str:
    """Bytes of a message, as Gmail takes them."""
    return base64.urlsafe_b64encode(content).decode("ascii")


def moment(said: Json) -> datetime | None:
    """When Gmail got a message; None for what no calendar has."""
    milliseconds = number(said, "internalDate")
    try:
        return None if milliseconds is None else _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


# -- parts of an answer


def thing(value: Any) -> Json:
    """A JSON object."""
    if not isinstance(value, dict):
        raise _wrong("its form")
    return value


def things(said: Json, name: str) -> Sequence[Json]:
    """A list of objects; empty when there is none."""
    found = said.get(name)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _wrong(name)
    return found


def texts(said: Json, name: str) -> Iterable[str]:
    """A list of texts; empty when there is none."""
    found = said.get(name)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise _wrong(name)
    return found


def text(said: Json, name: str) -> str:
    """A text; "" when there is none."""
    found = said.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise _wrong(name)
    # JSON can spell halves of characters, which nothing further on can keep.
    return found if found.isascii() else found.encode("utf-8", "replace").decode()


def key(said: Json, name: str) -> str:
    """A text that names something: never empty, never long."""
    found = text(said, name)
    if not 0 < len(found) <= 256 or not found.isascii() or not found.isprintable():
        raise _wrong(name)
    return found


def number(said: Json, name: str) -> int | None:
    """A number, which Gmail writes as a text when it is a long one."""
    found = said.get(name)
    if found is None:
        return None
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 20:
        return int(found)
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 1 << 63:
        return found
    raise _wrong(name)


def _wrong(name: str) -> Unavailable:
    return unreadable(SERVICE, f"`{name}` is not as it should be" if name != "its form" else "another form")

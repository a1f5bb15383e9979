"""Mail in the outbox: its columns, its text, and what a person's editing makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from email import message_from_bytes
from email.errors import MessageError
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import default
from io import BytesIO

from vfs.errors import BadName
from vfs.node import Value

_POLICY = default.clone(utf8=True, max_line_length=0, raise_on_defect=False)
_RECIPIENTS = ("to", "cc", "bcc")


def attributes(content: bytes) -> Mapping[str, Value]:
    """What `ls /outbox` shows of a mail."""
    mail = _read(content)
    attrs: dict[str, Value] = {"title": " ".join(str(mail.get("subject", "")).split())}
    for name in _RECIPIENTS:
        addresses = _addresses(mail, name)
        if addresses:
            attrs[name] = addresses
    return attrs


def text(content: bytes) -> str:
    """What a person reads before it leaves: headers that matter, the text, the names of attachments."""
    mail = _read(content)
    lines = [
        f"{name.title()}: {' '.join(str(value).split())}"
        for name in ("from", *_RECIPIENTS, "subject", "in-reply-to")
        for value in mail.get_all(name, [])
    ]
    lines += [f"Attachment: {part.get_filename() or part.get_content_type()}" for part in _attached(mail)]
    return "\n".join([*lines, "", _body(mail)])


def revised(before: bytes, edited: bytes, key: str) -> bytes:
    """A mail as it was edited, still the same deed: its Message-ID and sender stay, its date is told anew.

    Raises BadName, with what is wrong, for what could not be sent.
    """
    mail = _read(edited.replace(b"\r\n", b"\n"))
    if not mail.keys():
        raise BadName(None, "the first lines must be the mail's headers, such as To: and Subject:")
    if not any(_addresses(mail, name) for name in _RECIPIENTS):
        raise BadName(None, "it names nobody to send it to", hint="write an address behind To:")
    old = _read(before)
    for name in ("Message-ID", "From", "Date"):
        kept = key if name == "Message-ID" and key else mail.get(name) or old.get(name)
        del mail[name]
        if kept:
            mail[name] = str(kept)
    if not mail.is_multipart() and "content-type" not in mail:
        mail["MIME-Version"] = mail.get("MIME-Version") or "1.0"
        mail["Content-Type"] = 'text/plain; charset="utf-8"'
        mail["Content-Transfer-Encoding"] = "8bit"
    out = BytesIO()
    try:
        BytesGenerator(out, mangle_from_=False, policy=_POLICY).flatten(mail)
    except (MessageError, UnicodeError, ValueError) as error:
        raise BadName(None, f"cannot be sent as it stands: {error}") from error
    return out.getvalue()


def _read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=_POLICY)


def _addresses(mail: EmailMessage, name: str) -> tuple[str, ...]:
    return tuple(
        str(address)
        for header in mail.get_all(name, [])
        for address in getattr(header, "addresses", ())
        if "@" in address.addr_spec
    )


def _attached(mail: EmailMessage) -> list[EmailMessage]:
    return [part for part in mail.walk() if part.get_content_disposition() == "attachment"]


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        if part.get_content_charset() is not None:
            return str(part.get_content())
    except (LookupError, UnicodeError, KeyError):
        pass
    return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")

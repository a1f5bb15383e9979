"""What Python's own parser finds in a mail, to be held against what we show and attach."""

from __future__ import annotations

import email
import email.policy
import re
import warnings
from collections.abc import Iterator
from email.message import Message

from providers.mail import attachments
from providers.mail.message import describe

NOT_TEXT = re.compile(r"[^\w]+")


def leaves(data: bytes) -> Iterator[tuple[str, bytes, bytes]]:
    """The leaves of a mail as the standard library sees them: (type, decoded bytes, bytes as sent)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        message: Message = email.message_from_bytes(data, policy=email.policy.compat32)
        for part in message.walk():
            if part.is_multipart():
                continue
            content = part.get_payload(decode=True)
            sent = str(part.get_payload()).encode("utf-8", "surrogateescape")
            yield part.get_content_type(), content if isinstance(content, bytes) else b"", sent


def words(data: bytes | str) -> str:
    """The letters and digits of a content, for comparing texts however they are laid out."""
    text = data if isinstance(data, str) else data.decode("latin-1")
    return NOT_TEXT.sub("", "".join(char for char in text if char.isascii()))


def held(data: bytes) -> tuple[str, list[bytes]]:
    """The text that we show of a mail, and the bytes of everything that we attach."""
    found = attachments.entries(data)
    return describe(data, True).text, [attachments.read(data, one.name) for one in found]


def lost(data: bytes) -> list[tuple[str, bytes]]:
    """The leaves that are neither in the text nor among the attachments, nor in an attached message.

    What is not encoded as it claims may also be there as it was sent.
    """
    text, files = held(data)
    shown = words(text)
    kept = {file.strip() for file in files}
    joined = [words(file) for file in files]
    return [
        (kind, content)
        for kind, content, sent in leaves(data)
        if content.strip()
        and not {content.strip(), sent.strip()} & kept
        and words(content) not in shown
        and not any(words(content) in file for file in joined)
    ]

"""Attachments: what a message holds beside the text that is shown, under names that are safe to save."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from providers.mail.body import Body, Leaf, Role, body_of
from providers.mail.naming import bare
from providers.mail.parts import Part, content
from vfs.errors import NotFound
from vfs.names import clean, cut, distinct, slug

SMALL = 2 * 1024 * 1024
"""Bytes of a message that is remembered, taken apart."""

_SEPARATOR = re.compile(r"[/\\]")
_SUFFIXES = {
    "application/pdf": "pdf",
    "application/json": "json",
    "application/xml": "xml",
    "application/zip": "zip",
    "application/gzip": "gz",
    "application/ms-tnef": "dat",
    "application/pgp-encrypted": "txt",
    "application/pgp-keys": "asc",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/x-pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "audio/mpeg": "mp3",
    "image/jpeg": "jpg",
    "image/svg+xml": "svg",
    "message/delivery-status": "txt",
    "message/global": "eml",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/markdown": "md",
    "text/plain": "txt",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/x-diff": "diff",
    "text/x-patch": "patch",
}
_PLAIN_SUFFIX = re.compile(r"[a-z0-9]{1,5}\Z")


class Attachment(NamedTuple):
    """A part of a message, as a file."""

    name: str
    """The only one of its message; never a path, hidden or an option."""
    mime: str
    size: int
    role: Role = Role.ATTACHMENT


def entries(message: bytes) -> Sequence[Attachment]:
    """Everything in a whole message that is not shown as it was sent, in order. Never raises."""
    return entries_of(message, _body(message))


def entries_of(message: bytes, body: Body) -> Sequence[Attachment]:
    """`entries` of a message that was taken apart already."""
    names = _names(body.leaves)
    return [
        Attachment(name, leaf.part.mime, _size(message, leaf.part), leaf.role)
        for name, leaf in zip(names, body.leaves, strict=True)
    ]


def read(message: bytes, name: str) -> bytes:
    """The bytes of one of `entries`. Raises NotFound."""
    leaves = _body(message).leaves
    for known, leaf in zip(_names(leaves), leaves, strict=True):
        if known == name:
            return content(message, leaf.part)
    raise NotFound(name, "the mail has no attachment of that name")


def _body(message: bytes) -> Body:
    return _recent(message) if len(message) <= SMALL else body_of(message)


# Whoever copies a mail's attachments asks for each of them by its name.
_recent = lru_cache(2)(body_of)


def _names(leaves: Sequence[Leaf]) -> list[str]:
    return distinct((_name(leaf, at), str(at)) for at, leaf in enumerate(leaves, 1))


def _size(message: bytes, part: Part) -> int:
    if part.encoding in ("base64", "quoted-printable") or part.encoding.startswith(("x-uu", "uu")):
        return len(content(message, part))
    return part.stop - part.start


def _name(leaf: Leaf, at: int) -> str:
    """What a part is called: as its sender says, without whatever leads elsewhere."""
    part = leaf.part
    last = clean(_SEPARATOR.split(part.named.rstrip("/\\ "))[-1]) if part.named.strip("/\\. ") else ""
    # A leading dot would hide the file, a leading dash make an option of it.
    name = last.strip().lstrip(". ")
    name = name.replace("-", "_", 1) if name.startswith("-") else name
    return name if name and name != "unnamed" else _made_up(leaf, at)


def _made_up(leaf: Leaf, at: int) -> str:
    part = leaf.part
    suffix = _SUFFIXES.get(part.mime)
    if suffix is None:
        subtype = part.mime.partition("/")[2]
        suffix = subtype if _PLAIN_SUFFIX.match(subtype) else "bin"
    if suffix == "eml":
        subject = part.kids[0].headers.text(b"subject") if part.kids else ""
        words = slug(bare(subject)[0])
        return f"{cut(words, 60) if words != 'untitled' else f'message-{at}'}.eml"
    if leaf.role is Role.ALTERNATIVE:
        return f"message.{suffix}"
    if leaf.role is Role.SIGNATURE:
        return f"signature.{suffix}"
    return f"part-{at}.{suffix}"

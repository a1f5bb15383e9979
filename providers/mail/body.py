"""Body: what of a message is shown, in which order, and what everything else is.

Each leaf is shown, or has a role, or both (what is shown another way than it was sent: pages, calendars,
forwarded messages), so that no part is lost. Of alternatives the plain text is shown, unless it is empty or
only points at the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from providers.mail.calendar import summary
from providers.mail.charsets import text_of
from providers.mail.html import page_of
from providers.mail.parts import Part, content, parse
from providers.mail.plain import enriched, paragraphs

LONGEST = 4 * 1024 * 1024
"""Characters of a message that are shown."""
PATCH = 64 * 1024
"""Bytes of a named text that is shown where it stands."""
FORWARDED = "---------- Forwarded message ----------"


class Role(Enum):
    """What a part is that is not the text."""

    ATTACHMENT = "attachment"
    INLINE = "inline"
    """A picture of the page, and the like."""
    ALTERNATIVE = "alternative"
    """The text in another form."""
    SIGNATURE = "signature"


class Leaf(NamedTuple):
    """A part beside the text."""

    part: Part
    role: Role


class Body(NamedTuple):
    """A message, taken apart."""

    text: str
    leaves: Sequence[Leaf]
    """In the order of the message."""
    signed: str
    """By which technique; "" when it is not. Nobody has checked it."""
    encrypted: str
    remarks: Sequence[str]


def body_of(data: bytes) -> Body:
    """What there is to be read in a whole message. Never raises."""
    taking = _Taking(data)
    root = parse(data)
    taking.walk(root)
    text = "\n\n".join(taking.texts)
    if "-----BEGIN PGP MESSAGE-----" in text:
        taking.encrypted = taking.encrypted or "OpenPGP, within the text"
    if "-----BEGIN PGP SIGNED MESSAGE-----" in text:
        taking.signed = taking.signed or "OpenPGP, within the text"
    leaves = taking.leaves
    if len(leaves) > 1:
        order = {id(part): at for at, part in enumerate(_all(root))}
        leaves = sorted(leaves, key=lambda leaf: order.get(id(leaf.part), 0))
    return Body(text, leaves, taking.signed, taking.encrypted, tuple(dict.fromkeys(taking.remarks)))


def _all(root: Part) -> Sequence[Part]:
    found: list[Part] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        found.append(part)
        waiting += reversed(part.kids)
    return found


class _Taking:
    """What has been shown so far of one message."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._size = 0
        self.texts: list[str] = []
        self.leaves: list[Leaf] = []
        self.signed = ""
        self.encrypted = ""
        self.remarks: list[str] = []

    def walk(self, part: Part) -> None:
        """Shows a part, or gives it a role. As deep as `parts.DEEPEST`."""
        if part.is_leaf:
            self._leaf(part)
        elif part.mime.startswith("message/"):
            self._message(part)
        else:
            kind = part.mime.removeprefix("multipart/")
            {
                "alternative": self._alternative,
                "related": self._related,
                "signed": self._signed,
                "encrypted": self._encrypted,
            }.get(kind, self._mixed)(part)

    def aside(self, part: Part, role: Role) -> None:
        """Gives all leaves of a part a role."""
        self.leaves += [Leaf(leaf, role) for leaf in part.leaves()]

    # -- multiparts

    def _mixed(self, part: Part) -> None:
        for kid in part.kids:
            self.walk(kid)

    def _alternative(self, part: Part) -> None:
        plain = _first(part.kids, "text/plain")
        page = _first(part.kids, "text/html")
        chosen = plain or page
        if plain is not None and page is not None and self._is_poor(plain, page):
            chosen = page
        if chosen is None:
            chosen = next((kid for kid in part.kids if _first([kid], "text/") is not None), part.kids[0])
        for kid in part.kids:
            if kid is chosen:
                self.walk(kid)
            elif kid.is_leaf and kid.mime == "text/calendar":
                self._leaf(kid)
            else:
                for leaf in kid.leaves():
                    is_text = leaf.mime.startswith("text/") and leaf.disposition != "attachment"
                    role = Role.INLINE if leaf.id and not is_text else Role.ATTACHMENT
                    self.leaves.append(Leaf(leaf, Role.ALTERNATIVE if is_text else role))

    def _is_poor(self, plain: Part, page: Part) -> bool:
        """Whether a plain text only says that there is a page."""
        leaf = next(leaf for leaf in plain.leaves() if leaf.mime == "text/plain")
        text = self._decoded(leaf)[:3000].strip()
        if len(text) > 600:
            return False
        if text and not _POINTS_ELSEWHERE.search(text):
            return False
        other = next(leaf for leaf in page.leaves() if leaf.mime == "text/html")
        return len(page_of(self._decoded(other)[:100_000]).text) > len(text)

    def _related(self, part: Part) -> None:
        start = part.params.get("start", "").strip("<>")
        root = next((kid for kid in part.kids if start and kid.id == start), part.kids[0])
        for kid in part.kids:
            if kid is root:
                self.walk(kid)
            elif kid.is_leaf and not kid.mime.startswith("text/") and kid.disposition != "attachment":
                self.leaves.append(Leaf(kid, Role.INLINE))
            else:
                self.walk(kid)

    def _signed(self, part: Part) -> None:
        self.signed = self.signed or _technique(part.params.get("protocol", "") or part.kids[-1].mime)
        for kid in part.kids:
            self.walk(kid)

    def _encrypted(self, part: Part) -> None:
        self.encrypted = self.encrypted or _technique(part.params.get("protocol", ""))
        self.aside(part, Role.ATTACHMENT)

    def _message(self, part: Part) -> None:
        inner = part.kids[0]
        self.leaves.append(Leaf(part, Role.ATTACHMENT))
        headers = [
            f"{label}: {value[:1000]}"
            for label, value in (
                (label, inner.headers.text(label.lower().encode())) for label in _FORWARDED_FIELDS
            )
            if value
        ]
        self._show("\n".join([FORWARDED, *headers]))
        self.walk(inner)

    # -- leaves

    def _leaf(self, part: Part) -> None:
        if part.mime in _SIGNATURES:
            self.leaves.append(Leaf(part, Role.SIGNATURE))
            return
        if part.mime in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            self._sealed(part)
        shown = self._shown(part)
        if shown is None:
            self.leaves.append(Leaf(part, Role.ATTACHMENT))
            return
        text, role = shown
        fits = self._show(text)
        if role is not None or not fits:
            self.leaves.append(Leaf(part, role or Role.ATTACHMENT))

    def _shown(self, part: Part) -> tuple[str, Role | None] | None:
        """The text of a leaf, and its role beside that; None when it is not to be shown."""
        kind, named = part.mime, bool(part.named)
        if part.disposition == "attachment":
            return None
        if kind == "text/calendar":
            text = summary(self._decoded(part))
            return (text, Role.ATTACHMENT) if text else None
        if named and self.texts:
            size = part.stop - part.start
            if kind in _PATCHES and part.disposition == "inline" and size <= PATCH:
                return self._decoded(part).strip("\n"), Role.ATTACHMENT
            return None
        if kind == "text/html":
            page = page_of(self._decoded(part))
            self.remarks += page.remarks
            return page.text, Role.ALTERNATIVE
        if kind in ("text/enriched", "text/richtext"):
            return enriched(self._decoded(part)), Role.ALTERNATIVE
        if kind == "text/plain" or kind.startswith("multipart/") or kind in _REPORTS:
            is_whole = kind.startswith("multipart/") and len(part.headers.raw(b"content-type")) > 0
            text = paragraphs(self._decoded(part), part.params)
            return text, Role.ALTERNATIVE if is_whole and part.params.get("boundary") else None
        return (self._decoded(part), Role.ALTERNATIVE) if kind.startswith("text/") and not named else None

    def _decoded(self, part: Part) -> str:
        return text_of(content(self._data, part), part.params.get("charset", ""))

    def _sealed(self, part: Part) -> None:
        kind = part.params.get("smime-type", "").lower()
        if kind == "signed-data":
            self.signed = self.signed or "S/MIME"
            self.remarks.append("the text lies within the signature, smime.p7m")
        else:
            self.encrypted = self.encrypted or "S/MIME"

    def _show(self, text: str) -> bool:
        """Adds to what is shown; False when not all of it was."""
        text = text.replace("\r\n", "\n").strip("\n")
        room = LONGEST - self._size
        self._size += min(len(text), room)
        if text and room > 0:
            self.texts.append(text[:room])
        if len(text) > room:
            self.remarks.append("the message is longer than what is shown")
        return len(text) <= room


_FORWARDED_FIELDS = ("From", "To", "Cc", "Date", "Subject")
_POINTS_ELSEWHERE = re.compile(
    r"html|browser|online|web ?version|view (?:this|it|in)|navigateur|anzeigen", re.IGNORECASE
)
_SIGNATURES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_PATCHES = frozenset({"text/plain", "text/x-patch", "text/x-diff", "text/x-log"})
_REPORTS = frozenset(
    {
        "message/delivery-status",
        "message/disposition-notification",
        "text/rfc822-headers",
        "message/feedback-report",
    }
)


def _technique(protocol: str) -> str:
    lower = protocol.lower()
    if "pgp" in lower:
        return "OpenPGP"
    return "S/MIME" if "pkcs7" in lower else "unknown technique"


def _first(parts: Sequence[Part], kind: str) -> Part | None:
    """The first of `parts` that is of a kind, or holds its text as such."""
    for part in parts:
        leaf = part
        while not leaf.is_leaf and leaf.mime.startswith("multipart/"):
            leaf = leaf.kids[0]
        if leaf.is_leaf and leaf.mime.startswith(kind) and leaf.disposition != "attachment":
            return part
    return None

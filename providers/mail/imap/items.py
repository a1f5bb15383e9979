"""Items: what the server says of a message as an item of the mirror."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import tzinfo
from hashlib import blake2b

from providers.mail.facts import fields_of, item_facts
from providers.mail.imap import flags
from providers.mail.imap.hrefs import href
from providers.mail.imap.responses import Fetched
from providers.mail.naming import name_of
from providers.mirror.remote import Item
from providers.outbox.deed import MAIL

FIELDS = "DATE FROM SENDER TO CC REPLY-TO SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES LIST-ID CONTENT-TYPE"
_NAMING = (b"date", b"from", b"message-id", b"subject")
_ID = re.compile(rb"<[^<>\s]{1,200}>")


def asked(offers: frozenset[str], modseq: bool) -> str:
    """The items of a FETCH that lists messages."""
    own = "EMAILID " if "OBJECTID" in offers else "X-GM-MSGID " if "X-GM-EXT-1" in offers else ""
    counted = "MODSEQ " if modseq else ""
    return f"(UID FLAGS INTERNALDATE RFC822.SIZE {counted}{own}BODY.PEEK[HEADER.FIELDS ({FIELDS})])"


def items(told: Iterable[Fetched], validity: int, zone: tzinfo | None) -> list[Item]:
    """Those that are whole answers, newest first; a message that is marked as deleted is none."""
    seen = {one.uid: one for one in told if one.uid and one.content is not None and one.size is not None}
    return [_item(seen[uid], validity, zone) for uid in sorted(seen, reverse=True) if not seen[uid].deleted]


def _item(one: Fetched, validity: int, zone: tzinfo | None) -> Item:
    header = one.content or b""
    facts = item_facts(_block(header))
    return Item(
        href(validity, one.uid),
        "",  # a message never changes
        name_of(facts, one.at, zone),
        flags.state(one.flags or ()),
        facts.attrs,
        facts.date or one.at,
        one.size,
        MAIL,
        identity(one),
        header,
    )


def _block(header: bytes) -> bytes:
    """A header without the empty line at its end, as it will be described."""
    return header[:-2] if header.endswith(b"\n\r\n") else header


def identity(one: Fetched) -> str:
    """The same for the same message in another folder: the server's number, or what tells messages apart."""
    if one.identity:
        return f"e:{one.identity}"
    found = fields_of(_block(one.content or b""))
    said = [name + b":" + b" ".join(found[name].split()) + b"\n" for name in _NAMING if name in found]
    digest = blake2b(b"".join(said) + f"{one.size} {one.at}".encode(), digest_size=10)
    message_id = _ID.search(b" ".join(found.get(b"message-id", b"").split()))
    return f"h:{digest.hexdigest()}:{message_id.group().decode('latin-1') if message_id else ''}"


def message_id(identity: str) -> str:
    """The Message-ID, with its angles, that an identity carries; "" when it carries none."""
    kind, _, rest = identity.partition(":")
    return rest.partition(":")[2] if kind == "h" else ""

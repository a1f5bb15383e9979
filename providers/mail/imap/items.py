"""Items: what the server says of a message as an item of the mirror."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import tzinfo
from hashlib import blake2b

from providers.mail.facts import item_facts
from providers.mail.imap import flags
from providers.mail.imap.hrefs import href
from providers.mail.imap.responses import Fetched
from providers.mail.naming import name_of
from providers.mirror.remote import Item
from providers.outbox.deed import MAIL

FIELDS = "DATE FROM SENDER TO CC REPLY-TO SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES LIST-ID CONTENT-TYPE"
_NAMING = re.compile(
    rb"^(date|from|subject|message-id)[ \t]*:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.MULTILINE | re.IGNORECASE
)
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
    # Without the empty line at its end it is the header that will be described.
    facts = item_facts(header[:-2] if header.endswith(b"\n\r\n") else header)
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


def identity(one: Fetched) -> str:
    """The same for the same message in another folder: the server's number, or what tells messages apart."""
    if one.identity:
        return f"e:{one.identity}"
    header = one.content or b""
    fields = {name.lower(): b" ".join(value.split()) for name, value in reversed(_NAMING.findall(header))}
    digest = blake2b(digest_size=10)
    for name in sorted(fields):
        digest.update(name + b":" + fields[name] + b"\n")
    digest.update(f"{one.size} {one.at}".encode())
    message_id = _ID.search(fields.get(b"message-id", b""))
    return f"h:{digest.hexdigest()}:{message_id.group().decode('latin-1') if message_id else ''}"


def message_id(identity: str) -> str:
    """The Message-ID, with its angles, that an identity carries; "" when it carries none."""
    kind, _, rest = identity.partition(":")
    return rest.partition(":")[2] if kind == "h" else ""

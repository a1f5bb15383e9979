"""What a server's answers say: FETCH, LIST, STATUS, ESEARCH, VANISHED, and codes such as COPYUID.

What imaplib hands over is a list of parts: bytes for a line, a tuple for a line up to a literal and the
literal. All of it was sent by the server: what cannot be read is passed over, and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from providers.mail.imap import uids
from providers.mail.imap.hrefs import href

Part = bytes | tuple[bytes, bytes] | None
"""As imaplib hands it over."""


class Fetched(NamedTuple):
    """What one FETCH response says of a message; None and 0 where it does not."""

    number: int
    uid: int
    flags: tuple[str, ...] | None
    at: datetime | None
    size: int | None
    modseq: int
    identity: str
    """The server's own number of the content: EMAILID, X-GM-MSGID."""
    content: bytes | None
    """The one section that was asked for."""

    @property
    def deleted(self) -> bool:
        """Whether it is marked to be removed: to a person it is gone."""
        return self.flags is not None and any(flag.lower() == "\\deleted" for flag in self.flags)


_NUMBER = re.compile(rb"(\d{1,10}) (?:FETCH )?\(")
_ITEM = re.compile(
    rb" *(?:UID (?P<uid>\d{1,10})|FLAGS \((?P<flags>[^()]*)\)|INTERNALDATE \"(?P<at>[^\"]*)\""
    rb"|RFC822\.SIZE (?P<size>\d{1,19})|MODSEQ \((?P<modseq>\d{1,20})\)|EMAILID \((?P<email>[^()\s]{1,255})\)"
    rb"|X-GM-MSGID (?P<google>\d{1,20})|(?P<body>(?:BODY|BINARY)\[[^\]]*\](?:<\d+>)?) *)",
    re.IGNORECASE,
)
_VALUE = re.compile(rb' *(?:\{\d+\}$|"((?:[^"\\]|\\.)*)"|NIL|[^\s()"]+)', re.IGNORECASE | re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_MONTHS = {
    month: number
    for number, month in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}


def fetched(parts: Sequence[Part]) -> Iterator[Fetched]:
    """Each message that the parts of FETCH responses name."""
    waiting: list[tuple[bytes, bytes]] = []
    for part in parts:
        if isinstance(part, tuple):
            waiting.append(part)
            continue
        if part is not None and (message := _message(waiting, part)) is not None:
            yield message
        waiting = []


def _message(literals: Sequence[tuple[bytes, bytes]], end: bytes) -> Fetched | None:
    head = _NUMBER.match(literals[0][0] if literals else end)
    if head is None:
        return None
    said: dict[str, bytes] = {}
    content: bytes | None = None
    position = head.end()
    for text, literal in literals:
        if _items(text, position, said) is not None:
            content = literal
        position = 0
    quoted = _items(end, position, said)
    flags = said.get("flags")
    return Fetched(
        int(head.group(1)),
        int(said.get("uid", 0)),
        None if flags is None else tuple(flags.decode("ascii", "replace").split()),
        moment(said["at"]) if "at" in said else None,
        int(said["size"]) if "size" in said else None,
        int(said.get("modseq", 0)),
        (said.get("email") or said.get("google") or b"").decode("ascii", "replace"),
        content if content is not None else quoted,
    )


def _items(text: bytes, position: int, said: dict[str, bytes]) -> bytes | None:
    """Reads items into `said`; the value of a section when one is among them, b"" when a literal follows."""
    section: bytes | None = None
    while (found := _ITEM.match(text, position)) is not None:
        position = found.end()
        kind = found.lastgroup
        if kind == "body":
            value = _VALUE.match(text, position)
            position = value.end() if value is not None else len(text)
            section = _ESCAPED.sub(rb"\1", value.group(1)) if value is not None and value.group(1) else b""
        elif kind is not None:
            said[kind] = found.group(kind)
    if position < len(text) and text[position : position + 1] not in b")":
        after = _beyond(text, position)
        if after > position:
            further = _items(text, after, said)
            return section if further is None else further
    return section


def _beyond(text: bytes, position: int) -> int:
    """Behind an item that nobody asked for: its name and a value, however deep its lists are."""
    name = re.compile(rb" *[A-Za-z0-9.\-]+ *").match(text, position)
    if name is None:
        return position
    position = name.end()
    if text[position : position + 1] != b"(":
        value = _VALUE.match(text, position)
        return value.end() if value is not None else len(text)
    depth = 0
    for token in re.compile(rb'"(?:[^"\\]|\\.)*"|[()]').finditer(text, position):
        depth += {b"(": 1, b")": -1}.get(token.group(), 0)
        if depth == 0:
            return token.end()
    return len(text)


@lru_cache(100)
def _zone(zone: bytes) -> timezone:
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return timezone(-offset if zone[:1] == b"-" else offset)


def moment(text: bytes) -> datetime | None:
    """An INTERNALDATE such as ` 1-Feb-2024 10:00:00 +0100`."""
    try:
        day, clock, zone = text.split()
        date, month, year = day.split(b"-")
        hour, minute, second = clock.split(b":")
        return datetime(
            *(int(year), _MONTHS[month.lower()], int(date), int(hour), int(minute), min(int(second), 59)),
            tzinfo=_zone(zone[:5]),
        )
    except (ValueError, KeyError, OverflowError):
        return None


class Listed(NamedTuple):
    """A mailbox of a LIST response."""

    name: bytes
    """As it stands on the wire, unquoted."""
    delimiter: bytes
    """b"" when there are no names within names."""
    attributes: frozenset[str]
    """In lower case."""


_LIST = re.compile(rb'\(([^)]*)\) (?:"(\\?[^"])"|(NIL)) *(.*)', re.DOTALL | re.IGNORECASE)


def listed(parts: Sequence[Part]) -> Iterator[Listed]:
    """Each mailbox of LIST responses."""
    for part in parts:
        text, literal = part if isinstance(part, tuple) else (part or b"", None)
        found = _LIST.match(text)
        if found is None:
            continue
        attributes = frozenset(found.group(1).decode("ascii", "replace").lower().split())
        delimiter = (found.group(2) or b"")[-1:]
        name = literal if literal is not None else unquoted(found.group(4))
        if name:
            yield Listed(name, delimiter, attributes)


def unquoted(text: bytes) -> bytes:
    """A string or an atom at the beginning of `text`, without what may follow it."""
    if text[:1] != b'"':
        return text.split(b" ")[0]
    found = re.match(rb'"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    return _ESCAPED.sub(rb"\1", found.group(1)) if found else b""


def statuses(parts: Sequence[Part]) -> Iterator[tuple[bytes, dict[str, int]]]:
    """Each mailbox of STATUS responses, with its numbers."""
    name: bytes | None = None
    for part in parts:
        if isinstance(part, tuple):
            name = part[1]
            continue
        text = part or b""
        yield (unquoted(text) if name is None else name), _pairs(text[text.rfind(b"(") :])
        name = None


def _pairs(text: bytes) -> dict[str, int]:
    return {key.decode().upper(): int(value) for key, value in re.findall(rb"([A-Za-z]+) (\d{1,20})", text)}


def found(search: Sequence[Part], esearch: Sequence[Part], most: int) -> list[int]:
    """The UIDs of SEARCH and ESEARCH responses. Raises ValueError when they cannot be that many."""
    numbers: list[int] = []
    for part in esearch:
        if isinstance(part, bytes) and (named := re.search(rb" ALL ([0-9:,]+)", part, re.IGNORECASE)):
            numbers += uids.numbers(named.group(1).decode(), most)
    for part in search:
        if isinstance(part, bytes):
            # CONDSTORE: `(MODSEQ 5)` may stand at the end.
            numbers += [
                int(word) for word in part.split(b"(")[0].split() if word.isdigit() and len(word) <= 10
            ]
    return numbers


def vanished(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """The stretches of UIDs that VANISHED responses name."""
    stretches: list[tuple[int, int]] = []
    for part in parts:
        if isinstance(part, bytes) and (named := re.fullmatch(rb"(?:\(EARLIER\) )?([0-9:,]+)", part.strip())):
            try:
                stretches += uids.ranges(named.group(1).decode())
            except ValueError:
                continue
    return stretches


_COPIED = re.compile(rb"(\d{1,10}) ([0-9:,]+) ([0-9:,]+)")


def copied(parts: Sequence[Part]) -> dict[int, str]:
    """Old UID to new href, of COPYUID codes."""
    pairs: dict[int, str] = {}
    for part in parts:
        if not isinstance(part, bytes) or (said := _COPIED.match(part)) is None:
            continue
        try:
            old = uids.numbers(said.group(2).decode(), 100_000)
            new = uids.numbers(said.group(3).decode(), 100_000)
        except ValueError:
            continue
        if len(old) == len(new):
            validity = int(said.group(1))
            pairs.update((one, href(validity, other)) for one, other in zip(old, new, strict=True))
    return pairs


def appended(parts: Sequence[Part]) -> tuple[int, int] | None:
    """UIDVALIDITY and UID of an APPENDUID code; None when there is none."""
    for part in parts:
        if isinstance(part, bytes) and (said := re.match(rb"(\d{1,10}) (\d{1,10})$", part)):
            return int(said.group(1)), int(said.group(2))
    return None


def number(parts: Sequence[Part]) -> int:
    """The last number among the parts, of EXISTS, UIDNEXT, HIGHESTMODSEQ; 0 when there is none."""
    for part in reversed(parts):
        if isinstance(part, bytes) and (said := re.match(rb"\d{1,20}", part)):
            return int(said.group())
    return 0

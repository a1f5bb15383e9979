"""Letters: the columns of a mail on a terminal: what tells mails apart, and marks in a letter each."""

from __future__ import annotations

from collections.abc import Mapping

from commands.stream import Record
from commands.values import one_line
from vfs.node import Value

MARKS = {"unread": "N", "flagged": "!", "answered": "r", "forwarded": "f", "draft": "d", "attachments": "+"}
"""A letter for each attribute that is set."""

_OF_MAIL = frozenset({"from", "path", "unread"})
_BEHIND = frozenset({*MARKS, "kind", "mtime", "path", "title"})


def flags(attrs: Mapping[str, Value]) -> str:
    """The letters of MARKS for what is set, in their order."""
    return "".join([letter for name, letter in MARKS.items() if attrs.get(name)])


def short_name(text: str) -> str:
    """`Ada Lovelace` of `Ada Lovelace <ada@example.org>`; the address where the name pretends to be one."""
    name, opening, rest = text.rpartition("<")
    plain = name.strip().strip('"').strip()
    if not opening or not plain or "@" in plain:
        return rest.rstrip(">") if opening else text
    return plain


def drawn(record: Record) -> Record:
    """A record of all that is known of a mail as a row for people; any other record as it is."""
    fields = record.fields
    if not fields.keys() >= _OF_MAIL or not ("title" in fields or "subject" in fields):
        return record
    shown: dict[str, Value] = {
        "size": fields.get("size"),
        "date": fields.get("date") or fields.get("mtime"),
        "flags": flags(fields),
        "name": fields.get("name"),
        "from": short_name(one_line(fields["from"])),
        "subject": fields.get("subject") or fields.get("title"),
    }
    if "subject" in fields:
        shown = {name: shown[name] for name in ("date", "flags", "from", "subject", "name")}
    for name, value in fields.items():
        if name not in _BEHIND:
            shown.setdefault(name, value)
    return record._replace(fields=shown)

"""Mails as rows: who wrote, about what, when, and what is to be seen at a glance."""

from __future__ import annotations

from datetime import datetime, tzinfo

from commands.mailing.places import Mail
from commands.stream import Record
from commands.values import one_line
from vfs.node import Node, Value

MARKS = {"unread": "N", "flagged": "!", "answered": "r", "forwarded": "f", "draft": "d", "attachments": "+"}
"""A letter for each attribute that is set."""


def when(node: Node) -> datetime | None:
    """When a mail was written; when it came, where it does not say."""
    date = node.attrs.get("date")
    return date if isinstance(date, datetime) else node.mtime


def newest_first(mail: Mail) -> tuple[float, str]:
    """The key that sorts mails."""
    date = when(mail.node)
    return (-date.timestamp() if date is not None else 0.0, mail.path.name)


def subject(node: Node) -> str:
    """What a mail is about."""
    title = node.attrs.get("title")
    return title if isinstance(title, str) and title else node.name


def sender(node: Node) -> str:
    """Who wrote, in a word: the name, but the address where the name pretends to be one."""
    return short_name(one_line(node.attrs.get("from")))


def short_name(text: str) -> str:
    """`Ada Lovelace` of `Ada Lovelace <ada@example.org>`."""
    name, opening, rest = text.rpartition("<")
    plain = name.strip().strip('"').strip()
    if not opening or not plain or "@" in plain:
        return rest.rstrip(">") if opening else text
    return plain


def flags(node: Node) -> str:
    """The letters of MARKS for what is set, in their order."""
    return "".join([letter for name, letter in MARKS.items() if node.attrs.get(name)])


def columns(node: Node) -> dict[str, Value]:
    """What `ls -l` shows of a mail on a terminal: what tells mails apart comes first."""
    fields: dict[str, Value] = {
        "size": node.size,
        "date": when(node),
        "flags": flags(node),
        "name": node.name,
        "from": sender(node),
        "subject": node.attrs.get("title"),
    }
    for name, value in node.attrs.items():
        if name not in MARKS and name != "title":
            fields.setdefault(name, value)
    return fields


def record_of(mail: Mail, zone: tzinfo | None, *, tty: bool) -> Record:
    """A mail as a row: what fits a terminal, or all that is known of it."""
    node = mail.node
    date = when(node)
    local = date.astimezone(zone) if date is not None else None
    fields: dict[str, Value] = {
        "date": local,
        "flags": flags(node),
        "from": sender(node) if tty else one_line(node.attrs.get("from")),
        "subject": subject(node),
        "name": node.name,
    }
    if not tty:
        for name, value in node.attrs.items():
            fields.setdefault(name, value)
        fields.update({"size": node.size, "path": str(mail.path)})
    moment = f"{local:%Y-%m-%d %H:%M}" if local is not None else "-"
    shown = [moment, flags(node), one_line(fields["from"]), one_line(fields["subject"]), str(mail.path)]
    return Record("\t".join([one_line(text) for text in shown]), fields, mail.path)

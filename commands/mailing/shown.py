"""Mails as rows: who wrote, about what, when, and what is to be seen at a glance."""

from __future__ import annotations

from datetime import datetime, tzinfo

from commands.mailing.places import Mail
from commands.render.letters import flags, short_name
from commands.stream import Record
from commands.values import one_line
from vfs.node import Node, Value


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


def record_of(mail: Mail, zone: tzinfo | None, *, tty: bool) -> Record:
    """A mail as a row: what fits a terminal, or all that is known of it."""
    node = mail.node
    date = when(node)
    local = date.astimezone(zone) if date is not None else None
    fields: dict[str, Value] = {
        "date": local,
        "flags": flags(node.attrs),
        "from": sender(node) if tty else one_line(node.attrs.get("from")),
        "subject": subject(node),
        "name": node.name,
    }
    if not tty:
        for name, value in node.attrs.items():
            fields.setdefault(name, value)
        fields.update({"size": node.size, "path": str(mail.path)})
    moment = f"{local:%Y-%m-%d %H:%M}" if local is not None else "-"
    shown = [moment, flags(node.attrs), one_line(fields["from"]), one_line(fields["subject"]), str(mail.path)]
    return Record("\t".join([one_line(text) for text in shown]), fields, mail.path)

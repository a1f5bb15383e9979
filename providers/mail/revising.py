"""Revising: a mail that was not sent yet, as a draft for an editor, and the edited draft as a mail again."""

from __future__ import annotations

from datetime import UTC, datetime

from providers.mail.attachments import entries_of, read
from providers.mail.body import Role, body_of
from providers.mail.compose import File, draft_of, to_bytes
from providers.mail.draft import parse_draft, spelt
from providers.mail.facts import item_facts
from providers.mail.parts import parse
from vfs.errors import BadName


def editable(message: bytes) -> str | None:
    """The draft that a message spells, its attachments by name; None when there is more in it than that."""
    body = body_of(message)
    files = entries_of(message, body)
    if body.signed or body.encrypted or any(file.role is not Role.ATTACHMENT for file in files):
        return None
    if any(part.mime == "text/html" and part.disposition != "attachment" for part in parse(message).leaves()):
        return None
    return spelt(draft_of(message)._replace(attach=tuple(file.name for file in files)))


def mended(text: str, message: bytes) -> bytes:
    """The message with another draft: its Message-ID and date, and those attachments that are still named.

    Raises BadName.
    """
    draft = parse_draft(text)
    facts = item_facts(message)
    files = {file.name: file for file in entries_of(message, body_of(message))}
    strange = next((name for name in draft.attach if name not in files), None)
    if strange is not None:
        raise BadName(
            None,
            f"Attach: {strange} is no attachment of this mail",
            hint="write a new one: mail send --attach",
        )
    kept = [File(name, read(message, name), files[name].mime) for name in dict.fromkeys(draft.attach)]
    return to_bytes(
        draft._replace(attach=()),
        kept,
        message_id=facts.message_id,
        date=facts.date or datetime.now(UTC),
        keeps_bcc=True,
    )

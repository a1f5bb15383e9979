"""Whether a mail meets a rule's condition."""

from __future__ import annotations

from commands.command import Context
from commands.expression import Expression
from commands.mailing.places import Mail
from commands.stream import Record
from vfs.node import Value

TEXT = 1024 * 1024
"""Bytes of a text that a condition looks at."""


def looks_inside(condition: Expression) -> bool:
    """Whether a condition asks for the text of a mail."""
    return "text" in condition.fields


async def judged(ctx: Context, condition: Expression, mail: Mail) -> bool:
    """Whether a mail meets the condition of a rule. Reads its text only where the condition asks for it."""
    fields: dict[str, Value] = {**mail.node.attrs}
    fields.setdefault("subject", mail.node.attrs.get("title"))
    fields.update({"name": mail.path.name, "folder": mail.path.parent.name, "size": mail.node.size})
    text = await _text(ctx, mail) if looks_inside(condition) else ""
    return bool(condition.test(Record(text, fields, mail.path)))


async def _text(ctx: Context, mail: Mail) -> str:
    parts: list[bytes] = []
    held = 0
    async with ctx.tree.text(mail.path) as blocks:
        async for block in blocks:
            parts.append(block)
            held += len(block)
            if held >= TEXT:
                break
    return b"".join(parts)[:TEXT].decode("utf-8", "replace")

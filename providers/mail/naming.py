"""Naming: what a mail's file is called: `2024-01-15-invoice-1234`.

The date is the day in the reader's own zone on which the mail says it was sent (where it says nothing
possible, on which it came), the rest a slug of its subject. `Re:` and `Fwd:` in all their languages stay
as one `re-` or `fwd-`, so that an answer is told from its question; the tag that a mailing list
puts before each subject is dropped. Without a subject the sender's name stands there.
"""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from providers.mail.addresses import Address
from providers.mail.facts import Facts
from vfs.names import slug

_REPLY = re.compile(
    r"(?:re|aw|sv|vs|antw|antwort|odp|ynt|r|rif|回复|答复|答覆)\s*(?:\[\d+\]|\(\d+\)|\*\d+)?\s*[:：]\s*",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"(?:fwd?|wg|tr|rv|enc|i|vb|doorst|转发|轉寄)\s*[:：]\s*", re.IGNORECASE)
_TAG = re.compile(r"\[[^\[\]]{1,60}\]\s*")
_NOTHING = "untitled"
LONGEST = 2000
"""Characters of a subject that are looked at."""


def bare(subject: str) -> tuple[str, str]:
    """A subject without its marks, and the outermost mark: "re", "fwd" or ""."""
    mark = ""
    text = subject[:LONGEST].strip()
    while ":" in text or "：" in text:
        for kind, pattern in (("re", _REPLY), ("fwd", _FORWARD)):
            found = pattern.match(text)
            if found is not None:
                mark = mark or kind
                text = text[found.end() :]
                break
        else:
            break
    return text, mark


def name_of(facts: Facts, at: datetime | None = None, zone: tzinfo | None = None) -> str:
    """The name of a mail that came `at`, in `zone`; None is this computer's zone."""
    return name(facts.title, facts.sender, facts.date or at, zone, bool(facts.list))


def name(
    subject: str,
    sender: Address | None,
    when: datetime | None,
    zone: tzinfo | None = None,
    is_from_list: bool = False,
) -> str:
    """The name of a mail. Not yet the only one of its folder."""
    return f"{_day(when, zone)}-{_title(subject, sender, is_from_list)}"


def _title(subject: str, sender: Address | None, is_from_list: bool) -> str:
    text, mark = bare(subject)
    tag = _TAG.match(text) if is_from_list else None
    if tag is not None:
        text, inner = bare(text[tag.end() :])
        mark = mark or inner
    words = slug(text)
    if words == _NOTHING and sender is not None:
        words = slug(sender.name or sender.address.partition("@")[0])
    if words == _NOTHING:
        words = "no-subject"
    return f"{mark}-{words}" if mark else words


def _day(when: datetime | None, zone: tzinfo | None) -> str:
    if when is None:
        return "undated"
    try:
        return when.astimezone(zone).date().isoformat()
    except (OverflowError, OSError, ValueError):
        # Before the first or after the last day that this computer can turn into its own zone.
        return when.date().isoformat()

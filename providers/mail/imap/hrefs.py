"""Hrefs: `UIDVALIDITY.UID` of a message: under another UIDVALIDITY a UID names another message.

What is written otherwise stands for a message whose number the server has not told: 0 and 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_HREF = re.compile(r"(\d{1,10})\.(\d{1,10})", re.ASCII)


def href(validity: int, uid: int) -> str:
    return f"{validity}.{uid}"


def uid_of(href: str) -> int:
    """The UID of an href."""
    found = _HREF.fullmatch(href)
    return int(found.group(2)) if found else 0


def validity_of(href: str) -> int:
    """The UIDVALIDITY under which an href means something."""
    found = _HREF.fullmatch(href)
    return int(found.group(1)) if found else 0


def uids_of(hrefs: Iterable[str], validity: int) -> list[int]:
    """The UIDs of those hrefs that mean something under a UIDVALIDITY."""
    return [uid for one in hrefs if validity_of(one) == validity and (uid := uid_of(one))]

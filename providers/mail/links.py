"""Links: what a page's link says, and where it leads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from providers.mail.addresses import safe
from providers.mail.encodedwords import one_line

LONGEST = 500
"""Characters of a target that are shown."""
MOST_REMARKS = 3

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,20}):")
_HOST = re.compile(r"(?:https?:)?//([^/?#\s]*)", re.IGNORECASE)
_LOOKS_LIKE = re.compile(r"(?:https?://)?((?:[\w-]{1,63}\.){1,8}[a-z]{2,24})(?=[/?#:\s]|\Z)", re.IGNORECASE)
_NOT_SHOWN = frozenset({"javascript", "vbscript", "data", "blob", "file"})


def target_of(href: str) -> str:
    """Where a link leads, as one line; "" for a place on the same page."""
    target = one_line(href).replace(" ", "%20")
    return "" if target.startswith("#") else target


class Links:
    """The links of one page."""

    def __init__(self) -> None:
        self._elsewhere: dict[str, None] = {}

    def said(self, text: str, target: str) -> str:
        """A link as text: `[text](target)` where the two differ."""
        label = text.strip()
        if not target:
            return label
        scheme = _SCHEME.match(target)
        kind = scheme.group(1).lower() if scheme else ""
        if kind in _NOT_SHOWN:
            return f"[{label}]({kind}: left out)" if label else ""
        shown = _shown(target)
        if not label:
            return ""
        if _is_same(label, target):
            return label
        if "\n" in label:
            return f"{label}\n({shown})"
        host = host_of(target)
        claimed = _LOOKS_LIKE.match(label)
        if host and claimed is not None and not _is_related(claimed.group(1).lower(), host):
            self._elsewhere.setdefault(f"a link that says {claimed.group(1)[:80]} leads to {safe(host)[:80]}")
        return f"[{label}]({shown})"

    def remarks(self) -> Iterator[str]:
        found = list(self._elsewhere)
        yield from found[:MOST_REMARKS]
        if len(found) > MOST_REMARKS:
            yield f"{len(found) - MOST_REMARKS} more links lead elsewhere than they say"


def host_of(target: str) -> str:
    """The host that a target leads to, whatever stands before it as a user's name; "" when there is none."""
    found = _HOST.match(target)
    if found is None:
        return ""
    host = found.group(1).rpartition("@")[2].replace("\\", "/").partition("/")[0]
    return host.partition(":")[0].lower().rstrip(".")


def _shown(target: str) -> str:
    host = host_of(target)
    if target.startswith("//"):
        target = f"https:{target}"
    if host and not host.isascii():
        target = re.sub(re.escape(host), lambda _: safe(host), target, count=1, flags=re.IGNORECASE)
    return target if len(target) <= LONGEST else target[: LONGEST - 1] + "…"


def _is_same(label: str, target: str) -> bool:
    return _plain(label) == _plain(target)


def _plain(text: str) -> str:
    lower = text.strip().lower()
    for prefix in ("mailto:", "tel:", "https://", "http://", "www."):
        lower = lower.removeprefix(prefix)
    return lower.rstrip("/")


def _is_related(claimed: str, host: str) -> bool:
    claimed = claimed.removeprefix("www.")
    return (
        host == claimed or host.endswith("." + claimed) or claimed.endswith("." + host.removeprefix("www."))
    )

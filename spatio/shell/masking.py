"""masked: a line as history keeps it, without the secrets that were typed into it."""

from __future__ import annotations

import re

_NAMED = re.compile(
    r"(?i)(?<![\w-])([A-Z0-9_-]*(?:key|token|secret|passw(?:or)?d|passphrase|credentials?)[A-Z0-9_-]*\s*[=:]\s*|"
    r"--[a-z-]*(?:key|token|secret|passw(?:or)?d)\s+)('[^']*'|\"[^\"]*\"|\S+)"
)
_SHAPED = re.compile(r"\b(?:sk-[\w-]{8,}|gh[pousr]_\w{16,}|xox[a-z]-[\w-]{10,}|AKIA[0-9A-Z]{12,})")
_URL = re.compile(r"(\w+://[^/\s:@]*:)[^/\s@]+@")


def masked(line: str) -> str:
    """The line with what looks like a secret replaced by `***`."""
    if len(line) > 4096:
        line = line[:4096] + "…"
    line = _NAMED.sub(r"\1***", line)
    line = _SHAPED.sub("***", line)
    return _URL.sub(r"\1***@", line)

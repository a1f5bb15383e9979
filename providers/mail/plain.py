"""Plain text as it was meant: `format=flowed` (RFC 3676) as paragraphs, `text/enriched` without its marks."""

from __future__ import annotations

import re
from collections.abc import Mapping

_QUOTED = re.compile(r"(>*)(.*)", re.DOTALL)
_PARAM = re.compile(r"<param>[^<]{0,500}</param>", re.IGNORECASE)
_MARK = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]{0,60}>")
_NEWLINES = re.compile(r"\n+")


def paragraphs(text: str, params: Mapping[str, str]) -> str:
    """The text of a plain part: as it is, or joined where its lines were only broken for transport."""
    text = text.replace("\r\n", "\n")
    if params.get("format", "").lower() != "flowed":
        return text
    return unflowed(text, params.get("delsp", "").lower() == "yes")


def unflowed(text: str, drops_space: bool) -> str:
    """Flowed lines joined, quotes with one `> ` a level."""
    out: list[str] = []
    held: list[str] = []
    level = 0
    for line in text.split("\n"):
        found = _QUOTED.match(line)
        assert found is not None
        depth, rest = len(found.group(1)), found.group(2).removesuffix("\r")
        rest = rest.removeprefix(" ")
        if held and depth != level:
            out.append(_line(level, "".join(held)))
            held = []
        level = depth
        if rest.endswith(" ") and rest != "-- ":
            held.append(rest[:-1] if drops_space else rest)
            continue
        out.append(_line(level, "".join([*held, rest])))
        held = []
    if held:
        out.append(_line(level, "".join(held)))
    return "\n".join(out)


def _line(level: int, text: str) -> str:
    if not level:
        return text
    return ("> " * min(level, 100) + text).rstrip() if text else ("> " * min(level, 100)).rstrip()


def enriched(text: str) -> str:
    """Enriched text as plain text: single line ends are spaces, marks are dropped."""
    text = text.replace("\r\n", "\n")
    text = _NEWLINES.sub(
        lambda found: " " if len(found.group()) == 1 else "\n" * (len(found.group()) - 1), text
    )
    return _MARK.sub("", _PARAM.sub("", text).replace("<<", "‹")).replace("‹", "<")

"""Tags: a page of HTML as a stream of tags and text.

A scanner of its own, in time linear in the page. Of 21 hostile pages of 2 MB the standard library's parser
needed more than 8 s for three (comments, tags and quotes that do not end), selectolax for two (formatting
that is never closed), and lxml left out whatever lies deeper than 256 elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_ROUGH_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)([^>]*+)>")
_BEGIN = re.compile(r"<(?=[a-zA-Z!?]|/[a-zA-Z])")
_ATTR = re.compile(r"([^\s=/>\"']++)\s*+=\s*+(?:\"([^\"]*+)\"?|'([^']*+)'?|([^\s>]++))")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    r"|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
_HIDDEN_MARK = re.compile(r"(?:^|\s)hidden(?:\s|$|=)")
_SKIPPED = {
    name: re.compile(f"</{name}(?=[\\s/>])", re.IGNORECASE)
    for name in (
        "script",
        "style",
        "title",
        "template",
        "xmp",
        "iframe",
        "noembed",
        "noframes",
        "object",
        "svg",
    )
}


def is_hidden(raw: str) -> bool:
    """Whether an element with these raw attributes is not to be seen."""
    lower = raw.lower()
    if "style" not in lower and "hidden" not in lower:
        return False
    style = attributes(raw).get("style", "")[:2000]
    return bool(_HIDDEN.search(style) or _HIDDEN_MARK.search(lower[:2000]))


def tokens(html: str) -> Iterator[tuple[str, str, str]]:
    """(text, "", raw text), (open, name, raw attributes) and (close, name, "") in order."""
    at, size = 0, len(html)
    tag = _TAG
    while at < size:
        begin = _BEGIN.search(html, at)
        less = size if begin is None else begin.start()
        if less > at:
            yield "text", "", html[at:less]
        if begin is None:
            return
        following = html[less + 1]
        if following in "!?":
            at = _after_comment(html, less)
            continue
        found = tag.match(html, less)
        if found is None and tag is _TAG:
            # A quote that never ends. To look for its end again from every tag would take quadratic time.
            tag = _ROUGH_TAG
            found = tag.match(html, less) if html.find(">", less) >= 0 else None
        if found is None:
            if html.find(">", less) < 0:
                return
            yield "text", "", "<"
            at = less + 1
            continue
        name = found.group(2).lower()
        at = found.end()
        if found.group(1):
            yield "close", name, ""
            continue
        skipped = _SKIPPED.get(name)
        if skipped is not None:
            end = skipped.search(html, at)
            at = size if end is None else end.start()
            continue
        yield "open", name, found.group(3)


def _after_comment(html: str, at: int) -> int:
    """Where a comment, a declaration or an instruction ends; one that does not end hides all that follows."""
    if html.startswith("<!--", at):
        if html.startswith((">", "->"), at + 4):
            return html.index(">", at) + 1
        end = html.find("-->", at + 4)
        return len(html) if end < 0 else end + 3
    end = html.find(">", at)
    return len(html) if end < 0 else end + 1


def attributes(raw: str) -> dict[str, str]:
    """The attributes of a tag, of each name the first."""
    found: dict[str, str] = {}
    for match in _ATTR.finditer(raw):
        value = match.group(2) or match.group(3) or match.group(4) or ""
        found.setdefault(match.group(1).lower(), unescaped(value) if "&" in value else value)
    return found


def unescaped(text: str) -> str:
    """Text with its character references resolved."""
    try:
        return unescape(text)
    except ValueError:
        # A numeric reference of thousands of digits.
        return text

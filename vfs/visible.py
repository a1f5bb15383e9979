"""Hostile text made visible: no control character reaches a terminal, an error line or a prompt.

C0 controls become `^X` (all but newline and tab), C1 controls and DEL `\\x9b`, characters that
reorder, hide or tag text (bidi controls, zero-width, tag characters, variation of line ends)
`<U+202E>`, lone surrogates `\\udc9b`. Zero-width joiners between emoji stay, since families and
flags are spelt with them. Long runs of combining marks are cut to MARKS.
"""

from __future__ import annotations

import re

MARKS = 8
"""Combining marks kept on one character."""

_HIDDEN = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u2028\u2029\u202a-\u202e"
    "\u2060-\u2069\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_SUSPECT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200d\ud800-\udfff{_HIDDEN}]")
_NEWLINES = re.compile("[\n\t]")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_FLOOD = re.compile(f"({_MARK}{{{MARKS}}}){_MARK}+")


def _shown(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if code == 0x200D:
        text, at = match.string, match.start()
        joins = 0 < at < len(text) - 1 and min(ord(text[at - 1]), ord(text[at + 1])) >= 0x2190
        return char if joins else "<U+200D>"
    if code < 0x20:
        return "^" + chr(code + 64)
    if code == 0x7F:
        return "^?"
    if code <= 0x9F:
        return f"\\x{code:02x}"
    if 0xD800 <= code <= 0xDFFF:
        return f"\\u{code:04x}"
    return f"<U+{code:04X}>"


def visible(text: str) -> str:
    """`text` as a terminal may show it; newlines and tabs stay. Equal to `text` when it is harmless."""
    if text.isascii() and text.isprintable():
        return text
    return _FLOOD.sub(r"\1", _SUSPECT.sub(_shown, text))


def visible_line(text: str) -> str:
    """`visible`, on one line: newlines and tabs become `^J` and `^I`."""
    return _NEWLINES.sub(lambda match: "^" + chr(ord(match.group()) + 64), visible(text))

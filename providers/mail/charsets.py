"""Charsets: bytes to text, whatever the sender claims."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:()-]{0,39}\Z")
_TEXTUAL = re.compile(
    r"(utf-(8|7|16|16-le|16-be|32|32-le|32-be)|utf-8-sig|ascii|iso8859-\d+|cp\d+|koi8-[rut]|mac-[a-z]+|gb2312|gbk|gb18030"
    r"|big5|big5hkscs|shift_jis\w*|euc_\w+|iso2022_\w+|hz|johab|tis-620|ptcp154|kz1048|hp-roman8)\Z"
)
"""Python's codecs that are charsets of text: others compress, take quadratic time or warn."""

_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16-le": "utf-16-le",
}
"""Charsets that mailers name when they mean a larger one, as in the WHATWG's encoding standard."""

_OTHER_NAMES = {
    "x-sjis": "cp932",
    "ks_c_5601": "cp949",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
}
_ESCAPING = frozenset({"utf-7", "hz"})
_EIGHT_BIT = bytes(range(0x80, 0x100))
_SURROGATE = re.compile("[\ud800-\udfff]")
_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")


@lru_cache(maxsize=256)
def codec(charset: str) -> str | None:
    """Python's name for a charset that a sender named; None for one that is unknown or no charset."""
    name = charset.strip().strip("\"'").lower()
    if not _NAME.match(name):
        return None
    try:
        found = codecs.lookup(_OTHER_NAMES.get(name, name)).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return _WIDER.get(found, found) if _TEXTUAL.match(found) else None


def text_of(data: bytes, charset: str = "") -> str:
    """`data` as text: by its charset if that is true, else by the likeliest, without NUL or lone halves."""
    name = codec(charset) if charset else None
    if data.isascii() and (name is None or not _is_escaping(name)):
        text = data.decode("ascii")
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return storable(_decoded(data, name))


def _is_escaping(name: str) -> bool:
    """Whether plain ASCII may stand for something else."""
    return name in _ESCAPING or name.startswith(("iso2022", "utf-16", "utf-32"))


def _decoded(data: bytes, name: str | None) -> str:
    if name is None or name == "cp1252" or _is_utf8(data, name):
        return _guessed(data)
    try:
        return data.decode(name)
    except (UnicodeError, ValueError):
        if name in ("utf-8", "utf-8-sig"):
            return _guessed(data)
        try:
            return data.decode(name, "replace")
        except (UnicodeError, ValueError):
            return _guessed(data)


def _is_utf8(data: bytes, name: str) -> bool:
    """Whether a sender said something else and sent UTF-8, which hardly any other text is by accident."""
    if _is_escaping(name) or name.startswith("utf"):
        return False
    # In the charsets of East Asia, where most bytes can follow most others, a few characters may be.
    fewest = 2 if name.startswith(("cp125", "iso8859", "koi8")) else 12
    if len(data) - len(data.translate(None, _EIGHT_BIT)) < fewest:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guessed(data: bytes) -> str:
    """UTF-8 where it is or mostly is that, else the Western charset of Windows."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    # What is UTF-8 but for a byte that was cut off or lost has more whole characters than broken ones.
    return text if len(_SEQUENCE.findall(data)) >= text.count("\ufffd") else data.decode("cp1252", "replace")


def storable(text: str) -> str:
    """`text` without what no store and no terminal takes: NUL and halves of characters become U+FFFD."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return _SURROGATE.sub("\ufffd", text.replace("\0", "\ufffd"))

"""Addresses: who sent a mail and to whom, and what a name beside an address may pretend."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from providers.mail.charsets import text_of
from providers.mail.encodedwords import decoded_text, one_line

MOST = 5000
"""Addresses of a field that are read."""
LONGEST = 128 * 1024
"""Bytes of a field that are read."""
SMALL = 300
"""Bytes of a field whose addresses are remembered."""
PEOPLE = 2000
"""Addresses that are remembered: mails of one mailbox come from and go to the same people."""

_ONE = re.compile(
    r"(?:\"([^\"\\<>=\x00-\x1f]*)\"|([A-Za-z0-9][\w .'+&/-]*?))?\s*<([\w.+=~-]+@[\w.-]+)>\Z", re.ASCII
)
_PLAIN = re.compile(r"[^:;()=?]*\Z|\"[^\"\\=]*\"\s*<[^<>\",;]*>\Z")
_BARE = re.compile(r"[\w.+=~-]+@[\w.-]+\Z", re.ASCII)
_TOKEN = re.compile(
    r"(?P<word>=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=)|(?P<quoted>\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z))|(?P<angle><[^<>]*+>)"
    r"|(?P<mark>[,;:()])|(?P<text>[^\",;:()<>=]++|.)",
    re.DOTALL,
)
_OPEN = re.compile(r"\"(?:[^\"\\]|\\.)*+\\?\Z", re.DOTALL)
_PAIR = re.compile(r"\\(.)", re.DOTALL)
_AROUND = re.compile(r"\s*([@.])\s*(?![^\"]*\"@)")
_ROUTE = re.compile(r"@[^:]*:")
_ANY_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class Address(NamedTuple):
    """A mailbox and the name that its owner, or whoever pretends to be that, gave it."""

    name: str
    address: str

    def __str__(self) -> str:
        return _spelt(self)


@lru_cache(PEOPLE)
def _spelt(one: Address) -> str:
    shown = safe(one.address)
    return f"{one.name} <{shown}>" if one.name else shown


def spelt(value: bytes) -> Sequence[str]:
    """The addresses of an unfolded field as they are shown, in order."""
    return _recent_spelt(value) if len(value) <= SMALL else tuple(map(_spelt, _addresses(value)))


def addresses(value: bytes) -> Sequence[Address]:
    """The addresses of an unfolded field, groups opened, in order. What has no `@` is there, too."""
    return _recent(value) if len(value) <= SMALL else _addresses(value)


def _addresses(value: bytes) -> Sequence[Address]:
    text = text_of(value[:LONGEST])
    if _PLAIN.match(text):
        listed = [one for part in text.split(",", MOST)[:MOST] if (one := part.strip())]
        simple = [_recent_simple(one) if len(one) <= SMALL else _simple(one) for one in listed]
        if None not in simple:
            return tuple([one for one in simple if one is not None])
    return tuple(_listed(text))


# A field is asked for when its mail is listed, and when it is described.
_recent = lru_cache(PEOPLE)(_addresses)
_recent_spelt = lru_cache(PEOPLE)(lambda value: tuple(map(_spelt, _recent(value))))


def _simple(text: str) -> Address | None:
    """An address as nearly all are spelt; None for any other."""
    found = _ONE.match(text)
    if found is not None:
        return Address((found.group(1) or found.group(2) or "").strip(), found.group(3))
    return Address("", text) if _BARE.match(text) else None


_recent_simple = lru_cache(PEOPLE)(_simple)


def _listed(text: str) -> Iterator[Address]:
    reading = _Reading()
    count = 0
    for kind, token in _tokens(text):
        done = reading.take(kind, token)
        if done is not None:
            yield done
            count += 1
            if count >= MOST:
                return
    last = reading.end()
    if last is not None:
        yield last


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for token in _TOKEN.finditer(text):
        kind, said = token.lastgroup or "text", token.group()
        if kind == "quoted" and (len(said) < 2 or said[-1] != '"' or _OPEN.match(said)):
            # A quote that does not end is none: what follows it are addresses as well.
            yield from _tokens(said.replace('"', ""))
            return
        yield kind, said


class _Reading:
    """One address after the other, from tokens."""

    def __init__(self) -> None:
        self._depth = 0
        self._clear()

    def _clear(self) -> None:
        self._phrase: list[str] = []
        self._angle: str | None = None
        self._remark: list[str] = []

    def take(self, kind: str, text: str) -> Address | None:
        if kind == "mark" and text in "()":
            self._depth = max(0, self._depth + (1 if text == "(" else -1))
        elif self._depth:
            self._remark.append(text)
        elif kind == "mark" and text == ":" and self._angle is None and "@" not in "".join(self._phrase):
            # The name of a group.
            self._clear()
        elif kind == "mark" and text in ",;":
            return self.end()
        elif kind == "angle" and (self._angle is None or "@" in text):
            if self._angle is not None:
                self._phrase.append(f"<{self._angle}>")
            self._angle = text[1:-1].strip()
        else:
            self._phrase.append(text)
        return None

    def end(self) -> Address | None:
        phrase, remark, angle = self._phrase, "".join(self._remark), self._angle
        self._clear()
        if angle and "@" not in angle and "@" in "".join(phrase):
            # What stands in the angles is no address, what stands before them may be.
            angle = None
        if angle is None:
            text = "".join(phrase)
            words = text.split()
            if len(words) > 1 and '"' not in text:
                # A name and an address without angles around it.
                *before, last = words
                if "@" in last[1:-1] and "@" not in "".join(before):
                    return Address(_name([" ".join(before)]), last)
            bare = _address(text)
            return Address(_name([remark]), bare) if bare else None
        if not angle:
            # `<>`, the null sender, and names without any address.
            name = _name(phrase)
            return Address(name, "") if name else None
        return Address(_name(phrase), _address(angle))


def _name(phrase: Sequence[str]) -> str:
    """What a phrase says, its quotes resolved."""
    said = [_PAIR.sub(r"\1", part[1:-1]) if len(part) > 1 and part[0] == '"' else part for part in phrase]
    text = " ".join(decoded_text("".join(said)).split()).strip("'\"")
    # Only one pair of angles is the address; a name's own would be read as another one.
    return text.replace("<", "‹").replace(">", "›")[:500]


def _address(text: str) -> str:
    text = _ROUTE.sub("", text, count=1) if text.startswith("@") else text
    # Spaces may stand around dots and the @: any other shows that it is no address.
    return _AROUND.sub(r"\1", one_line(decoded_text(text[:1000])))[:500].strip("<>")


# -- what a name or a domain pretends


def safe(address: str) -> str:
    """An address as it may be shown: a domain that only looks like another one stands in punycode."""
    if address.isascii():
        return address
    local, mark, domain = address.rpartition("@")
    return (
        local
        + mark
        + ".".join(label if _is_honest(label) else _punycode(label) for label in domain.split("."))
    )


def _punycode(label: str) -> str:
    # Long labels take quadratic time, and no domain has them.
    return "xn--" + label[:63].lower().encode("punycode", "replace").decode("ascii")


_LATIN_TWINS = frozenset("аеорсухіјѕԁԛԝһӏвкмнтьгпα ορνυτικρχγωηβօոսցհ")
_TOGETHER = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})


def scripts(text: str) -> frozenset[str]:
    """The scripts that the letters of a text belong to."""
    return frozenset(
        unicodedata.name(char, "UNKNOWN").partition(" ")[0] for char in text[:200] if char.isalpha()
    )


def _is_honest(label: str) -> bool:
    """Whether a label can be taken for what it looks like: one script, and not all of it Latin's twins."""
    if label.isascii():
        return True
    found = scripts(label)
    if not found <= _TOGETHER and len(found) > 1:
        return False
    return not all(char in _LATIN_TWINS for char in label.lower() if char.isalpha())


def pretence(sender: Address) -> str | None:
    """What is wrong with how a sender calls itself, as a remark for a person; None when nothing is."""
    if sender.name.isascii() and sender.address.isascii() and "@" not in sender.name:
        return None
    for other in _ANY_ADDRESS.findall(sender.name[:500]):
        if other.lower() != sender.address.lower():
            return f"the sender's name looks like another address, {safe(other)}"
    found = scripts(sender.name)
    if (
        "LATIN" in found
        and found & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}
        and _is_mixed_word(sender.name)
    ):
        return "the sender's name mixes letters of different scripts that look alike"
    if safe(sender.address) != sender.address:
        return "the sender's domain has letters that look like others"
    return None


def _is_mixed_word(name: str) -> bool:
    return any(
        len(scripts(word) & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1
        for word in name.split()
    )

"""Writing: the parts of a message as standards want them: folded headers, encoded words, encoded bodies.

Lines end in CRLF and have at most 78 characters where that is possible; everything is ASCII, but for an
address that cannot be spelt so (RFC 6531).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

from providers.mail.addresses import Address
from providers.mail.headers import block_end
from vfs.errors import BadName

WIDTH = 76
_PRINTABLE = re.compile(r"[ -~]*\Z")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_Q_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_PARAM_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_")
_BREAK = re.compile("[\r\n\x00]")


def check_line(name: str, value: str) -> None:
    """Raises BadName when a value would end its line and begin another header."""
    if _BREAK.search(value):
        raise BadName(None, f"{name}: a header is one line, without line breaks and NUL")


def field(name: str, text: str) -> str:
    """A field of free text (Subject), folded."""
    check_line(name, text)
    text = " ".join(word for word in text.split(" ") if word)
    if _PRINTABLE.match(text) and "=?" not in text and all(len(word) < 900 for word in text.split(" ")):
        return f"{name}: {_folded(text.split(' '), len(name) + 2)}\r\n"
    return f"{name}: {encoded_words(text, len(name) + 2)}\r\n"


def people_field(name: str, people: Sequence[Address]) -> str:
    """A field of addresses, one a line where they do not fit."""
    shown: list[str] = []
    for one in people:
        check_line(name, one.name + one.address)
        where = f"<{wire_address(one.address)}>"
        if not one.name:
            shown.append(where[1:-1])
        elif _ATOMS.match(one.name) and len(one.name) < 60 and "=?" not in one.name:
            shown.append(f"{one.name} {where}")
        elif _PRINTABLE.match(one.name) and len(one.name) < 60 and "=?" not in one.name:
            quoted = one.name.replace("\\", "\\\\").replace('"', '\\"')
            shown.append(f'"{quoted}" {where}')
        else:
            shown.append(f"{encoded_words(one.name[:200], len(name) + 2)}\r\n {where}")
    return f"{name}: " + ",\r\n ".join(shown) + "\r\n"


def ids_field(name: str, ids: Sequence[str]) -> str:
    """A field of message ids, folded."""
    check_line(name, "".join(ids))
    return f"{name}: {_folded([f'<{one}>' for one in ids], len(name) + 2)}\r\n"


def wire_address(address: str) -> str:
    """An address as it travels: its domain in ASCII. Raises BadName for a domain that cannot be."""
    local, mark, domain = address.rpartition("@")
    if domain.isascii():
        return address
    idna = import_module("idna")
    try:
        return f"{local}{mark}{idna.encode(domain, uts46=True).decode('ascii')}"
    except UnicodeError as error:
        raise BadName(None, f"{address[:100]} is no address: there is no such domain") from error


def _folded(words: Sequence[str], used: int) -> str:
    lines: list[str] = []
    line = ""
    for word in words:
        if line and used + len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line, used = word, 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def encoded_words(text: str, used: int) -> str:
    """Text as encoded words, a line each; the shorter of the two ways to spell them."""
    plain = sum(1 if char in _Q_PLAIN or char == " " else 3 * len(char.encode()) for char in text)
    by_letter = plain <= len(text.encode()) * 4 / 3
    words: list[str] = []
    held = ""
    for char in text:
        if held and _word_length(held + char, by_letter) > (75 if words else max(30, 75 - used)):
            words.append(held)
            held = ""
        held += char
    words.append(held)
    return "\r\n ".join(_word(word, by_letter) for word in words)


def _word_length(text: str, by_letter: bool) -> int:
    if by_letter:
        return 12 + sum(1 if char in _Q_PLAIN or char == " " else 3 * len(char.encode()) for char in text)
    return 12 + (len(text.encode()) + 2) // 3 * 4


def _word(text: str, by_letter: bool) -> str:
    if not by_letter:
        return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="
    spelt = "".join(
        "_"
        if char == " "
        else char
        if char in _Q_PLAIN
        else "".join(f"={byte:02X}" for byte in char.encode())
        for char in text
    )
    return f"=?utf-8?q?{spelt}?="


def parameter(name: str, value: str) -> str:
    """A parameter of a structured field, on lines of its own, in pieces where it is long (RFC 2231)."""
    check_line(name, value)
    if _PRINTABLE.match(value) and len(value) <= 60:
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        return f';\r\n {name}="{quoted}"'
    escaped = [chr(byte) if byte in _PARAM_PLAIN else f"%{byte:02X}" for byte in value.encode()]
    pieces: list[str] = [""]
    for one in escaped:
        if len(pieces[-1]) + len(one) > 50:
            pieces.append("")
        pieces[-1] += one
    if len(pieces) == 1:
        return f";\r\n {name}*=utf-8''{pieces[0]}"
    return "".join(
        f";\r\n {name}*{at}*={chr(39).join(('utf-8', '', piece)) if at == 0 else piece}"
        for at, piece in enumerate(pieces)
    )


# -- bodies


class Entity(NamedTuple):
    """A part of a message: its own headers, and its body."""

    headers: str
    body: bytes

    @property
    def data(self) -> bytes:
        return self.headers.encode() + b"\r\n" + self.body


def text_entity(text: str) -> Entity:
    """Plain text: as it is where every reader takes that, else encoded to be readable, or short."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    data = "".join(f"{line}\r\n" for line in lines).encode()
    kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
    # A mailbox file would take such a line for the beginning of another mail.
    is_plain = data.isascii() and all(len(line) <= 78 and not line.startswith("From ") for line in lines)
    if is_plain and _PRINTABLE.match("".join(lines).replace("\t", "")):
        return Entity(kind + "7bit\r\n", data)
    if sum(byte > 127 for byte in data) * 3 > len(data):
        return Entity(kind + "base64\r\n", _base64(data))
    body = b"".join(_quoted(line) + b"\r\n" for line in lines)
    return Entity(kind + "quoted-printable\r\n", body)


def _quoted(line: str) -> bytes:
    """A line as quoted-printable."""
    if line.startswith("From "):
        return b"=46" + _quoted(line[1:])
    coded = binascii.b2a_qp(line.encode(), quotetabs=False, istext=True, header=False)
    return coded.replace(b"\n", b"\r\n")


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def file_entity(name: str, content: bytes, mime: str) -> Entity:
    """A file as an attachment; a message stays one where it can travel as it is."""
    check_line("attachment", name + mime)
    is_message = mime == "message/rfc822"
    if is_message and not _travels(content):
        is_message, mime = False, "application/octet-stream"
    head = f"Content-Type: {mime}" + ("" if is_message else parameter("name", name)) + "\r\n"
    head += f"Content-Disposition: attachment{parameter('filename', name)}\r\n"
    if is_message:
        return Entity(head + "Content-Transfer-Encoding: 7bit\r\n", content)
    return Entity(head + "Content-Transfer-Encoding: base64\r\n", _base64(content))


def _travels(message: bytes) -> bool:
    """Whether a message has a header, and is ASCII in short lines that all end as they should."""
    end, start = block_end(message)
    if not end or start == end:
        return False
    if not message.isascii() or b"\0" in message or message.count(b"\n") != message.count(b"\r\n"):
        return False
    if message.count(b"\r") != message.count(b"\n"):
        return False
    return all(len(line) <= 998 for line in message.split(b"\r\n"))


def multipart(entities: Sequence[Entity], seed: str) -> Entity:
    """Entities as one of kind multipart/mixed, parted by a line that stands in none of them."""
    count = 0
    while True:
        bound = f"=_{seed}_{count}"
        if not any(bound.encode() in entity.body for entity in entities):
            break
        count += 1
    parts = b"".join(f"--{bound}\r\n".encode() + entity.data + b"\r\n" for entity in entities)
    return Entity(
        f'Content-Type: multipart/mixed; boundary="{bound}"\r\n', parts + f"--{bound}--\r\n".encode()
    )

"""Mail in the outbox: what is shown of it, and what a person's editing makes of it.

The file of a mail holds whom it goes to, Bcc included, so that editing it is all there is to change.
Headers are read and changed as bytes: nothing else in a mail changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.header import Header
from email.utils import formataddr

from providers.mail.addresses import Address, addresses
from providers.mail.encodedwords import decoded
from providers.mail.headers import Headers, block_end
from providers.mail.message import describe
from vfs.errors import BadName
from vfs.node import Value

_RECIPIENTS = (b"to", b"cc", b"bcc")
_PEOPLE = (b"from", b"sender", b"reply-to", *_RECIPIENTS)


def attributes(content: bytes) -> Mapping[str, Value]:
    """What `ls /outbox` shows of a mail."""
    headers = _headers(content)
    attrs: dict[str, Value] = {"title": headers.text(b"subject")}
    for name in _RECIPIENTS:
        found = tuple(str(one) for one in _people(headers, name))
        if found:
            attrs[name.decode()] = found
    return attrs


def text(content: bytes) -> str:
    """What a person reads before it leaves: as any mail reads, and who gets it without being named."""
    lines = describe(content, True).text.split("\n")
    hidden = [str(one) for one in _people(_headers(content), b"bcc")]
    if hidden:
        at = next((at for at, line in enumerate(lines) if line.startswith(("Date:", "Subject:"))), 0)
        lines.insert(at, f"Bcc: {', '.join(hidden)}")
    return "\n".join(lines)


def revised(before: bytes, edited: bytes, key: str) -> bytes:
    """A mail as it was edited, still the same deed: its Message-ID stays, and what was left out of the rest.

    Headers may be typed in any language, addresses with names. Raises BadName, with what is wrong.
    """
    edited = edited.replace(b"\r\n", b"\n").lstrip(b"\n")
    headers, old = _headers(edited), _headers(before)
    if not headers:
        raise BadName(None, "the first lines must be the mail's headers, such as To: and Subject:")
    for name in _RECIPIENTS:
        for value in headers.every(name):
            wrong = next((one for one in addresses(value) if "@" not in one.address), None)
            if wrong is not None:
                reason = f"{name.decode().title()}: {wrong.name or wrong.address} is no address"
                raise BadName(None, reason)
    if not _named(headers):
        raise BadName(None, "it names nobody to send it to", hint="write an address behind To:")
    added = [f"Message-ID: <{key.strip('<>')}>"] if key else []
    for name in (b"from", b"date", b"in-reply-to", b"references"):
        if not headers.raw(name) and old.raw(name):
            added.append(f"{_spelt(name)}: {old.raw(name).decode('utf-8', 'surrogateescape')}")
    _, start = block_end(edited)
    if not headers.raw(b"content-type"):
        added += ['Content-Type: text/plain; charset="utf-8"', "Content-Transfer-Encoding: 8bit"]
        added += [] if headers.raw(b"mime-version") else ["MIME-Version: 1.0"]
    typed = _without(
        edited, (b"message-id", *(() if headers.raw(b"content-type") else (b"content-transfer-encoding",)))
    )
    end, start = block_end(typed)
    block = b"\n".join(_encoded(line) for line in _fields(typed[:end]))
    return _headed(block + b"\n\n" + typed[start:], added)


def _headers(content: bytes) -> Headers:
    return Headers(content[: block_end(content)[0]])


def _people(headers: Headers, name: bytes) -> list[Address]:
    return [one for value in headers.every(name) for one in addresses(value) if "@" in one.address]


def _named(headers: Headers) -> list[str]:
    return [one.address for name in _RECIPIENTS for one in _people(headers, name)]


def _spelt(name: bytes) -> str:
    return name.decode("ascii").title()


def _headed(content: bytes, lines: Sequence[str]) -> bytes:
    """A message with more header lines before its own."""
    end = b"\r\n" if b"\r\n" in content[:1000] else b"\n"
    return b"".join(line.encode("utf-8", "surrogateescape") + end for line in lines) + content


def _fields(block: bytes) -> list[bytes]:
    """The fields of a header block, each with the lines that go on with it."""
    fields: list[bytes] = []
    for line in block.split(b"\n"):
        if line[:1].isspace() and fields:
            fields[-1] += b"\n" + line
        elif line:
            fields.append(line)
    return fields


def _without(content: bytes, names: Sequence[bytes]) -> bytes:
    """A message without the headers of these names, every other byte as it was."""
    end, _ = block_end(content)
    kept: list[bytes] = []
    dropping = False
    for line in content[:end].splitlines(keepends=True):
        if not line[:1].isspace():
            dropping = line.partition(b":")[0].strip().lower() in names
        if not dropping:
            kept.append(line)
    return b"".join(kept) + content[end:]


def _encoded(field: bytes) -> bytes:
    """A field as it may be sent: what is no ASCII in it becomes encoded words."""
    if field.isascii():
        return field
    name, _, value = field.partition(b":")
    if name.strip().lower() in _PEOPLE:
        said = [formataddr((one.name, one.address)) for one in addresses(value.strip())]
        return name + b": " + ",\n ".join(said).encode()
    return name + b": " + Header(decoded(value.strip()), "utf-8", header_name=_spelt(name)).encode().encode()

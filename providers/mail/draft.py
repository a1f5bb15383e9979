"""Draft: a mail as a person types it, headers, an empty line and the text, and what is wrong with it.

    From: Ada Lovelace <ada@example.org>
    To: Bob <bob@example.org>, carol@example.org
    Subject: Notes
    Attach: /notes/summary.md

    Hello Bob,

`Attach:` names one file a line. A header may be empty, and go on in lines that begin with a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from providers.mail.addresses import Address, addresses
from providers.mail.charsets import storable
from vfs.errors import BadName

_FIELD = re.compile(r"([A-Za-z-]{1,40})[ \t]*:(.*)\Z", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]")
_LOCAL = re.compile(r"(?:[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+|\"(?:[^\"\\\r\n]|\\[^\r\n])*\")\Z")
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)\Z")
_LITERAL = re.compile(r"\[[0-9A-Za-z.:]+\]\Z")
_ID = re.compile(r"<?([^<>\s]{1,900})>?\Z")


class Draft(NamedTuple):
    """What is to be written."""

    sender: Address | None = None
    to: Sequence[Address] = ()
    cc: Sequence[Address] = ()
    bcc: Sequence[Address] = ()
    reply_to: Sequence[Address] = ()
    subject: str = ""
    body: str = ""
    """Without the end of its last line."""
    attach: Sequence[str] = ()
    """Paths, as typed."""
    in_reply_to: str = ""
    """A Message-ID without its angles."""
    references: Sequence[str] = ()

    @property
    def recipients(self) -> Sequence[Address]:
        """Everybody who gets it, each address once."""
        found: dict[str, Address] = {}
        for one in (*self.to, *self.cc, *self.bcc):
            found.setdefault(one.address.casefold(), one)
        return tuple(found.values())


_PEOPLE = frozenset({"from", "to", "cc", "bcc", "reply-to"})
_SHOWN = ("From", "To", "Cc", "Bcc", "Subject", "Attach")


def spelt(draft: Draft) -> str:
    """A draft as text, for an editor: headers that people fill in stand there even when they are empty."""
    lines = [f"From: {_listed([draft.sender] if draft.sender else [])}", f"To: {_listed(draft.to)}"]
    lines += [f"Cc: {_listed(draft.cc)}", f"Bcc: {_listed(draft.bcc)}"]
    if draft.reply_to:
        lines.append(f"Reply-To: {_listed(draft.reply_to)}")
    lines.append(f"Subject: {draft.subject}")
    lines += [f"Attach: {path}" for path in draft.attach]
    if draft.in_reply_to:
        lines.append(f"In-Reply-To: <{draft.in_reply_to}>")
    if draft.references:
        lines.append("References: " + " ".join(f"<{one}>" for one in draft.references))
    return "\n".join([*(line.rstrip() for line in lines), "", draft.body, ""])


def parse_draft(text: str) -> Draft:
    """The draft that a text spells; whom it goes to may be missing. Raises BadName, with the line."""
    draft, wrong = read_draft(text)
    if wrong:
        raise BadName(None, wrong[0])
    return draft


def read_draft(text: str) -> tuple[Draft, Sequence[str]]:
    """The draft that a text spells as far as it can be read, and what is wrong with it. Never raises."""
    lines = storable(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    people: dict[str, list[Address]] = {}
    texts: dict[str, str] = {}
    attach: list[str] = []
    wrong: list[str] = []
    for number, name, value in _fields(lines[:end], wrong):
        found = _CONTROL.search(value)
        if found is not None:
            wrong.append(f"line {number}: a header cannot hold the character U+{ord(found.group()):04X}")
        elif name in _PEOPLE:
            given = addresses(value.encode())
            people.setdefault(name, []).extend(given)
            wrong += [f"line {number}: {problem}" for problem in map(_problem, given) if problem]
        elif name == "attach":
            attach += [value] if value else []
        elif name in ("subject", "in-reply-to", "references"):
            texts[name] = " ".join(value.split())
        else:
            known = ", ".join(_SHOWN)
            wrong.append(f"line {number}: `{name[:40]}:` is no header of a draft, which are {known}")
    senders = people.get("from", [])
    if len(senders) > 1:
        wrong.append("a mail has one sender, but From: names more")
    draft = Draft(
        senders[0] if senders else None,
        tuple(people.get("to", ())),
        tuple(people.get("cc", ())),
        tuple(people.get("bcc", ())),
        tuple(people.get("reply-to", ())),
        subject=texts.get("subject", ""),
        body="\n".join(lines[end + 1 :]).rstrip("\n"),
        attach=tuple(attach),
        in_reply_to="".join(_ids(texts.get("in-reply-to", ""))[:1]),
        references=_ids(texts.get("references", "")),
    )
    return draft, tuple(wrong)


def _fields(lines: Sequence[str], wrong: list[str]) -> Iterator[tuple[int, str, str]]:
    """(number of its first line, name in lower case, value) of each header."""
    held: tuple[int, str, str] | None = None
    for number, line in enumerate(lines, 1):
        if held is not None and line[:1] in (" ", "\t"):
            held = (held[0], held[1], f"{held[2]} {line.strip()}")
            continue
        if held is not None:
            yield held
        held = None
        found = _FIELD.match(line)
        if found is None:
            wrong.append(
                f"line {number}: a header such as `To:` must stand here, or an empty line before the text"
            )
            continue
        held = (number, found.group(1).lower(), found.group(2).strip())
    if held is not None:
        yield held


def missing(draft: Draft) -> Sequence[str]:
    """Why a draft cannot be sent as it stands, each in a line."""
    wrong: list[str] = []
    if draft.sender is None:
        wrong.append("it says not whom it is from: fill in From:")
    if not draft.recipients:
        wrong.append("it names nobody to send it to: fill in To:")
    for one in (*([draft.sender] if draft.sender else ()), *draft.recipients, *draft.reply_to):
        problem = _problem(one)
        if problem:
            wrong.append(problem)
    return tuple(dict.fromkeys(wrong))


def _problem(given: Address) -> str:
    """Why nothing can be sent to an address; "" when it can be tried."""
    local, mark, domain = given.address.rpartition("@")
    shown = given.address or given.name
    if not mark:
        return f"{shown[:100]} is no address: it has no @"
    if not _LOCAL.match(local) or len(local.encode()) > 64:
        return f"{shown[:100]} is no address: what stands before @ cannot be one's name"
    if _LITERAL.match(domain):
        return ""
    if len(domain) > 253 or not all(_LABEL.match(label) for label in domain.split(".")):
        return f"{shown[:100]} is no address: what stands behind @ is no domain"
    return ""


def _ids(text: str) -> tuple[str, ...]:
    return tuple(found.group(1) for found in map(_ID.match, text.split()) if found is not None)


# -- addresses as they are typed

_ATOMS = re.compile(r"[\w!#$%&'*+/=?^`{|}~. -]*\Z")


def typed(one: Address) -> str:
    """An address as it is typed, its name quoted where it has to be."""
    if not one.name:
        return one.address
    if _ATOMS.match(one.name) and one.name == one.name.strip() and "=?" not in one.name:
        return f"{one.name} <{one.address}>"
    quoted = one.name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{one.address}>'


def _listed(people: Sequence[Address]) -> str:
    return ", ".join(map(typed, people))


def outline(draft: Draft) -> Mapping[str, Sequence[str]]:
    """To whom a draft goes, by header, as typed."""
    return {name: [typed(one) for one in getattr(draft, name)] for name in ("to", "cc", "bcc")}

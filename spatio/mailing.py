"""Mailing: the mailboxes of a workspace, whom they know, and mails made and taken apart for commands."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from commands.services import Letter, MailAccount, Outline
from providers.mail.addresses import addresses as read_addresses
from providers.mail.draft import Draft, missing, parse_draft, read_draft, spelt, typed
from spatio.replicas import collection_of
from vfs.errors import VfsError
from vfs.node import Value
from vfs.query import fold

if TYPE_CHECKING:
    from spatio.workspace import Workspace
    from vfs.mount import Mount

PROVIDERS = ("gmail", "imap", "maildir")
"""The providers whose mounts are mailboxes."""

RECENT = 4000
"""Items of an account whose addresses are known."""

KEPT = 60.0
"""Seconds for which they are."""

OFFERED = 100

_DATE = re.compile(rb"^date[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)

_WEIGHTS = {"to": 3, "cc": 2, "from": 1}
"""Whom one writes to counts more than who writes."""


class Known(NamedTuple):
    """The addresses of the mailboxes, the likeliest first, and when they were read."""

    at: float
    people: Sequence[str]


class WorkspaceMailing:
    """The service `mailing` of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: Known | None = None

    # -- who

    def accounts(self) -> Sequence[MailAccount]:
        return [_account(mount) for mount in self._workspace.mounts if mount.name in PROVIDERS]

    async def addresses(self, start: str) -> Sequence[str]:
        if self._known is None or time.monotonic() - self._known.at > KEPT:
            self._known = Known(time.monotonic(), await self._people())
        wanted = fold(start)
        return [one for one in self._known.people if _begins(one, wanted)][:OFFERED]

    async def _people(self) -> Sequence[str]:
        """Everybody in the newest mails of all accounts; nobody where the store cannot be read."""
        read = import_module("providers.mirror.people").recent_attrs
        count: Counter[str] = Counter()
        spelt: dict[str, Counter[str]] = {}
        for mount in self._workspace.mounts:
            if mount.name not in PROVIDERS:
                continue
            try:
                found = await read(self._workspace.store(), collection_of(mount) or "", RECENT)
            except VfsError:
                continue
            own = {address.casefold() for address in _account(mount).addresses}
            for attrs in found:
                for address, text, weight in _seen(attrs):
                    if address not in own:
                        count[address] += weight
                        spelt.setdefault(address, Counter())[text] += 1
        return [spelt[address].most_common(1)[0][0] for address, _ in count.most_common()]

    # -- letters

    def new(
        self,
        account: MailAccount,
        *,
        to: Sequence[str],
        cc: Sequence[str],
        bcc: Sequence[str],
        subject: str,
        attach: Sequence[str],
        body: str,
    ) -> str:
        made: Draft = compose().new(
            account.sender, to=to, cc=cc, bcc=bcc, subject=subject, body=body, attach=attach
        )
        return spelt(made)

    def reply(self, account: MailAccount, original: bytes, *, everyone: bool, own: Sequence[str]) -> str:
        every = list(dict.fromkeys([*([account.sender] if account.sender else []), *account.addresses, *own]))
        return spelt(compose().reply(original, own=every, everyone=everyone))

    def forward(self, account: MailAccount, original: bytes, *, to: Sequence[str]) -> str:
        return spelt(compose().forward(original, sender=account.sender, to=to))

    def outline(self, draft: str) -> Outline:
        made, wrong = read_draft(draft)
        return Outline(
            typed(made.sender) if made.sender is not None else "",
            [typed(one) for one in made.to],
            [typed(one) for one in made.cc],
            [typed(one) for one in made.bcc],
            made.subject,
            made.attach,
            made.body,
            tuple(wrong),
            tuple(missing(made)),
        )

    def letter(self, draft: str, attachments: Sequence[tuple[str, bytes]]) -> Letter:
        made = parse_draft(draft)
        return self._letter(made, self._content(made, attachments))

    def kept(self, draft: str, attachments: Sequence[tuple[str, bytes]]) -> bytes:
        return self._content(parse_draft(draft), attachments, keeps_bcc=True)

    def reopened(self, content: bytes, attach: Sequence[str]) -> str:
        made: Draft = compose().draft_of(content)
        return spelt(made._replace(attach=tuple(attach)))

    def letter_of(self, content: bytes) -> Letter:
        made: Draft = compose().draft_of(content)
        stripped: bytes = import_module("providers.mail.envelope").stripped(content)
        head, end, body = stripped.partition(b"\r\n\r\n")
        date = import_module("providers.mail.dates").written(datetime.now().astimezone())
        return self._letter(
            made, f"Date: {date}\r\n".encode() + _DATE.sub(b"", head + b"\r\n") + end[2:] + body
        )

    def _letter(self, made: Draft, content: bytes) -> Letter:
        found = compose().envelope(made)
        return Letter(content, found.sender, found.recipients)

    def _content(
        self, made: Draft, attachments: Sequence[tuple[str, bytes]], *, keeps_bcc: bool = False
    ) -> bytes:
        module = compose()
        address = made.sender.address if made.sender is not None else ""
        content: bytes = module.to_bytes(
            made,
            [module.File(name, data) for name, data in attachments],
            message_id=module.new_message_id(address),
            date=datetime.now().astimezone(),
            keeps_bcc=keeps_bcc,
        )
        return content

    def attached(self, content: bytes) -> Sequence[str]:
        names: Sequence[str] = compose().attachment_names(content)
        return names

    def editable(self, content: bytes) -> str | None:
        draft: str | None = import_module("providers.mail.revising").editable(content)
        return draft

    def mended(self, draft: str, content: bytes) -> bytes:
        mail: bytes = import_module("providers.mail.revising").mended(draft, content)
        return mail

    def html(self, content: bytes) -> str | None:
        parts = import_module("providers.mail.parts")
        text_of = import_module("providers.mail.charsets").text_of
        for part in parts.parse(content).leaves():
            if part.mime == "text/html" and part.disposition != "attachment":
                text: str = text_of(parts.content(content, part), part.params.get("charset", ""))
                return text
        return None


def compose() -> Any:
    """What makes mails; loaded by the first that is made."""
    return import_module("providers.mail.compose")


def _account(mount: Mount) -> MailAccount:
    """A mailbox as its mount's options describe it."""
    options = mount.options
    spelt = options.get("from") or options.get("address") or options.get("user") or ""
    if "@" not in spelt and spelt and options.get("host"):
        spelt = f"{spelt}@{options['host']}"
    more = options.get("aliases", "").split(",")
    every = [
        one.address for text in (spelt, *more) for one in read_addresses(text.encode()) if "@" in one.address
    ]
    return MailAccount(mount.path, tuple(dict.fromkeys(every)), spelt.strip())


def _seen(attrs: Mapping[str, Value]) -> Iterable[tuple[str, str, int]]:
    """Addresses of a mail, as keys and as they are written, and how much they count."""
    for name, weight in _WEIGHTS.items():
        value = attrs.get(name)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and "@" in text:
                address = text.rpartition("<")[2].rstrip(">").strip().casefold()
                yield address, text, weight


def _begins(person: str, wanted: str) -> bool:
    """Whether a name, a word of it, or the address begins so."""
    folded = fold(person)
    return folded.startswith(wanted) or any(
        word.startswith(wanted) for word in folded.replace("<", " ").replace('"', " ").split()
    )

"""Letters: mails of the demo's people, single ones and threads, and where they lie."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from providers.mail.addresses import Address
from providers.mail.compose import File, to_bytes
from providers.mail.draft import Draft
from providers.mail.writing import Entity, file_entity, multipart
from spatio.demo.png import lighthouse
from spatio.demo.world import Person, World

RECENT = 75
"""Days after which a mail lies in the archive."""

QUIET = timedelta(minutes=95)
_VERSION = b"MIME-Version: 1.0\r\n"


class Letter(NamedTuple):
    """A mail of the demo and where it lies."""

    folder: str
    """inbox, sent, archive, junk, drafts."""
    at: datetime
    data: bytes
    unread: bool = False
    flagged: bool = False
    answered: bool = False


class Mail(NamedTuple):
    """A mail as it is written."""

    id: str
    at: datetime
    draft: Draft
    files: Sequence[File] = ()
    html: str = ""
    """The same as HTML, where the sender's program makes such."""
    headers: str = ""
    """Further header lines."""

    @property
    def sender(self) -> Address:
        assert self.draft.sender is not None
        return self.draft.sender

    def answering(self, others: Sequence[Mail]) -> Mail:
        """This mail as the next of a thread."""
        ids = [one.id for one in others]
        return self._replace(draft=self.draft._replace(in_reply_to=ids[-1], references=ids)) if ids else self

    @property
    def data(self) -> bytes:
        files = () if self.html else self.files
        whole = to_bytes(self.draft, files, message_id=self.id, date=self.at)
        head, _, body = whole.partition(_VERSION)
        head += self.headers.encode() + _VERSION
        if not self.html:
            return head + body
        page = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        parts = (body, page + self.html.encode() + b"\r\n")
        both = Entity(
            'Content-Type: multipart/alternative; boundary="=_both"\r\n',
            b"".join(b"--=_both\r\n" + part + b"\r\n" for part in parts) + b"--=_both--\r\n",
        )
        if not self.files:
            return head + both.data
        attached = [file_entity(one.name, one.content, one.mime) for one in self.files]
        return head + multipart([both, *attached], "all").data


class Writer:
    """Makes mails of the world; numbers and hours come from one chance, the same for the same today."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.me = Address(world.me["name"], world.me["email"])
        self._count = 0

    def hour(self, day: date) -> datetime:
        """Some minute of a working day."""
        minutes = self.chance.randint(8 * 60, 17 * 60)
        return datetime.combine(day, time(minutes // 60, minutes % 60)).astimezone()

    def mail(
        self,
        sender: Address,
        to: Sequence[Address],
        subject: str,
        text: str,
        at: datetime,
        *files: File,
        html: str = "",
        headers: str = "",
    ) -> Mail:
        """A mail of its own."""
        self._count += 1
        id = f"{at:%Y%m%d%H%M}.{self._count}@{sender.address.rpartition('@')[2]}"
        draft = Draft(sender, to, subject=subject, body=text.rstrip("\n"))
        return Mail(id, at, draft, files, html, headers)

    def put(self, mail: Mail, *, folder: str = "", **flags: bool) -> Letter:
        """Where a mail lies by its sender and its age, unless that is said."""
        if not folder:
            old = mail.at.date() < self.world.today - timedelta(days=RECENT)
            folder = "sent" if mail.sender == self.me else ("archive" if old else "inbox")
        return Letter(folder, mail.at, mail.data, **flags)

    def thread(
        self,
        subject: str,
        mails: Sequence[tuple[Address, str]],
        at: datetime,
        *,
        unread: int = 0,
        flagged: bool = False,
        to: Sequence[Address] = (),
        pictures: Sequence[str] = (),
    ) -> Iterator[Letter]:
        """Mails that answer each other, each some hours after the one before."""
        others = [sender for sender, _ in mails if sender != self.me] or list(to)
        made: list[Mail] = []
        now = datetime.combine(self.world.today, time(9, 10)).astimezone()
        for number, (sender, text) in enumerate(mails):
            at = min(at, now - QUIET * (len(mails) - number))
            mine = sender == self.me
            body = text if not made else f"{text}\n\n{quoted(made[-1], mails[number - 1][1])}"
            shown = pictures if not mine and "attached" in text.lower() else ()
            mail = self.mail(
                sender,
                [others[0], *to[1:]] if mine else [self.me, *to],
                f"Re: {subject}" if made else subject,
                body,
                at,
                *(File(name, lighthouse(hour), "image/png") for hour, name in enumerate(shown)),
            )
            made.append(mail.answering(made))
            at += timedelta(minutes=self.chance.randint(40, 26 * 60))
        for number, mail in enumerate(made):
            answered = number + 1 < len(made) and made[number + 1].sender == self.me
            is_new = number >= len(made) - unread and mail.sender != self.me
            last = number == len(made) - 1
            yield self.put(mail, unread=is_new, flagged=flagged and last, answered=answered)


def quoted(mail: Mail, text: str) -> str:
    """What was written, as an answer quotes it."""
    head = f"On {mail.at:%a, %d %b %Y at %H:%M}, {mail.sender.name} wrote:"
    return "\n".join([head, *(f"> {line}".rstrip() for line in text.rstrip().splitlines())])


def address(person: Person) -> Address:
    """A person's own."""
    return Address(person.name, person.email)

"""Letters: mails of the demo's people, single ones and threads, and where they lie."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple

from spatio.demo.png import lighthouse
from spatio.demo.world import Person, World

RECENT = 75
"""Days after which a mail lies in the archive."""

QUIET = timedelta(minutes=95)


class Letter(NamedTuple):
    """A mail of the demo and where it lies."""

    folder: str
    """inbox, sent, archive, junk, drafts."""
    at: datetime
    data: bytes
    unread: bool = False
    flagged: bool = False
    answered: bool = False


class Writer:
    """Makes mails of the world; numbers and hours come from one chance, the same for the same today."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.me = Address(world.me["name"], addr_spec=world.me["email"])
        self._count = 0

    def hour(self, day: date) -> datetime:
        """Some minute of a working day."""
        minutes = self.chance.randint(8 * 60, 17 * 60)
        return datetime.combine(day, time(minutes // 60, minutes % 60)).astimezone()

    def mail(
        self, sender: Address, to: Sequence[Address], subject: str, text: str, at: datetime
    ) -> EmailMessage:
        """A mail with a plain text; more can be added to it."""
        self._count += 1
        message = EmailMessage(policy=SMTP)
        message["From"] = sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = at
        message["Message-ID"] = f"<{at:%Y%m%d%H%M}.{self._count}@{sender.domain}>"
        message.set_content(text if text.endswith("\n") else text + "\n")
        return message

    def put(self, message: EmailMessage, at: datetime, *, folder: str = "", **flags: bool) -> Letter:
        """Where a mail lies by its sender and its age, unless that is said."""
        if not folder:
            mine = self.world.me["email"] in str(message["From"])
            old = at.date() < self.world.today - timedelta(days=RECENT)
            folder = "sent" if mine else ("archive" if old else "inbox")
        return Letter(folder, at, message.as_bytes(), **flags)

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
        others = [sender for sender, _ in mails if sender.addr_spec != self.me.addr_spec] or list(to)
        made: list[tuple[EmailMessage, datetime, str]] = []
        now = datetime.combine(self.world.today, time(9, 10)).astimezone()
        for number, (sender, text) in enumerate(mails):
            at = min(at, now - QUIET * (len(mails) - number))
            mine = sender.addr_spec == self.me.addr_spec
            body = text if not made else f"{text}\n\n{quoted(*made[-1])}"
            message = self.mail(
                sender,
                [others[0], *to[1:]] if mine else [self.me, *to],
                subject if number == 0 else f"Re: {subject}",
                body,
                at,
            )
            if made:
                message["In-Reply-To"] = made[-1][0]["Message-ID"]
                message["References"] = " ".join(str(one[0]["Message-ID"]) for one in made)
            if not mine and "attached" in text.lower():
                for at_number, name in enumerate(pictures):
                    picture = lighthouse(at_number)
                    message.add_attachment(picture, maintype="image", subtype="png", filename=name)
            made.append((message, at, text))
            at += timedelta(minutes=self.chance.randint(40, 26 * 60))
        for number, (message, moment, _) in enumerate(made):
            answered = number + 1 < len(made) and self.me.addr_spec in str(made[number + 1][0]["From"])
            is_new = number >= len(made) - unread and self.me.addr_spec not in str(message["From"])
            last = number == len(made) - 1
            yield self.put(message, moment, unread=is_new, flagged=flagged and last, answered=answered)


def quoted(message: EmailMessage, at: datetime, text: str) -> str:
    """What was written, as an answer quotes it."""
    head = f"On {at:%a, %d %b %Y at %H:%M}, {message['From'].addresses[0].display_name} wrote:"
    return "\n".join([head, *(f"> {line}".rstrip() for line in text.rstrip().splitlines())])


def address(person: Person) -> Address:
    """A person's own."""
    return Address(person.name, addr_spec=person.email)

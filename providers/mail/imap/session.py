"""Session: one connection that is logged in, and the mailbox that it has open. All methods block."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from providers.mail.imap import responses
from providers.mail.imap.errors import refused
from providers.mail.imap.responses import Part
from providers.mail.imap.wire import ALLOWANCE, Wire

PLAIN = "!#$&'()*+,-./:;<=>?@[]^_`{|}~\" "
"""What may stand in a key as it is, beside letters and digits."""


def key_of(name: bytes) -> str:
    """A mailbox's name on the wire as text; `%` stands for bytes that are no plain characters."""
    return quote(name, safe=PLAIN)


def name_of(key: str) -> bytes:
    """The name on the wire."""
    return unquote_to_bytes(key)


def quoted(name: bytes) -> bytes:
    """A string of the protocol. It holds no line break: `folders` lists no such mailbox."""
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


class Opened(NamedTuple):
    """What a server says of a mailbox when it is opened; 0 where it says nothing."""

    exists: int
    validity: int
    next: int
    modseq: int
    vanished: list[tuple[int, int]]
    changed: list[responses.Fetched]

    @property
    def like(self) -> tuple[int, int, int]:
        """What is different when something has changed."""
        return self.exists, self.next, self.modseq


class Answer(NamedTuple):
    """The lines of an answer by kind, and the last one."""

    parts: Mapping[str, Sequence[Part]]
    said: list[bytes | None]

    def of(self, kind: str) -> Sequence[Part]:
        return self.parts.get(kind, ())


class Session:
    """Commands over a wire. Raises errors of the tree for refusals, those of `wire` for the rest."""

    def __init__(self, wire: Wire, server: str, secret: str) -> None:
        self.wire = wire
        self.server = server
        self.secret = secret
        self.offers: frozenset[str] = frozenset()
        self.mailbox: str | None = None
        self.validity = 0
        """UIDVALIDITY of the open mailbox."""
        self.validities: dict[str, int] = {}
        """UIDVALIDITY of mailboxes as any connection of the account has seen it last."""
        self.writable = False
        self.keywords = True
        """Whether the open mailbox takes labels that it does not know yet."""
        self.broken = False
        """The connection is of no use any more."""

    def begin(self) -> None:
        """After the login: what the server can do, and that it shall tell of removals by UID."""
        said = self.wire.untagged_responses.get("CAPABILITY")
        if said and isinstance(said[-1], bytes) and b"IMAP4" in said[-1].upper():
            self.wire.capabilities = tuple(said[-1].decode("ascii", "replace").upper().split())
        else:
            self.wire.refresh()
        self.offers = frozenset(self.wire.capabilities)
        if "QRESYNC" in self.offers and "ENABLE" in self.offers:
            self.run("ENABLE", "QRESYNC")
        else:
            self.offers -= {"QRESYNC"}

    def run(
        self,
        name: str,
        *words: str | bytes,
        allowance: int = ALLOWANCE,
        patience: float | None = None,
        literal: bytes | None = None,
    ) -> Answer:
        """One command and its whole answer. Raises what a NO means."""
        wire = self.wire
        try:
            with wire.allowing(allowance, patience):
                typ, said = wire.command(name, words, literal)
        except imaplib.IMAP4.abort:
            self.broken = True
            raise
        except imaplib.IMAP4.error:
            # The server did not understand one command; the connection is fine.
            raise
        except BaseException:
            self.broken = True
            raise
        if typ != "OK" and not (typ == "NO" and b"[EXPUNGEISSUED]" in (said[-1] or b"").upper()):
            # Some of what was asked for is gone meanwhile: the rest has come.
            raise refused(said, self.server, self.secret)
        return Answer({**wire.untagged_responses}, said)

    # -- mailboxes

    def open(self, mailbox: str, *, write: bool = False, since: tuple[int, int] | None = None) -> Opened:
        """Opens a mailbox; with `since` (UIDVALIDITY, MODSEQ) the answer says what has changed since then.

        Raises NotFound, Refused when it cannot be written.
        """
        self.mailbox = None
        self.writable = False
        words: list[str | bytes] = [quoted(name_of(mailbox))]
        if since is not None:
            words.append(f"(QRESYNC ({since[0]} {since[1]}))")
        elif "CONDSTORE" in self.offers:
            words.append("(CONDSTORE)")
        answer = self.run("SELECT" if write else "EXAMINE", *words, allowance=4 * ALLOWANCE)
        self.wire.state = "SELECTED"
        self.wire.is_readonly = True  # that it is, is no error to imaplib
        self.mailbox = mailbox
        self.writable = write and "READ-ONLY" not in answer.parts
        permanent = b" ".join(part for part in answer.of("PERMANENTFLAGS") if isinstance(part, bytes))
        self.validity = responses.number(answer.of("UIDVALIDITY"))
        self.validities[mailbox] = self.validity
        self.keywords = not permanent or b"\\*" in permanent
        return Opened(
            responses.number(answer.of("EXISTS")),
            self.validity,
            responses.number(answer.of("UIDNEXT")),
            0 if "NOMODSEQ" in answer.parts else responses.number(answer.of("HIGHESTMODSEQ")),
            responses.vanished(answer.of("VANISHED")),
            list(responses.fetched(answer.of("FETCH"))),
        )

    def at(self, mailbox: str, *, write: bool = False) -> None:
        """Sees to it that a mailbox is open, and still is the one of that name."""
        same = self.mailbox == mailbox and self.validities.get(mailbox) == self.validity
        if not same or (write and not self.writable):
            self.open(mailbox, write=write)

    def close(self) -> None:
        """Lets go of the mailbox, removing nothing."""
        if self.mailbox is None:
            return
        if "UNSELECT" not in self.offers:
            self.open("INBOX")
            return
        self.mailbox = None
        self.run("UNSELECT")
        self.wire.state = "AUTH"

    # -- messages of the open mailbox

    def fetch(self, numbers: str, items: str, *, allowance: int = ALLOWANCE) -> list[responses.Fetched]:
        """FETCH by sequence numbers."""
        return list(responses.fetched(self.run("FETCH", numbers, items, allowance=allowance).of("FETCH")))

    def uid_fetch(
        self, numbers: str, items: str, *, more: str = "", allowance: int = ALLOWANCE
    ) -> list[responses.Fetched]:
        """UID FETCH; what the server tells of other messages meanwhile is among it."""
        words = ["FETCH", numbers, items, *([more] if more else [])]
        return list(responses.fetched(self.run("UID", *words, allowance=allowance).of("FETCH")))

    def alive(self, first: int = 1, last: str = "*") -> list[int]:
        """UIDs of the messages there are, but for those that are marked as deleted, in ascending order."""
        if "ESEARCH" in self.offers:
            found = self.uid_search("UID", f"{first}:{last}", "UNDELETED")
        else:
            # As lines of their own: one line with all of them can be longer than a line may be.
            told = self.uid_fetch(f"{first}:{last}", "(UID FLAGS)", allowance=8 * ALLOWANCE)
            found = [one.uid for one in told if one.uid and not one.deleted]
        # `n:*` names the last message also where its number is below n.
        return sorted({uid for uid in found if uid >= first})

    def uid_search(self, *criteria: str | bytes, most: int = 10_000_000) -> list[int]:
        """UIDs that a search finds; in as few bytes as the server can say them."""
        words = ["RETURN (ALL)"] if "ESEARCH" in self.offers else []
        answer = self.run("UID", "SEARCH", *words, *criteria)
        return responses.found(answer.of("SEARCH"), answer.of("ESEARCH"), most)

    def idle(self, seconds: float, news: re.Pattern[bytes]) -> bool:
        """Listens for so long; True as soon as a line says something that matches `news`."""
        try:
            return self._listen(monotonic() + seconds, news)
        except BaseException:
            self.broken = True
            raise

    def _listen(self, until: float, news: re.Pattern[bytes]) -> bool:
        wire, heard = self.wire, False
        wire.send(b"idle IDLE\r\n")
        while not (line := wire.readline()).startswith(b"+"):
            heard = heard or news.match(line) is not None
            if not line.startswith(b"* "):
                raise wire.abort("the server does not take IDLE")
        while not heard and (left := until - monotonic()) > 0:
            if not wire.ready(left):
                break
            wire.allowance = ALLOWANCE
            line = wire.readline()
            if not line or line.upper().startswith(b"* BYE"):
                raise wire.abort("the connection ended within an answer")
            heard = news.match(line) is not None
        wire.allowance = ALLOWANCE
        wire.send(b"DONE\r\n")
        while not (line := wire.readline()).startswith(b"idle "):
            heard = heard or news.match(line) is not None
            if not line:
                raise wire.abort("the connection ended within an answer")
        return heard

    def rest(self, seconds: float) -> None:
        """Waits; ends at once when the connection is cut."""
        if self.wire.ready(seconds):
            # Servers that close an idle connection say so.
            self.broken = True

    def cut(self) -> None:
        """Ends the connection at once, under whoever waits for it."""
        self.broken = True
        self.wire.shutdown()


_TOKEN = re.compile(r"[^\x21-\x7e]|[\"\\]")


def searchable(text: str) -> bytes | None:
    """`text` as a string to be searched for; None when it is of a kind that servers differ about."""
    return None if not text or len(text) > 400 or _TOKEN.search(text) else b'"' + text.encode() + b'"'

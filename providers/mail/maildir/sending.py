"""Filing: what is sent from a mailbox that goes nowhere is filed among its sent mails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256

from providers.mail.envelope import SEND, prepare
from providers.mail.maildir import files
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Verb
from vfs.drive import hop
from vfs.path import Path


class Filing:
    """What `Performs` of a maildir is. `sent` names the folder, made when it is missing."""

    def __init__(self, sent: Callable[[], str]) -> None:
        self._sent = sent

    def deeds(self) -> Mapping[str, Verb]:
        return {SEND.name: SEND}

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        return prepare(verb, arguments)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        await leaving()

        def file() -> None:
            folder = self._sent()
            if files.find(folder, _href(deed)) is None:
                files.deliver(folder, content, {"unread": False}, _href(deed))

        await hop(file)
        return "filed in sent: no server is behind this mailbox, nothing has left this computer"

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        return await hop(lambda: files.find(self._sent(), _href(deed)) is not None)


def _href(deed: Deed) -> str:
    """The same for the same deed, so that it is filed once."""
    return f"sent.{sha256(deed.key.encode()).hexdigest()[:32]}"

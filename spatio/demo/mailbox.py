"""Mailbox: the demo's mails as a maildir in its own folder, and the replica of it in the store."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable

from providers.mail.maildir import files
from providers.mirror.mirror import Mirror
from providers.spec import Opening, Reach
from providers.store.store import Store
from spatio.demo.letters import Letter
from spatio.demo.mail import all_mail
from spatio.demo.world import World
from spatio.plugins import provider_spec

FOLDER = "mail"
"""Below the workspace's own data."""

OPTIONS = {"path": FOLDER, "send": "file", "address": "Nora Veldman <nora@veldman.example>"}


async def fill_mail(store: Store, home: str, world: World, chance: random.Random) -> int:
    """Delivers the year's mails into `home`, and brings them here; returns how many there are."""
    count = deliver(os.path.join(home, FOLDER), all_mail(world, chance))
    mirror = provider_spec("maildir").open(Opening(OPTIONS, lambda: store, reach=_offline, home=home))
    assert isinstance(mirror, Mirror)
    try:
        await mirror.engine.sync()
    finally:
        await mirror.aclose()
    return count


def deliver(root: str, letters: Iterable[Letter]) -> int:
    """Puts mails into the folders of a maildir, which has a trash, too; returns how many. Blocks."""
    made = {os.path.join(root, ".Trash")}
    for folder in made:
        files.make(folder)
    count = 0
    for at, letter in enumerate(letters):
        folder = root if letter.folder == "inbox" else os.path.join(root, f".{letter.folder.title()}")
        if folder not in made:
            files.make(folder)
            made.add(folder)
        state = {
            "unread": letter.unread,
            "flagged": letter.flagged,
            "answered": letter.answered,
            "draft": letter.folder == "drafts",
        }
        flags = files.flags_of(state)
        path = os.path.join(folder, "cur", f"{int(letter.at.timestamp())}.{at}.demo{files.INFO}{flags}")
        with open(path, "wb") as file:
            file.write(letter.data)
        os.utime(path, (letter.at.timestamp(),) * 2)
        count += 1
    return count


def _offline() -> Reach:
    return Reach.OFFLINE

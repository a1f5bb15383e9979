"""The provider `maildir`: what a mount says of a mailbox in folders of this computer."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from providers.mail.mailbox import ADDRESS, COLLECTION, MARKS, settings
from providers.mirror.mirror import Mirror
from providers.spec import Opening, Option, ProviderSpec
from vfs.errors import BadName

if TYPE_CHECKING:
    from providers.mirror.remote import Remote

PATH = Option("path", "the mailbox's folder; a relative one is below the workspace's own data", required=True)
MAX_AGE = Option("max_age", "how old what is here may be before a read looks again: 10s, 5m", default="1m")
SEND = Option("send", "`file`: what is sent is filed in its sent folder, and goes no further")


def _open(opening: Opening) -> Mirror:
    options = opening.options
    root = os.path.join(opening.home, os.path.expanduser(options["path"]))
    send = options.get("send", "")
    if send not in ("", "file"):
        raise BadName(None, f"send is `file` or not set, but is {send!r}")

    def remote() -> Remote:
        made: Remote = import_module("providers.mail.maildir.remote").open_maildir(root, files=bool(send))
        return made

    return Mirror(
        opening.store(),
        options.get("collection", "mail"),
        remote,
        settings(opening, options.get("address") or root, settable=MARKS - {"labels"}, arranges=True),
    )


PROVIDER = ProviderSpec(
    "maildir",
    "a mailbox in folders of this computer",
    _open,
    (PATH, COLLECTION, ADDRESS, MAX_AGE, SEND),
)

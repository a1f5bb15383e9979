"""A workspace with a mailbox that needs no server: what is sent is filed in its own sent folder."""

from __future__ import annotations

import pathlib

CONFIG = """
[mounts."/mail"]
provider = "maildir"
path = "{path}"
address = "nora@example.org"
send = "file"
trust = "outside"
"""


def make_house(home: pathlib.Path, config: str = "") -> pathlib.Path:
    """The mailbox's folder, beside the workspace in `home`."""
    mailbox = home.parent / "maildir"
    for name in ("cur", "new", "tmp"):
        (mailbox / name).mkdir(parents=True)
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(CONFIG.format(path=mailbox) + config)
    return mailbox


def sent(mailbox: pathlib.Path) -> list[str]:
    """The subjects of the mails in the sent folder, each as often as it is there."""
    found = []
    for file in sorted(mailbox.rglob("*")):
        if file.is_file() and ".Sent" in str(file) and file.parent.name in ("cur", "new"):
            lines = file.read_bytes().decode("utf-8", "replace").splitlines()
            found += [line.removeprefix("Subject: ") for line in lines if line.startswith("Subject: ")]
    return sorted(found)

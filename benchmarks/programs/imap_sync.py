"""WHO PORT USER PASSWORD FOLDER: brings one mailbox here; prints seconds of wall and CPU and peak MB as JSON.

headers     the mirror: listed, named, described, stored, indexed
bodies      the mirror, whole messages too
again       the mirror in a FOLDER that has it all
imap-tools  its bulk fetch of headers, parsed, stored nowhere
"""

from __future__ import annotations

import json
import pathlib
import resource
import sys
import time


def mirror(who: str, port: str, user: str, password: str, folder: str) -> None:
    from providers.mail.imap.provider import PROVIDER
    from providers.spec import Opening
    from providers.store.sqlite import SqliteStore
    from vfs.drive import drive

    place = pathlib.Path(folder)
    store = SqliteStore(place / "spatio.db", place / "objects", keep_copy=False)
    options = {"host": "127.0.0.1", "port": port, "user": user, "security": "none"}
    options["bodies"] = "demand" if who == "headers" else "ahead"

    async def synced() -> None:
        mount = PROVIDER.open(Opening(options, lambda: store, secret=lambda name: password))
        await mount.engine.sync()  # type: ignore[attr-defined]
        await mount.aclose()
        await store.aclose()

    drive(synced())


def imap_tools(port: str, user: str, password: str) -> None:
    import imap_tools

    with imap_tools.MailBoxUnencrypted("127.0.0.1", int(port)).login(user, password) as mailbox:
        for message in mailbox.fetch(headers_only=True, bulk=500, mark_seen=False):
            _ = (message.subject, message.from_, message.to, message.date, message.flags)


def main(who: str, port: str, user: str, password: str, folder: str) -> None:
    began, used = time.perf_counter(), time.process_time()
    if who == "imap-tools":
        imap_tools(port, user, password)
    else:
        mirror(who, port, user, password, folder)
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    print(json.dumps([wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


if __name__ == "__main__":
    main(*sys.argv[1:])

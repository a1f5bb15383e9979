"""`spatio init`: makes a workspace where an address says, and chooses it for good in the config.

A PostgreSQL database, or an embedded one elsewhere, never becomes a workspace by merely being used: a
mistyped address would look like an empty workspace.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from commands.command import Failure
from providers.store.claims import claim
from providers.store.presence import absent
from spatio.addresses import WrongAddress, objects_address, store_address
from spatio.config import ConfigError, Mistake, StoreSetting, load_config
from spatio.configfile import set_store
from spatio.founding import found, settle
from spatio.paths import Places, places
from spatio.start import Start, say
from spatio.storing import OBJECTS, URL, USER, Chosen, check, choose
from vfs.drive import drive
from vfs.visible import visible_line


def init(begun: Start, address: str | None, objects: str | None, user: str, direct: str) -> None:
    """Makes the workspace that the words, the environment and the config name; an `address` is kept.

    Raises ConfigError, Failure, VfsError.
    """
    where = places(begun.home)
    kept = load_config(where).store or StoreSetting()
    objects = objects or begun.objects
    if address is None:
        if user or direct:
            raise Failure("--user and --direct go with an address", status=2, hint="run: spatio init ADDRESS")
        say(_made(choose(where, kept, begun.store, objects, os.environ)))
        return
    if begun.store:
        raise Failure("--store and ADDRESS are one too many", status=2, hint="run: spatio init ADDRESS")
    wanted = _wanted(kept, address, objects or os.environ.get(OBJECTS), user, direct)
    _refuse_to_hide(where, kept, wanted)
    chosen = choose(where, wanted, address, None, {})
    said = _made(chosen)
    drive(_find_objects(chosen))
    say(said)
    set_store(where.config_file, wanted)
    say(visible_line(f"this workspace uses it from now on: [store] in {where.config_file}"))
    if chosen.address.password is not None:
        say("the password is not kept there: run spatio key store, or set PGPASSWORD")
    if os.environ.get(URL):
        say(f"{URL} is set, and goes before the config")


def _wanted(kept: StoreSetting, address: str, objects: str | None, user: str, direct: str) -> StoreSetting:
    """What `[store]` is to say. Raises ConfigError."""
    try:
        url = store_address(address).text
        beside = kept if kept.url == url else StoreSetting()
        place = beside.objects if objects is None else str(objects_address(objects))
        wanted = StoreSetting(url, direct or beside.direct, place, user or beside.user)
        check(wanted)
    except (WrongAddress, Mistake) as wrong:
        raise ConfigError("init", wrong.reason, hint=wrong.hint) from None
    return wanted


def _refuse_to_hide(where: Places, kept: StoreSetting, wanted: StoreSetting) -> None:
    """Raises Failure where data of this workspace would seem to be gone."""
    if kept.url and kept.url != wanted.url:
        raise Failure(
            f"this workspace has a store already: {visible_line(kept.url)}",
            hint=f"to take its data along: spatio migrate --to ADDRESS; else edit {where.config_file}",
        )
    if kept.url and (kept.user or USER) != (wanted.user or USER):
        raise Failure(
            f"this workspace is the part of the user {visible_line(kept.user or USER)}",
            hint="to have both: spatio --home DIR init …; to take its data along: spatio migrate --to …",
        )
    if not kept.url and os.path.exists(where.database) and wanted.url != where.database:
        raise Failure(
            f"this workspace keeps its data in {visible_line(where.database)}",
            hint="to take them along: spatio migrate --to ADDRESS; to have both: spatio --home DIR init …",
        )


async def _find_objects(chosen: Chosen) -> None:
    """Raises Failure where the workspace that was there keeps its large contents in another place.

    A place that was named is marked as this workspace's, which also shows that it can be written to. Raises
    Conflict when another workspace has it, NotFound, LoginNeeded, Unavailable.
    """
    store = chosen.connect()
    try:
        missing = await absent(store)
        if not missing and chosen.shared:
            await claim(store)
    finally:
        await store.aclose()
    if missing:
        raise Failure(
            f"the large contents of this workspace are not in {visible_line(chosen.facts['objects'])}",
            hint="name the place where they are: --objects ADDRESS; to take them elsewhere: spatio migrate",
        )


def _made(chosen: Chosen) -> str:
    """Makes it, and says so."""
    new = make(chosen)
    facts = chosen.facts
    words = f"a new workspace in {facts['store']}" if new else f"there is a workspace in {facts['store']}"
    return visible_line(f"{words}, large contents in {facts['objects']}")


def make(chosen: Chosen) -> bool:
    """Makes a workspace, tables and all; False when there is one already.

    Raises Refused where the login may not, Unavailable, VfsError.
    """
    if chosen.address.engine == "sqlite":
        if os.path.exists(chosen.address.text):
            return False
        found(chosen.address.text, chosen.object_store(), chosen.user)
        return True
    served: Any = chosen.connect()

    async def work() -> bool:
        try:
            await import_module("providers.store.postgres.making").make_tables(served)
            return await settle(served)
        finally:
            await served.aclose()

    return drive(work())

"""`spatio migrate --to ADDRESS`: the workspace taken to another store, and used from there."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from typing import Any, NamedTuple

from commands.command import Failure
from providers.store import errors
from providers.store.claims import mark_of
from providers.store.moving import aside
from providers.store.moving.migrate import Moved, migrate, preview
from providers.store.moving.proof import head_of, knows, occupied
from providers.store.objects import LocalObjects
from providers.store.sqlite import SqliteStore
from spatio.addresses import WrongAddress, objects_address, store_address
from spatio.backup import make_folder, make_tables, present
from spatio.config import ConfigError, Mistake, StoreSetting, load_config
from spatio.configfile import set_store
from spatio.ending import ending_well
from spatio.paths import Places, places
from spatio.progress import Progress
from spatio.start import Start, say
from spatio.storing import OBJECTS, URL, Chosen, check, choose
from vfs.drive import drive
from vfs.errors import Unavailable, VfsError
from vfs.visible import visible_line

PATIENCE = 8.0
"""Seconds that other programs are waited for, which have the workspace open."""


class Wish(NamedTuple):
    """What the words say about where to go."""

    to: str
    objects: str | None = None
    user: str = ""
    direct: str = ""
    dry: bool = False


class _Move(NamedTuple):
    where: Places
    setting: StoreSetting
    """What `[store]` is to say."""
    source: Chosen
    target: Chosen
    config: bool
    """Whether the config names the source, so that it is to name the target."""


def move(begun: Start, wish: Wish) -> None:
    """Takes the workspace to another store. Raises ConfigError, Failure, VfsError."""
    plan = _planned(begun, wish)
    progress = Progress()
    with ending_well():
        store = present(plan.source)
        try:
            with _opened(plan.target, dry=wish.dry) as target:
                moved = drive(_work(plan, store, target, progress, dry=wish.dry))
        finally:
            progress.clear()
            drive(store.aclose())
    _tell(plan, moved, dry=wish.dry)


def _planned(begun: Start, wish: Wish) -> _Move:
    where = places(begun.home)
    kept = load_config(where).store
    source = choose(where, kept, begun.store, begun.objects, os.environ)
    try:
        url = store_address(wish.to).text
        objects = str(objects_address(wish.objects)) if wish.objects else ""
        setting = StoreSetting(url, wish.direct, objects, wish.user)
        check(setting)
    except (WrongAddress, Mistake) as wrong:
        raise ConfigError("migrate", wrong.reason, hint=wrong.hint) from None
    target = choose(where, setting, wish.to, None, {})
    if (source.address.text, source.user) == (target.address.text, target.user):
        raise Failure("the workspace is there already", hint="name another store: --to ADDRESS")
    if url == where.database:
        setting = StoreSetting("", "", objects, wish.user)
    return _Move(where, setting, source, target, config=not (begun.store or os.environ.get(URL)))


class _Target(NamedTuple):
    store: Any
    place: str = ""
    """Where an embedded database is made before it is put in place."""


@contextmanager
def _opened(target: Chosen, *, dry: bool) -> Iterator[_Target]:
    """The store to fill; an embedded one beside its place."""
    if target.address.engine == "postgresql":
        yield _Target(target.connect(waiting=lambda what: say(visible_line(what))))
    elif dry:
        with tempfile.TemporaryDirectory(prefix="spatio-") as folder:
            yield _Target(_empty(folder))
    else:
        make_folder(target.address.text)
        with aside.reserved(target.address.text) as place:
            yield _Target(SqliteStore(place, target.object_store(), target.user, keep_copy=False), place)


def _empty(folder: str) -> SqliteStore:
    return SqliteStore(os.path.join(folder, "spatio.db"), os.path.join(folder, "objects"), keep_copy=False)


async def _work(plan: _Move, store: Any, target: _Target, progress: Progress, *, dry: bool) -> Moved:
    try:
        if plan.target.address.engine == "sqlite":
            await _need_earlier(store, plan.target)
        elif not dry:
            await make_tables(target.store)
        if dry:
            return await _preview(store, target.store, progress)
        plan.target.claim_for(target.store, await mark_of(store))
        return await migrate(store, target.store, lambda: _switch(plan, target), progress)
    finally:
        progress.clear()
        await target.store.aclose()


async def _preview(store: Any, target: Any, progress: Progress) -> Moved:
    try:
        return await preview(store, target, progress)
    except VfsError as error:
        if not _has_no_tables(target, error):
            raise
        with tempfile.TemporaryDirectory(prefix="spatio-") as folder:
            empty = _empty(folder)
            try:
                return await preview(store, empty, progress)
            finally:
                await empty.aclose()


def _has_no_tables(target: Any, error: VfsError) -> bool:
    if isinstance(target, SqliteStore) or error.__cause__ is None:
        return False
    missing: bool = import_module("providers.store.postgres.errors").is_missing(error.__cause__)
    return missing


async def _need_earlier(store: Any, target: Chosen) -> None:
    """Raises Conflict where a database is that is not an earlier state of this workspace."""
    if not aside.exists(target.address.text):
        return
    there = SqliteStore(target.address.text, target.object_store(), target.user, keep_copy=False)
    try:
        head = await head_of(there)
        if not await knows(store, head):
            raise occupied(there, head)
    finally:
        await there.aclose()


def _switch(plan: _Move, target: _Target) -> None:
    """Runs while nobody can change the source."""
    if plan.source.address.engine == "sqlite":
        _wait_until_unused(plan.source.address.text)
    if target.place:
        _put_in_place(plan, target.place)
    if plan.config:
        set_store(plan.where.config_file, plan.setting)


def _wait_until_unused(database: str) -> None:
    """Raises Unavailable while others have it open: what they write later would be left behind."""
    give_up = time.monotonic() + PATIENCE
    while users := aside.users_of(database):
        if time.monotonic() > give_up:
            raise Unavailable(
                database,
                f"all of it is at the target, but {' and '.join(users)} still uses it here;"
                " nothing was switched",
                hint="close it, then run this again: it goes on from there",
            )
        time.sleep(0.1)


def _put_in_place(plan: _Move, place: str) -> None:
    database = plan.target.address.text
    users = aside.users_of(database)
    if users:
        raise Unavailable(
            database,
            f"the earlier state that is there is in use by {' and '.join(users)}; nothing was switched",
            hint="close it, then run this again: it goes on from there",
        )
    try:
        if aside.exists(database):
            objects = plan.target.object_store()
            kept = f"{database}-before-migrate-{datetime.now():%Y%m%d-%H%M%S}"
            aside.replace(place, database, objects if isinstance(objects, LocalObjects) else None, kept)
            say(visible_line(f"the earlier state that was there lies in {kept}"))
        else:
            aside.place(place, database)
    except OSError as error:
        raise errors.from_os(error, database) from error


def _tell(plan: _Move, moved: Moved, *, dry: bool) -> None:
    facts = plan.target.facts
    what = (
        f"{moved.rows:,} rows, {moved.changes:,} of them to be carried; {moved.objects:,} objects"
        f" ({moved.bytes / 1e6:,.1f} MB)"
    )
    if dry:
        say(visible_line(f"to {facts['store']}, large contents to {facts['objects']}: {what}"))
        say("nothing was changed")
        return
    what = what.replace("to be carried", "carried")
    say(visible_line(f"{facts['store']}: {what}"))
    say(f"every row and every content was verified there, and {moved.events:,} changes of the log")
    back = plan.source.address.name
    if plan.config:
        say(visible_line(f"this workspace uses it from now on: {plan.where.config_file}"))
        say(visible_line(f"what was in {back} is there as it was; to go back: spatio migrate --to {back}"))
    else:
        say(visible_line(f"nothing was switched, since {_named(plan)} names the store"))
    if plan.target.address.password is not None:
        say("the password is not kept: run spatio key store, or set PGPASSWORD")
    if os.environ.get(OBJECTS):
        say(f"{OBJECTS} is set, and goes before the config")


def _named(plan: _Move) -> str:
    return URL if os.environ.get(URL) else "--store"

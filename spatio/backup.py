"""`spatio backup` and `spatio restore`: the workspace in one file, and back from it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from typing import Any

from commands.command import Failure
from providers.store import errors
from providers.store.moving import aside
from providers.store.moving.archive import Archive, examine
from providers.store.moving.backup import Summary, backup
from providers.store.moving.restore import mark_in, restore
from providers.store.objects import LocalObjects
from providers.store.sqlite import SqliteStore
from spatio import VERSION
from spatio.addresses import WrongAddress, objects_address, store_address
from spatio.config import ConfigError, StoreSetting, load_config
from spatio.configfile import read, without_store
from spatio.ending import ending_well
from spatio.paths import Places, make_private, places, write_private
from spatio.progress import Progress
from spatio.start import Start, say
from spatio.storing import Chosen, choose
from vfs.closing import Closing
from vfs.drive import drive
from vfs.errors import Exists, IsADirectory, NotFound, Unavailable
from vfs.visible import visible_line

INCOMPLETE = 3


def back_up(begun: Start, file: str, *, force: bool) -> int:
    """Writes the workspace into `file`; 3 when a content was damaged in the store already."""
    where = places(begun.home)
    chosen = choose(where, load_config(where).store, begun.store, begun.objects, os.environ)
    store = present(chosen)
    progress = Progress()

    async def work() -> Summary:
        try:
            return await backup(
                store,
                file,
                version=VERSION,
                config=without_store(read(where.config_file)),
                force=force,
                progress=progress,
            )
        finally:
            progress.clear()
            await store.aclose()

    with ending_well():
        summary = drive(work())
    say(visible_line(f"{file}: {_told(summary)}, {os.stat(file).st_size / 1e6:,.1f} MB"))
    return _damage(summary)


def check(file: str) -> int:
    """Reads a backup from its first byte to its last; 3 when it was taken of damaged contents."""
    with ending_well(), _examined(file) as archive:
        say(visible_line(f"{file}: whole; {_told(archive.summary)}, made {_when(archive)}"))
        return _damage(archive.summary)


def bring_back(begun: Start, file: str, to: str | None, objects: str | None, *, force: bool) -> int:
    """Makes a workspace of a backup: the present one, or where `to` says."""
    where = places(begun.home)
    chosen = _target(where, begun, to, objects)
    with ending_well(), _examined(file) as archive:
        if chosen.address.engine == "sqlite":
            _embedded(archive, chosen, where if to is None else None, force=force)
        elif force:
            raise Failure(
                "what is in a database cannot be put aside", status=2, hint="restore into an empty one"
            )
        else:
            _served(archive, chosen)
        summary = archive.summary
        say(visible_line(f"{chosen.address.name}: restored as of {_when(archive)}: {_told(summary)}"))
    if to is not None:
        say(visible_line(f"to use it: spatio --store {chosen.address.name} ls /"))
    return _damage(summary)


def present(chosen: Chosen) -> Any:
    """The store of a workspace that is there. Raises NotFound where there is none."""
    if chosen.address.engine == "sqlite" and not os.path.exists(chosen.address.text):
        raise NotFound(chosen.address.text, "there is no workspace here")
    store = chosen.connect(waiting=lambda what: say(visible_line(what)))
    try:
        chosen.look(store)
    except BaseException:
        drive(store.aclose())
        raise
    if isinstance(store, SqliteStore):
        store.keep_copy = False
    return store


def _told(summary: Summary) -> str:
    return (
        f"{summary.rows['node']:,} entries, {summary.events:,} changes, {summary.bytes / 1e6:,.1f} MB"
        f" of contents"
    )


def _when(archive: Archive) -> str:
    return datetime.fromisoformat(archive.made).astimezone().strftime("%Y-%m-%d %H:%M")


def _damage(summary: Summary) -> int:
    if summary.damaged:
        many = len(summary.damaged)
        what = f"{many} contents were" if many > 1 else "a content was"
        say(f"{what} damaged in the store already, and came along like that")
        return INCOMPLETE
    return 0


@contextmanager
def _examined(file: str) -> Iterator[Archive]:
    """A backup that was found whole, open for reading. Raises NotFound, Corrupt, VfsError."""
    progress = Progress()
    try:
        opened = open(file, "rb")  # noqa: SIM115 (closed below)
    except FileNotFoundError:
        raise NotFound(file) from None
    except IsADirectoryError:
        raise IsADirectory(file) from None
    except OSError as error:
        raise errors.from_os(error, file) from error
    with opened:
        try:
            archive = examine(opened, file, progress)
        except OSError as error:
            raise errors.from_os(error, file) from error
        finally:
            progress.clear()
        yield archive


def _target(where: Places, begun: Start, to: str | None, objects: str | None) -> Chosen:
    if to is None:
        return choose(where, load_config(where).store, begun.store, objects or begun.objects, os.environ)
    if begun.store:
        raise Failure("--store and --to are one too many", status=2)
    try:
        setting = StoreSetting(
            store_address(to).text, objects=str(objects_address(objects)) if objects else ""
        )
    except WrongAddress as wrong:
        raise ConfigError("restore", wrong.reason, hint=wrong.hint) from None
    return choose(where, setting, to, None, {})


def _embedded(archive: Archive, chosen: Chosen, home: Places | None, *, force: bool) -> None:
    """Makes a database aside, and puts it in place when it is whole; `home` gets a config if it has none."""
    database = chosen.address.text
    there = aside.exists(database)
    if there and not force:
        raise Exists(
            database,
            "there is a workspace already; nothing was changed",
            hint="--force puts it aside first; or restore elsewhere: --to ADDRESS, or spatio --home DIR",
        )
    users = aside.users_of(database) if there else []
    if users:
        raise Unavailable(database, f"in use by {' and '.join(users)}", hint="close it, then run this again")
    make_folder(database)
    with aside.reserved(database) as place:
        aside.begin(place)
        objects = chosen.object_store()
        folder = objects.folder if isinstance(objects, LocalObjects) else ""
        new_folder = bool(folder) and not os.path.exists(folder)
        try:
            _fill(archive, chosen, SqliteStore(place, objects, chosen.user, keep_copy=False))
            if home is not None and archive.config and not os.path.exists(home.config_file):
                write_private(home.config_file, archive.config)
            if there:
                kept = f"{database}-before-restore-{datetime.now():%Y%m%d-%H%M%S}"
                aside.replace(place, database, objects if isinstance(objects, LocalObjects) else None, kept)
                say(visible_line(f"the workspace that was there lies in {kept}"))
                if not isinstance(objects, LocalObjects):
                    say(visible_line(_left(chosen, kept, database)))
            else:
                aside.place(place, database)
        except BaseException as error:
            aside.sweep(place)
            if new_folder:
                shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, FileExistsError) and not isinstance(error, Exists):
                raise Exists(database, "somebody else made a workspace here meanwhile") from None
            if isinstance(error, OSError):
                raise errors.from_os(error, database) from error
            raise


def _left(chosen: Chosen, kept: str, database: str) -> str:
    place = str(chosen.objects)
    old = os.path.join(kept, os.path.basename(database))
    return (
        f"its large contents are still in {place}, where spatio doctor removes, in time, those that the"
        f" restored one does not name; to keep them: spatio --store {old} --objects {place} backup FILE"
    )


def make_folder(database: str) -> None:
    """Makes the folder that a database is to lie in. Raises ReadOnly, NoSpace, VfsError."""
    try:
        make_private(os.path.dirname(database))
    except OSError as error:
        raise errors.from_os(error, database) from error


async def make_tables(store: Any) -> None:
    """Makes the tables of a database where they are missing. Raises Refused, Unavailable."""
    await import_module("providers.store.postgres.making").make_tables(store)


async def _warn_of_a_twin(chosen: Chosen, store: Any) -> None:
    """Says so where the workspace that was backed up may still keep its large contents."""
    if not chosen.shared:
        return
    async with Closing(store.objects.all()) as pages:
        async for page in pages:
            if page:
                place = visible_line(store.objects.name)
                say(f"{place} holds large contents already: if another workspace still uses them, give this")
                say("  one a place of its own (--objects): each would sweep away what only the other names")
                return


def _served(archive: Archive, chosen: Chosen) -> None:
    _fill(archive, chosen, chosen.connect(waiting=lambda what: say(visible_line(what))))


def _fill(archive: Archive, chosen: Chosen, store: Any) -> None:
    progress = Progress()
    chosen.claim_for(store, mark_in(archive))

    async def work() -> None:
        try:
            if not isinstance(store, SqliteStore):
                await make_tables(store)
            await _warn_of_a_twin(chosen, store)
            await restore(archive, store, progress)
        finally:
            progress.clear()
            await store.aclose()

    drive(work())

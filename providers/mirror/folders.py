"""The collections of an account as folders: made, renamed and taken out as the service says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from providers.mirror import records
from providers.mirror.records import ACCOUNT, FLOOR, NEXT, NODE, Folder, Place
from providers.mirror.remote import Collection
from providers.mirror.removing import ACCEPT, FEW, Withheld
from providers.mirror.run import Run
from providers.store import rows
from providers.store.rows import FOLDER, NodeRow
from providers.store.unit import Unit

ORDER = ("inbox", "drafts", "sent", "archive", "flagged", "", "all", "junk", "trash")
"""What people look at first, by role."""


class Reconciled:
    """What is to be looked through, in order; and what is there no more."""

    def __init__(self, there: Sequence[tuple[Collection, Folder]], vanished: frozenset[str]) -> None:
        self.there = there
        self.vanished = vanished


async def reconcile(run: Run, leaving: frozenset[str] = frozenset()) -> Reconciled:
    """Brings the folders in line with the collections, but for those `leaving`, whose folders are gone here.

    Raises Withheld, and what the remote raises.
    """
    collections = await run.patiently(run.remote.collections)
    return await run.write(lambda unit: _reconcile(unit, run, list(collections), leaving))


def _reconcile(unit: Unit, run: Run, collections: list[Collection], leaving: frozenset[str]) -> Reconciled:
    connection, place = unit.connection, run.place
    known = records.folders(connection, place)
    known.pop(ACCOUNT, None)
    _rebind(unit, place, known, collections)
    keys = {one.key for one in collections}
    vanished = frozenset(key for key in known if key not in keys)
    if vanished and not run.accept:
        _check(unit, place, known, vanished)
    there = []
    for collection in collections:
        if collection.key in leaving:
            there.append((collection, known[collection.key]))
            continue
        folder = _brought(unit, collection, known.get(collection.key))
        records.put_folders(connection, place, [folder])
        if collection.selectable:
            there.append((collection, folder))
    there.sort(key=lambda pair: ORDER.index(pair[0].role) if pair[0].role in ORDER else ORDER.index(""))
    return Reconciled(there, vanished)


def _rebind(unit: Unit, place: Place, known: dict[str, Folder], collections: Sequence[Collection]) -> None:
    """Collections that only have another key are the same ones: of the same role, or in the same place."""
    keys = {one.key for one in collections}
    for one in collections:
        if one.key in known:
            continue
        path = rows.path_text(one.path)
        lost = [folder for key, folder in known.items() if key not in keys]
        same = [folder for folder in lost if folder.path == path] or [
            folder for folder in lost if one.role and folder.role == one.role
        ]
        if same:
            records.rebind(unit.connection, place, same[0].key, one.key)
            known[one.key] = known.pop(same[0].key)._replace(key=one.key)


def _check(unit: Unit, place: Place, known: Mapping[str, Folder], vanished: frozenset[str]) -> None:
    """Raises Withheld when most of an account would go with its collections."""
    count = {key: records.count_items(unit.connection, place, key) for key in known}
    total, lost = sum(count.values()), sum(count[key] for key in vanished)
    paths = [one.path for one in known.values()]
    above = {key for key, one in known.items() if any(path.startswith(f"{one.path}/") for path in paths)}
    left = [key for key in known if key not in vanished and (count[key] or key not in above)]
    if lost > max(FEW, total // 2) or (lost and not left):
        raise Withheld(
            None,
            f"the service shows {len(known) - len(vanished)} of {len(known)} folders:"
            f" would delete {lost:,} of {total:,}",
            hint=ACCEPT,
        )


def _brought(unit: Unit, collection: Collection, folder: Folder | None) -> Folder:
    """The row of a collection, its folder being where it belongs."""
    path = rows.path_text(collection.path)
    if folder is not None and folder.path != path:
        _move(unit, folder, path)
    node = _made(unit, path)
    before = {} if folder is None else rows.read_attrs(folder.attrs)
    kept = {name: before[name] for name in (FLOOR, NEXT) if name in before}
    attrs = rows.write_attrs({**collection.attrs, NODE: node.seq, **kept})
    if folder is None:
        return Folder(collection.key, path, collection.role, attrs, None, 0, False, None, None, None, "")
    return folder._replace(path=path, role=collection.role, attrs=attrs)


def _move(unit: Unit, folder: Folder, path: str) -> None:
    row = unit.row(*rows.split_text(folder.path))
    parent, name = rows.split_text(path)
    if row is None or unit.row(parent, name) is not None:
        return
    if parent:
        _made(unit, parent)
    unit.move(row, parent, name)


def _made(unit: Unit, path: str) -> NodeRow:
    """The folder at a path, made with those above it where it is missing."""
    parent, name = rows.split_text(path)
    row = unit.row(parent, name)
    if row is not None and row.kind == FOLDER:
        return row
    if parent:
        _made(unit, parent)
    if row is not None:
        unit.move(row, parent, unit.free_name(parent, name))
    return unit.make_folder(parent, name)


async def drop(run: Run, vanished: frozenset[str]) -> int:
    """Takes out collections that are gone, with what is left in them; how many items that were."""
    if not vanished:
        return 0
    return await run.write(lambda unit: sum(_drop(unit, run.place, key) for key in sorted(vanished)))


def _drop(unit: Unit, place: Place, key: str) -> int:
    connection = unit.connection
    folder = records.folder(connection, place, key)
    if folder is None:
        return 0
    gone = records.items_before(connection, place, key, 1 << 62)
    records.set_apart(connection, place, gone)
    records.drop_folder(connection, place, key)
    row = unit.row(*rows.split_text(folder.path))
    others = [
        one for one in records.folders(connection, place).values() if one.path.startswith(f"{folder.path}/")
    ]
    there = list(records.live(connection, unit.user, [one.node for one in gone]).values())
    if there:
        unit.remove_all(there)
    if row is not None and not others and unit.is_empty(row.path):
        unit.remove(row)
    return len(there)

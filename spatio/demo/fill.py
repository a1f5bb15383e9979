"""Filling: the demo's year into a workspace's store, by the same units of work as any bulk write."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date, datetime, time

from providers.spec import Opening
from providers.store.contents import Content
from providers.store.editing import Editing
from providers.store.provider import StoreProvider
from providers.store.rows import from_time
from providers.store.store import Store
from providers.store.unit import Put
from spatio.demo.bank import all_money
from spatio.demo.calendar import all_events
from spatio.demo.diary import diary
from spatio.demo.files import all_files
from spatio.demo.mailbox import fill_mail
from spatio.demo.notes import Page, all_notes
from spatio.demo.tasks import all_tasks
from spatio.demo.world import build_world
from spatio.plugins import provider_spec
from vfs.action import Change
from vfs.ids import uuid7
from vfs.path import Path

SEED = 20
OWN = "nora@veldman.example"


class Dated(Editing):
    """A collection whose files keep the day on which their story says that they were written."""

    days: Mapping[Path, int]

    def _put(self, path: Path, content: Content, head: bytes) -> Put:
        return super()._put(path, content, head)._replace(mtime=self.days.get(path))


async def fill(store: Store, today: date, home: str) -> int:
    """Writes notes, tasks, files, events, money and mails as they stand on `today`; returns how many.

    The mails lie in `home`, the folder of the workspace's own data.
    """
    world, chance = build_world(today), random.Random(SEED)  # noqa: S311 (a story, no secret)
    notes = [*all_notes(world, chance), *diary(world, chance)]
    count = 0
    for mount, pages in (
        ("notes", notes),
        ("tasks", list(all_tasks(world))),
        ("files", list(all_files(world, chance))),
        ("calendar", list(all_events(world))),
        ("banking", list(all_money(world, random.Random(SEED)))),  # noqa: S311 (a story, no secret)
    ):
        count += await _fill_mount(store, mount, pages)
    return count + await fill_mail(store, home, world, random.Random(SEED))  # noqa: S311 (a story, no secret)


async def _fill_mount(store: Store, mount: str, pages: Iterable[Page]) -> int:
    plain = provider_spec(mount).open(Opening({"address": OWN} if mount == "calendar" else {}, lambda: store))
    if not isinstance(plain, StoreProvider):
        raise TypeError(f"the provider {mount} does not keep its files in the store")
    editing = Dated(store, plain.mount, plain.trade)
    change = Change(uuid7(), "spatio demo", "spatio")
    placed = {Path(tuple(page.path.split("/"))): page for page in pages}
    editing.days = {path: from_time(_moment(page.day, path)) for path, page in placed.items()}
    folders = {Path(path.parts[:depth]) for path in placed for depth in range(1, len(path.parts))}
    if mount == "notes":
        folders.add(Path(("plans",)))
    for folder in sorted(folders):
        await editing.mkdir(folder, change)

    async def files() -> AsyncIterator[tuple[Path, bytes]]:
        for path, page in sorted(placed.items()):
            yield path, page.data

    count = 0
    async for batch in editing.write_many(files(), change):
        count += len(batch)
    return count


def _moment(day: date, path: Path) -> datetime:
    """Some time of that day, the same for the same path."""
    minute = sum(map(ord, str(path))) % 780
    return datetime.combine(day, time(8 + minute // 60, minute % 60)).astimezone()

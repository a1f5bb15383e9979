"""Many at once: entries of days and stored files, by few queries; hits by day; a day that is watched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from providers.calendar import days, naming, single
from providers.calendar.days import Happening
from providers.calendar.text import text_of
from providers.store import contents, nodes, rows
from providers.store.contents import Content, ContentRow
from providers.store.rendered import kept_text
from vfs.closing import Closing
from vfs.errors import NotADirectory, NotFound, VfsError
from vfs.node import Node
from vfs.path import Path
from vfs.provider import Changed, Hit

if TYPE_CHECKING:
    from providers.calendar.looking import Contents, Looking
    from providers.store.store import Connection

FOLDER = Path((naming.CALENDARS,))

CLOSE = 62
"""Days that are asked for by one query, though nobody has asked for those in between."""

StatMany = Callable[[Sequence[Path]], Awaitable[Sequence[Node | VfsError]]]
ReadMany = Callable[..., AsyncIterator["Contents"]]
Watch = Callable[[Path], AsyncIterator[Sequence[Changed]]]


async def happenings(lens: Looking, paths: Iterable[Path]) -> Mapping[Path, Happening]:
    """The instances at plain paths; what is none is left out."""
    wanted: dict[date, list[Path]] = {}
    for path in paths:
        day = naming.day_of(path.parts[0]) if len(path.parts) == 2 else None
        if day is not None:
            wanted.setdefault(day, []).append(path)
    found: dict[Path, Happening] = {}
    for first, last in _runs(sorted(wanted)):
        for day, listed in (await lens.spread(first, last)).items():
            for path in wanted.get(day, ()):
                one = days.named(listed, path.parts[1])
                if one is not None:
                    found[path] = one
    return found


def _runs(wanted: Sequence[date]) -> list[tuple[date, date]]:
    """Spans of days that hold all that are wanted, each small."""
    runs: list[tuple[date, date]] = []
    for day in wanted:
        if runs and day - runs[-1][0] < timedelta(days=CLOSE):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


async def stat_many(lens: Looking, inner: StatMany, paths: Sequence[Path]) -> list[Node | VfsError]:
    """See StattableMany.stat_many."""
    plain = [_plain(lens, path) for path in paths]
    stored = [path for path in plain if path is not None and naming.is_stored(path)]
    kept = dict(zip(stored, await inner(stored), strict=True)) if stored else {}
    found = await happenings(lens, [path for path in plain if path is not None])
    answers: list[Node | VfsError] = []
    for path, place in zip(paths, plain, strict=True):
        if place is None:
            answers.append(NotFound(path))
        elif place in found:
            answers.append(found[place].node._replace(name=path.name))
        elif isinstance(node := kept.get(place), Node):
            answers.append(node)
        else:
            try:
                answers.append(await lens.stat(path))
            except VfsError as error:
                answers.append(error)
    return answers


def _plain(lens: Looking, path: Path) -> Path | None:
    try:
        return lens.plain(path)
    except NotFound:
        return None


async def read_many(
    lens: Looking, inner: ReadMany, paths: Sequence[Path], limit: int
) -> AsyncIterator[Contents]:
    """See ReadableMany.read_many."""
    async with Closing(_read(lens, inner, paths, limit)) as batches:
        async for batch in batches:
            yield [
                (path, data if one is None or data is None else single.alone(data, one))
                for path, data, one in batch
            ]


async def _read(
    lens: Looking, inner: ReadMany, paths: Sequence[Path], limit: int
) -> AsyncIterator[Sequence[tuple[Path, bytes | None, Happening | None]]]:
    """The bytes of many entries' files, each with the instance that it is."""
    plain = [_plain(lens, path) for path in paths]
    found = await happenings(lens, [path for path in plain if path is not None])
    ones = [found.get(path) if path is not None else None for path in plain]
    files = [one.file if one is not None else path or Path() for one, path in zip(ones, plain, strict=True)]
    at = 0
    async with Closing(inner(files, limit=limit)) as batches:
        async for batch in batches:
            answer: list[tuple[Path, bytes | None, Happening | None]] = []
            for _, data in batch:
                one, path = ones[at], paths[at]
                at += 1
                answer.append((path, data, one))
            yield answer


async def texts(lens: Looking, inner: ReadMany, paths: Sequence[Path], limit: int) -> AsyncIterator[Contents]:
    """See RenderedMany.texts: the texts of stored files are kept, those of instances are made."""
    plain = [_plain(lens, path) for path in paths]
    await lens.news()
    kept = await lens.store.read(lambda connection: _kept(lens, connection, plain))
    missing = [path for path, place in zip(paths, plain, strict=True) if place not in kept]
    made: dict[Path, bytes | None] = {}
    zone = lens.zone()
    async with Closing(_read(lens, inner, missing, limit)) as batches:
        async for batch in batches:
            for path, data, one in batch:
                if one is not None and data is not None:
                    made[path] = single.summary(data, one, zone)
                elif data is not None:
                    made[path] = (text_of(data) or "").encode()
    yield [
        (path, kept[place] if place in kept else made.get(path))
        for path, place in zip(paths, plain, strict=True)
    ]


def _kept(lens: Looking, connection: Connection, paths: Sequence[Path | None]) -> dict[Path | None, bytes]:
    """The texts of stored files that were made when those were written."""
    user = lens.store.user
    spots = {
        rows.split_text(rows.path_text(path)): path
        for path in paths
        if path is not None and naming.is_stored(path) and rows.storable(path)
    }
    found = nodes.lookup_many(connection, user, lens.mount, spots)
    kept = contents.find_many(connection, user, [row.digest for row in found.values() if row.digest])
    answer: dict[Path | None, bytes] = {}
    for spot, row in found.items():
        content = kept.get(row.digest) if row.digest else None
        text = None if content is None or not content.is_whole() else kept_text(_content(content))
        if text is not None:
            answer[spots[spot]] = text
    return answer


def _content(row: ContentRow) -> Content:
    return Content(row.digest, row.size, row.crc, row.data, row.excerpt)


async def read_below(lens: Looking, inner: ReadMany, path: Path, limit: int) -> AsyncIterator[Contents]:
    """See ReadableBelow.read_below."""
    plain = lens.plain(path)
    if not plain.parts or naming.is_stored(plain):
        async with Closing(
            inner(plain if plain.parts else Path((naming.CALENDARS,)), limit=limit)
        ) as batches:
            async for batch in batches:
                yield batch
        return
    paths = [at async for page in lens.walk(path) for at, node in page if not node.is_folder]
    async with Closing(lens.read_many(paths, limit=limit)) as batches:
        async for batch in batches:
            yield batch


async def between(lens: Looking, path: Path, start: datetime, end: datetime) -> list[tuple[Path, Node]]:
    """See Occurring.between."""
    plain = lens.plain(path)
    if not (await lens.stat(path)).is_folder:
        raise NotADirectory(path)
    await lens.news()
    shelf, zone = lens.shelf, lens.zone()
    folder = rows.path_text(plain) if naming.is_stored(plain) else ""
    if plain.parts and not folder:
        one = naming.day_of(plain.name)
        span = naming.week_of(lens.today()) if one is None else [one]
        start = max(start, days.midnight(span[0], zone))
        end = min(end, days.midnight(span[-1] + timedelta(days=1), zone))
    if start >= end:
        return []
    return await lens.store.read(lambda connection: days.between(connection, shelf, start, end, zone, folder))


async def by_day(lens: Looking, hits: Sequence[Hit]) -> list[Hit]:
    """Hits at stored files, told by the day on which each happens next, or did last."""
    shelf, zone, now = lens.shelf, lens.zone(), lens.clock()

    def look(connection: Connection) -> list[Hit]:
        spots = {rows.split_text(rows.path_text(hit.path)) for hit in hits}
        stored = nodes.lookup_many(connection, shelf.user, shelf.mount, spots)
        answer = []
        for hit in hits:
            row = stored.get(rows.split_text(rows.path_text(hit.path)))
            one = None if row is None else days.reached(connection, shelf, row.seq, now, zone)
            answer.append(hit if one is None else hit._replace(path=one.path, node=one.node))
        return answer

    return await lens.store.read(look)


async def watch_days(lens: Looking, inner: Watch, plain: Path) -> AsyncIterator[Sequence[Changed]]:
    """What changes of the entries of a day, a week, or at one entry."""
    if len(plain.parts) > 1:
        await lens.stat(plain)
    before = await _entries(lens, plain)
    async with Closing(inner(Path())) as batches:
        async for batch in batches:
            if not batch:
                before = await _entries(lens, plain)
                yield []
                continue
            after = await _entries(lens, plain)
            at = batch[-1].at
            changes = [Changed(path, "remove", at) for path in before if path not in after]
            changes += [Changed(path, "write", at) for path in after if before.get(path) != after[path]]
            before = after
            if changes:
                yield changes


async def _entries(lens: Looking, plain: Path) -> dict[Path, str | None]:
    if plain.name == naming.WEEK:
        week = naming.week_of(lens.today())
        spread = await lens.spread(week[0], week[-1])
        return {one.path: one.node.etag for listed in spread.values() for one in listed}
    day = naming.day_of(plain.parts[0])
    if day is None:
        raise NotFound(plain)
    listed = await lens.day(day)
    if len(plain.parts) == 1:
        return {one.path: one.node.etag for one in listed}
    return {one.path: one.node.etag for one in listed if one.path == plain}

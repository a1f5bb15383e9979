"""Contents that are not all here: fetched for who reads them, described, and missed by who searches."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from providers.mirror import records
from providers.mirror.records import ACCOUNT, Folder, ItemRow
from providers.mirror.settings import AHEAD
from providers.spec import Reach
from providers.store import contents, rows
from providers.store.contents import CUT, RENDERED
from providers.store.known import Known
from providers.store.many import together
from vfs.coverage import Gap, tell
from vfs.drive import hop
from vfs.errors import Unavailable, VfsError
from vfs.path import Path

if TYPE_CHECKING:
    from providers.mirror.mirror import Mirror
    from providers.store.contents import Content
    from providers.store.store import Connection

_PARTIAL = (
    "SELECT count(*) FROM item i JOIN node n ON n.user_id = i.user_id AND n.seq = i.node"
    " WHERE i.user_id = ? AND i.mount = ? AND i.key = ? AND NOT i.whole AND n.deleted_at IS NULL"
)


_EXCERPTS = (
    "SELECT digest, excerpt FROM content WHERE user_id = ? AND substr(excerpt, 1, 1) = ?"
    " AND place <> 'purged' AND digest IN (%s)"
)


async def want(mirror: Mirror, paths: Sequence[Path]) -> None:
    """Contents are whole from then on. Raises Unavailable where the service cannot be asked, NotFound …"""
    found = await mirror.store.read(lambda connection: _partial(mirror, connection, paths))
    for path, folder, _ in found:
        if mirror.settings.reach() is Reach.OFFLINE:
            raise Unavailable(
                path, "only its beginning is here, and this is offline", hint="run without --offline"
            )
        if folder is None:
            raise Unavailable(path, "only its beginning is here, and its service has it no more")
    if len(found) == 1:
        [(_, folder, item)] = found
        assert folder is not None
        await mirror.engine.want(folder, item)
    elif found:
        answers = await mirror.engine.want_all([(folder, item) for _, folder, item in found if folder])
        for path, _, item in found:
            error = answers.get(item.node)
            if error is not None:
                raise error.at(path)


def _partial(
    mirror: Mirror, connection: Connection, paths: Sequence[Path]
) -> list[tuple[Path, Folder | None, ItemRow]]:
    """The items among files of which only the beginning is here, with their collections."""
    known = Known(connection, mirror.store.user, mirror.mount)
    texts = {rows.path_text(path): path for path in paths if path.parts and rows.storable(path)}
    known.look(rows.split_text(text) for text in texts)
    nodes = {}
    for text, path in texts.items():
        row = known.row(*rows.split_text(text))
        if row is not None:
            nodes[row.seq] = path
    items = records.items_of(connection, mirror.store.user, nodes)
    folders = records.folders(connection, mirror.place)
    folders.pop(ACCOUNT, None)
    return [
        (nodes[number], None if item.is_apart else folders.get(item.key), item)
        for number, item in items.items()
        if not item.whole
    ]


async def texts(mirror: Mirror, paths: Sequence[Path], limit: int) -> list[tuple[Path, bytes | None]]:
    """What a person reads of many files; where only the beginning can be had, that, and it is told."""
    found = await mirror.store.read(lambda connection: _partial(mirror, connection, paths))
    wanted = [(folder, item) for _, folder, item in found if folder is not None]
    missing = len(found)
    if wanted and mirror.settings.reach() is not Reach.OFFLINE:
        with suppress(VfsError):
            answers = await mirror.engine.want_all(wanted)
            missing -= sum(1 for error in answers.values() if error is None)
    if missing:
        reason = f"of {missing:,} entries only the beginning was read"
        tell(Gap(mirror.account, reason, "run: sync", True))
    return await mirror.store.read(lambda connection: _texts(mirror, connection, paths, limit))


def _texts(
    mirror: Mirror, connection: Connection, paths: Sequence[Path], limit: int
) -> list[tuple[Path, bytes | None]]:
    known = Known(connection, mirror.store.user, mirror.mount)
    spots = {path: rows.split_text(rows.path_text(path)) for path in paths if rows.storable(path)}
    known.look(spots.values())
    nodes = {path: known.row(*spot) for path, spot in spots.items()}
    digests = {row.digest for row in nodes.values() if row is not None and row.digest is not None}
    kept: dict[bytes, bytes] = {}
    for sql, some in together(_EXCERPTS, list(digests)):
        for digest, excerpt in connection.execute(sql, [mirror.store.user, RENDERED, *some]):
            kept[digest] = zlib.decompress(excerpt[len(RENDERED) :])
    answer: list[tuple[Path, bytes | None]] = []
    for path in paths:
        row = nodes.get(path)
        text = None if row is None or row.digest is None else kept.get(row.digest)
        whole = text is not None and len(text) <= limit and not text.endswith(CUT.encode())
        answer.append((path, text if whole else None))
    return answer


async def described(mirror: Mirror, content: Content) -> bytes:
    """The text of a content that was kept without it, or with its beginning only."""
    parts = [block async for block in contents.blocks(mirror.store.objects, content, 0, content.size)]
    data = b"".join(parts)
    text = await hop(lambda: mirror.engine.remote.describe(data, True).text)
    return text.encode("utf-8", "replace")


async def tell_missing(mirror: Mirror, path: Path) -> None:
    """Says of how many files below `path` only the beginning could be searched."""
    where = rows.path_text(path)

    def count(connection: Connection) -> int:
        folders = records.folders(connection, mirror.place).values()
        chosen = [one for one in folders if one.key and f"{one.path}/".startswith(f"{where}/")]
        return sum(connection.execute(_PARTIAL, (*mirror.place, one.key)).fetchone()[0] for one in chosen)

    missing = await mirror.store.read(count)
    if missing:
        reason = f"of {missing:,} entries only the beginning was searched"
        tell(Gap(mirror.account, reason, "run: sync", mirror.settings.bodies == AHEAD))

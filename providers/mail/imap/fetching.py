"""Fetching: whole messages, many by one request where they are small, in pieces where they are large.

A message is what the server sends of it. Where that is shorter than the size that the server named, it is
asked once more; a server that stands by it has named a wrong size, and the message is kept as it came.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from providers.mail.imap import uids
from providers.mail.imap.hrefs import href, uid_of, uids_of, validity_of
from providers.mail.imap.pool import Pool
from providers.mail.imap.session import Session
from providers.mirror.remote import Collection
from vfs.errors import NotFound, TooLarge, VfsError

PIECE = 8 << 20
"""Bytes of a message that are asked for at once."""
LARGEST = 128 << 20
"""Bytes of a message; servers accept half of that at most."""
TOGETHER = 24 << 20
"""Bytes of an answer with many messages."""
COMMAND = 1000
"""Characters of a set of UIDs: servers take commands of some thousand."""

Content = tuple[str, bytes | VfsError]


async def fetched(
    pool: Pool, collection: Collection, hrefs: Sequence[str]
) -> AsyncIterator[Sequence[Content]]:
    """See `Remote.fetch`."""
    key = collection.key
    unnumbered = [one for one in hrefs if not uid_of(one)]
    if unnumbered:
        yield [(one, NotFound(None, "the server has not told its number yet")) for one in unnumbered]
    for batch in _batches(hrefs):
        try:
            yield await pool.call(lambda session, batch=batch: _together(session, key, batch), mailbox=key)  # type: ignore[misc]
        except TooLarge as error:
            if len(batch) == 1:
                yield [(batch[0], error)]
                continue
            for one in batch:
                yield [await _alone(pool, key, one)]


def _batches(hrefs: Sequence[str]) -> Iterator[list[str]]:
    """Ascending parts, each named in few characters."""
    batch: list[str] = []
    length = 0
    for validity in sorted({validity_of(one) for one in hrefs}):
        for low, high in uids.runs(uids_of(hrefs, validity)):
            if batch and length + len(f"{low}:{high},") > COMMAND:
                yield batch
                batch, length = [], 0
            batch += [href(validity, uid) for uid in range(low, high + 1)]
            length += len(f"{low}:{high},")
        if batch:
            yield batch
            batch, length = [], 0


async def _alone(pool: Pool, key: str, one: str) -> Content:
    try:
        return (await pool.call(lambda session: _together(session, key, [one]), mailbox=key))[0]
    except TooLarge as error:
        return one, error


def _together(session: Session, key: str, hrefs: Sequence[str]) -> list[Content]:
    session.at(key)
    batch = uids_of(hrefs, session.validity)
    if not batch:
        return [(one, NotFound(None, "the server has renumbered this folder")) for one in hrefs]
    allowance = TOGETHER if len(batch) > 1 else PIECE + (1 << 20)
    told = session.uid_fetch(
        uids.compact(batch), f"(UID RFC822.SIZE BODY.PEEK[]<0.{PIECE}>)", allowance=allowance
    )
    contents: dict[int, bytes | VfsError] = {}
    for one in told:
        if one.uid and one.content is not None:
            contents[one.uid] = _whole(session, one.uid, one.size or 0, one.content)
    gone = NotFound(None, "gone at the server")
    return [(href(session.validity, uid), contents.get(uid) or gone) for uid in batch]


def _whole(session: Session, uid: int, size: int, content: bytes) -> bytes | VfsError:
    if len(content) >= PIECE:
        return _in_pieces(session, uid, content)
    if len(content) < size or not content:
        again = session.uid_fetch(str(uid), "(UID BODY.PEEK[])", allowance=TOGETHER)
        for one in again:
            if one.uid == uid and one.content:
                return one.content
        return content or NotFound(None, "the server sends nothing of it")
    return content


def _in_pieces(session: Session, uid: int, beginning: bytes) -> bytes | VfsError:
    pieces = [beginning]
    come = len(beginning)
    while len(pieces[-1]) >= PIECE:
        if come > LARGEST:
            return TooLarge(None, f"a message of more than {LARGEST >> 20} MiB")
        told = session.uid_fetch(str(uid), f"(UID BODY.PEEK[]<{come}.{PIECE}>)", allowance=PIECE + (1 << 20))
        piece = next((one.content for one in told if one.uid == uid and one.content is not None), None)
        if piece is None:
            return NotFound(None, "gone at the server")
        pieces.append(piece)
        come += len(piece)
    return b"".join(pieces)

"""GmailRemote: an account at Gmail as a `Remote`, over Google's own interface."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial

from providers.http import BOUNDS, Bounds, Pace, Tokens
from providers.mail import message
from providers.mail.gmail.api import BASE, LARGEST, Api
from providers.mail.gmail.changes import Changes, draft_item, item_of
from providers.mail.gmail.labels import DRAFT, Labels
from providers.mail.gmail.pushing import EVERYTHING, Pushing
from providers.mail.gmail.scopes import Allowed, everything
from providers.mail.gmail.sending import Sending
from providers.mail.gmail.wire import key
from providers.mirror.remote import Collection, Delta, Described, Item, Known, Push, Pushed
from providers.outbox.deed import Deed, Leaving, Prepared
from vfs.action import Arguments, Verb
from vfs.closing import Closing
from vfs.errors import NotFound, TooLarge, VfsError
from vfs.fan import fan_out
from vfs.path import Path

GROUP, GROUP_BYTES = 200, 2 << 20
"""Contents that are handed on together."""
SMALL = 4 << 20
"""Of an answer: larger contents are fetched one by one, so that sixteen at once stay within bounds."""
_FIRST = ("inbox", "sent", "drafts", "", "archive", "trash", "junk")
"""Where a mail that lies in several folders is shown as found."""


class GmailRemote:
    """An account. A folder is a label, an href the id of a message (of a draft: its own)."""

    def __init__(
        self,
        tokens: Tokens,
        *,
        base: str = BASE,
        hint: str = "run: connect gmail",
        bounds: Bounds = BOUNDS,
        pace: Pace | None = None,
        allowed: Allowed = everything,
    ) -> None:
        """`allowed` raises LoginNeeded for what the person has not allowed at the login."""
        self._api = Api(tokens, base=base, hint=hint, bounds=bounds, pace=pace)
        self._labels: Labels | None = None
        self._changes = Changes(self._api, self._known_labels)
        self._pushing = Pushing(self._api, self._known_labels, allowed)
        self._sending = Sending(self._api, allowed)
        self.parallel = self._api.http.parallel

    async def _known_labels(self, fresh: bool) -> Labels:
        if fresh or self._labels is None:
            self._labels = Labels(await self._api.labels())
        return self._labels

    # -- a Remote

    async def collections(self) -> Sequence[Collection]:
        self._changes.forget()
        return (await self._known_labels(True)).collections()

    async def changes(self, collection: Collection, cursor: str | None, known: Known) -> AsyncIterator[Delta]:
        async with Closing(self._changes.of(collection, cursor)) as parts:
            async for part in parts:
                yield part

    async def fetch(
        self, collection: Collection, hrefs: Sequence[str]
    ) -> AsyncIterator[Sequence[tuple[str, bytes | VfsError]]]:
        large: list[str] = []
        group: list[tuple[str, bytes | VfsError]] = []
        size = 0
        async with Closing(
            fan_out(hrefs, partial(self._raw, collection.key, SMALL), self.parallel)
        ) as answers:
            async for href, answer in answers:
                if isinstance(answer, TooLarge):
                    large.append(href)
                    continue
                group.append((href, answer))
                size += len(answer) if isinstance(answer, bytes) else 0
                if len(group) >= GROUP or size > GROUP_BYTES:
                    yield group
                    group, size = [], 0
        if group:
            yield group
        for href in large:
            yield [(href, await self._raw(collection.key, LARGEST, href))]

    async def _raw(self, folder: str, most: int, href: str) -> bytes | VfsError:
        """A whole message, or what is wrong with it alone."""
        try:
            id = (await self._api.draft(href)).message if folder == DRAFT else href
            return await self._api.raw(id, most)
        except EVERYTHING:
            raise
        except VfsError as error:
            return error

    def describe(self, content: bytes, whole: bool) -> Described:
        said = message.describe(content, whole)
        # Gmail says which conversation a mail belongs to; what the mail itself says is a guess beside that.
        return said._replace(attrs={name: said.attrs[name] for name in said.attrs if name != "thread"})

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        self._changes.forget()
        return await self._pushing.push(changes)

    async def aclose(self) -> None:
        await self._api.aclose()

    # -- Queries

    async def query(self, text: str, limit: int) -> Sequence[tuple[Collection, Item]]:
        """What Gmail finds: `from:ada has:attachment older_than:1y`, as in its own search field."""
        labels = await self._known_labels(False)
        places = {one.key: one for one in labels.collections()}
        found: list[tuple[Collection, Item]] = []
        page = ""
        while len(found) < limit:
            listed = await self._api.messages(q=text, page=page, size=min(limit, 100))
            found += await self._found([key(one, "id") for one in listed.items], labels, places)
            page = listed.next
            if not page:
                break
        return found[:limit]

    async def _found(
        self, ids: Sequence[str], labels: Labels, places: Mapping[str, Collection]
    ) -> Sequence[tuple[Collection, Item]]:
        async def one(id: str) -> tuple[Collection, Item] | None:
            try:
                mail = await self._api.mail(id, header=True)
            except NotFound:
                return None
            folders = [places[at] for at in labels.folders(mail.labels) if at in places]
            if not folders:
                return None
            shown = min(folders, key=lambda folder: (_FIRST.index(folder.role), folder.path))
            return shown, item_of(mail, labels)

        async with Closing(fan_out(ids, one, self.parallel)) as answers:
            found = [pair async for _, pair in answers if pair is not None]
        if not any(place.key == DRAFT for place, _ in found):
            return found
        drafts = {draft.message: draft for draft in (await self._api.drafts())[0]}
        for at, (place, item) in enumerate(found):
            if place.key == DRAFT and item.href in drafts:
                found[at] = place, draft_item(drafts[item.href], item)
        return found

    # -- Performs

    def deeds(self) -> Mapping[str, Verb]:
        return self._sending.deeds()

    async def prepare(self, verb: str, path: Path, arguments: Arguments) -> Prepared:
        return await self._sending.prepare(verb, path, arguments)

    async def perform(self, deed: Deed, content: bytes, leaving: Leaving) -> str:
        return await self._sending.perform(deed, content, leaving)

    async def look(self, deed: Deed, content: bytes) -> bool | None:
        return await self._sending.look(deed, content)

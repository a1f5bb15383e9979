"""Changes: listing a label, and what has happened since.

A cursor is `l:HISTORY:PAGE` within a whole listing, then `h:HISTORY`. The history is the account's, so that
one pass over it serves every label that is asked for after it. All that is read in a record is that a message
was touched: what it is now is asked for, so that the answer is true whatever order things happened in.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

from providers.mail.facts import item_facts
from providers.mail.gmail.api import Api
from providers.mail.gmail.labels import ARCHIVE, ARCHIVED, DRAFT, Labels
from providers.mail.gmail.wire import Drafted, Json, Mail, key, thing, things
from providers.mail.naming import name_of
from providers.mirror.remote import Collection, Delta, Forgotten, Item
from vfs.closing import Closing
from vfs.errors import NotFound, Refused
from vfs.fan import fan_out

PART = 200
KEPT = 20_000
"""Headers that are kept for the other labels of the same messages."""
ROUND_SECONDS = 3600.0
PASS_SECONDS = 30.0
_EVENTS = ("messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved")

Now = Callable[[bool], Awaitable[Labels]]
"""The account's labels; True: asked for anew."""


class Round:
    """Whole listings of several labels: where in the history they began, and the headers they have met.

    One beginning for all, since what a header's labels have become since it was met is in the history
    after that.
    """

    def __init__(self, history: str) -> None:
        self.history = history
        self.until = time.monotonic() + ROUND_SECONDS
        self.mails: OrderedDict[str, Mail] = OrderedDict()

    def keep(self, mail: Mail) -> None:
        self.mails[mail.id] = mail
        if len(self.mails) > KEPT:
            self.mails.popitem(last=False)


class Pass:
    """What has happened between two history ids."""

    def __init__(self, start: str) -> None:
        self.start, self.end = start, start
        self.until = time.monotonic() + PASS_SECONDS
        self.touched: dict[str, None] = {}
        """Ids of messages."""
        self.mails: dict[str, Mail | None] = {}
        """What they are at present; None: gone."""
        self.served: set[str] = set()

    def covers(self, start: str) -> bool:
        """Whether all that has happened since `start` is here, and was asked for a moment ago."""
        return int(self.start) <= int(start) <= int(self.end) and time.monotonic() < self.until

    def read(self, record: Json) -> None:
        events = [(kind, event) for kind in _EVENTS for event in things(record, kind)]
        for kind, event in events:
            id = key(thing(event.get("message")), "id")
            self.touched[id] = None
            if kind == "messagesDeleted":
                self.mails[id] = None
        if not events:
            self.touched |= {key(message, "id"): None for message in things(record, "messages")}


class Changes:
    """What `Remote.changes` of an account is."""

    def __init__(self, api: Api, labels: Now) -> None:
        self._api, self._labels = api, labels
        self._round: Round | None = None
        self._pass: Pass | None = None

    def forget(self) -> None:
        """Something was changed from here, or a new sync begins: what is cached may not be true any more."""
        self._pass = self._round = None

    async def of(self, collection: Collection, cursor: str | None) -> AsyncIterator[Delta]:
        """Raises Forgotten on the first part."""
        kind, history, page = _parsed(cursor)
        parts = self._listed(collection, history, page) if kind == "l" else self._since(collection, history)
        async with Closing(parts) as flow:
            async for part in flow:
                yield part

    # -- all there is

    async def _listed(self, collection: Collection, history: str, page: str) -> AsyncIterator[Delta]:
        if not history:
            history = (await self._begun()).history
        if collection.key == DRAFT:
            drafts = await self._drafts()
            items = await self._drafted(drafts)
            yield Delta(items, cursor=f"h:{history}", total=len(items), done=True)
            return
        total = None if collection.key == ARCHIVE else await self._api.total(collection.key)
        while True:
            label, q = ("", ARCHIVED) if collection.key == ARCHIVE else (collection.key, "")
            try:
                listed = await self._api.messages(label=label, q=q, page=page, size=PART)
            except (NotFound, Refused) as error:
                if not page:
                    raise
                raise Forgotten(None, "Gmail no longer knows where the listing was") from error
            mails = await self._headers([key(one, "id") for one in listed.items])
            labels = await self._labels_for(mails)
            items = [item_of(one, labels) for one in mails if collection.key in labels.folders(one.labels)]
            page = listed.next
            yield Delta(items, cursor=f"l:{history}:{page}" if page else f"h:{history}", total=total)
            if not page:
                break
        # Labels may have changed since their mails were met.
        async with Closing(self._since(collection, history)) as parts:
            async for part in parts:
                yield part._replace(total=total)

    async def _begun(self) -> Round:
        if self._round is None or time.monotonic() > self._round.until:
            self._round = Round((await self._api.profile())[1])
        return self._round

    async def _headers(self, ids: Sequence[str]) -> Sequence[Mail]:
        """The messages that are there, with their headers, in order; each is asked for once a round."""
        met = self._round.mails if self._round is not None else {}
        asked = await self._asked([id for id in ids if id not in met])
        found = [asked[id] if id in asked else met[id] for id in ids]
        if self._round is not None:
            for mail in asked.values():
                if mail is not None:
                    self._round.keep(mail)
        return [mail for mail in found if mail is not None]

    async def _asked(self, ids: Iterable[str]) -> dict[str, Mail | None]:
        """Messages by id, as many requests at once as the account bears; None for one that is gone."""

        async def ask(id: str) -> Mail | None:
            try:
                return await self._api.mail(id, header=True)
            except NotFound:
                return None

        async with Closing(fan_out(ids, ask, self._api.http.parallel)) as answers:
            return {id: mail async for id, mail in answers}

    # -- what has happened since

    async def _since(self, collection: Collection, history: str) -> AsyncIterator[Delta]:
        happened = await self._passed(history, collection.key)
        if not happened.touched:
            yield Delta(cursor=f"h:{happened.end}", done=True)
            return
        if collection.key == DRAFT:
            yield await self._drafts_since(happened)
            return
        ids = list(happened.touched)
        for at in range(0, len(ids), PART):
            part = ids[at : at + PART]
            last = at + PART >= len(ids)
            yield await self._part(
                collection.key, happened, part, f"h:{happened.end if last else history}", last
            )

    async def _part(self, folder: str, happened: Pass, ids: Sequence[str], cursor: str, last: bool) -> Delta:
        unknown = [id for id in ids if id not in happened.mails]
        happened.mails.update(await self._asked(unknown))
        mails = {id: happened.mails[id] for id in ids}
        labels = await self._labels_for(mail for mail in mails.values() if mail is not None)
        items, gone = [], []
        for id, mail in mails.items():
            if mail is None or folder not in labels.folders(mail.labels):
                gone.append(id)
            else:
                items.append(item_of(mail, labels))
        return Delta(items, gone=gone, cursor=cursor, done=last)

    async def _passed(self, start: str, folder: str) -> Pass:
        """What has happened since `start`, asked for once for all folders that come one after the other."""
        last = self._pass
        if last is not None and last.covers(start) and folder not in last.served:
            last.served.add(folder)
            return last
        happened = Pass(start)
        page = ""
        while True:
            try:
                said = await self._api.history(start, page)
            except (NotFound, Refused) as error:
                self._round = None
                raise Forgotten(None, "Gmail no longer knows what has happened since") from error
            for record in said.records:
                happened.read(record)
            page = said.next
            if not page:
                break
        happened.end = said.now
        happened.served.add(folder)
        self._pass = happened
        return happened

    async def _labels_for(self, mails: Iterable[Mail]) -> Labels:
        labels = await self._labels(False)
        return labels if all(labels.knows(mail.labels) for mail in mails) else await self._labels(True)

    # -- drafts, whose ids are not those of their messages

    async def _drafts(self) -> Sequence[Drafted]:
        found: list[Drafted] = []
        page = ""
        while True:
            some, page = await self._api.drafts(page)
            found += some
            if not page:
                return found

    async def _drafted(self, drafts: Sequence[Drafted]) -> Sequence[Item]:
        mails = await self._asked([one.message for one in drafts])
        labels = await self._labels(False)
        pairs = [(one, mails[one.message]) for one in drafts]
        return [draft_item(one, item_of(mail, labels)) for one, mail in pairs if mail is not None]

    async def _drafts_since(self, happened: Pass) -> Delta:
        drafts = await self._drafts()
        changed = [one for one in drafts if one.message in happened.touched]
        alive = [one.id for one in drafts]
        items = await self._drafted(changed)
        return Delta(items, alive=alive, cursor=f"h:{happened.end}", total=len(alive), done=True)


def item_of(mail: Mail, labels: Labels) -> Item:
    """A message as an item. Its content never changes, so that its id is its etag and its identity, too."""
    facts = item_facts(mail.header)
    return Item(
        mail.id,
        mail.id,
        name_of(facts, mail.at),
        labels.state(mail.labels),
        {"thread": mail.thread} if mail.thread else {},
        mail.at,
        # Gmail only estimates it.
        None,
        "message/rfc822",
        mail.id,
        mail.header,
    )


def draft_item(draft: Drafted, item: Item) -> Item:
    """A draft as an item: it stays while its message is another one after each change."""
    return item._replace(href=draft.id, attrs={**item.attrs, "draft": True})


def _parsed(cursor: str | None) -> tuple[str, str, str]:
    if cursor is None:
        return "l", "", ""
    kind, _, rest = cursor.partition(":")
    history, _, page = rest.partition(":")
    if kind not in ("l", "h") or not history.isascii() or not history.isdigit() or len(history) > 20:
        raise Forgotten(None, "this is no place in Gmail's history")
    return kind, history, page

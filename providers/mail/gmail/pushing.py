"""Pushing: making changes of the mirror true at Gmail, many messages with one request where that can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from providers.mail.facts import item_facts
from providers.mail.gmail.api import AT_ONCE, Api
from providers.mail.gmail.changes import Now
from providers.mail.gmail.labels import DRAFT, TRASH, Labels, Turn, first, move
from providers.mail.gmail.scopes import Allowed
from providers.mail.gmail.wire import Mail
from providers.mirror.remote import Push, Pushed, State
from vfs.closing import Closing
from vfs.errors import Conflict, LoginNeeded, NotFound, Refused, TimedOut, Unavailable, Unsupported, VfsError
from vfs.fan import fan_out

TOGETHER = 8
"""From so many messages on, changing them with one request costs less of the quota."""
LOOKED_AT = 10
"""Newest drafts, or messages of one Message-ID, among which a new one may already be."""

Outcome = Pushed | VfsError
EVERYTHING = (LoginNeeded, Unavailable, TimedOut)
"""Errors that would meet every change."""


class Pushing:
    """What `Remote.push` of an account is."""

    def __init__(self, api: Api, labels: Now, allowed: Allowed) -> None:
        self._api, self._labels, self._allowed = api, labels, allowed

    async def push(self, changes: Sequence[Push]) -> Sequence[Outcome]:
        """One outcome a change, in order. Raises what all of them meet."""
        outcomes = await self._forbidden(changes)
        if len(outcomes) == len(changes):
            return [outcomes[at] for at in range(len(changes))]
        labels = await self._with_labels(changes, outcomes)
        waiting: dict[int, Turn] = {}
        touched: set[str] = set()
        for at, change in enumerate(changes):
            if at in outcomes:
                continue
            if change.href in touched:
                await self._turn_all(changes, waiting, labels, outcomes)
                waiting, touched = {}, set()
            try:
                turn = _turn(change, labels)
                if turn is None:
                    outcomes[at] = await self._single(change, labels)
                    continue
            except EVERYTHING:
                raise
            except VfsError as error:
                outcomes[at] = error
                continue
            waiting[at] = turn
            touched.add(change.href)
        await self._turn_all(changes, waiting, labels, outcomes)
        return [outcomes[at] for at in range(len(changes))]

    async def _forbidden(self, changes: Sequence[Push]) -> dict[int, Outcome]:
        """The changes that the person has not allowed at the login: the rest of the account goes on."""
        found: dict[int, Outcome] = {}
        for level in ("modify", "delete"):
            places = [at for at, one in enumerate(changes) if (one.target is None) is (level == "delete")]
            try:
                await self._allowed(level)
            except LoginNeeded as error:
                found |= dict.fromkeys(places, Refused(None, error.reason, hint=error.hint))
        return found

    async def _with_labels(self, changes: Sequence[Push], outcomes: dict[int, Outcome]) -> Labels:
        """The account's labels, those that a change names and it lacks being made."""
        labels = await self._labels(False)
        made = False
        for at, change in enumerate(changes):
            if change.target is None or at in outcomes:
                continue
            try:
                for name in labels.missing(change.state):
                    made = True
                    await self._make(name)
            except EVERYTHING:
                raise
            except VfsError as error:
                outcomes[at] = error
            if made:
                labels, made = await self._labels(True), False
        return labels

    async def _make(self, name: str) -> None:
        with suppress(Conflict):
            await self._api.create_label(name)

    # -- labels

    async def _turn_all(
        self,
        changes: Sequence[Push],
        turns: Mapping[int, Turn],
        labels: Labels,
        outcomes: dict[int, Outcome],
    ) -> None:
        alike: dict[Turn, list[int]] = {}
        for at, turn in turns.items():
            alike.setdefault(turn, []).append(at)
        alone: list[int] = []
        for turn, places in alike.items():
            if not turn:
                outcomes |= {at: _as_wanted(changes[at], turn, labels) for at in places}
            elif len(places) < TOGETHER:
                alone += places
            else:
                for start in range(0, len(places), AT_ONCE):
                    await self._together(changes, places[start : start + AT_ONCE], turn, labels, outcomes)

        async def one(at: int) -> Outcome:
            try:
                mail = await self._api.modify(changes[at].href, turns[at].add, turns[at].remove)
            except EVERYTHING:
                raise
            except VfsError as error:
                return error
            return Pushed(mail.id, mail.id, labels.state(mail.labels))

        async with Closing(fan_out(alone, one, self._api.http.parallel)) as answers:
            async for at, outcome in answers:
                outcomes[at] = outcome

    async def _together(
        self,
        changes: Sequence[Push],
        places: Sequence[int],
        turn: Turn,
        labels: Labels,
        outcomes: dict[int, Outcome],
    ) -> None:
        try:
            await self._api.modify_all([changes[at].href for at in places], turn.add, turn.remove)
        except EVERYTHING:
            raise
        except VfsError as error:
            outcomes |= dict.fromkeys(places, error)
        else:
            outcomes |= {at: _as_wanted(changes[at], turn, labels) for at in places}

    # -- everything else

    async def _single(self, change: Push, labels: Labels) -> Pushed:
        source = change.collection.key if change.collection else ""
        target = change.target.key if change.target else ""
        if not target:
            return await self._delete(change.href, source)
        if target == DRAFT and change.content is not None:
            return await self._draft(change, labels, new=not source)
        if change.content is not None:
            if source:
                raise Unsupported(None, "a mail that was sent or received cannot be changed")
            return await self._new(change, change.content, target, labels)
        if source == DRAFT and target == TRASH:
            mail = await self._api.trash((await self._api.draft(change.href)).message)
            return Pushed(mail.id, mail.id, labels.state(mail.labels))
        draft = await self._api.draft(change.href)
        turn = labels.turn(change.base, change.state)
        mail = await self._api.modify(draft.message, turn.add, turn.remove)
        return Pushed(draft.id, mail.id, labels.state(mail.labels))

    async def _delete(self, href: str, source: str) -> Pushed:
        with suppress(NotFound):
            await (self._api.delete_draft(href) if source == DRAFT else self._api.delete(href))
        return Pushed("", "", {})

    async def _new(self, change: Push, content: bytes, target: str, labels: Labels) -> Pushed:
        add = first(change.state, target) | labels.turn({}, change.state).add
        there = await self._there(change.identity, content)
        if there is None:
            mail = await self._api.insert(content, add)
        else:
            mail = await self._api.modify(there.id, add, move_out(there, add))
        return Pushed(mail.id, mail.id, labels.state(mail.labels))

    async def _there(self, identity: str, content: bytes) -> Mail | None:
        """The same message in another folder, or from a try whose answer was lost."""
        if identity:
            try:
                return await self._api.mail(identity, header=False)
            except NotFound:
                pass
        message_id = item_facts(content).message_id
        if not message_id:
            return None
        q = f"rfc822msgid:{message_id}"
        listed = await self._api.messages(q=q, size=LOOKED_AT, everywhere=True)
        for one in listed.items:
            if _same(await self._api.raw(str(one["id"])), content):
                return await self._api.mail(str(one["id"]), header=False)
        return None

    async def _draft(self, change: Push, labels: Labels, *, new: bool) -> Pushed:
        content = change.content or b""
        state = labels.state(frozenset({DRAFT}))
        if new:
            for one in (await self._api.drafts(size=LOOKED_AT))[0]:
                if _same(await self._api.raw(one.message), content):
                    return Pushed(one.id, one.message, state)
            made = await self._api.create_draft(content)
            return Pushed(made.id, made.message, state)
        there = await self._api.draft(change.href)
        if change.etag and there.message != change.etag:
            if not _same(await self._api.raw(there.message), content):
                raise Conflict(None, "the draft was changed at Gmail in the meantime")
            return Pushed(there.id, there.message, state)
        made = await self._api.update_draft(change.href, content, there.thread)
        return Pushed(made.id, made.message, state)


def _turn(change: Push, labels: Labels) -> Turn | None:
    """The labels that make a change true; None when it takes more than labels."""
    if change.collection is None or change.target is None or change.content is not None:
        return None
    source, target = change.collection.key, change.target.key
    if source == DRAFT and target in (DRAFT, TRASH):
        return None
    place, state = move(source, target), labels.turn(change.base, change.state)
    return Turn((state.add - place.remove) | place.add, (state.remove - place.add) | place.remove)


def move_out(mail: Mail, add: frozenset[str]) -> frozenset[str]:
    """Labels under which a message would not be seen where it is to be."""
    return (mail.labels & {"TRASH", "SPAM"}) - add


def _as_wanted(change: Push, turn: Turn, labels: Labels) -> Pushed:
    """What is true when Gmail has made the labels so."""
    state: State = {**change.base, **change.state}
    named = state.get("labels")
    held = {str(one) for one in named} if isinstance(named, tuple) else set()
    held |= {labels.names[one] for one in turn.add if one in labels.names}
    held -= {labels.names[one] for one in turn.remove if one in labels.names}
    return Pushed(change.href, change.href, {**state, "labels": tuple(sorted(held))})


def _same(one: bytes, other: bytes) -> bool:
    """Whether two messages differ in nothing but how their lines end."""
    return one.replace(b"\r\n", b"\n").rstrip(b"\n") == other.replace(b"\r\n", b"\n").rstrip(b"\n")

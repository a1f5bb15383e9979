"""Pushing: events that were written, moved and removed here, made true at Google; nobody is told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from providers.calendar.google.api import PARALLEL, Api
from providers.calendar.google.changes import Changes
from providers.calendar.google.series import identity_of
from providers.calendar.google.writing import Writing
from providers.mirror.remote import Push, Pushed, Throttled
from vfs.closing import Closing
from vfs.errors import Conflict, LoginNeeded, NotFound, Refused, TimedOut, Unavailable, VfsError
from vfs.fan import fan_out

EVERYTHING = (LoginNeeded, Unavailable, TimedOut, Throttled)
"""What all changes meet."""

Allowed = Callable[[], Awaitable[None]]
"""Raises LoginNeeded, with the next step, unless events may be changed."""


async def everything() -> None:
    """For a login of which nothing is known: the service says no where it has to."""


class Pushing:
    """What `Remote.push` of an account is."""

    def __init__(self, api: Api, changes: Changes, writing: Writing, allowed: Allowed) -> None:
        self._api = api
        self._changes = changes
        self._writing = writing
        self._allowed = allowed

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        """One outcome a change. What takes the place of an item that goes in the same batch replaces it."""
        try:
            await self._allowed()
        except LoginNeeded as error:
            return [Refused(None, error.reason, hint=error.hint) for _ in changes]
        over = self._replacing(changes)
        taken = {id(gone) for gone in over.values()}
        results: dict[int, Pushed | VfsError] = {}

        async def one(number: int) -> Pushed | VfsError:
            try:
                return await self._one(changes[number], over.get(number))
            except EVERYTHING:
                raise
            except VfsError as error:
                return error

        alone = [number for number, push in enumerate(changes) if id(push) not in taken]
        async with Closing(fan_out(alone, one, PARALLEL)) as answers:
            async for number, result in answers:
                results[number] = result
        for number, gone in over.items():
            at = next(at for at, push in enumerate(changes) if push is gone)
            done = results[number]
            results[at] = Pushed("", "", {}) if isinstance(done, Pushed) else done
        return [results[number] for number in range(len(changes))]

    def _replacing(self, changes: Sequence[Push]) -> Mapping[int, Push]:
        """For new events, by their places: those that go and have the same UID in the same calendar."""
        gone = {
            (push.collection.key, push.identity): push
            for push in changes
            if push.target is None and push.collection is not None and push.identity
        }
        found = {}
        for number, push in enumerate(changes):
            if push.collection is None and push.target is not None and push.content and gone:
                try:
                    uid = self._writing.wanted(push.content).uid
                except VfsError:
                    continue
                other = gone.pop((push.target.key, identity_of(uid)), None)
                if other is not None:
                    found[number] = other
        return found

    async def _one(self, push: Push, over: Push | None) -> Pushed:
        if push.target is None:
            return await self._delete(push)
        calendar = push.target.key
        if push.collection is None:
            if over is not None:
                return await self._put(calendar, push._replace(href=over.href, etag=over.etag))
            made = await self._writing.insert(calendar, push.content or b"")
            return Pushed(made.id, made.etag, push.state)
        if push.collection.key != calendar:
            return await self._move(push, push.collection.key, calendar)
        if push.content is None:
            return Pushed(push.href, push.etag, push.state)
        return await self._put(calendar, push)

    async def _put(self, calendar: str, push: Push) -> Pushed:
        series = await self._changes.series(calendar, push.href)
        content = push.content or b""
        if self._writing.is_same(self._writing.wanted(content), series):
            return Pushed(series.id, series.etag, push.state) if not series.is_gone else Pushed("", "", {})
        if series.is_gone:
            raise NotFound(None, "is gone at the service")
        if series.etag != push.etag:
            raise Conflict(None, "the event was changed at Google in the meantime")
        done = await self._writing.update(calendar, series, content)
        return Pushed(done.id, done.etag, push.state) if not done.is_gone else Pushed("", "", {})

    async def _delete(self, push: Push) -> Pushed:
        assert push.collection is not None
        series = await self._changes.series(push.collection.key, push.href)
        if not series.is_gone:
            if push.etag and series.etag != push.etag:
                raise Conflict(None, "the event was changed at Google in the meantime")
            await self._writing.remove(push.collection.key, series)
        return Pushed("", "", {})

    async def _move(self, push: Push, source: str, calendar: str) -> Pushed:
        """Into another calendar, under the same id there."""
        series = await self._changes.series(source, push.href)
        if series.is_gone:
            # By an answer that was lost.
            series = await self._changes.series(calendar, push.href)
            if series.is_gone:
                raise NotFound(None, "is gone at the service")
        elif series.master is None:
            raise Refused(None, "is some times of a series of somebody else, which stay where they are")
        else:
            unchanged = series.etag == push.etag
            await self._api.move(source, push.href, calendar)
            series = await self._changes.series(calendar, push.href)
            if not unchanged:
                return Pushed(series.id, "", push.state)
        if push.content is not None:
            series = await self._writing.update(calendar, series, push.content)
        return Pushed(series.id, series.etag, push.state)

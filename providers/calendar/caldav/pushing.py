"""Pushing: events that were written, moved and removed here, made true at the server.

Every change says which version it is about (If-Match, If-None-Match), so that nothing is overwritten that is
not known here; what was done already by an answer that was lost is known by its content.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from providers.calendar.caldav import guests, hrefs
from providers.calendar.caldav.asking import ICS, Dav
from providers.calendar.caldav.fetching import Fetching
from providers.calendar.caldav.objects import file_name, identity_of, is_same, uid_of
from providers.http import Answer
from providers.mirror.remote import Push, Pushed, Throttled
from vfs.closing import Closing
from vfs.errors import Conflict, LoginNeeded, NotFound, Refused, TimedOut, Unavailable, VfsError
from vfs.fan import fan_out

EVERYTHING = (LoginNeeded, Unavailable, TimedOut, Throttled)
"""What all changes meet."""

_METHOD = re.compile(rb"^METHOD[;:][^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*", re.MULTILINE | re.IGNORECASE)
_TWIN = "another event of this calendar has its UID: remove one of the two, or move one over the other"
_UNTOLD = "waits, since the server would tell its guests: `calendar invite` sends it"
_UNGONE = (
    "waits, since the server would tell its guests: mark it as cancelled, and `calendar invite` sends that"
)
_UNMOVED = (
    "waits, since the server moves nothing, and would tell its guests that it is cancelled where it was"
)
_UNSAID = "waits, since the server would tell who organizes it: `calendar answer` sends your answer"


class Rules(NamedTuple):
    """What holds at a server, once it is known."""

    schedules: bool = False
    """It tells guests by itself."""
    mine: tuple[str, ...] = ()
    """The person's own addresses."""


class Pushing:
    """Changes to one server."""

    def __init__(self, dav: Dav, fetching: Fetching, rules: Callable[[], Awaitable[Rules]]) -> None:
        self._dav = dav
        self._fetching = fetching
        self._rules = rules

    async def push(self, changes: Sequence[Push]) -> Sequence[Pushed | VfsError]:
        """See Remote.push. What takes the place of an item that goes in the same batch replaces it there."""
        over = _replacing(changes)
        taken = {id(gone) for gone in over.values()}
        results: dict[int, Pushed | VfsError] = {}

        async def one(number: int) -> Pushed | VfsError:
            push = changes[number]
            try:
                return await self._one(push, over.get(number))
            except EVERYTHING:
                raise
            except VfsError as error:
                return error

        alone = [number for number, push in enumerate(changes) if id(push) not in taken]
        async with Closing(fan_out(alone, one, self._dav.parallel)) as answers:
            async for number, result in answers:
                results[number] = result
        for number, gone in over.items():
            at = next(at for at, push in enumerate(changes) if push is gone)
            done = results[number]
            results[at] = Pushed("", "", {}) if isinstance(done, Pushed) else done
        return [results[number] for number in range(len(changes))]

    async def _one(self, push: Push, over: Push | None) -> Pushed | VfsError:
        if push.target is None:
            return await self._delete(push)
        if push.collection is None:
            if over is not None:
                return await self._put(over.href, over.etag, push)
            return await self._new(push)
        if push.collection.key != push.target.key:
            return await self._move(push)
        if push.content is None:
            return Pushed(push.href, push.etag, push.state)
        return await self._put(push.href, push.etag, push)

    # -- contents

    async def _new(self, push: Push) -> Pushed | VfsError:
        assert push.target is not None
        content = _sendable(push.content or b"")
        uid = uid_of(content)
        if not uid:
            return Refused(None, "has no UID, without which no server takes an event")
        rules = await self._rules()
        sent = guests.quiet(content, rules.mine) if rules.schedules else content
        names = [file_name(uid), file_name(sha256(uid.encode()).hexdigest()[:40])]
        for name in names:
            href = push.target.key + name
            answer = await self._dav.ask("PUT", href, body=sent, headers={**ICS, "if-none-match": "*"})
            if answer.status == 412:
                there = await self._there(href)
                if there is None:
                    continue
                etag, present = there
                if is_same(present, sent):
                    return Pushed(href, etag, push.state)
                if uid_of(present) == uid:
                    return Refused(None, _TWIN)
                continue
            if answer.status in (403, 409) and self._dav.broke(answer, "no-uid-conflict"):
                return await self._twin(answer, push, sent)
            if answer.status in (404, 409):
                return NotFound(None, "its calendar is gone at the service")
            return await self._written(answer, href, sent, push)
        return Refused(None, _TWIN)

    async def _twin(self, answer: Answer, push: Push, sent: bytes) -> Pushed | VfsError:
        """An event with this UID is there; it may be this one, pushed before."""
        assert push.target is not None
        multi = re.search(rb"<[^<>]*href[^<>]*>([^<>]+)</", answer.content)
        if multi is not None:
            href = hrefs.path_of(multi.group(1).decode("utf-8", "replace"), answer.url or self._dav.origin)
            there = await self._there(href) if href.startswith(push.target.key) else None
            if there is not None and is_same(there[1], sent):
                return Pushed(href, there[0], push.state)
        return Refused(None, _TWIN)

    async def _put(self, href: str, etag: str, push: Push) -> Pushed | VfsError:
        content = _sendable(push.content or b"")
        rules = await self._rules()
        if rules.schedules:
            there = await self._there(href)
            if there is None:
                return NotFound(None, "is gone at the service")
            reason = _unsaid(there[1], content, rules)
            if reason is not None:
                return Pushed(href, there[0], push.state) if is_same(there[1], content) else reason
            content = guests.quiet(content, rules.mine)
        if not etag:
            return Conflict(None, "the service has not told yet which version it has")
        answer = await self._dav.ask("PUT", href, body=content, headers={**ICS, "if-match": etag})
        if answer.status == 412:
            there = await self._there(href)
            if there is None:
                return NotFound(None, "is gone at the service")
            now, present = there
            if is_same(present, content):
                return Pushed(href, now, push.state)
            if now != etag:
                return Conflict(None)
            # A server whose etags are weak says so of each; that it is this version was just seen.
            answer = await self._dav.ask("PUT", href, body=content, headers=ICS)
        if answer.status in (404, 409, 410):
            return NotFound(None, "is gone at the service")
        return await self._written(answer, href, content, push)

    async def _written(self, answer: Answer, href: str, content: bytes, push: Push) -> Pushed | VfsError:
        """What a PUT has come to. Without an etag it is looked at what the server made of it."""
        self._dav.done(answer)
        etag = hrefs.etag_of(answer.headers.get("etag", ""))
        if not etag:
            there = await self._there(href)
            etag = there[0] if there is not None and is_same(there[1], content) else ""
        return Pushed(href, etag, push.state)

    async def _there(self, href: str) -> tuple[str, bytes] | None:
        try:
            etag, content = await self._fetching.get(href)
        except NotFound:
            return None
        return etag or await self._dav.etag(href), content

    # -- places

    async def _move(self, push: Push) -> Pushed | VfsError:
        """Into another calendar, under the same name there."""
        assert push.target is not None
        href = push.target.key + push.href.rpartition("/")[2]
        try:
            etag = push.etag if await self._dav.etag(push.href) == push.etag else ""
        except NotFound:
            return await self._moved_before(push, href)
        headers = {"destination": self._dav.origin + href, "overwrite": "F"}
        answer = await self._dav.ask("MOVE", push.href, headers=headers)
        if answer.status in (403, 405, 409, 412, 501):
            return await self._carried(push, href)
        self._dav.done(answer)
        after = await self._dav.etag(href)
        if push.content is not None and etag:
            return await self._put(href, after, push)
        return Pushed(href, after if etag else "", push.state)

    async def _moved_before(self, push: Push, href: str) -> Pushed | VfsError:
        """By an answer that was lost."""
        there = await self._there(href)
        if there is None or (push.identity and identity_of(there[1]) != push.identity):
            return NotFound(None, "is gone at the service")
        if push.content is not None:
            return await self._put(href, there[0], push)
        return Pushed(href, there[0] if there[0] == push.etag else "", push.state)

    async def _carried(self, push: Push, href: str) -> Pushed | VfsError:
        """Where the server moves nothing: put there, then taken away here."""
        there = await self._there(push.href)
        if there is None:
            return await self._moved_before(push, href)
        rules = await self._rules()
        if rules.schedules:
            stands = guests.standing(there[1], rules.mine)
            if stands.own and stands.guests and not stands.cancelled:
                return Refused(None, _UNMOVED)
        made = await self._new(push._replace(collection=None, content=push.content or there[1]))
        if isinstance(made, VfsError):
            return made
        gone = await self._delete(push._replace(target=None, etag=there[0]))
        if isinstance(gone, VfsError):
            return gone
        return made if there[0] == push.etag or push.content is not None else made._replace(etag="")

    async def _delete(self, push: Push) -> Pushed | VfsError:
        headers: dict[str, str] = {"if-match": push.etag} if push.etag else {}
        rules = await self._rules()
        if rules.schedules:
            there = await self._there(push.href)
            if there is None:
                return Pushed("", "", {})
            stands = guests.standing(there[1], rules.mine)
            if stands.own and stands.guests and not stands.cancelled:
                return Refused(None, _UNGONE)
            headers["schedule-reply"] = "F"
        answer = await self._dav.ask("DELETE", push.href, headers=headers)
        if answer.status == 412:
            there = await self._there(push.href)
            if there is not None and there[0] != push.etag:
                return Conflict(None)
            headers.pop("if-match", None)
            answer = await self._dav.ask("DELETE", push.href, headers=headers)
        if answer.status in (404, 410):
            return Pushed("", "", {})
        self._dav.done(answer)
        return Pushed("", "", {})


def _replacing(changes: Sequence[Push]) -> Mapping[int, Push]:
    """For new events, by their places: those that go and have the same UID in the same calendar."""
    gone = {
        (push.collection.key, push.identity): push
        for push in changes
        if push.target is None and push.collection is not None and push.identity
    }
    found = {}
    for number, push in enumerate(changes):
        if push.collection is None and push.target is not None and gone:
            other = gone.pop((push.target.key, identity_of(push.content or b"")), None)
            if other is not None:
                found[number] = other
    return found


def _unsaid(present: bytes, content: bytes, rules: Rules) -> VfsError | None:
    """Why a change cannot be told to the server without its telling others; None when it can."""
    before, after = guests.standing(present, rules.mine), guests.standing(content, rules.mine)
    if before.own:
        return Refused(None, _UNTOLD) if before.guests else None
    if before.by_server and before.answers != after.answers:
        return Refused(None, _UNSAID)
    return None


def _sendable(content: bytes) -> bytes:
    """Without METHOD, which belongs into mails alone."""
    return _METHOD.sub(b"", content)

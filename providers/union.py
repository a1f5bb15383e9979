"""Union: several mounts of one kind as one: the inboxes of all accounts are one `/mail/inbox`.

The members are what is mounted directly below: `/mail/home` and `/mail/work` are shown as themselves by
the tree, and together by the union at `/mail`. An entry is its member's own: reading, marking, moving and
removing it go there, and so do its events. Two entries of one name carry the mark of their member.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from providers.spec import Opening, ProviderSpec
from vfs.action import Arguments, Change, Verb
from vfs.closing import Closing
from vfs.door import Reaching, Telling
from vfs.errors import Exists, IsADirectory, NotADirectory, NotFound, Unsupported, VfsError
from vfs.names import marked
from vfs.node import Kind, Node, Value
from vfs.occurring import order_of
from vfs.path import ROOT, Path
from vfs.provider import (
    Acting,
    Attributed,
    Blocks,
    Editable,
    Found,
    Mode,
    Movable,
    Occurring,
    Provider,
    Readable,
    Rendered,
    Searchable,
    Writable,
)
from vfs.query import Query

PAGE = 1000


class Member(NamedTuple):
    """A mount below."""

    name: str
    provider: Provider


class Place(NamedTuple):
    """An entry, as its member has it."""

    member: Member
    path: Path
    node: Node


class Union:
    """The members' folders, one over the other."""

    journals = True

    def __init__(self, members: Callable[[], Sequence[Member]]) -> None:
        self._members = members

    # -- looking

    async def stat(self, path: Path) -> Node:
        return (
            (await self._place(path)).node._replace(name=path.name) if path.parts else Node("", Kind.FOLDER)
        )

    async def list(self, path: Path) -> AsyncIterator[Sequence[Node]]:
        if path.parts and not (await self.stat(path)).is_folder:
            raise NotADirectory(path)
        async with AsyncExitStack() as stack:
            heads: list[_Head] = []
            for member in self._members():
                head = _Head(member, await stack.enter_async_context(Closing(_pages(member, path))))
                if await head.advance():
                    heads.append(head)
            held: list[Node] = []
            while heads:
                page = await _merged(heads, held)
                if page:
                    yield page
            if held:
                yield held

    def sources(self, path: Path) -> Sequence[Path]:
        """Where an entry may lie: by its name, and by its name without a member's mark."""
        stem, tilde, tail = path.name.rpartition("~")
        plain = [path.parent.child(stem + tail[3:])] if tilde and stem + tail[3:] else []
        return [Path((one.name, *place.parts)) for one in self._members() for place in (path, *plain)]

    async def _place(self, path: Path) -> Place:
        """Where an entry lies; of a folder that several have, the first. Raises NotFound, NotADirectory."""
        found = await self._places(path)
        if len(found) > 1 and not found[0].node.is_folder:
            raise NotFound(path, "several accounts have it", hint=f"say which: {_twins(found)}")
        if found:
            return found[0]
        twin = await self._twin(path)
        if twin is None:
            raise NotFound(path)
        return twin

    async def _places(self, path: Path) -> Sequence[Place]:
        found = []
        wrong: VfsError | None = None
        for member in self._members():
            try:
                found.append(Place(member, path, await member.provider.stat(path)))
            except NotFound:
                continue
            except VfsError as error:
                wrong = wrong or error
        if not found and wrong is not None:
            raise wrong
        return found

    async def _twin(self, path: Path) -> Place | None:
        """An entry by the name with the mark of its member."""
        stem, tilde, tail = path.name.rpartition("~")
        if not tilde or len(tail) < 3:
            return None
        plain = path.parent.child(stem + tail[3:])
        found = await self._places(plain)
        if len(found) < 2:
            return None
        return next((one for one in found if marked(plain.name, one.member.name) == path.name), None)

    # -- reading

    @asynccontextmanager
    async def open(self, path: Path, *, start: int = 0, stop: int | None = None) -> AsyncIterator[Blocks]:
        place = await self._file(path)
        provider = _able(place, Readable)
        async with provider.open(place.path, start=start, stop=stop) as blocks:
            yield blocks

    @asynccontextmanager
    async def text(self, path: Path) -> AsyncIterator[Blocks]:
        place = await self._file(path)
        async with _able(place, Rendered).text(place.path) as blocks:
            yield blocks

    async def _file(self, path: Path) -> Place:
        if not path.parts:
            raise IsADirectory(path)
        return await self._place(path)

    async def search(self, path: Path, query: Query, limit: int) -> Found | None:
        """What the members find below `path`. From the root nothing: the members are searched themselves."""
        if not path.parts:
            return Found((), 0)
        answers: list[Found] = []
        for place in await self._places(path):
            if not isinstance(place.member.provider, Searchable):
                return None
            answer = await place.member.provider.search(place.path, query, limit)
            if answer is None:
                return None
            answers.append(answer)
        hits = sorted((hit for one in answers for hit in one.hits), key=lambda hit: -hit.score)[:limit]
        totals = [one.total for one in answers]
        return Found(
            hits,
            sum(cast("list[int]", totals)) if None not in totals else None,
            "; ".join(one.remark for one in answers if one.remark),
            tuple(line for one in answers for line in one.failed),
        )

    async def between(
        self, path: Path, start: datetime, end: datetime
    ) -> AsyncIterator[Sequence[tuple[Path, Node]]]:
        """What the members have below `path`. From the root nothing: the members are asked themselves."""
        if not path.parts:
            return
        found: list[tuple[str, Path, Node]] = []
        for place in await self._places(path):
            if isinstance(place.member.provider, Occurring):
                async with Closing(place.member.provider.between(place.path, start, end)) as pages:
                    found += [(place.member.name, *entry) async for page in pages for entry in page]
        times = Counter(inner for _, inner, _ in found)
        entries = [_marked(*one) if times[one[1]] > 1 else one[1:] for one in found]
        yield sorted(entries, key=lambda entry: order_of(entry, start.tzinfo or UTC))

    # -- changing

    async def write(
        self, path: Path, data: Blocks, change: Change, *, mode: Mode = Mode.REPLACE, etag: str | None = None
    ) -> Node:
        if not path.parts:
            raise IsADirectory(path)
        try:
            place = await self._place(path)
        except NotFound:
            home = await self._home(path)
            place = Place(home.member, path, home.node)
        written: Node = await _able(place, Writable).write(place.path, data, change, mode=mode, etag=etag)
        return written

    async def mkdir(self, path: Path, change: Change) -> Node:
        if not path.parts:
            raise Exists(path)
        home = await self._home(path)
        made: Node = await _able(home, Editable).mkdir(path, change)
        return made

    async def _home(self, path: Path) -> Place:
        """The folder in which something new is made: the first member's that has it."""
        if len(path.parts) == 1:
            members = self._members()
            if not members:
                raise Unsupported(path, "no account is mounted below")
            return Place(members[0], ROOT, await members[0].provider.stat(ROOT))
        return await self._place(path.parent)

    async def remove(self, path: Path, change: Change, *, recursive: bool = False) -> None:
        place = await self._place(path)
        await _able(place, Editable).remove(place.path, change, recursive=recursive)

    async def move(self, source: Path, target: Path, change: Change) -> Node:
        place = await self._place(source)
        moved: Node = await _able(place, Movable).move(place.path, target, change)
        return moved

    async def set_attrs(self, path: Path, attrs: Mapping[str, Value], change: Change) -> Node:
        place = await self._place(path)
        changed: Node = await _able(place, Attributed).set_attrs(place.path, attrs, change)
        return changed

    # -- deeds

    async def verbs(self, path: Path) -> Mapping[str, Verb]:
        if path.parts:
            place = await self._place(path)
            offered: Mapping[str, Verb] = await _able(place, Acting).verbs(place.path)
            return offered
        found: dict[str, Verb] = {}
        for member in self._members():
            if isinstance(member.provider, Acting):
                found = {**await member.provider.verbs(ROOT), **found}
        return found

    async def told(self, path: Path, verb: str, arguments: Arguments) -> Arguments:
        """See vfs.door.Telling: as the member tells it."""
        if not path.parts:
            return arguments
        place = await self._place(path)
        if not isinstance(place.member.provider, Telling):
            return arguments
        return await place.member.provider.told(place.path, verb, arguments)

    async def reached(self, path: Path, verb: str, arguments: Arguments) -> Sequence[Path]:
        """See vfs.door.Reaching: where the member reaches, by the member's own path."""
        if path.parts:
            place = await self._place(path)
            member, inner, rest = place.member, place.path, arguments
        else:
            chosen = await self._able_to(verb, arguments)
            if chosen is None:
                return []
            member, inner, rest = chosen[0], ROOT, chosen[1]
        if not isinstance(member.provider, Reaching):
            return []
        found = await member.provider.reached(inner, verb, rest)
        return [Path((member.name, *one.parts)) for one in found]

    async def _able_to(self, verb: str, arguments: Arguments) -> tuple[Member, Arguments] | None:
        """The member that does a deed at the root, and the deed without what has chosen it."""
        wanted = arguments.get("account")
        for member in self._members():
            if wanted not in (None, "", member.name) or not isinstance(member.provider, Acting):
                continue
            if verb in await member.provider.verbs(ROOT):
                return member, {name: value for name, value in arguments.items() if name != "account"}
        return None

    async def act(self, path: Path, verb: str, arguments: Arguments, change: Change) -> Node:
        """At the root the argument `account` says which member, else the first that can do it does it."""
        if path.parts:
            place = await self._place(path)
            done: Node = await _able(place, Acting).act(place.path, verb, arguments, change)
            return done
        chosen = await self._able_to(verb, arguments)
        if chosen is not None:
            member, rest = chosen
            assert isinstance(member.provider, Acting)
            return await member.provider.act(ROOT, verb, rest, change)
        wanted = arguments.get("account")
        raise Unsupported(path, f"no account {wanted} can {verb}" if wanted else f"no account can {verb}")

    async def aclose(self) -> None:
        """The members are mounts of their own, and closed as such."""


class _Head:
    """How far one member's listing was read."""

    def __init__(self, member: Member, pages: AsyncIterator[Sequence[Node]]) -> None:
        self.member = member
        self._pages = pages
        self._page: Sequence[Node] = ()
        self._at = 0

    @property
    def node(self) -> Node:
        return self._page[self._at]

    @property
    def last(self) -> str:
        """The last name that is known without waiting."""
        return self._page[-1].name

    async def advance(self) -> bool:
        """The next entry; False at the end."""
        self._at += 1
        while self._at >= len(self._page):
            try:
                self._page, self._at = await anext(self._pages), 0
            except StopAsyncIteration:
                return False
        return True


async def _merged(heads: list[_Head], held: list[Node]) -> list[Node]:
    """The next entries in name order, until one of the members has to be asked again; no folder twice.

    A twin is `held` until its marked name has its turn.
    """
    page: list[Node] = []
    while heads:
        name = min(head.node.name for head in heads)
        alike = [head for head in heads if head.node.name == name]
        while held and held[0].name < name:
            page.append(held.pop(0))
        if len(alike) == 1 or all(head.node.is_folder for head in alike):
            page.append(alike[0].node)
        else:
            held += [head.node._replace(name=marked(name, head.member.name)) for head in alike]
            held.sort(key=lambda node: node.name)
        waits = any(head.last == name for head in alike)
        for head in alike:
            if not await head.advance():
                heads.remove(head)
        if waits or len(page) >= PAGE:
            break
    return page


async def _pages(member: Member, path: Path) -> AsyncIterator[Sequence[Node]]:
    try:
        async for page in member.provider.list(path):
            yield page
    except (NotFound, NotADirectory):
        return


def _marked(member: str, path: Path, node: Node) -> tuple[Path, Node]:
    name = marked(path.name, member)
    return path.parent.child(name), node._replace(name=name)


def _twins(found: Sequence[Place]) -> str:
    return ", ".join(marked(one.path.name, one.member.name) for one in found)


def _able(place: Place, protocol: type[Any]) -> Any:
    """The member's provider. Raises Unsupported when it cannot do this at all."""
    if not isinstance(place.member.provider, protocol):
        raise Unsupported(place.path)
    return place.member.provider


def _open(opening: Opening) -> Union:
    return Union(lambda: [Member(*pair) for pair in opening.below()])


PROVIDER = ProviderSpec("union", "the accounts that are mounted below, shown as one", _open)

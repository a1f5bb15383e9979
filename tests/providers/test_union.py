"""Union: what several mounts hold, shown as one; each entry stays its mount's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from providers.memory import Memory
from providers.union import Member, Union
from spatio.policy import Pattern, Policy, Rule, Verdict
from tests.vfs.trees import names as listed
from tests.vfs.trees import tree_of
from vfs.action import Change, Effect
from vfs.drive import drive
from vfs.errors import NotFound, Refused, Unsupported
from vfs.mount import Mount
from vfs.names import marked
from vfs.path import Path
from vfs.query import parse_query

CHANGE = Change("c")


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def memory(*files: str) -> Memory:
    made = Memory()
    for file in files:
        path = Path.parse(file)
        for depth in range(1, len(path.parts)):
            folder = Path(path.parts[:depth])
            if not drive(exists(made, folder)):
                drive(made.mkdir(folder, CHANGE))
        drive(made.write(path, _once(file.encode()), CHANGE))
    return made


async def exists(provider: Memory | Union, path: Path) -> bool:
    try:
        await provider.stat(path)
    except NotFound:
        return False
    return True


async def names(union: Union, path: str) -> list[str]:
    return [node.name async for page in union.list(Path.parse(path)) for node in page]


async def content(union: Union, path: str) -> bytes:
    async with union.open(Path.parse(path)) as blocks:
        return b"".join([block async for block in blocks])


def union(**members: Memory) -> Union:
    found = [Member(name, provider) for name, provider in members.items()]
    return Union(lambda: found)


def both() -> tuple[Union, Memory, Memory]:
    home = memory("/inbox/a", "/inbox/c", "/inbox/x", "/sent/s")
    work = memory("/inbox/b", "/inbox/x", "/inbox/x-ray", "/projects/p")
    return union(home=home, work=work), home, work


TWINS = sorted([marked("x", "home"), marked("x", "work")])


def test_folders_of_all_members_are_shown_once() -> None:
    assert drive(names(both()[0], "/")) == ["inbox", "projects", "sent"]


def test_entries_of_one_name_carry_the_mark_of_their_member_in_name_order() -> None:
    assert drive(names(both()[0], "/inbox")) == ["a", "b", "c", "x-ray", *TWINS]


def test_each_twin_is_read_by_the_name_with_its_mark() -> None:
    one, _, work = both()
    drive(work.write(Path.parse("/inbox/x"), _once(b"of work"), CHANGE))
    assert drive(content(one, f"/inbox/{marked('x', 'home')}")) == b"/inbox/x"
    assert drive(content(one, f"/inbox/{marked('x', 'work')}")) == b"of work"


def test_a_twin_without_its_mark_is_not_guessed() -> None:
    with pytest.raises(NotFound) as caught:
        drive(both()[0].stat(Path.parse("/inbox/x")))
    assert all(name in str(caught.value.hint) for name in TWINS)


def test_what_nobody_has_is_not_found() -> None:
    one, _, _ = both()
    for path in ("/inbox/none", "/none/a", f"/inbox/a{marked('', 'home')}"):
        with pytest.raises(NotFound):
            drive(one.stat(Path.parse(path)))


def test_removing_and_moving_goes_to_the_member_that_has_the_entry() -> None:
    one, home, work = both()
    drive(home.mkdir(Path.parse("/archive"), CHANGE))
    drive(one.remove(Path.parse("/inbox/b"), CHANGE))
    drive(one.move(Path.parse("/inbox/a"), Path.parse("/archive/a"), CHANGE))
    drive(one.remove(Path.parse(f"/inbox/{marked('x', 'work')}"), CHANGE))
    assert not drive(exists(work, Path.parse("/inbox/b")))
    assert not drive(exists(work, Path.parse("/inbox/x")))
    assert drive(exists(home, Path.parse("/archive/a")))
    assert drive(exists(home, Path.parse("/inbox/x")))


def test_writing_goes_to_the_owner_and_something_new_to_the_first_that_has_the_folder() -> None:
    one, home, work = both()
    drive(one.write(Path.parse("/inbox/b"), _once(b"new"), CHANGE))
    drive(one.write(Path.parse("/projects/q"), _once(b"q"), CHANGE))
    drive(one.write(Path.parse("/inbox/z"), _once(b"z"), CHANGE))
    assert drive(content(union(only=work), "/inbox/b")) == b"new"
    assert drive(exists(work, Path.parse("/projects/q")))
    assert drive(exists(home, Path.parse("/inbox/z")))


def test_search_asks_all_members_that_have_the_folder() -> None:
    one, _, _ = both()
    assert drive(one.search(Path.parse("/inbox"), parse_query("x"), 10)) is None


def test_a_search_of_everything_is_left_to_the_members_themselves() -> None:
    found = drive(both()[0].search(Path(), parse_query("x"), 10))
    assert found is not None
    assert (len(found.hits), found.total) == (0, 0)


def test_a_union_of_nothing_is_empty_and_takes_nothing() -> None:
    one = union()
    assert drive(names(one, "/")) == []
    with pytest.raises(Unsupported):
        drive(one.mkdir(Path.parse("/a"), CHANGE))


def test_a_long_listing_comes_in_order_each_name_once() -> None:
    many = union(
        home=memory(*[f"/inbox/{at:04}" for at in range(0, 1500, 2)]),
        work=memory(*[f"/inbox/{at:04}" for at in range(1, 1500, 2)]),
    )
    assert drive(names(many, "/inbox")) == [f"{at:04}" for at in range(1500)]


def test_an_agent_that_may_not_see_a_member_does_not_see_it_in_the_union() -> None:
    one, home, work = both()
    tree = tree_of()
    for path, provider in (("/mail", one), ("/mail/home", home), ("/mail/work", work)):
        tree.mounts.add(Mount(Path.parse(path), "memory", lambda provider=provider: provider))  # type: ignore[misc]
    everything = Rule(Effect.READ | Effect.WRITE | Effect.DELETE, Pattern("/mail"), Verdict.ALLOW)
    every = ["a", "b", "c", "x-ray", *sorted(TWINS)]
    assert drive(listed(tree, "/mail/inbox")) == every
    tree.guard = Policy([everything, Rule(Effect.READ, Pattern("/mail/work/inbox/b"), Verdict.DENY)])
    assert drive(listed(tree, "/mail/inbox")) == [name for name in every if name != "b"]
    tree.guard = Policy([everything, Rule(Effect.READ, Pattern("/mail/work/inbox/x"), Verdict.DENY)])
    assert drive(listed(tree, "/mail/inbox")) == ["a", "b", "c", "x-ray"]
    for effect in (Effect.READ, Effect.DELETE):
        tree.guard = Policy([everything, Rule(effect, Pattern("/mail/work"), Verdict.DENY)])
        with pytest.raises((NotFound, Refused)):
            drive(tree.remove(Path.parse("/mail/inbox/b")))
    assert drive(listed(tree, "/mail/inbox")) == every

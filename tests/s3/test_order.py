"""Keys in the order of paths, whatever the service's order and the size of its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from providers.s3.naming import names_of
from providers.s3.order import Keyed, Ordering, Source
from vfs.drive import drive

KEYS = st.sets(st.text(st.sampled_from("ab-. /\x01\x7f␛é"), min_size=1, max_size=6), max_size=40)


class Listed:
    """A set of keys as a service lists them. Keys that end in `/` are markers of folders."""

    def __init__(self, keys: set[str], size: int, *, as_tree: bool = False) -> None:
        self.keys = sorted(keys, key=(lambda key: key.split("/")) if as_tree else None)
        self.size = size
        self.pages_read = 0
        self.asked: list[str] = []

    def source(self) -> Source[str]:
        return Source(self.pages, self.present)

    async def pages(self, prefix: str, after: str, deep: bool) -> AsyncIterator[Sequence[Keyed[str]]]:
        found: dict[str, str | None] = {}
        for key in self.keys:
            if not key.startswith(prefix) or key <= after:
                continue
            name, slash, _ = key[len(prefix) :].partition("/")
            if not deep and slash:
                found[f"{prefix}{name}/"] = None
            else:
                found[key] = None if key.endswith("/") else key
        items = list(found.items())
        for at in range(0, len(items), self.size):
            self.pages_read += 1
            yield items[at : at + self.size]

    async def present(self, prefixes: Sequence[str]) -> Sequence[bool]:
        self.asked += prefixes
        return [any(key.startswith(prefix) for key in self.keys) for prefix in prefixes]

    def read(self, prefix: str = "", *, deep: bool = True) -> list[tuple[tuple[str, ...], str | None]]:
        async def all_of() -> list[tuple[tuple[str, ...], str | None]]:
            ordering = Ordering(self.source(), prefix, deep=deep)
            return [entry async for page in ordering.entries() for entry in page]

        return drive(all_of())


def expected(keys: set[str]) -> list[tuple[tuple[str, ...], str | None]]:
    """Everything, by sorting all of it."""
    folders = set()
    for key in keys:
        names = names_of(key.removesuffix("/") if key.endswith("/") else key)
        below = names if key.endswith("/") else names[:-1]
        folders |= {below[:length] for length in range(1, len(below) + 1)}
    entries: list[tuple[tuple[str, ...], str | None]] = [(names, None) for names in folders]
    for key in keys:
        if not key.endswith("/"):
            names = names_of(key)
            beside = (*names[:-1], names[-1] + "␛file")
            entries.append((beside if names in folders else names, key))
    return sorted(entries, key=lambda entry: entry[0])


def whole(keys: set[str]) -> set[str]:
    """Without the key `/`, a marker of a folder without a name in the folder itself."""
    return {key for key in keys if key.strip("/")}


@given(KEYS, st.integers(1, 9), st.booleans())
@settings(max_examples=300, deadline=None)
def test_everything_below_comes_in_order_and_once(keys: set[str], size: int, as_tree: bool) -> None:
    keys = whole(keys)
    assert Listed(keys, size, as_tree=as_tree).read() == expected(keys)


@given(KEYS, st.integers(1, 9), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_folder_comes_in_order_and_once(keys: set[str], size: int, as_tree: bool) -> None:
    keys = whole(keys)
    own = [(names, key) for names, key in expected(keys) if len(names) == 1]
    assert Listed(keys, size, as_tree=as_tree).read(deep=False) == own


@given(KEYS, st.integers(1, 9), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_folder_inside_lists_what_it_holds(keys: set[str], size: int, as_tree: bool) -> None:
    keys = {f"x-y/{key}" for key in whole(keys)} | {"x", "x-", "x.z", "x-y.z", "x/1"}
    inside = [(names[1:], key) for names, key in expected(keys) if names[0] == "x-y" and len(names) > 1]
    assert Listed(keys, size, as_tree=as_tree).read("x-y/") == inside


def test_a_folder_that_comes_after_many_pages_is_asked_for() -> None:
    keys = {f"log-{at:05}" for at in range(5000)} | {"log/a", "log/b"}
    listed = Listed(keys, 100)

    async def first() -> list[tuple[str, ...]]:
        pages = Ordering(listed.source(), "", deep=False).entries()
        return [names for names, _ in await anext(pages)]

    assert drive(first())[:2] == [("log",), ("log-00000",)]
    assert listed.pages_read <= 2
    assert listed.read() == expected(keys)


def test_few_questions_are_asked() -> None:
    keys = {f"photo {at:04}.jpg" for at in range(3000)}
    listed = Listed(keys, 1000)
    assert len(listed.read()) == 3000
    assert listed.asked == ["photo/"]


def test_a_large_folder_that_was_taken_early_is_not_read_twice() -> None:
    keys = {f"a-{at:04}" for at in range(300)} | {f"a/{at:04}" for at in range(3000)}
    listed = Listed(keys, 100)
    assert listed.read() == expected(keys)
    assert listed.pages_read < 40


def test_a_component_that_is_too_long_for_a_name_is_a_folder() -> None:
    keys = {"x" * 600, "x" * 600 + "/y", "x" * 250, "x" * 300 + ".txt"}
    listed = Listed(keys, 2)
    assert listed.read() == expected(keys)
    assert listed.read(deep=False) == [(("x" * 250,), "x" * 250), (("x" * 248 + "␛more",), None)]
    inner = listed.read("x" * 248, deep=False)
    assert [names for names, _ in inner] == [("x" * 52 + ".txt",), ("x" * 248 + "␛more",)]

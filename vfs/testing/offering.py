"""Searchable, Acting, Attributed, Sharing."""

from __future__ import annotations

import contextlib

import pytest

from vfs.action import Verb
from vfs.errors import IsADirectory, NotFound, Unsupported
from vfs.path import Path
from vfs.provider import Cap
from vfs.query import parse_query
from vfs.testing.ground import Ground, Suite, contract

STRANGE = (
    '"',
    "''",
    "%",
    "_",
    "NEAR(",
    "a:b:c",
    "*",
    "-",
    "(",
    "^x",
    "' OR 1=1 --",
    "\x00",
    "AND",
    "x" * 2000,
)
"""Queries that an index might take for its own syntax."""


class Offering(Suite):
    @contract(Cap.SEARCH | Cap.WRITE | Cap.EDIT)
    async def test_what_is_written_is_found_and_what_is_removed_is_not(self, ground: Ground) -> None:
        await ground.sample()
        inside, outside = ground.file("in", ground.folder("inner")), ground.file("out")
        await ground.put(inside, "an unmistakable Zwölfkämpfer")
        await ground.put(outside, "another zwolfkampfer")
        assert await _search(ground, "zwolfkämpfer") == {inside, outside}
        assert await _search(ground, "zwolfkämpfer", ground.folder("inner")) == {inside}
        await ground.put(outside, "something else")
        await ground.provider.remove(inside, ground.change)
        assert await _search(ground, "zwolfkämpfer") == set()

    @contract(Cap.SEARCH | Cap.WRITE)
    async def test_a_search_keeps_to_its_limit_best_first(self, ground: Ground) -> None:
        for at in range(9):
            await ground.put(ground.file(f"{at}"), "unmistakable " * (at + 1))
        found = await ground.provider.search(ground.base, parse_query("unmistakable"), 4)
        if found is None:
            pytest.skip("the provider declines this query")
        scores = [hit.score for hit in found.hits]
        assert len(scores) == 4
        assert scores == sorted(scores, reverse=True)
        for hit in found.hits:
            assert "\n" not in hit.snippet
            assert all(0 <= start < stop <= len(hit.snippet) for start, stop in hit.spans)

    @contract(Cap.SEARCH)
    async def test_no_query_is_an_error(self, ground: Ground) -> None:
        await ground.sample()
        for text in STRANGE:
            await ground.provider.search(ground.base, parse_query(text), 3)

    @contract(Cap.ACT)
    async def test_verbs_carry_their_names(self, ground: Ground) -> None:
        await ground.sample()
        for path, _ in await ground.below(ground.base):
            for name, verb in (await ground.provider.verbs(path)).items():
                assert isinstance(verb, Verb)
                assert verb.name == name
            with pytest.raises(Unsupported):
                await ground.provider.act(path, "no such verb", {}, ground.change)

    @contract(Cap.ATTRS)
    async def test_attributes_of_what_is_missing_are_not_found(self, ground: Ground) -> None:
        with pytest.raises(NotFound):
            await ground.provider.set_attrs(ground.file("missing"), {"title": "x"}, ground.change)

    @contract(Cap.SHARE | Cap.WRITE | Cap.EDIT)
    async def test_only_a_file_is_shared(self, ground: Ground) -> None:
        await ground.mkdir(ground.folder("folder"))
        for path, error in ((ground.file("missing"), NotFound), (ground.folder("folder"), IsADirectory)):
            with pytest.raises(error):
                await ground.provider.share(path, 60)
        path = await ground.some_file()
        with contextlib.suppress(Unsupported):
            assert "://" in await ground.provider.share(path, 60)


async def _search(ground: Ground, text: str, under: Path | None = None) -> set[Path]:
    found = await ground.provider.search(under or ground.base, parse_query(text), 20)
    if found is None:
        pytest.skip("the provider declines this query")
    return {hit.path for hit in found.hits}

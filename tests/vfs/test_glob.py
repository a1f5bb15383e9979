from __future__ import annotations

import fnmatch
import glob as hosts
import os
import pathlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.local import Local
from providers.memory import Memory
from tests.vfs.trees import Closed, P, tree_of
from vfs.drive import drive
from vfs.errors import Incomplete
from vfs.glob import Pattern, matcher, name_matcher
from vfs.path import ROOT, Path
from vfs.tree import Tree


def parts(pattern: str) -> list[str | Pattern]:
    """A pattern without quotes as the shell would hand it on."""
    return [
        Pattern(part, part == "**") if any(char in part for char in "*?[") else part
        for part in pattern.strip("/").split("/")
    ]


async def expand(tree: Tree, pattern: str) -> list[str]:
    found = tree.glob(parts(pattern), ROOT, folders=pattern.endswith("/"))
    return [str(path) async for path in found]


async def world() -> Tree:
    tree = tree_of("/n", "/f")
    for path in ("/n/a.md", "/n/b.txt", "/n/.hidden.md", "/n/sub/c.md", "/n/sub/deep/d.md", "/n/.git/x.md",
                 "/n/sub-x/e.md", "/f/a.md"):  # fmt: skip
        await tree.mkdir(P(path).parent, parents=True)
        await tree.write(P(path), b"")
    return tree


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/n/*.md", "/n/a.md"),
        ("/n/.*.md", "/n/.hidden.md"),
        ("/n/*", "/n/a.md /n/b.txt /n/sub /n/sub-x"),
        ("/n/.*", "/n/.git /n/.hidden.md"),
        ("/n/*/", "/n/sub /n/sub-x"),
        ("/*", "/f /n"),
        ("/*/a.md", "/f/a.md /n/a.md"),
        ("/n/*/*.md", "/n/sub-x/e.md /n/sub/c.md"),
        ("/n/**/*.md", "/n/a.md /n/sub-x/e.md /n/sub/c.md /n/sub/deep/d.md"),
        ("/**/*.md", "/f/a.md /n/a.md /n/sub-x/e.md /n/sub/c.md /n/sub/deep/d.md"),
        ("/n/**/**/d.md", "/n/sub/deep/d.md"),
        ("/n/sub/**", "/n/sub/c.md /n/sub/deep /n/sub/deep/d.md"),
        ("/n/sub/**/", "/n/sub/deep"),
        ("/n/?.md", "/n/a.md"),
        ("/n/[ab].*", "/n/a.md /n/b.txt"),
        ("/n/[!a]*", "/n/b.txt /n/sub /n/sub-x"),
        ("/n/*x*", "/n/b.txt /n/sub-x"),
        ("/none/*", ""),
        ("/n/a.md/*", ""),
        ("/n/*/none", ""),
        ("/n/[.]hidden.md", ""),
    ],
)
def test_a_pattern_names(pattern: str, expected: str) -> None:
    async def check() -> None:
        assert await expand(await world(), pattern) == expected.split()

    drive(check())


def test_quoted_characters_are_literal() -> None:
    async def check() -> None:
        tree = tree_of("/n")
        for name in ("*", "a*b", "axb", "[x]", "\\", "?"):
            await tree.write(P("/n").child(name), b"")
        for pattern, expected in (("\\*", ["*"]), ("a\\*?", ["a*b"]), ("\\[x]", ["[x]"]), ("\\\\", ["\\"])):
            found = [path.name async for path in tree.glob([Pattern(pattern)], P("/n"))]
            assert found == expected
        assert [path.name async for path in tree.glob(["?"], P("/n"))] == ["?"]

    drive(check())


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("[[:alpha:]]", "aé", "1_ "),
        ("[[:digit:][:upper:]]", "1A", "a"),
        ("[^[:space:]]", "a", " \n"),
        ("[]a]", "]a", "b"),
        ("[!]a]", "b", "]a"),
        ("[a-c-]", "ab-", "d"),
        ("[z-a]", "", "az-"),
        ("[\\]]", "]", "\\"),
        ("[[.]", "[.", "a"),
        ("[[:nope:]]", "", "nope"),
    ],
)
def test_sets(pattern: str, yes: str, no: str) -> None:
    for char in yes:
        assert matcher(pattern)(char)
    for char in no:
        assert not matcher(pattern)(char)


def test_an_open_bracket_that_never_closes_is_itself() -> None:
    assert matcher("[a")("[a")
    assert matcher("a[")("a[")
    assert not matcher("[a")("a")
    assert matcher("[[:alpha:")("[[:alpha:")


@given(st.text("ab*?.", max_size=8), st.text("ab.\n", max_size=8))
def test_stars_match_as_they_do_elsewhere(pattern: str, name: str) -> None:
    assert matcher(pattern)(name) is fnmatch.fnmatchcase(name, pattern)


@given(st.text("ab-]![*?\\", max_size=6), st.text("ab-]![\\", max_size=4))
def test_no_pattern_is_an_error(pattern: str, name: str) -> None:
    name_matcher(pattern)(name)


def test_many_stars_take_no_time() -> None:
    name = "a" * 2000
    began = time.process_time()
    assert not matcher("*a" * 500 + "*x")(name)
    assert not matcher("*" * 5000 + "x")(name)
    assert not matcher("*?" * 300 + "x")(name)
    assert time.process_time() - began < 5


def test_only_what_the_pattern_reaches_is_listed() -> None:
    listed: list[str] = []

    class Noting(Memory):
        async def list(self, path: Path):  # type: ignore[no-untyped-def, override]
            listed.append(str(path))
            async for page in super().list(path):
                yield page

    async def check() -> None:
        tree = tree_of(m=Noting())
        for path in ("/m/a/x", "/m/b/x", "/m/c"):
            await tree.mkdir(P(path), parents=True)
        assert await expand(tree, "/m/*/x") == ["/m/a/x", "/m/b/x"]
        assert listed == ["/"]
        listed.clear()
        assert await expand(tree, "/m/a/*") == ["/m/a/x"]
        assert listed == ["/a"]

    drive(check())


def test_a_mount_that_fails_is_told_after_the_rest() -> None:
    async def check() -> None:
        tree = tree_of("/n", mail=Closed())
        await tree.write(P("/n/a.md"), b"")
        found: list[str] = []
        with pytest.raises(Incomplete, match="/mail"):  # noqa: PT012
            async for path in tree.glob(parts("/**/*.md"), ROOT):
                found.append(str(path))
        assert found == ["/n/a.md"]

    drive(check())


def test_a_glob_agrees_with_the_hosts_on_a_folder(tmp_path: pathlib.Path) -> None:
    for name in ("a.md", "b c.md", ".h.md", "d/e.md", "d/.x/f.md", "d-1/g.md", "d/z/y.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")

    async def check() -> None:
        tree = tree_of(m=Local(str(tmp_path)))
        for pattern in ("*", "*/*", "*.md", "*/*.md", "d*/?.md", "*/", ".*", "d/.*/*", "*/*/*", "[!d]*"):
            found = hosts.glob(pattern, root_dir=tmp_path, include_hidden=False)
            expected = sorted(f"/m/{name.rstrip(os.sep)}" for name in found)
            assert await expand(tree, "/m/" + pattern) == expected, pattern

    drive(check())

"""Links inside a mounted folder give no right that the place they lead to does not give."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from providers.local import Local
from tests.vfs.trees import P, Rules, names, walked
from vfs.action import Effect
from vfs.drive import drive
from vfs.errors import NotEmpty, NotFound, Refused
from vfs.glob import Pattern
from vfs.mount import Mount, MountTable
from vfs.path import ROOT
from vfs.query import parse_query
from vfs.tree import Tree


def tree_with_links(folder: pathlib.Path, rules: Rules) -> Tree:
    """`/host/open` holds links to the folder `/host/private`, to a file in it and to a missing one."""
    (folder / "open").mkdir()
    (folder / "private").mkdir()
    (folder / "private" / "secret.txt").write_text("the secret\n")
    (folder / "open" / "plain.txt").write_text("plain\n")
    os.symlink("plain.txt", folder / "open" / "fine")
    os.symlink("../private/secret.txt", folder / "open" / "file")
    os.symlink("../private/new.txt", folder / "open" / "new")
    os.symlink(folder / "private", folder / "open" / "folder")
    os.symlink("folder", folder / "open" / "chain")
    table = MountTable()
    table.add(Mount(P("/host"), "local", lambda: Local(str(folder))))
    return Tree(table, guard=rules)


Deed = Callable[[Tree, str], Coroutine[Any, Any, Any]]
DEEDS: list[Deed] = [
    lambda tree, path: tree.stat(P(path)),
    lambda tree, path: tree.read(P(path)),
    lambda tree, path: tree.write(P(path), b"pwned"),
    lambda tree, path: tree.mkdir(P(path).child("made")),
    lambda tree, path: tree.remove(P(path), recursive=True),
    lambda tree, path: tree.move(P(path), P("/host/open/moved")),
    lambda tree, path: tree.move(P("/host/open/plain.txt"), P(path)),
    lambda tree, path: tree.copy(P(path), P("/host/open/copied")),
    lambda tree, path: tree.copy(P("/host/open/plain.txt"), P(path)),
    lambda tree, path: names(tree, path),
    lambda tree, path: walked(tree, path),
    lambda tree, path: tree.search(parse_query("secret"), P(path), 3),
]


@pytest.mark.parametrize("deed", range(len(DEEDS)))
@pytest.mark.parametrize("link", ["file", "new", "folder", "chain", "folder/secret.txt", "chain/other"])
def test_a_link_to_what_is_hidden_is_hidden(tmp_path: pathlib.Path, deed: int, link: str) -> None:
    tree = tree_with_links(tmp_path, Rules(hidden=["/host/private"]))
    with pytest.raises(NotFound):
        drive(DEEDS[deed](tree, f"/host/open/{link}"))
    assert [entry.name for entry in (tmp_path / "private").iterdir()] == ["secret.txt"]
    assert (tmp_path / "private" / "secret.txt").read_text() == "the secret\n"


def test_listings_walks_globs_and_searches_leave_out_links_to_what_is_hidden(tmp_path: pathlib.Path) -> None:
    tree = tree_with_links(tmp_path, Rules(hidden=["/host/private"]))

    async def look() -> None:
        assert await names(tree, "/host/open") == ["fine", "plain.txt"]
        assert await walked(tree, "/host") == ["/host/open", "/host/open/fine", "/host/open/plain.txt"]
        found = [str(path) async for path in tree.glob([Pattern("", True), Pattern("*")], ROOT)]
        assert found == ["/host", "/host/open", "/host/open/fine", "/host/open/plain.txt"]
        assert (await tree.search(parse_query("secret"), ROOT, 9)).hits == []
        [content] = [content async for content in tree.contents([P("/host/open/file")])]
        assert isinstance(content.error, NotFound)
        with pytest.raises(NotEmpty):
            await tree.remove(P("/host/open"), recursive=True)

    drive(look())


def test_what_is_refused_at_the_place_is_refused_through_a_link(tmp_path: pathlib.Path) -> None:
    tree = tree_with_links(tmp_path, Rules(denied=[(Effect.WRITE, "/host/private")]))
    assert drive(tree.read(P("/host/open/file"))) == b"the secret\n"
    for path in ("file", "new", "folder/secret.txt", "folder/new.txt"):
        with pytest.raises(Refused):
            drive(tree.write(P(f"/host/open/{path}"), b"pwned"))
    assert (tmp_path / "private" / "secret.txt").read_text() == "the secret\n"


def test_a_link_to_what_may_be_seen_works(tmp_path: pathlib.Path) -> None:
    tree = tree_with_links(tmp_path, Rules(hidden=["/host/private"]))
    drive(tree.write(P("/host/open/fine"), b"changed\n"))
    assert drive(tree.read(P("/host/open/plain.txt"))) == b"changed\n"

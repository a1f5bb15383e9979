"""Many entries changed at once: everything is checked as for one, and an error stands for its path alone."""

from __future__ import annotations

from tests.vfs.trees import P, Rules, fill, tree_of
from vfs.action import Effect
from vfs.drive import drive
from vfs.errors import NotFound, Refused
from vfs.node import Node


def test_attributes_are_set_one_by_one_where_a_provider_knows_no_better() -> None:
    tree = tree_of("/notes", "/files")
    drive(fill(tree))
    wanted = {P("/notes/plan.md"): {"a": 1}, P("/notes/none"): {"a": 2}, P("/files/a.bin"): {"a": 3}}
    found = drive(tree.set_attrs_many(wanted))
    assert [node.attrs["a"] for node in found if isinstance(node, Node)] == [1, 3]
    assert isinstance(found[1], NotFound)
    assert drive(tree.set_attrs_many({})) == []


def test_the_guard_is_asked_for_each() -> None:
    tree = tree_of("/notes")
    drive(fill(tree))
    tree.guard = Rules(hidden=["/notes/work"], denied=[(Effect.WRITE, "/notes/plan.md")])
    wanted = {P("/notes/plan.md"): {"a": 1}, P("/notes/work/budget.md"): {"a": 2}}
    refused, hidden = drive(tree.set_attrs_many(wanted))
    assert isinstance(refused, Refused)
    assert isinstance(hidden, NotFound)

"""A mount that is not searched from above is found by who names it."""

from __future__ import annotations

from providers.memory import Memory
from vfs.action import Change
from vfs.drive import drive
from vfs.mount import Mount, MountTable
from vfs.path import ROOT, Path
from vfs.query import parse_query
from vfs.tree import Tree


def test_a_search_from_above_leaves_it_out_and_one_within_does_not() -> None:
    table = MountTable()
    for name, searched in (("notes", True), ("sys", False)):
        table.add(Mount(Path((name,)), "memory", Memory, searched=searched))
    tree = Tree(table, change=Change("0", "test"))

    async def found(under: Path) -> list[str]:
        for name in ("notes", "sys"):
            await tree.write(Path((name, "a")), b"canary")
        return [str(hit.path) for hit in (await tree.search(parse_query("canary"), under, 10)).hits]

    assert drive(found(ROOT)) == ["/notes/a"]
    assert drive(found(Path(("sys",)))) == ["/sys/a"]

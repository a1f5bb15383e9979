from __future__ import annotations

import pytest

from tests.vfs.trees import P, Rules, fill, names, tree_of, walked
from vfs.action import Effect
from vfs.drive import drive
from vfs.errors import NotEmpty, NotFound, Refused
from vfs.glob import Pattern
from vfs.path import ROOT, Path
from vfs.query import parse_query
from vfs.tree import Tree


async def guarded(rules: Rules) -> Tree:
    tree = tree_of("/notes", "/files", "/bank")
    await fill(tree)
    await tree.write(P("/bank/account"), b"secret plan\n")
    tree.guard = rules
    return tree


def test_what_is_unseen_looks_absent_everywhere() -> None:
    async def check() -> None:
        tree = await guarded(Rules(hidden=["/bank", "/notes/work"]))
        assert await names(tree, "/") == ["files", "notes"]
        assert await names(tree, "/notes") == ["plan.md"]
        assert await walked(tree, "/") == ["/files", "/files/a.bin", "/notes", "/notes/plan.md"]
        found = [str(path) async for path in tree.glob([Pattern("", True), Pattern("*")], ROOT)]
        assert not [path for path in found if "work" in path or "bank" in path]
        assert (await tree.search(parse_query("plan"), ROOT, 9)).hits[0].path == P("/notes/plan.md")
        assert (await tree.search(parse_query("plan"), ROOT, 9)).total == 1
        assert tree.mount_of(P("/bank/account")) is None
        for path in ("/bank", "/bank/account", "/notes/work", "/notes/work/budget.md"):
            for call in (
                tree.stat, tree.read, tree.mkdir, tree.remove, tree.verbs,
                lambda path: names(tree, str(path)), lambda path: walked(tree, str(path)),
                lambda path: tree.write(path, b""), lambda path: tree.copy(path, P("/files/x")),
                lambda path: tree.copy(P("/files/a.bin"), path), lambda path: tree.move(path, P("/files/x")),
                lambda path: tree.move(P("/files/a.bin"), path),
                lambda path: tree.search(parse_query("x"), path, 3),
            ):  # fmt: skip
                with pytest.raises(NotFound):
                    await call(P(path))
            [content] = [content async for content in tree.contents([P(path)])]
            assert isinstance(content.error, NotFound)

    drive(check())


def test_each_access_asks_for_its_own_effect() -> None:
    async def check() -> None:
        rules = Rules()
        tree = await guarded(rules)

        async def asked(work: object) -> list[tuple[Effect, str]]:
            rules.asked.clear()
            await work  # type: ignore[misc]
            return list(rules.asked)

        read, write, delete = Effect.READ, Effect.WRITE, Effect.DELETE
        assert await asked(tree.stat(P("/files/a.bin"))) == []
        assert await asked(tree.read(P("/files/a.bin"))) == [(read, "/files/a.bin")]
        assert await asked(tree.write(P("/files/b"), b"")) == [(write, "/files/b")]
        assert await asked(tree.mkdir(P("/files/d"))) == [(write, "/files/d")]
        assert await asked(tree.copy(P("/files/b"), P("/notes/b"))) == [
            (read, "/files/b"),
            (write, "/notes/b"),
        ]
        assert await asked(tree.move(P("/files/b"), P("/files/c"))) == [
            (write, "/files/b"),
            (read, "/files/b"),
            (write, "/files/c"),
        ]
        assert await asked(tree.remove(P("/files/c"))) == [(delete, "/files/c")]
        assert await asked(tree.move(P("/files/a.bin"), P("/notes/a.bin"))) == [
            (write, "/files/a.bin"),
            (read, "/files/a.bin"),
            (write, "/notes/a.bin"),
        ]
        async for _ in tree.copy_folder(P("/notes/work/old"), P("/files/old")):
            pass
        assert await asked(tree.remove(P("/files/old"), recursive=True)) == [
            (delete, "/files/old"),
            (delete, "/files/old/2024.md"),
        ]

    drive(check())


def test_what_is_refused_stays_as_it_is() -> None:
    async def check() -> None:
        rules = Rules(denied=[(Effect.WRITE, "/notes"), (Effect.DELETE, "/notes"), (Effect.READ, "/bank")])
        tree = await guarded(rules)
        for call in (
            tree.write(P("/notes/plan.md"), b"x"),
            tree.mkdir(P("/notes/x")),
            tree.remove(P("/notes/plan.md")),
            tree.move(P("/notes/plan.md"), P("/files/x")),
            tree.move(P("/files/a.bin"), P("/notes/x")),
            tree.copy(P("/files/a.bin"), P("/notes/x")),
            tree.copy(P("/bank/account"), P("/files/x")),
            tree.read(P("/bank/account")),
        ):
            with pytest.raises(Refused):
                await call
        tree.guard = None
        assert await names(tree, "/notes") == ["plan.md", "work"]
        assert await names(tree, "/files") == ["a.bin"]

    drive(check())


def test_a_search_shows_no_passage_of_what_may_not_be_read() -> None:
    async def check() -> None:
        tree = await guarded(Rules(denied=[(Effect.READ, "/bank")]))
        found = await tree.search(parse_query("plan"), ROOT, 9)
        assert {str(hit.path) for hit in found.hits} == {"/notes/plan.md", "/notes/work/budget.md"}

    drive(check())


def test_a_folder_is_not_removed_or_moved_with_what_may_not_be_touched_inside() -> None:
    async def check() -> None:
        for rules, error in (
            (Rules(hidden=["/notes/work/old/2024.md"]), NotEmpty),
            (Rules(denied=[(Effect.DELETE, "/notes/work/old"), (Effect.WRITE, "/notes/work/old")]), Refused),
        ):
            tree = await guarded(rules)
            with pytest.raises(error):
                await tree.remove(P("/notes/work"), recursive=True)
            with pytest.raises(error):
                await tree.move(P("/notes/work"), P("/notes/other"))
            tree.guard = None
            assert await walked(tree, "/notes/work") == [
                "/notes/work/budget.md", "/notes/work/old", "/notes/work/old/2024.md",
            ]  # fmt: skip

    drive(check())


def test_a_copied_folder_leaves_out_what_is_unseen_and_tells_what_is_refused() -> None:
    async def check() -> None:
        tree = await guarded(
            Rules(hidden=["/notes/work/old"], denied=[(Effect.READ, "/notes/work/budget.md")])
        )
        failed: list[Exception] = []
        async for _ in tree.copy_folder(P("/notes"), P("/files/copy"), failed=failed):  # type: ignore[arg-type]
            pass
        assert await walked(tree, "/files/copy") == ["/files/copy/plan.md", "/files/copy/work"]
        assert [str(error) for error in failed] == ["/notes/work/budget.md: refused by policy"]

    drive(check())


def test_a_deed_asks_for_the_verbs_effect() -> None:
    from providers.memory import Memory
    from vfs.action import Verb

    class Sending(Memory):
        async def verbs(self, path: Path) -> dict[str, Verb]:
            return {"send": Verb("send", "sends it", Effect.SEND)}

        async def act(self, path, verb, arguments, change):  # type: ignore[no-untyped-def]
            return await self.stat(path)

    async def check() -> None:
        tree = tree_of(m=Sending())
        await tree.write(P("/m/a"), b"")
        rules = Rules(denied=[(Effect.SEND, "/m/no")])
        tree.guard = rules
        await tree.act(P("/m/a"), "send", {})
        assert rules.asked == [(Effect.SEND, "/m/a")]
        tree.guard = Rules(denied=[(Effect.SEND, "/m")])
        with pytest.raises(Refused):
            await tree.act(P("/m/a"), "send", {})

    drive(check())

"""Random changes at both ends, syncs that are cut and killed anywhere: then both ends are the same."""

from __future__ import annotations

import asyncio
import pathlib
import random
from contextlib import suppress

import pytest

from providers.mirror.memory import MemoryService
from providers.store.history import StoreHistory
from tests.engines import BOTH
from tests.mirror.account import Account, mail
from tests.store.desk import FULL
from vfs.drive import drive
from vfs.errors import VfsError

ENGINES = BOTH
BOXES = {"I": "inbox", "A": "archive", "T": "trash", "P": "projects"}
SEEDS = range(200) if FULL else range(6)


class Game:
    """One random life of an account."""

    def __init__(self, folder: pathlib.Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.service = MemoryService(heads=bool(seed % 2), alive=bool(seed % 3 == 0))
        for key, role in BOXES.items():
            self.service.box(key, f"/{role}", role if role != "projects" else "")
        self.numbers = 0
        self.deleted: set[bytes] = set()
        self.all: set[bytes] = set()
        self.wrote = False
        for _ in range(self.random.randint(0, 150)):
            self.arrive()
        self.account = Account(folder, self.service, bodies="ahead" if seed % 4 else "demand")

    def content(self) -> bytes:
        self.numbers += 1
        data = mail(self.numbers)
        self.all.add(data)
        return data

    def arrive(self) -> None:
        data = self.content()
        name = f"mail-{self.random.randint(0, 40)}"
        self.service.add(self.random.choice(list(BOXES)), name, data, {"unread": True})

    def there(self) -> tuple[str, str] | None:
        pairs = [(key, href) for key, box in self.service.boxes.items() for href in box.things]
        return self.random.choice(pairs) if pairs else None

    def remote(self) -> None:
        deed = self.random.choice(("add", "add", "delete", "mark", "move", "forget", "rename"))
        if deed == "add":
            self.arrive()
        elif deed in ("forget", "rename"):
            if self.random.random() < 0.3:
                self.service.forget(rename=deed == "rename")
        elif (pair := self.there()) is not None:
            key, href = pair
            thing = self.service.boxes[key].things[href]
            if deed == "delete":
                self.deleted.add(thing.content)
                self.service.delete(key, href)
            elif deed == "mark":
                flag = self.random.choice(("unread", "flagged"))
                self.service.set(key, href, {flag: self.random.random() < 0.5})
            else:
                self.service.move(key, href, self.random.choice(list(BOXES)))

    def here(self) -> str | None:
        files = [f"/{folder}/{name}" for folder in BOXES.values() for name in self.names(folder)]
        return self.random.choice(files) if files else None

    def names(self, folder: str) -> list[str]:
        try:
            return self.account.names(f"/{folder}")
        except VfsError:
            return []

    def local(self) -> None:
        deed = self.random.choice(("mark", "mark", "move", "remove", "write", "undo"))
        path = self.here()
        if deed == "undo":
            before = self.kept()
            with suppress(VfsError):
                drive(StoreHistory(self.account.store).undo())
            # What was written is taken back by it.
            self.deleted |= before - self.kept()
        elif deed == "write" and self.names("") != []:
            folder = self.random.choice(self.names(""))
            self.wrote = True
            self.account.write(f"/{folder}/written-{self.numbers}", self.content())
        elif path is None or deed == "write":
            return
        elif deed == "mark":
            self.account.mark(path, **{self.random.choice(("unread", "flagged")): self.random.random() < 0.5})
        elif deed == "move":
            folder = self.random.choice(self.names(""))
            name = f"moved-{self.numbers}-{self.random.random()}"
            self.account.move(path, f"/{folder}/{name}")
        else:
            if path.startswith("/trash/"):
                self.service.kill = self.service.cut = None
                try:
                    self.deleted.add(self.account.read(path))
                except VfsError:
                    return
            self.account.remove(path)

    def kept(self) -> set[bytes]:
        """What is here and can be read."""
        found = set()
        for folder in BOXES.values():
            for name in self.names(folder):
                with suppress(VfsError):
                    found.add(self.account.read(f"/{folder}/{name}"))
        return found

    def sync(self) -> None:
        """One that may be cut, killed, turned away, or not hear an answer."""
        service = self.service
        service.cut = self.random.choice((None, None, self.random.randint(0, 8)))
        service.kill = self.random.choice((None, None, self.random.randint(0, 8)))
        service.throttle = self.random.choice((0, 0, 2))
        # What was added, and moved here before that was known, is added twice: no service can tell.
        service.lose = self.random.random() < 0.2 and not self.wrote
        service.mute = self.random.random() < 0.2
        try:
            self.account.sync(accept=True)
            self.wrote = False
        except (VfsError, asyncio.CancelledError):
            pass
        finally:
            service.cut = service.kill = None
            service.throttle, service.lose, service.mute = 0, False, False

    def settle(self) -> None:
        for _ in range(3):
            self.account.rows("SELECT 1")
            report = self.account.sync(accept=True)
        assert report.problems == ()

    def check(self) -> None:
        service, account = self.service, self.account
        there = {
            box.path: sorted((t.content, sorted(t.state.items())) for t in box.things.values())
            for box in service.boxes.values()
        }
        here = {}
        for folder in BOXES.values():
            nodes = account.nodes(f"/{folder}")
            keys = ("unread", "flagged")
            here[f"/{folder}"] = sorted(
                (
                    account.read(f"/{folder}/{name}"),
                    sorted((key, node.attrs[key]) for key in keys if key in node.attrs),
                )
                for name, node in nodes.items()
            )
        for folder in there:
            extra = [one for one in here[folder] if one not in there[folder]]
            missing = [one for one in there[folder] if one not in here[folder]]
            assert (folder, extra, missing) == (folder, [], [])
        assert here == there
        contents = [content for some in there.values() for content, _ in some]
        # What was removed for good here and moved there may be both, once the removal is taken back.
        doubled = {content for content in contents if contents.count(content) > 1}
        assert doubled <= self.deleted, "something is doubled"
        assert self.all - set(contents) <= self.deleted, "something is lost"
        assert account.rows("SELECT count(*) FROM push")[0][0] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_both_ends_become_the_same(tmp_path: pathlib.Path, seed: int) -> None:
    game = Game(tmp_path, seed)
    for _ in range(game.random.randint(3, 10)):
        for _ in range(game.random.randint(0, 6)):
            game.remote()
        for _ in range(game.random.randint(0, 6)):
            game.local()
        game.sync()
    game.settle()
    game.check()
    game.account.close()

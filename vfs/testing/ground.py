"""Suite, Ground, contract: what the tests of a provider stand on."""

from __future__ import annotations

import pathlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pytest

from vfs.action import Change
from vfs.drive import drive
from vfs.errors import VfsError
from vfs.node import Node
from vfs.path import ROOT, Path
from vfs.provider import Cap, Mode, Provider, caps_of

S = TypeVar("S", bound="Suite")


NOTHING = Cap(0)


class Suite:
    """How a provider is made, and what it accepts."""

    any_content = True
    """Whether every sequence of bytes may be stored, and comes back as it was."""
    any_size = True
    many = 300
    """Files in the folder that a listing needs several pages for."""
    """Whether files of several megabytes may be stored."""
    base = ROOT.child("suite")
    """The folder that each test makes for itself, where folders can be made."""

    def provider(self, folder: pathlib.Path) -> Provider:
        """A fresh provider; `folder` is an empty folder of the host for its own use."""
        raise NotImplementedError

    def named(self, stem: str) -> str:
        """A name that the provider accepts for a file, made of `stem`, in the same order."""
        return stem + ".md"

    def filled(self, text: str) -> bytes:
        """A content that the provider accepts and gives back as it was; different for each `text`."""
        return text.encode()


class Ground:
    """A fresh provider, the folder in it that a test may use, and short ways to use both."""

    def __init__(self, provider: Provider, suite: Suite) -> None:
        self.provider: Any = provider
        """Any, since a test calls abilities that `contract` has looked for."""
        self.suite = suite
        self.caps = caps_of(provider)
        self.base = ROOT
        self.change = Change("0190c0de-0000-7000-8000-000000000000", "the provider's tests")

    async def prepare(self) -> None:
        """Makes a folder for the test where folders can be made."""
        if Cap.EDIT in self.caps:
            self.base = self.suite.base
            await self.provider.mkdir(self.base, self.change)

    def file(self, stem: str, folder: Path | None = None) -> Path:
        """The path of a file; nothing is made."""
        return (folder or self.base).child(self.suite.named(stem))

    def folder(self, name: str) -> Path:
        return self.base.child(name)

    async def put(self, path: Path, text: str = "some text", **how: Any) -> Node:
        """Writes a file."""
        return await self.write(path, self.suite.filled(text), **how)

    async def write(self, path: Path, *blocks: bytes, **how: Any) -> Node:
        node: Node = await self.provider.write(path, given(*blocks), self.change, **how)
        return node

    async def mkdir(self, path: Path) -> Node:
        node: Node = await self.provider.mkdir(path, self.change)
        return node

    async def read(self, path: Path, **span: int) -> bytes:
        async with self.provider.open(path, **span) as blocks:
            return b"".join([block async for block in blocks])

    async def list(self, path: Path | None = None) -> Sequence[Node]:
        pages = self.provider.list(self.base if path is None else path)
        return [node async for page in pages for node in page]

    async def names(self, path: Path | None = None) -> Sequence[str]:
        return [node.name for node in await self.list(path)]

    async def below(self, path: Path) -> Sequence[tuple[Path, Node]]:
        """Everything below a folder, by listings alone."""
        entries: list[tuple[Path, Node]] = []
        for node in await self.list(path):
            entries.append((path.child(node.name), node))
            if node.is_folder:
                entries += await self.below(path.child(node.name))
        return entries

    async def missing(self, path: Path) -> bool:
        """Whether nothing is there, by all accounts."""
        with pytest.raises(VfsError):
            await self.provider.stat(path)
        return path.name not in await self.names(path.parent)

    async def sample(self) -> None:
        """Some files and folders where they can be made; else what is there has to do."""
        if Cap.WRITE not in self.caps:
            return
        for stem in ("a", "b", "ä"):
            await self.put(self.file(stem), f"the text of {stem}")
        if Cap.EDIT in self.caps:
            for name in ("inner", "inner/deep", "zone"):
                await self.mkdir(self.base.join(Path.parse(name)))
            await self.put(self.file("c", self.folder("inner").child("deep")), "deep text")
            await self.put(self.file("d", self.folder("inner")), "inner text")
            await self.put(self.file("e", self.folder("zone")), "zone text")

    async def some_file(self) -> Path:
        """A file, made where that is possible. Skips the test where there is none."""
        if Cap.WRITE in self.caps:
            path = self.file("some")
            await self.put(path)
            return path
        for path, node in await self.below(self.base):
            if not node.is_folder:
                return path
        pytest.skip("the provider holds no file")


async def given(*blocks: bytes) -> AsyncIterator[bytes]:
    """A content."""
    for block in blocks:
        yield block


async def broken(error: BaseException, *blocks: bytes) -> AsyncIterator[bytes]:
    """A content that fails on the way."""
    for block in blocks:
        yield block
    raise error


def contract(
    needs: Cap = NOTHING,
) -> Callable[[Callable[[S, Ground], Awaitable[None]]], Callable[[S, pathlib.Path], None]]:
    """Makes a test of a coroutine that takes a `Ground`; skipped without the abilities that it needs."""

    def wrap(body: Callable[[S, Ground], Awaitable[None]]) -> Callable[[S, pathlib.Path], None]:
        def test(self: S, tmp_path: pathlib.Path) -> None:
            ground = Ground(self.provider(tmp_path), self)

            async def whole() -> None:
                try:
                    if needs in ground.caps:
                        await ground.prepare()
                        await body(self, ground)
                finally:
                    await ground.provider.aclose()

            drive(whole())
            if needs not in ground.caps:
                pytest.skip(f"the provider has no {needs & ~ground.caps}")

        test.__name__ = getattr(body, "__name__", "test")
        test.__doc__ = body.__doc__
        return test

    return wrap


REPLACE, CREATE, APPEND = Mode.REPLACE, Mode.CREATE, Mode.APPEND

"""Contents in a folder of this machine do what every object store must do."""

from __future__ import annotations

import os
import pathlib
import time
from collections.abc import Callable

import pytest

from providers.store.objects import LocalObjects
from tests.objectstores import ObjectStoreSuite
from vfs.drive import drive


class Folder:
    """LocalObjects in a folder."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.objects = LocalObjects(str(folder))

    def files(self) -> dict[bytes, pathlib.Path]:
        return {bytes.fromhex(file.parent.name + file.name): file for file in self.folder.glob("??/*")}

    def contents(self) -> dict[bytes, bytes]:
        return {digest: file.read_bytes() for digest, file in self.files().items()}

    def damage(self, digest: bytes, change: Callable[[bytes], bytes | None]) -> None:
        changed = change(self.files()[digest].read_bytes())
        assert changed is not None
        self.files()[digest].write_bytes(changed)

    def age(self, seconds: float) -> None:
        moment = time.time() - seconds
        for file in self.folder.rglob("*"):
            os.utime(file, (moment, moment))

    def unfinished(self) -> int:
        return len(list(self.folder.glob("part-*")))

    def leave(self) -> None:
        async def go() -> None:
            upload = await self.objects.begin()
            await upload.write(b"a part of a killed write")

        drive(go())


class TestLocalObjects(ObjectStoreSuite):
    @pytest.fixture
    def place(self, tmp_path: pathlib.Path) -> Folder:
        return Folder(tmp_path / "objects")

from __future__ import annotations

import pathlib

from providers.mirror.memory import MemoryRemote, MemoryService
from providers.mirror.mirror import Mirror
from providers.mirror.settings import MirrorSettings
from providers.spec import Reach
from tests.engines import BOTH, new_user_store
from vfs.testing import ProviderSuite
from vfs.testing.model import ModelSuite

ENGINES = BOTH


def _mirror(folder: pathlib.Path) -> Mirror:
    """Of a service that takes everything, so that the whole contract can be asked of it."""
    service = MemoryService()
    settings = MirrorSettings(
        "ada@example.org",
        settable=frozenset({"title"}),
        replaces=frozenset({""}),
        arranges=True,
        reach=lambda: Reach.BACKGROUND,
    )
    return Closing(new_user_store(folder), "mail", lambda: MemoryRemote(service), settings)


class Closing(Mirror):
    """A mirror that closes its store, which nobody else has here."""

    async def aclose(self) -> None:
        await super().aclose()
        await self.store.aclose()


class TestMirror(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> Mirror:
        return _mirror(folder)


class TestMirrorAgainstTheModel(ModelSuite):
    ENGINES = ("sqlite",)

    def provider(self, folder: pathlib.Path) -> Mirror:
        return _mirror(folder)

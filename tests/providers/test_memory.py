import pathlib

from providers.memory import Memory
from vfs.testing import ProviderSuite
from vfs.testing.model import ModelSuite


class TestMemory(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> Memory:
        return Memory()


class TestMemoryAgainstTheModel(ModelSuite):
    def provider(self, folder: pathlib.Path) -> Memory:
        return Memory()

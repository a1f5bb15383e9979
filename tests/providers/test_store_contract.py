"""Every collection of the store keeps the contract of a provider."""

import pathlib

from providers.store.provider import StoreProvider
from tests.store.desk import files, make_store, notes, tasks
from vfs.testing import ProviderSuite
from vfs.testing.model import ModelSuite


class TestFiles(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> StoreProvider:
        return files(make_store(folder))


class TestNotes(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> StoreProvider:
        return notes(make_store(folder))


class TestTasks(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> StoreProvider:
        return tasks(make_store(folder))


class TestFilesAgainstTheModel(ModelSuite):
    def provider(self, folder: pathlib.Path) -> StoreProvider:
        return files(make_store(folder))

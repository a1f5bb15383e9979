"""Every collection of the store keeps the contract of a provider."""

import pathlib

from providers.store.provider import StoreProvider
from tests.engines import BOTH, new_user_store
from tests.store.desk import files, notes, tasks
from vfs.testing import ProviderSuite
from vfs.testing.model import ModelSuite

ENGINES = BOTH


class TestFiles(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> StoreProvider:
        return files(new_user_store(folder))


class TestNotes(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> StoreProvider:
        return notes(new_user_store(folder))


class TestTasks(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> StoreProvider:
        return tasks(new_user_store(folder))


class TestFilesAgainstTheModel(ModelSuite):
    def provider(self, folder: pathlib.Path) -> StoreProvider:
        return files(new_user_store(folder))

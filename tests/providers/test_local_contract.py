import pathlib

from providers.local import Local
from vfs.testing import ProviderSuite
from vfs.testing.model import ModelSuite


class TestLocal(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> Local:
        return Local(str(folder))


class TestLocalAgainstTheModel(ModelSuite):
    def provider(self, folder: pathlib.Path) -> Local:
        return Local(str(folder))

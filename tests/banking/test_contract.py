"""A ledger keeps the contract of a provider: its files are files."""

import pathlib

from providers.banking.provider import Ledger
from providers.banking.trade import Money
from tests.engines import new_user_store
from vfs.testing import ProviderSuite


class TestLedger(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> Ledger:
        return Ledger(new_user_store(folder), "banking", Money())

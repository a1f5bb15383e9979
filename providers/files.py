"""`/files`: any bytes, in folders."""

from __future__ import annotations

from collections.abc import Mapping

from providers.mime import mime_of
from providers.spec import Opening, Option, ProviderSpec
from providers.store.provider import StoreProvider
from providers.store.trade import Described, Trade
from vfs.node import Value
from vfs.path import Path


class Bytes(Trade):
    """A file is what its name says."""

    def describe(self, path: Path, head: bytes) -> Described:
        return Described(mime_of(path.name), _NONE)


_NONE: Mapping[str, Value] = {}

COLLECTION = Option("collection", "the collection of the store that is shown", default="files")


def _open(opening: Opening) -> StoreProvider:
    return StoreProvider(opening.store(), opening.options.get("collection", "files"), Bytes())


PROVIDER = ProviderSpec("files", "any files, kept in the workspace's own store", _open, (COLLECTION,))

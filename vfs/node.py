"""Kind, Value, Node: what an entry of the tree is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

type_of_value = (str, int, float, bool, datetime, date, Decimal, type(None), tuple)
Value = str | int | float | bool | datetime | date | Decimal | None | tuple["Value", ...]
"""What an attribute or a record's field may be. Amounts of money are Decimal, never float."""

NO_ATTRS: Mapping[str, Value] = MappingProxyType({})


class Later(Mapping[str, Value]):
    """Attributes that are put together when somebody looks at them.

    What `Mapping` makes of single look-ups asks the whole at once: lists of thousands are shown.
    """

    __slots__ = ("_read",)
    _read: dict[str, Value] | None

    @abstractmethod
    def _made(self) -> dict[str, Value]:
        """All of them; asked for once."""

    def _values(self) -> dict[str, Value]:
        if self._read is None:
            self._read = self._made()
        return self._read

    def __getitem__(self, key: str) -> Value:
        return self._values()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def __contains__(self, key: object) -> bool:
        return key in self._values()

    def keys(self) -> KeysView[str]:
        return self._values().keys()

    def values(self) -> ValuesView[Value]:
        return self._values().values()

    def items(self) -> ItemsView[str, Value]:
        return self._values().items()

    def __repr__(self) -> str:
        return repr(self._values())


class Kind(Enum):
    """What an entry can be."""

    FILE = "file"
    FOLDER = "folder"


class Node(NamedTuple):
    """One entry as its folder lists it. None means that the provider did not say, never zero."""

    name: str
    kind: Kind
    size: int | None = None
    """Bytes that reading yields, or None; a size from elsewhere goes in `attrs`."""
    mtime: datetime | None = None
    """Time-zone aware."""
    etag: str | None = None
    """Changes whenever the content does."""
    mime: str | None = None
    id: str | None = None
    """The service's own key."""
    attrs: Mapping[str, Value] = NO_ATTRS

    @property
    def is_folder(self) -> bool:
        return self.kind is Kind.FOLDER

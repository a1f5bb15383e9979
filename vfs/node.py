"""Kind, Value, Node: what an entry of the tree is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

type_of_value = (str, int, float, bool, datetime, date, Decimal, type(None), tuple)
Value = str | int | float | bool | datetime | date | Decimal | None | tuple["Value", ...]
"""What an attribute or a record's field may be. Amounts of money are Decimal, never float."""

NO_ATTRS: Mapping[str, Value] = MappingProxyType({})


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

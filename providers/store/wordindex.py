"""WordIndex: what a store's engine offers for search, and what passes between it and the store.

The index proposes, `vfs.match` decides: what it names may be too much, never too little. A document is
known by the number of its node; a collection is a range of numbers, so that searching one is a range.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from providers.store.rows import NodeRow
    from providers.store.store import Connection
    from vfs.query import Query, Term


class Document(NamedTuple):
    """What the index is to hold of a file."""

    seq: int
    name: str
    title: str
    """Its name, and the title in its attributes."""
    text: str


class Place(NamedTuple):
    """Where to look: a user's collection, at or below a folder ("" for all of it)."""

    user: str
    mount: str
    folder: str


class Span(NamedTuple):
    """A range of numbers, the last one left out."""

    first: int
    last: int


class Candidates(NamedTuple):
    """The newest files that hold the words: those that score best, first, and how many there are."""

    best: Sequence[tuple[int, float]]
    total: int
    oldest: int
    cut: bool
    """Whether older ones hold the words, too."""
    partial: bool
    """Whether some file of the collection is not searchable to its end."""


class WordIndex(Protocol):
    """An engine's index. Every call is part of the transaction under way."""

    def put(
        self,
        connection: Connection,
        user: str,
        documents: Sequence[Document],
        replaced: Sequence[NodeRow] = (),
    ) -> None:
        """Takes the files `replaced` out of the index, as they stood in their rows, and puts documents in."""
        ...

    def take(self, connection: Connection, user: str, files: Sequence[NodeRow]) -> None:
        """Takes files out of the index, as they stand in their rows. All must be indexed."""
        ...

    def purge(self, connection: Connection, user: str, files: Sequence[NodeRow]) -> None:
        """`take`, so that nothing of what is deleted in this transaction stays readable in the database."""
        ...

    def rename(self, connection: Connection, user: str, renamed: Sequence[tuple[NodeRow, NodeRow]]) -> None:
        """Indexed files (before, after), in order: another name or other attributes, the same content."""
        ...

    def clear(self, connection: Connection, user: str) -> None:
        """Empties the index."""
        ...

    def check(self, connection: Connection, user: str) -> list[str]:
        """What disagrees between index and data, as sentences; empty when all is well."""
        ...

    def knows(self, query: Query) -> bool:
        """Whether the index can tell where all that must stand in the text does; else only a scan can."""
        ...

    def candidates(
        self,
        connection: Connection,
        place: Place,
        query: Query,
        before: int | None,
        wanted: int,
        best: int | None,
    ) -> Candidates:
        """The newest `wanted` files that hold the words, of which the `best` are named, or all for None.

        Only files whose number is below `before`. The index must know the query.
        """
        ...

    def spelt(self, connection: Connection, user: str, term: Term, span: Span) -> set[int] | None:
        """Files in whose text a term may stand; None when the index knows nothing of what it holds."""
        ...

    def named(self, connection: Connection, user: str, part: str, span: Span) -> set[int] | None:
        """Files whose folded name holds `part`; None when the index does not know."""
        ...

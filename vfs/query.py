"""Query: what is searched for, the same for every index and for a plain scan.

The syntax: words (all must match), `"a phrase"`, `-not`, `prefix*`, and attribute terms
`from:ada`, `after:2024-01-01`, `tag:home`, `path:reports`. Everything else is literal text.
"""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """A word, phrase or prefix that must, or must not, stand in the text."""

    text: str
    phrase: bool = False
    prefix: bool = False
    negated: bool = False


class Attribute(NamedTuple):
    """A condition on an attribute: `key:value`."""

    key: str
    value: str
    negated: bool = False


class Query(NamedTuple):
    """A conjunction. `text` is what the person typed."""

    text: str
    terms: tuple[Term, ...] = ()
    attributes: tuple[Attribute, ...] = ()

"""Shelf: whose calendars a mount shows."""

from typing import NamedTuple


class Shelf(NamedTuple):
    """A collection of a user, what a person calls the account, and the person's own addresses."""

    user: str
    mount: str
    account: str = ""
    mine: tuple[str, ...] = ()
    """In lower case."""

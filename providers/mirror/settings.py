"""MirrorSettings: how one account is kept here, as its mount says; and what else a mount may show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from providers.spec import Option, Reach, always_wait
from vfs.errors import BadName

AHEAD, DEMAND = "ahead", "demand"


class Entry(NamedTuple):
    """A file within an item."""

    name: str
    mime: str | None
    size: int | None


class Extra(Protocol):
    """Files within items, such as the attachments of a mail: in an unlisted folder beside the items."""

    folder: str
    """What the unlisted folder is called: `.attachments`."""
    count: str
    """The attribute that says how many an item has."""

    def entries(self, content: bytes) -> Sequence[tuple[str, str | None, int | None]]:
        """Name, kind and size of each, as `content` has them. Names are clean, no two alike."""
        ...

    def content(self, message: bytes, name: str) -> bytes:
        """One of them. Raises NotFound."""
        ...


class MirrorSettings(NamedTuple):
    """How an account is kept here."""

    title: str
    """What a person calls it: an address."""
    max_age: float = 600.0
    """Seconds after which what is here counts as old."""
    wait: float = 3.0
    """Seconds that a read waits for news."""
    bodies: str = AHEAD
    """`ahead`: contents are fetched by each sync; `demand`: when somebody reads them."""
    largest: int = 32 * 1024 * 1024
    """Bytes up to which a content is fetched ahead."""
    settable: frozenset[str] = frozenset()
    """Attributes that can be set."""
    replaces: frozenset[str] = frozenset()
    """Roles of collections whose items' contents can be replaced; elsewhere items are only added."""
    sure: bool = False
    """Whether what has the same identity surely has the same content, so that it is fetched once."""
    fixed: bool = True
    """Whether an item's content stays as it is for as long as it has its name (a mail's does)."""
    arranges: bool = False
    """Whether folders can be made, renamed and removed here (the remote `Arranges`)."""
    here: frozenset[str] = frozenset()
    """Names at the top that are kept here alone, as those are that begin with a dot."""
    makes_trash: bool = False
    """Whether an account without a folder for what is removed gets one from the first removal."""
    emptied: int = 50
    """Items of a collection that may all go at the service without a question; never more than 50."""
    reach: Callable[[], Reach] = always_wait
    extra: Extra | None = None


OPTIONS = (
    Option(
        "max_age", "how old what is here may be before a read looks for news: 90s, 10m, 2h", default="10m"
    ),
    Option("bodies", "fetch contents `ahead`, by each sync, or on `demand`", default=AHEAD),
)
"""Options that every mirror's mount has."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds_of(text: str) -> float:
    """The seconds that an option such as `10m` stands for. Raises BadName."""
    number, unit = (text[:-1], text[-1:]) if text[-1:] in _UNITS else (text, "s")
    if not number.isdecimal():
        raise BadName(None, f"{text!r} is no duration", hint="such as 90s, 10m, 2h or 1d")
    return float(int(number) * _UNITS[unit])


def bodies_of(text: str) -> str:
    """The option `bodies`. Raises BadName."""
    if text not in (AHEAD, DEMAND):
        raise BadName(None, f"bodies is {AHEAD} or {DEMAND}, not {text!r}")
    return text

"""Secret: a key that does not show itself, and its removal from what others say."""

from __future__ import annotations

import resource
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

_HIDDEN = "[secret]"


class Secret:
    """A key that does not show itself: `str`, `repr` and formatting give `[secret]`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        _write_no_core()
        self._text = text

    def reveal(self) -> str:
        """The key itself, for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return _HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a secret is not to be stored")


def _write_no_core() -> None:
    """A program that has held a secret leaves no image of its memory when it crashes."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def redact(text: str, secrets: Iterable[Secret | None]) -> str:
    """`text` without the secrets, whole or as the first or last 8 characters that servers like to quote."""
    for secret in secrets:
        plain = secret.reveal() if secret is not None else ""
        if plain:
            text = text.replace(plain, _HIDDEN)
        if len(plain) >= 20:
            text = text.replace(plain[:8], _HIDDEN).replace(plain[-8:], _HIDDEN)
    return text

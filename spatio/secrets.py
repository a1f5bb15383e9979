"""Secrets: keys from the environment or the system's keyring, and nowhere else.

A key never stands in the config, a log, an error or an agent's context: it travels as a `Secret`,
whose text shows only to `reveal()`, and `redact` takes it out of what a server sends back.

The keyring is asked on a thread of its own, for at most WAIT seconds, and only when its back end is
a real one (priority 1 or more) that opens no prompt: a locked or absent keyring costs a short wait
and answers None, never a dialog and never a plain file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

from vfs.errors import Unavailable

SERVICE = "spatio"
WAIT = 2.0
_PROMPTING = ("keyrings.alt", "keyrings.cryptfile", "keyring.backends.fail", "keyring.backends.null")
_HIDDEN = "[secret]"

T = TypeVar("T")


class Secret:
    """A key that does not show itself: `str`, `repr` and formatting give `[secret]`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
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


class Lies(NamedTuple):
    """A secret and where it was found."""

    secret: Secret
    place: str
    """`environment` or `keyring`."""


def find_secret(name: str, variable: str, env: Mapping[str, str]) -> Lies | None:
    """The key called `name`: the environment's `variable` if that is set, else the keyring's. Blocks."""
    text = env.get(variable, "").strip() if variable else ""
    if text:
        return Lies(Secret(text), "environment")
    kept = kept_secret(name)
    return Lies(Secret(kept), "keyring") if kept else None


def kept_secret(name: str) -> str | None:
    """What the keyring holds under `name`; None where it holds nothing, or there is none. Blocks."""
    return _within(lambda: _read(name))


def keep_secret(name: str, secret: Secret, wait: float = 0) -> None:
    """Puts a key into the keyring. Raises Unavailable where there is none that can be trusted. Blocks,
    up to `wait` seconds for somebody who unlocks it."""

    def put() -> bool:
        backend = _backend()
        if backend is not None:
            backend.set_password(SERVICE, name, secret.reveal())
        return backend is not None

    if not _within(put, wait):
        raise Unavailable(
            None,
            "there is no system keyring, so nothing was written",
            hint="set it in the environment instead: OPENAI_API_KEY, PGPASSWORD, AWS_SECRET_ACCESS_KEY …",
        )


def drop_secret(name: str) -> bool:
    """Takes a key out of the keyring; False when it holds none of this name. Blocks."""

    def take() -> bool:
        backend = _backend()
        if backend is None or backend.get_password(SERVICE, name) is None:
            return False
        backend.delete_password(SERVICE, name)
        return True

    return _within(take) is True


def keyring_name() -> str | None:
    """What keeps secrets on this machine, such as `SecretService`; None where nothing does. Blocks."""
    return _within(
        lambda: None if (found := _backend()) is None else type(found).__module__.rpartition(".")[2]
    )


def redact(text: str, secrets: Iterable[Secret | None]) -> str:
    """`text` without the secrets, whole or as the first or last 8 characters that servers like to quote."""
    for secret in secrets:
        plain = secret.reveal() if secret is not None else ""
        if plain:
            text = text.replace(plain, _HIDDEN)
        if len(plain) >= 20:
            text = text.replace(plain[:8], _HIDDEN).replace(plain[-8:], _HIDDEN)
    return text


def _within(call: Callable[[], T], wait: float = 0) -> T | None:
    """The result of `call()`, or None when it fails or takes longer than WAIT, or `wait` if that is more."""
    results: list[T] = []

    def ask() -> None:
        try:
            results.append(call())
        except Exception:
            # A back end may raise anything; each of them means the same: no answer.
            return

    thread = threading.Thread(target=ask, name="keyring", daemon=True)
    thread.start()
    thread.join(max(WAIT, wait))
    return results[0] if results else None


def _read(name: str) -> str | None:
    backend = _backend()
    found: str | None = backend.get_password(SERVICE, name) if backend is not None else None
    return found


def _backend() -> Any:
    chosen = import_module("keyring").get_keyring()
    for backend in getattr(chosen, "backends", [chosen]):
        if backend.priority >= 1 and not type(backend).__module__.startswith(_PROMPTING):
            return backend
    return None

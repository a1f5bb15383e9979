"""The system's keyring: asked on a thread of its own, for at most WAIT seconds, and only when its back
end is a real one (priority 1 or more) that opens no prompt. A locked or absent keyring costs a short
wait and answers None, never a dialog and never a plain file.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from spatio.secrets.secret import Secret

SERVICE = "spatio"
WAIT = 2.0
_PROMPTING = ("keyrings.alt", "keyrings.cryptfile", "keyring.backends.fail", "keyring.backends.null")

T = TypeVar("T")


def read(name: str) -> str | None:
    """What the keyring holds under `name`; None where it holds nothing, or there is none. Blocks."""
    return _within(lambda: _read(name))


def write(name: str, secret: Secret, wait: float = 0) -> bool:
    """Puts a secret into the keyring; False where there is none that can be trusted. Blocks, up to `wait`
    seconds for somebody who unlocks it."""

    def put() -> bool:
        backend = _backend()
        if backend is not None:
            backend.set_password(SERVICE, name, secret.reveal())
        return backend is not None

    return _within(put, wait) is True


def drop(name: str) -> bool:
    """Takes a secret out of the keyring; False when it holds none of this name. Blocks."""

    def take() -> bool:
        backend = _backend()
        if backend is None or backend.get_password(SERVICE, name) is None:
            return False
        backend.delete_password(SERVICE, name)
        return True

    return _within(take) is True


def ring_name() -> str | None:
    """What keeps secrets on this machine, such as `SecretService`; None where nothing does. Blocks."""
    return _within(
        lambda: None if (found := _backend()) is None else type(found).__module__.rpartition(".")[2]
    )


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
    if sys.platform != "darwin":
        # Looking for Apple's libraries starts compilers, for seconds; its back end does without them.
        sys.modules.setdefault("keyring.backends.macOS.api", None)  # type: ignore[arg-type]
    chosen = import_module("keyring").get_keyring()
    for backend in getattr(chosen, "backends", [chosen]):
        if backend.priority >= 1 and not type(backend).__module__.startswith(_PROMPTING):
            return backend
    return None

"""Sealed: secrets in one file of this machine, each encrypted with AES-256-GCM under the file's own key.

The file's key is random and lies in the file, wrapped under a key made of a passphrase (scrypt) or of a
key file elsewhere (HKDF). Names are readable, values are not; a value is bound to its name, so that none
can be passed off as another's. Every change replaces the file in one step, under a lock; it never
needs the key to remove an entry.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from spatio.paths import write_private
from spatio.secrets.alone import alone
from vfs.errors import Conflict, Corrupt, Exists, LoginNeeded, Unavailable

FORMAT = "spatio secrets 1"
PASSPHRASE, KEY_FILE = "passphrase", "key file"
COST = 2**17
"""scrypt's N: 128 MiB and a third of a second for each guess."""
MOST_COST = 2**20
LARGEST = 4 * 1024 * 1024
_BLOCKS = 8
_NONCE = 12
_SALT = 16


class Lock(NamedTuple):
    """What opens a sealed file: the bytes of a passphrase, or of a key file."""

    kind: str
    material: bytes


class WrongKey(LoginNeeded):
    """The passphrase, or the key file, is not this file's."""

    default = "this is not the passphrase or key of the file"


class Sealed:
    """The file at `path`, whether it is there or not. All calls block."""

    def __init__(self, path: str) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        return os.path.exists(self.path)

    def kind(self) -> str:
        """What opens it: PASSPHRASE or KEY_FILE. Raises Corrupt, Unavailable."""
        return str(self._load()["lock"]["kind"])

    def names(self) -> Sequence[str]:
        """The names of what it holds. Raises Corrupt, Unavailable."""
        return sorted(self._load()["secrets"]) if self.exists else []

    def found(self, lock: Lock) -> bytes:
        """Makes the file, with nothing in it; returns its key. Raises Exists, Unavailable."""
        key = os.urandom(32)
        with self._alone():
            if self.exists:
                raise Exists(self.path)
            proof = _sealed(key, b"", _about("proof"))
            self._save({"format": FORMAT, "lock": _wrapped(key, lock), "proof": proof, "secrets": {}})
        return key

    def unlock(self, lock: Lock) -> bytes:
        """The file's key. Raises WrongKey, Corrupt, Unavailable."""
        header = self._load()["lock"]
        if header["kind"] != lock.kind:
            raise WrongKey(self.path, f"this file is under a {header['kind']}, not under a {lock.kind}")
        key = _opened(_derived(header, lock), header, _about("key"))
        if key is None:
            raise WrongKey(self.path, f"the {lock.kind} is not this file's; nothing was changed")
        return key

    def fits(self, key: bytes) -> bool:
        """Whether a key is this file's, which may have been made anew. Raises Corrupt, Unavailable."""
        return _opened(key, self._load()["proof"], _about("proof")) is not None

    def relock(self, key: bytes, lock: Lock) -> None:
        """Another passphrase, or another key file, for what it holds. Raises Corrupt, Unavailable."""
        with self._alone():
            self._save({**self._load(), "lock": _wrapped(key, lock)})

    def read(self, name: str, key: bytes) -> str | None:
        """The secret of a name; None where it holds none. Raises Corrupt, Unavailable."""
        entry = self._load()["secrets"].get(name) if self.exists else None
        if entry is None:
            return None
        text = _opened(key, entry, _about("secret", name))
        if text is None:
            raise Corrupt(self.path, f"the secret {name} was changed, or belongs to another file")
        return text.decode()

    def write(self, name: str, text: str, key: bytes) -> None:
        """Keeps a secret, replacing the one of the same name. Raises Conflict, Corrupt, Unavailable."""
        with self._alone():
            kept = self._load()
            if _opened(key, kept["proof"], _about("proof")) is None:
                raise Conflict(self.path, "the file is another one than was unlocked; nothing was kept")
            sealed = _sealed(key, text.encode(), _about("secret", name))
            self._save({**kept, "secrets": {**kept["secrets"], name: sealed}})

    def drop(self, name: str) -> bool:
        """Takes a secret out; False where it holds none. Raises Corrupt, Unavailable."""
        if not self.exists or name not in self._load()["secrets"]:
            return False
        with self._alone():
            kept = self._load()
            left = {one: entry for one, entry in kept["secrets"].items() if one != name}
            self._save({**kept, "secrets": left})
        return True

    def _alone(self) -> Any:
        return alone(f"{self.path}.lock", "the file of secrets")

    def _load(self) -> dict[str, Any]:
        try:
            with open(self.path, "rb") as file:
                kept: Any = json.loads(file.read(LARGEST))
            if kept["format"] != FORMAT or not isinstance(kept["secrets"], dict):
                raise ValueError
            if not isinstance(kept["proof"], dict) or kept["lock"]["kind"] not in (PASSPHRASE, KEY_FILE):
                raise ValueError
        except OSError as error:
            raise Unavailable(self.path, str(error.strerror).lower()) from error
        except (ValueError, KeyError, TypeError) as error:
            hint = "go back to a copy of it, or remove it and log in again"
            raise Corrupt(self.path, "not a file of secrets, or a damaged one", hint=hint) from error
        whole: dict[str, Any] = kept
        return whole

    def _save(self, kept: dict[str, Any]) -> None:
        try:
            write_private(self.path, json.dumps(kept, indent=1, sort_keys=True) + "\n")
            folder = os.open(os.path.dirname(self.path), os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise Unavailable(self.path, f"cannot be written: {str(error.strerror).lower()}") from error


def _about(*words: str) -> bytes:
    return "\0".join((FORMAT, *words)).encode()


def _cipher(key: bytes) -> Any:
    return import_module("cryptography.hazmat.primitives.ciphers.aead").AESGCM(key)


def _sealed(key: bytes, data: bytes, about: bytes) -> dict[str, Any]:
    nonce = os.urandom(_NONCE)
    return {"nonce": _text(nonce), "data": _text(_cipher(key).encrypt(nonce, data, about))}


def _opened(key: bytes, entry: Any, about: bytes) -> bytes | None:
    """What is in an entry; None where the key, or what it is about, is not the one it was sealed with."""
    invalid: Callable[..., Exception] = import_module("cryptography.exceptions").InvalidTag
    try:
        data: bytes = _cipher(key).decrypt(_bytes(entry["nonce"]), _bytes(entry["data"]), about)
    except (invalid, ValueError, KeyError, TypeError):  # type: ignore[misc]
        return None
    return data


def _wrapped(key: bytes, lock: Lock) -> dict[str, Any]:
    header: dict[str, Any] = {"kind": lock.kind, "salt": _text(os.urandom(_SALT))}
    if lock.kind == PASSPHRASE:
        header["cost"] = COST
    return {**header, **_sealed(_derived(header, lock), key, _about("key"))}


def _derived(header: dict[str, Any], lock: Lock) -> bytes:
    """The key that a passphrase or a key file makes. Raises Corrupt."""
    try:
        salt = _bytes(header["salt"])
        if lock.kind == PASSPHRASE:
            cost = header["cost"]
            if type(cost) is not int or not 2 <= cost <= MOST_COST or cost & (cost - 1):
                raise ValueError
            module = import_module("cryptography.hazmat.primitives.kdf.scrypt")
            stretched: bytes = module.Scrypt(salt=salt, length=32, n=cost, r=_BLOCKS, p=1).derive(
                lock.material
            )
            return stretched
    except (ValueError, KeyError, TypeError) as error:
        raise Corrupt(None, "not a file of secrets, or a damaged one") from error
    hashes = import_module("cryptography.hazmat.primitives.hashes")
    hkdf = import_module("cryptography.hazmat.primitives.kdf.hkdf").HKDF
    spread: bytes = hkdf(algorithm=hashes.SHA256(), length=32, salt=salt, info=_about("key file")).derive(
        lock.material
    )
    return spread


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return b64decode(text, validate=True)

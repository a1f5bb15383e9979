"""Vault: a workspace's secrets, wherever they lie.

In this order: the environment (a variable that the caller names, else `SPATIO_SECRET_` and the name in
capitals, what is neither letter nor digit being `_`), the sealed file where the person has chosen one, the
system's keyring. What is kept goes to the file where there is one, else to the keyring; where there is
neither, nothing is written.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from importlib import import_module
from typing import Any, NamedTuple

from spatio.paths import Places
from spatio.secrets import ring
from spatio.secrets.alone import alone
from spatio.secrets.secret import Secret
from vfs.errors import Unavailable, VfsError

RENEWING = 60.0
"""Seconds that another program may take to renew a token."""
PREFIX = "SPATIO_SECRET_"
OLD = "SPATIO_OLD_"
NOWHERE = (
    "choose a file under a passphrase: spatio key --file NAME; or a key file elsewhere: SPATIO_KEY_FILE=FILE"
)


class Lies(NamedTuple):
    """A secret and where it was found."""

    secret: Secret
    place: str
    """`environment`, `file` or `keyring`."""


def variable_of(name: str) -> str:
    """The variable for a secret: of `imap:ada@example.org` it is SPATIO_SECRET_IMAP_ADA_EXAMPLE_ORG."""
    return PREFIX + re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")


class Vault:
    """The secrets of the workspace in `where`. Nothing is opened by naming it; all calls block."""

    def __init__(self, where: Places, env: Mapping[str, str] = os.environ, *, asks: bool = True) -> None:
        """Without `asks` it uses the file once that is unlocked, and never asks for its passphrase."""
        self.where = where
        self._env = env
        self._asks = asks

    @property
    def quiet(self) -> Vault:
        """The same secrets, for what must not hold up a person with a question."""
        return Vault(self.where, self._env, asks=False)

    @property
    def file(self) -> str:
        """Where the sealed file lies, or would."""
        return self.where.secrets_file

    def find(self, name: str, variable: str = "", env: Mapping[str, str] | None = None) -> Lies | None:
        """The secret called `name`; the environment's `variable` goes before all.

        Raises LoginNeeded when the file that holds it cannot be unlocked, Corrupt.
        """
        text = self._in_environment(name, variable, env)
        if text:
            return Lies(Secret(text), "environment")
        if name in self._sealed_names():
            opening = import_module("spatio.secrets.opening")
            sealed = self._sealed()
            kept = sealed.read(name, opening.key_of(sealed, self.where, self._env, ask=self._asks))
            if kept is not None:
                return Lies(Secret(kept), "file")
        kept = ring.read(name)
        return Lies(Secret(kept), "keyring") if kept else None

    def knows(self, name: str, variable: str = "", env: Mapping[str, str] | None = None) -> Lies | None:
        """As `find`, but asks for no passphrase: of what lies in the file, the secret is empty."""
        text = self._in_environment(name, variable, env)
        if text:
            return Lies(Secret(text), "environment")
        with suppress(VfsError):
            if name in self._sealed_names():
                return Lies(Secret(""), "file")
        kept = ring.read(name)
        return Lies(Secret(kept), "keyring") if kept else None

    def read(self, name: str) -> str | None:
        """The secret's text; None where there is none. Raises LoginNeeded, Corrupt."""
        lies = self.find(name)
        return None if lies is None else lies.secret.reveal()

    def keep(self, name: str, secret: Secret, *, wait: float = 0, ask: bool = False) -> str:
        """Keeps a secret; returns `file` or `keyring`. With `ask`, a file is made under a new passphrase.

        Raises Unavailable, and writes nothing, where nothing was chosen and there is no keyring.
        """
        if self.choose_file(ask=ask):
            sealed = self._sealed()
            key = import_module("spatio.secrets.opening").key_of(
                sealed, self.where, self._env, ask=self._asks
            )
            sealed.write(name, secret.reveal(), key)
            return "file"
        if not ring.write(name, secret, wait):
            raise Unavailable(None, "there is no system keyring, so nothing was written", hint=NOWHERE)
        return "keyring"

    def choose_file(self, *, ask: bool = False) -> bool:
        """Whether secrets go to the sealed file, which is made when a variable (or, with `ask`, a person)
        chooses it. Raises LoginNeeded, Refused."""
        if os.path.exists(self.file):
            return True
        if not ask and not (self._env.get("SPATIO_KEY_FILE") or self._env.get("SPATIO_PASSPHRASE_FILE")):
            return False
        made: bool = import_module("spatio.secrets.opening").found(
            self._sealed(), self.where, self._env, ask=ask
        )
        return made

    def unlock(self) -> None:
        """Opens the sealed file, where there is one. Raises LoginNeeded, Refused, Corrupt."""
        if os.path.exists(self.file):
            import_module("spatio.secrets.opening").key_of(
                self._sealed(), self.where, self._env, ask=self._asks
            )

    def relock(self) -> str:
        """Another passphrase or key file for the sealed file; what it is under then.

        With `SPATIO_OLD_KEY_FILE` or `SPATIO_OLD_PASSPHRASE_FILE` naming what opens it so far; a passphrase
        is asked for where neither is set. Raises LoginNeeded, Refused, Corrupt.
        """
        opening = import_module("spatio.secrets.opening")
        old = {name[:7] + name[11:]: value for name, value in self._env.items() if name.startswith(OLD)}
        sealed = self._sealed()
        key = opening.key_of(sealed, self.where, old, ask=True)
        lock = opening.chosen_lock(self.where, self._env) or opening.new_lock()
        sealed.relock(key, lock)
        return str(lock.kind)

    def can_keep(self) -> bool:
        """Whether `keep` has somewhere to put a secret, nobody being asked."""
        if os.path.exists(self.file) or ring.ring_name() is not None:
            return True
        return bool(self._env.get("SPATIO_KEY_FILE") or self._env.get("SPATIO_PASSPHRASE_FILE"))

    def drop(self, name: str) -> bool:
        """Takes a secret out of wherever it lies; False where it lies nowhere, or in the environment."""
        in_file = name in self._sealed_names() and self._sealed().drop(name)
        return ring.drop(name) or in_file

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Inside, no other program of this workspace is inside for the same name. Raises Unavailable."""
        mark = hashlib.sha256(name.encode()).hexdigest()[:16]
        return alone(os.path.join(self.where.data, "locks", mark), "this login", RENEWING)

    def keep_text(self, name: str, text: str) -> None:
        """`keep` for providers. What the environment holds is not kept elsewhere, too."""
        if not self._in_environment(name, "", None):
            self.keep(name, Secret(text))

    def place(self) -> str:
        """Where secrets lie, for a person."""
        given = [name for name in self._env if name.startswith(PREFIX)]
        beside = f"; {len(given)} in the environment" if given else ""
        if os.path.exists(self.file):
            opening = import_module("spatio.secrets.opening")
            sealed = self._sealed()
            try:
                kind = sealed.kind()
            except VfsError as error:
                return f"{self.file}: {error.reason}{beside}"
            state = "" if opening.is_unlocked(sealed) else ", locked until it is needed"
            return f"the encrypted file {self.file} (under a {kind}{state}){beside}"
        name = ring.ring_name()
        if name:
            return f"the system keyring ({name}){beside}"
        return f"the environment only: there is no keyring{beside}"

    def _in_environment(self, name: str, variable: str, env: Mapping[str, str] | None) -> str:
        known = self._env if env is None else env
        first = known.get(variable, "").strip() if variable else ""
        return first or known.get(variable_of(name), "")

    def _sealed(self) -> Any:
        return import_module("spatio.secrets.sealed").Sealed(self.file)

    def _sealed_names(self) -> tuple[str, ...]:
        """Names in the file; none, and nothing is loaded, where there is no file."""
        return tuple(self._sealed().names()) if os.path.exists(self.file) else ()

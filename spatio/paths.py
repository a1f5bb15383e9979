"""Where Spatio keeps its things on the host: config, data, cache; made private whatever the umask.

With `SPATIO_HOME` (or `--home DIR`) everything lies in that one folder. Else the XDG folders are
used: `$XDG_CONFIG_HOME/spatio`, `$XDG_DATA_HOME/spatio`, `$XDG_CACHE_HOME/spatio`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from vfs.errors import Unavailable


class Places(NamedTuple):
    """The host paths of one workspace. Nothing is created by naming them."""

    config: str
    data: str
    cache: str

    @property
    def config_file(self) -> str:
        return os.path.join(self.config, "config.toml")

    @property
    def database(self) -> str:
        return os.path.join(self.data, "spatio.db")

    @property
    def objects(self) -> str:
        return os.path.join(self.data, "objects")

    @property
    def history_file(self) -> str:
        """The lines typed at the prompt."""
        return os.path.join(self.data, "prompt-history")

    @property
    def secrets_file(self) -> str:
        """The encrypted file of secrets, where the person has chosen one."""
        return os.path.join(self.data, "secrets.sealed")

    @property
    def scratch(self) -> str:
        """What `/tmp` shows."""
        return os.path.join(self.cache, "tmp")


def _home_of_user(env: Mapping[str, str]) -> str:
    home = env.get("HOME") or os.path.expanduser("~")
    if not os.path.isabs(home):
        raise Unavailable(None, "there is no home folder to keep a workspace in", hint="set SPATIO_HOME=DIR")
    return home


def places(home: str | os.PathLike[str] | None = None, env: Mapping[str, str] | None = None) -> Places:
    """The places of the workspace in `home`, else the one that the environment names.

    Raises Unavailable when neither says anything and the user has no home folder.
    """
    env = os.environ if env is None else env
    chosen = os.fspath(home) if home is not None else env.get("SPATIO_HOME", "")
    if chosen:
        root = os.path.abspath(os.path.expanduser(chosen))
        return Places(root, os.path.join(root, "data"), os.path.join(root, "cache"))

    def folder(variable: str, *default: str) -> str:
        base = env.get(variable, "")
        if not os.path.isabs(base):
            base = os.path.join(_home_of_user(env), *default)
        return os.path.join(base, "spatio")

    return Places(
        folder("XDG_CONFIG_HOME", ".config"),
        folder("XDG_DATA_HOME", ".local", "share"),
        folder("XDG_CACHE_HOME", ".cache"),
    )


def make_private(folder: str) -> str:
    """Makes `folder` and what is missing above it, readable by its owner only; returns it.

    Raises OSError. A folder that exists already keeps the permissions that its owner gave it.
    """
    missing = []
    while folder and not os.path.isdir(folder):
        missing.append(folder)
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    for path in reversed(missing):
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            continue
        os.chmod(path, 0o700)
    return missing[0] if missing else folder


def write_private(path: str, text: str) -> None:
    """Replaces a small host file in one step, readable by its owner only. Raises OSError."""
    make_private(os.path.dirname(path))
    aside = f"{path}.{os.getpid()}.new"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise

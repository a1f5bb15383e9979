"""Config: what `config.toml` says, checked; a mistake names its line and the nearest key.

    [shell]
    host_commands = false              # `!CMD` in scripts

    [mounts."/photos"]
    provider = "local"                 # every further key is an option of that provider
    path = "/home/ada/Pictures"
    read_only = true
    trust = "outside"                  # its text is other people's

    [mounts."/tasks"]
    off = true                         # a mount that would be there by default

    [store]                            # where it all lies, if not in the workspace's own folder
    url = "postgresql://ada@db.example.org/spatio"
    direct = "postgresql://ada@db-1.example.org/spatio"    # the server itself, where url is a pooling proxy
    objects = "s3://bucket/prefix?region=eu-west-1"        # large contents; or a folder
    user = "me"                                            # whose part of the database

    [[endpoints]]                      # tried in this order
    name = "work"
    url = "https://models.example.com/v1"
    model = "large"

Secrets have no place in it (`spatio.secrets`).
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple

from commands.nearest import nearest
from spatio.paths import Places, make_private
from vfs.errors import VfsError
from vfs.mount import Trust
from vfs.path import Path


class ConfigError(VfsError):
    """The config cannot be used as it stands: exit status 2, with file and line."""

    status = 2
    default = "not usable"


class MountSetting(NamedTuple):
    """One `[mounts."/…"]` table."""

    path: Path
    provider: str
    options: Mapping[str, str]
    read_only: bool = False
    trust: Trust = "own"


class StoreSetting(NamedTuple):
    """The `[store]` table; "" where it says nothing. Checked to hold no password."""

    url: str = ""
    direct: str = ""
    objects: str = ""
    user: str = ""


class Config(NamedTuple):
    """All settings, defaults filled in."""

    mounts: tuple[MountSetting, ...]
    endpoints: tuple[Mapping[str, Any], ...] = ()
    """Checked for their keys here, for their sense by the agents."""
    host_commands: bool = False
    store: StoreSetting | None = None
    plan: Mapping[str, str] = MappingProxyType({})
    """How a person works, in the words of the file; the `plan` command checks their sense."""


OUTSIDE = ("caldav", "gmail", "google-calendar", "imap", "maildir", "plaid", "union")
"""Providers whose text is other people's, unless the config says otherwise."""

DEFAULT_MOUNTS = (
    MountSetting(Path(("agents",)), "agents", {}),
    MountSetting(Path(("agents", "runs")), "runs", {}, read_only=True),
    MountSetting(Path(("banking",)), "banking", {}, trust="outside"),
    MountSetting(Path(("calendar",)), "calendar", {}),
    MountSetting(Path(("files",)), "files", {}),
    MountSetting(Path(("notes",)), "notes", {}),
    MountSetting(Path(("outbox",)), "outbox", {}),
    MountSetting(Path(("sys",)), "sys", {}, read_only=True),
    MountSetting(Path(("tasks",)), "tasks", {}),
    MountSetting(Path(("tmp",)), "scratch", {}),
)
"""`/tmp` is a folder of the host inside the cache: it outlives a command and is not journalled."""

DEFAULT = Config(DEFAULT_MOUNTS)

_TOP = {"shell": dict, "store": dict, "mounts": dict, "endpoints": list, "plan": dict}
_SHELL = {"host_commands": bool}
_STORE = {"url": str, "direct": str, "objects": str, "user": str}
_PLAN = {
    "hours": str, "days": str, "peak": str, "lunch": str, "focus": str, "buffer": str, "pause": str,
    "longest": str,
    "shortest": str, "usual": str,
}  # fmt: skip
_MOUNT = {"provider": str, "read_only": bool, "trust": str, "off": bool}
_ENDPOINT = {
    "name": str, "url": str, "model": str, "key_env": str, "window": int, "timeout": float, "local": bool,
    "input_price": float, "output_price": float,
}  # fmt: skip
_SECRET = ("api_key", "apikey", "key", "password", "secret", "token")
_WORDS = {bool: "true or false", str: "text in quotes", int: "a whole number", float: "a number"}


def load_config(where: Places) -> Config:
    """The config of the workspace, the defaults where there is no file. Raises ConfigError."""
    raw = _read(where)
    return DEFAULT if raw is None else build(raw)


def _read(where: Places) -> dict[str, Any] | None:
    """The parsed file; by way of a copy that needs no TOML parser, made when the file changes."""
    try:
        facts = os.stat(where.config_file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(where.config_file, error.strerror) from error
    key = (sys.hexversion, where.config_file, facts.st_mtime_ns, facts.st_size, facts.st_ino)
    copy = os.path.join(where.cache, "config.marshal")
    try:
        with open(copy, "rb") as file:
            kept = marshal.loads(file.read())  # noqa: S302 (the user's own cache folder, like bytecode)
        if kept[0] == key:
            parsed: dict[str, Any] = kept[1]
            return parsed
    except (OSError, ValueError, EOFError, TypeError, IndexError):
        pass
    raw = import_module("spatio.configfile").parse(where.config_file)
    _keep(copy, (key, raw))
    checked: dict[str, Any] = raw
    return checked


def _keep(copy: str, value: tuple[Any, Any]) -> None:
    """Best effort: a read-only cache folder costs time, never the answer."""
    aside = f"{copy}.{os.getpid()}"
    try:
        make_private(os.path.dirname(copy))
        data = marshal.dumps(value)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(aside, copy)
    except (OSError, ValueError):
        return


class Mistake(Exception):
    """What is wrong, and under which keys; `spatio.configfile` adds file and line."""

    def __init__(self, keys: Sequence[str | int], reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.keys = tuple(keys)
        self.reason = reason
        self.hint = hint


def build(raw: Mapping[str, Any]) -> Config:
    """The settings in a parsed file. Raises Mistake."""
    _check(raw, _TOP, ())
    shell = raw.get("shell", {})
    _check(shell, _SHELL, ("shell",))
    endpoints = raw.get("endpoints", [])
    for at, table in enumerate(endpoints):
        if not isinstance(table, dict):
            raise Mistake(("endpoints", at), "an endpoint must be a table: [[endpoints]]")
        _check(table, _ENDPOINT, ("endpoints", at))
    return Config(
        _mounts(raw.get("mounts", {})),
        tuple(endpoints),
        bool(shell.get("host_commands", False)),
        _store(raw["store"]) if raw.get("store") else None,
        _plan(raw.get("plan", {})),
    )


def _plan(table: Mapping[str, Any]) -> Mapping[str, str]:
    _check(table, _PLAN, ("plan",))
    return table


def _store(table: Mapping[str, Any]) -> StoreSetting:
    _check(table, _STORE, ("store",))
    setting = StoreSetting(**table)
    import_module("spatio.storing").check(setting)
    return setting


def _check(table: Mapping[str, Any], known: Mapping[str, type], above: Sequence[str | int]) -> None:
    for key, value in table.items():
        if key not in known:
            raise _unknown(key, known, above)
        wanted = known[key]
        fits = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
        if not fits and not (wanted is float and type(value) is int):
            says = _WORDS.get(wanted, "a table")
            raise Mistake((*above, key), f"{key} must be {says}")


def _unknown(key: str, known: Mapping[str, type], above: Sequence[str | int]) -> Mistake:
    if key.lower() in _SECRET:
        hint = 'keep it in the environment and name the variable: key_env = "OPENAI_API_KEY"'
        if above[:1] == ("store",):
            hint = "put it into the keyring: spatio key store; or set PGPASSWORD"
        if above[:1] == ("mounts",):
            hint = "take it out: `connect` asks for it, or `spatio key NAME`, and keeps it where secrets lie"
        return Mistake((*above, key), f"{key}: secrets are not kept in the config", hint)
    near = nearest(key, known)
    return Mistake((*above, key), f"unknown key {key}", f"did you mean {near}?" if near else None)


def _mounts(tables: Mapping[str, Any]) -> tuple[MountSetting, ...]:
    settings = {setting.path: setting for setting in DEFAULT_MOUNTS}
    for text, table in tables.items():
        above = ("mounts", text)
        if not text.startswith("/") or "\0" in text:
            raise Mistake(above, f"a mount's path must begin with /, but is {text}")
        if not isinstance(table, dict):
            raise Mistake(above, f'a mount must be a table: [mounts."{text}"]')
        path = Path.parse(text)
        _check({key: table[key] for key in table if key in _MOUNT}, _MOUNT, above)
        if table.get("off"):
            settings.pop(path, None)
            continue
        settings[path] = _mount(path, table, above, settings.get(path))
    return tuple(settings[path] for path in sorted(settings))


def _mount(
    path: Path, table: Mapping[str, Any], above: Sequence[str], present: MountSetting | None
) -> MountSetting:
    provider = table.get("provider") or (present.provider if present else "")
    if not provider:
        near = nearest("provider", [key for key in table if key not in _MOUNT])
        hint = f"did you mean provider instead of {near}?" if near else 'such as: provider = "local"'
        raise Mistake((*above, near) if near else above, f"{path} names no provider", hint)
    trust = table.get("trust", "outside" if provider in OUTSIDE else "own")
    if trust not in ("own", "outside"):
        raise Mistake((*above, "trust"), f"trust must be own or outside, but is {trust}")
    options = {}
    for key, value in table.items():
        if key in _MOUNT:
            continue
        if key.lower() in _SECRET:
            raise _unknown(key, _MOUNT, above)
        if not isinstance(value, str | int | float):
            raise Mistake((*above, key), f"{key} must be text, a number, true or false")
        options[key] = str(value).lower() if isinstance(value, bool) else str(value)
    read_only = table.get("read_only", present.read_only if present else False)
    return MountSetting(path, provider, options, read_only, trust)

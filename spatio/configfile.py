"""config.toml as a file: parsed, mistakes found by line, mounts added and removed in place.

Loaded only when the file has changed or is to be changed: the TOML parser costs more than `ls`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from spatio.config import DEFAULT_MOUNTS, ConfigError, Mistake, MountSetting, StoreSetting, build
from spatio.paths import write_private
from vfs.path import Path

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def parse(file: str) -> dict[str, Any]:
    """The checked content of a config file. Raises ConfigError with the line of the first mistake."""
    text = read(file)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        reason = _AT.sub("", str(error))
        raise ConfigError(f"{file}:{line}", reason[:1].lower() + reason[1:]) from error
    try:
        build(raw)
    except Mistake as mistake:
        line = line_of(text, mistake.keys)
        raise ConfigError(f"{file}:{line}", mistake.reason, hint=mistake.hint) from mistake
    return raw


def read(file: str) -> str:
    """The file's text, "" when there is none. Raises ConfigError."""
    try:
        with open(file, encoding="utf-8") as opened:
            return opened.read()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(file, "not UTF-8 text") from error
    except OSError as error:
        raise ConfigError(file, error.strerror) from error


def line_of(text: str, keys: Sequence[str | int]) -> int:
    """The line that sets `keys`, else the table that should hold them, else 1."""
    best, best_line = 0, 1
    for number, at, _ in _placed(text):
        same = 0
        for mine, wanted in zip(at, keys, strict=False):
            if mine != wanted:
                break
            same += 1
        if same > best and same == min(len(at), len(keys)):
            best, best_line = same, number
    return best_line


def _placed(text: str) -> Iterator[tuple[int, tuple[str | int, ...], bool]]:
    """Each line that opens a table or sets a key: its number, its keys from the top, whether a table."""
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            keys = _keys_of(stripped)
            if keys is None:
                continue
            if stripped.startswith("[["):
                counts[keys] = counts.get(keys, -1) + 1
                keys = (*keys, counts[keys])
            table = keys
            yield number, table, True
        elif "=" in stripped and not stripped.startswith("#"):
            name = _keys_of(stripped.partition("=")[0] + "= 0")
            if name is not None:
                yield number, table + name, False


def _keys_of(line: str) -> tuple[str | int, ...] | None:
    """The dotted keys that one line of TOML names."""
    try:
        value: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return None
    keys: list[str | int] = []
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        keys.append(key)
        if isinstance(value, list):
            value = value[0] if value else None
    return tuple(keys)


def add_mount(file: str, path: Path, provider: str, options: Mapping[str, str], *, read_only: bool) -> None:
    """Writes a mount's table, replacing one of the same path; the rest of the file stays as it is."""
    _replace(file, path, _table(MountSetting(path, provider, options, read_only)))


def change_mounts(file: str, put: Sequence[MountSetting], dropped: Sequence[Path]) -> None:
    """Writes and removes several mounts' tables in one step. Raises ConfigError."""
    paths = {*dropped, *(setting.path for setting in put)}
    tables = ["\n".join(_table(setting)) for setting in put]
    _put(file, lambda keys: _mounted(keys) in paths, "\n\n".join(tables).split("\n") if tables else [])


def _table(setting: MountSetting) -> list[str]:
    lines = [f"[mounts.{_quoted(str(setting.path))}]", f"provider = {_quoted(setting.provider)}"]
    if setting.read_only:
        lines.append("read_only = true")
    if setting.trust != "own":
        lines.append(f"trust = {_quoted(setting.trust)}")
    return lines + [f"{_key(name)} = {_quoted(value)}" for name, value in setting.options.items()]


def _mounted(keys: tuple[str | int, ...]) -> Path | None:
    """The mount whose table these keys open."""
    mount = keys[1] if len(keys) >= 2 and keys[0] == "mounts" else None
    return Path.parse(mount) if isinstance(mount, str) else None


def drop_mount(file: str, path: Path) -> None:
    """Removes a mount's table; one that would be there by default is turned off."""
    default = any(setting.path == path for setting in DEFAULT_MOUNTS)
    _replace(file, path, [f"[mounts.{_quoted(str(path))}]", "off = true"] if default else [])


def set_store(file: str, setting: StoreSetting) -> None:
    """Writes the `[store]` table, replacing the one that is there; an empty setting removes it."""
    rows = [f"{name} = {_quoted(value)}" for name, value in setting._asdict().items() if value]
    _put(file, lambda keys: keys[:1] == ("store",), ["[store]", *rows] if rows else [])


def without_store(text: str) -> str:
    """A config file's text less its `[store]` table."""
    return _without(text, lambda keys: keys[:1] == ("store",))


def _replace(file: str, path: Path, lines: Sequence[str]) -> None:
    _put(file, lambda keys: _mounted(keys) == path, lines)


def _put(file: str, is_it: Callable[[tuple[str | int, ...]], bool], lines: Sequence[str]) -> None:
    """Puts `lines` in place of the tables that `is_it` knows."""
    text = _without(read(file), is_it).rstrip("\n")
    parts = [part for part in (text, "\n".join(lines)) if part]
    joined = "\n\n".join(parts)
    try:
        write_private(file, joined + "\n" if joined else "")
    except OSError as error:
        raise ConfigError(file, error.strerror) from error


def _without(text: str, is_it: Callable[[tuple[str | int, ...]], bool]) -> str:
    """`text` less the tables that `is_it` knows."""
    kept: list[str] = []
    tables = {number: keys for number, keys, is_table in _placed(text) if is_table}
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if number in tables:
            inside = is_it(tables[number])
        if not inside:
            kept.append(line)
    return "\n".join(kept)


def _quoted(text: str) -> str:
    escaped = "".join(
        f"\\{char}" if char in '"\\' else char if char.isprintable() else f"\\u{ord(char):04x}"
        for char in text
    )
    return f'"{escaped}"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)

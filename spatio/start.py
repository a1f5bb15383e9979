"""Start: what the words before a command say, for every front end; and one line on standard error."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

VERBS = ("backup", "completion", "demo", "doctor", "init", "key", "migrate", "restore", "worker")
"""What `spatio` does beside its shell, by `spatio.cli`."""

_VALUED = {
    "--home": "a folder",
    "--store": "an address, such as postgresql://user@host/database",
    "--objects": "a folder, or s3://bucket/prefix",
}


class Start(NamedTuple):
    """What the words say before a front end is chosen."""

    words: tuple[str, ...]
    """From the command, or `-c`, on."""
    home: str | None = None
    debug: bool = False
    store: str | None = None
    """The store's address for this run; it may hold a password."""
    objects: str | None = None
    reach: str = ""
    """`offline` or `fresh` (providers.spec.Reach), where the words say so."""


class Misuse(Exception):
    """The words before the command make no sense: exit status 2."""


def read_words(words: Sequence[str]) -> Start:
    """Takes the options before the command. Raises Misuse."""
    said: dict[str, str] = {}
    debug = False
    reach = ""
    at = 0
    while at < len(words):
        word = words[at]
        name, assigned, value = word.partition("=")
        if word == "--debug":
            debug = True
        elif word in ("--offline", "--fresh"):
            reach = word[2:]
        elif name in _VALUED:
            if not assigned:
                at += 1
                value = words[at] if at < len(words) else ""
            if not value:
                raise Misuse(f"{name} needs {_VALUED[name]}")
            said[name] = value
        else:
            break
        at += 1
    return Start(
        tuple(words[at:]), said.get("--home"), debug, said.get("--store"), said.get("--objects"), reach
    )


def say(text: str) -> None:
    """One line on standard error, whatever has become of it."""
    try:
        os.write(2, f"spatio: {text}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        return

"""Folders: which folders a maildir has, in both of the usual layouts, and how they are shown. Blocks.

Maildir++ puts all folders beside each other (`.Sent`, `.projects.spatio`), others nest them
(`Sent/cur`, `projects/spatio/cur`). The mailbox itself is the inbox, unless it holds folders only.
"""

from __future__ import annotations

import os
from urllib.parse import quote, unquote_to_bytes

from providers.mail.roles import guessed
from providers.mirror.remote import Collection
from vfs.names import distinct, slug
from vfs.path import Path

INBOX = "."
"""The key of the mailbox itself; no key is empty."""

DEEPEST = 8
"""Levels of nested folders that are looked at."""


def collections(root: str) -> list[Collection]:
    """Every folder with messages in it, the inbox first. Raises OSError."""
    names: list[tuple[tuple[str, ...], str]] = [((), INBOX)] if is_maildir(root) else []
    names += sorted(_plus(root) + _nested(root, (), 0))
    roles: set[str] = set()
    placed: list[tuple[tuple[str, ...], str, str]] = []
    for parts, key in names:
        role = "inbox" if not parts else guessed(parts[0]) if len(parts) == 1 else ""
        if role in roles:
            role = ""
        roles.add(role)
        placed.append(
            (
                (role,)
                if role
                else tuple(slug(os.fsencode(part).decode("utf-8", "replace")) for part in parts),
                key,
                role,
            )
        )
    shown = distinct(("∕".join(parts), key) for parts, key, _ in placed)
    return [
        Collection(_key_of(key), Path(tuple(name.split("∕"))), role)
        for name, (_, key, role) in zip(shown, placed, strict=True)
    ]


def _key_of(name: str) -> str:
    """A folder's name as text: bytes that are none are spelt `%FF`."""
    plain = "%" not in name and name == os.fsencode(name).decode("utf-8", "replace")
    return name if plain else quote(os.fsencode(name), safe="/")


def folder_of(root: str, key: str) -> str:
    """Where the folder of a key is."""
    return os.path.join(root, os.fsdecode(unquote_to_bytes(key)))


def is_role(name: str) -> bool:
    """Whether a folder of this name is for sent mails, drafts, the trash …"""
    return bool(guessed(name))


def is_maildir(folder: str) -> bool:
    """Whether messages can lie in a folder."""
    return all(os.path.isdir(os.path.join(folder, place)) for place in ("cur", "new", "tmp"))


def _plus(root: str) -> list[tuple[tuple[str, ...], str]]:
    found = []
    for name in os.listdir(root):
        parts = tuple(part for part in name.split(".") if part)
        if name[:1] == "." and parts and is_maildir(os.path.join(root, name)):
            found.append((parts, name))
    return found


def _nested(root: str, above: tuple[str, ...], depth: int) -> list[tuple[tuple[str, ...], str]]:
    found: list[tuple[tuple[str, ...], str]] = []
    if depth >= DEEPEST:
        return found
    folder = os.path.join(root, *above)
    for name in os.listdir(folder):
        inner = os.path.join(folder, name)
        if (
            name[:1] == "."
            or name in ("cur", "new", "tmp")
            or os.path.islink(inner)
            or not os.path.isdir(inner)
        ):
            continue
        parts = (*above, name)
        if is_maildir(inner):
            found.append((parts, "/".join(parts)))
        found += _nested(root, parts, depth + 1)
    return found

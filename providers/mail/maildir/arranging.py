"""Arranging: folders of a maildir made, renamed and dropped, in the layout that they have. Blocks.

New ones are those of Maildir++, which every program understands: `/projects/spatio` is `.projects.spatio`.
"""

from __future__ import annotations

import os

from providers.mail.maildir import files, folders
from providers.mirror.remote import Collection
from vfs.errors import BadName, Exists, NotEmpty, NotFound
from vfs.path import Path


def make(root: str, path: Path) -> Collection:
    """See Arranges.make."""
    there = _at(root, path)
    if there is not None:
        return there
    files.make(os.path.join(root, _name_of(path)))
    files.flush_folder(root)
    return _need(root, path)


def rename(root: str, collection: Collection, path: Path) -> Collection:
    """See Arranges.rename. What is below it goes along."""
    if _at(root, path) is not None:
        raise Exists(path)
    old, new = os.path.basename(folders.folder_of(root, collection.key)), _name_of(path)
    if not collection.key.startswith(".") or collection.key == folders.INBOX:
        raise BadName(path, "this folder of the mailbox keeps its name", hint="its program can rename it")
    for name in sorted(os.listdir(root)):
        if name == old or name.startswith(f"{old}."):
            os.rename(os.path.join(root, name), os.path.join(root, new + name[len(old) :]))
    files.flush_folder(root)
    return _need(root, path)


def drop(root: str, collection: Collection) -> None:
    """See Arranges.drop. What other programs keep in it besides mails stays, and so does the folder then."""
    folder = folders.folder_of(root, collection.key)
    if not folders.is_maildir(folder):
        return
    if files.listed(folder) or collection.key == folders.INBOX:
        raise NotEmpty(collection.path)
    for place in ("new", "cur", "tmp"):
        os.rmdir(os.path.join(folder, place))
    if not os.listdir(folder):
        os.rmdir(folder)
    files.flush_folder(root)


def _name_of(path: Path) -> str:
    for part in path.parts:
        if "." in part or not part.isprintable():
            raise BadName(path, "a folder of a maildir has no dot in its name")
    # Programs look for these with a capital.
    parts = (path.name.title(),) if len(path.parts) == 1 and folders.is_role(path.name) else path.parts
    return "." + ".".join(parts)


def _at(root: str, path: Path) -> Collection | None:
    return next((one for one in folders.collections(root) if one.path == path), None)


def _need(root: str, path: Path) -> Collection:
    found = _at(root, path)
    if found is None:
        raise NotFound(path)
    return found

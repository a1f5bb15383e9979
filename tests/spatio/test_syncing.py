from __future__ import annotations

import pathlib

import pytest

from providers.mirror.memory import MemoryRemote, MemoryService
from providers.mirror.mirror import Mirror
from providers.mirror.settings import MirrorSettings
from spatio.syncing import WorkspaceSyncing
from spatio.workspace import Workspace, open_workspace
from tests.mirror.account import filled
from vfs.drive import drive
from vfs.errors import LoginNeeded, NotFound
from vfs.mount import Mount
from vfs.path import Path


def workspace(folder: pathlib.Path, services: dict[str, MemoryService]) -> Workspace:
    """One in whose tree accounts are mounted, as `imap` mounts that speak to services of the test."""
    made = open_workspace(folder, environ={})
    for place, service in services.items():
        path = Path.parse(place)

        def opener(service: MemoryService = service, name: str = path.name) -> Mirror:
            return Mirror(made.store(), name, lambda: MemoryRemote(service), MirrorSettings(name))

        made.mounts.add(Mount(path, "imap", opener, options={"collection": path.name}))
    return made


def test_all_accounts_are_synced_and_what_is_known_of_each_is_told(tmp_path: pathlib.Path) -> None:
    one, two = filled(3), filled(5, heads=True)
    made = workspace(tmp_path, {"/mail": one, "/post": two})
    syncing = WorkspaceSyncing(made)
    assert syncing.replicas() == [Path.parse("/mail"), Path.parse("/post")]
    [before, _] = drive(syncing.standing())
    assert (before.items, before.age, before.problem) == (0, None, "")
    answers = drive(syncing.sync())
    assert [(str(one.path), one.new, one.bodies, one.error) for one in answers] == [
        ("/mail", 3, 0, None),
        ("/post", 5, 5, None),
    ]
    [first, second] = drive(syncing.standing())
    assert (first.items, first.bodies, second.items, second.bodies) == (3, 3, 5, 5)
    assert first.age is not None
    assert first.age < 60
    assert first.waiting == 0
    drive(made.aclose())


def test_what_is_wrong_with_one_account_leaves_the_others_alone(tmp_path: pathlib.Path) -> None:
    one, two = filled(3), filled(3)
    one.logged_out = True
    made = workspace(tmp_path, {"/mail": one, "/post": two})
    syncing = WorkspaceSyncing(made)
    [first, second] = drive(syncing.sync())
    assert isinstance(first.error, LoginNeeded)
    assert first.error.hint == "run: connect"
    assert second.new == 3
    assert "log in" in drive(syncing.standing())[0].problem
    drive(made.aclose())


def test_only_what_is_named_is_synced(tmp_path: pathlib.Path) -> None:
    one, two = filled(3), filled(3)
    one.add("A", "old", b"Subject: old\n\nfrom the archive")
    made = workspace(tmp_path, {"/mail": one, "/post": two})
    syncing = WorkspaceSyncing(made)
    [only] = drive(syncing.sync([Path.parse("/mail/archive")]))
    assert (str(only.path), only.new) == ("/mail", 1)
    assert two.requests == 0
    with pytest.raises(NotFound):
        drive(syncing.sync([Path.parse("/notes")]))
    drive(made.aclose())

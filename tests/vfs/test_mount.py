from __future__ import annotations

import pytest

from providers.memory import Memory
from tests.vfs.trees import P
from vfs.drive import drive
from vfs.errors import Exists, NotFound
from vfs.mount import Mount, MountTable
from vfs.path import ROOT


def table(*paths: str) -> MountTable:
    made = MountTable()
    for path in paths:
        made.add(Mount(P(path), path, Memory))
    return made


def test_the_deepest_mount_wins_name_by_name() -> None:
    mounts = table("/a", "/a/b", "/ab")
    for path, expected in {
        "/a": "/a",
        "/a/x": "/a",
        "/a/b": "/a/b",
        "/a/b/c": "/a/b",
        "/ab/x": "/ab",
        "/a/bc": "/a",
    }.items():
        found = mounts.find(P(path))
        assert found is not None
        assert found.name == expected
    assert mounts.find(P("/abc")) is None
    assert mounts.find(ROOT) is None


def test_one_place_holds_one_mount() -> None:
    mounts = table("/a")
    with pytest.raises(Exists):
        mounts.add(Mount(P("/a"), "again", Memory))
    with pytest.raises(NotFound):
        mounts.take(P("/a/b"))
    assert mounts.take(P("/a")).name == "/a"
    assert mounts.find(P("/a")) is None
    assert not mounts.holds(ROOT)


def test_folders_above_mounts_are_known_while_they_are_needed() -> None:
    mounts = table("/x/one", "/x/two")
    assert mounts.holds(ROOT)
    assert mounts.holds(P("/x"))
    assert not mounts.holds(P("/x/one"))
    assert mounts.names_below(P("/x")) == ["one", "two"]
    mounts.take(P("/x/one"))
    assert mounts.holds(P("/x"))
    mounts.take(P("/x/two"))
    assert not mounts.holds(P("/x"))


def test_a_mount_closes_what_it_opened_and_opens_again() -> None:
    closed: list[bool] = []

    class Closing(Memory):
        async def aclose(self) -> None:
            closed.append(True)

    mount = Mount(P("/a"), "a", Closing)
    drive(mount.aclose())
    assert not closed
    first = mount.provider()
    drive(mount.aclose())
    drive(mount.aclose())
    assert closed == [True]
    assert mount.opened is None
    assert mount.provider() is not first

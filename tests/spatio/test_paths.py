"""Places on the host: one folder, or the XDG folders; private whatever the umask."""

from __future__ import annotations

import os
import pathlib

import pytest

from spatio.paths import make_private, places, write_private
from vfs.errors import Unavailable


def test_one_folder_holds_everything() -> None:
    where = places(None, {"SPATIO_HOME": "/srv/s", "XDG_DATA_HOME": "/elsewhere"})
    assert {os.path.commonpath(["/srv/s", path]) for path in where} == {"/srv/s"}
    assert where.config_file == "/srv/s/config.toml"


def test_an_argument_wins_over_the_environment(tmp_path: pathlib.Path) -> None:
    assert places(tmp_path, {"SPATIO_HOME": "/srv/s"}).config == str(tmp_path)


def test_without_one_the_xdg_folders_are_used() -> None:
    where = places(None, {"HOME": "/home/ada", "XDG_CACHE_HOME": "/var/c", "XDG_DATA_HOME": "relative"})
    assert where == ("/home/ada/.config/spatio", "/home/ada/.local/share/spatio", "/var/c/spatio")


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(Unavailable) as caught:
        places(None, {})
    assert caught.value.hint == "set SPATIO_HOME=DIR"


def test_folders_are_private_whatever_the_umask(tmp_path: pathlib.Path) -> None:
    old = os.umask(0)
    try:
        made = make_private(str(tmp_path / "a" / "b"))
        write_private(f"{made}/c", "text")
    finally:
        os.umask(old)
    assert made == str(tmp_path / "a" / "b")
    assert [os.stat(tmp_path / name).st_mode & 0o777 for name in ("a", "a/b", "a/b/c")] == [
        0o700,
        0o700,
        0o600,
    ]


def test_a_folder_that_was_there_keeps_its_permissions(tmp_path: pathlib.Path) -> None:
    os.chmod(tmp_path, 0o755)
    make_private(str(tmp_path))
    assert os.stat(tmp_path).st_mode & 0o777 == 0o755


def test_a_file_is_replaced_whole(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "f"
    write_private(str(file), "one")
    write_private(str(file), "two")
    assert (file.read_text(), os.listdir(tmp_path)) == ("two", ["f"])

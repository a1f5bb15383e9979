"""The config: defaults, mistakes with their line, the copy that saves the parser, mounts in place."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from spatio import configfile
from spatio.config import DEFAULT, ConfigError, load_config
from spatio.paths import Places, places
from vfs.path import Path


@pytest.fixture
def where(tmp_path: pathlib.Path) -> Places:
    return places(tmp_path / "home")


def put(where: Places, text: str) -> None:
    os.makedirs(where.config, exist_ok=True)
    pathlib.Path(where.config_file).write_text(text, encoding="utf-8")


def test_without_a_file_the_defaults_hold(where: Places) -> None:
    assert load_config(where) == DEFAULT
    assert not os.path.exists(where.config)


def test_a_mount_is_added_to_the_defaults(where: Places) -> None:
    put(where, '[mounts."/photos"]\nprovider = "local"\nfolder = "/srv/photos"\nread_only = true\n')
    (photos,) = [mount for mount in load_config(where).mounts if mount.path == Path(("photos",))]
    assert (photos.provider, photos.options, photos.read_only) == ("local", {"folder": "/srv/photos"}, True)
    assert len(load_config(where).mounts) == len(DEFAULT.mounts) + 1


def test_a_default_mount_can_be_off(where: Places) -> None:
    put(where, '[mounts."/tasks"]\noff = true\n')
    assert Path(("tasks",)) not in [mount.path for mount in load_config(where).mounts]


@pytest.mark.parametrize(
    ("text", "line", "says", "hint"),
    [
        ("[shell]\n[mount]\n", 2, "unknown key mount", "did you mean mounts?"),
        ("# a\n\n[shel]\n", 3, "unknown key shel", "did you mean shell?"),
        ("[shell]\nhost_command = true\n", 2, "unknown key host_command", "did you mean host_commands?"),
        (
            '[mounts."/x"]\nfolder = "/a"\nprovder = "local"\n',
            3,
            "names no provider",
            "did you mean provider",
        ),
        ('[mounts."x"]\nprovider = "local"\n', 1, "must begin with /", None),
        (
            '[[endpoints]]\nname = "a"\n[[endpoints]]\nname = "b"\nmodle = "c"\n',
            5,
            "unknown key modle",
            "model",
        ),
        ('[[endpoints]]\nname = "a"\napi_key = "sk-1"\n', 3, "not kept in the config", "key_env"),
        ("[shell]\nhost_commands = 1\n", 2, "host_commands must be true or false", None),
        ("shell = \n", 1, "invalid value", None),
        ('x = "open\n', 1, "illegal character", None),
    ],
)
def test_a_mistake_names_its_line_and_the_nearest_key(
    where: Places, text: str, line: int, says: str, hint: str | None
) -> None:
    put(where, text)
    with pytest.raises(ConfigError) as caught:
        load_config(where)
    assert str(caught.value).startswith(f"{where.config_file}:{line}: ")
    assert says in str(caught.value)
    assert caught.value.status == 2
    if hint:
        assert hint in (caught.value.hint or "")


def test_a_secret_never_stands_in_the_error(where: Places) -> None:
    put(where, 'token = "canary-7f3a"\n')
    with pytest.raises(ConfigError) as caught:
        load_config(where)
    assert "canary-7f3a" not in f"{caught.value} {caught.value.hint}"


def test_the_second_reading_needs_no_toml_parser(where: Places) -> None:
    put(where, '[mounts."/tasks"]\noff = true\n')
    program = (
        "import sys; from spatio.config import load_config; from spatio.paths import places\n"
        f"print(len(load_config(places({str(where.config)!r})).mounts), 'tomllib' in sys.modules)"
    )

    def once() -> str:
        return subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout

    defaults = len(DEFAULT.mounts)
    assert once() == f"{defaults - 1} True\n"
    assert once() == f"{defaults - 1} False\n"
    put(where, '[mounts."/notes"]\noff = true\n[mounts."/tasks"]\noff = true\n')
    assert once() == f"{defaults - 2} True\n"


def test_a_damaged_copy_is_made_again(where: Places) -> None:
    put(where, '[mounts."/tasks"]\noff = true\n')
    load_config(where)
    copy = pathlib.Path(where.cache, "config.marshal")
    copy.write_bytes(b"\xff\x00nonsense")
    assert len(load_config(where).mounts) == len(DEFAULT.mounts) - 1


def test_mounting_keeps_comments_and_other_tables(where: Places) -> None:
    put(where, "# mine\n\n[shell]\nhost_commands = true # yes\n")
    path = Path(("my photos",))
    configfile.add_mount(where.config_file, path, "local", {"folder": 'C:\\a "b"\n'}, read_only=True)
    text = pathlib.Path(where.config_file).read_text(encoding="utf-8")
    assert text.startswith("# mine\n\n[shell]\nhost_commands = true # yes\n")
    (mount,) = [mount for mount in load_config(where).mounts if mount.path == path]
    assert mount.options == {"folder": 'C:\\a "b"\n'}
    configfile.drop_mount(where.config_file, path)
    assert load_config(where).mounts == DEFAULT.mounts
    assert "my photos" not in pathlib.Path(where.config_file).read_text(encoding="utf-8")


def test_unmounting_a_default_turns_it_off_and_mounting_turns_it_on(where: Places) -> None:
    tasks = Path(("tasks",))
    configfile.drop_mount(where.config_file, tasks)
    assert tasks not in [mount.path for mount in load_config(where).mounts]
    configfile.add_mount(where.config_file, tasks, "tasks", {}, read_only=False)
    assert load_config(where).mounts == DEFAULT.mounts


def test_the_config_is_private_whatever_the_umask(where: Places) -> None:
    old = os.umask(0)
    try:
        configfile.drop_mount(where.config_file, Path(("tasks",)))
    finally:
        os.umask(old)
    assert os.stat(where.config_file).st_mode & 0o777 == 0o600
    assert os.stat(where.config).st_mode & 0o777 == 0o700


def test_a_config_that_is_no_text_is_said(where: Places) -> None:
    os.makedirs(where.config)
    pathlib.Path(where.config_file).write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8 text"):
        load_config(where)

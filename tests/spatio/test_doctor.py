"""The doctor finds what is wrong, names a next step, and never breaks itself."""

from __future__ import annotations

import os
import pathlib

import pytest

from spatio import doctor
from spatio.doctor import Finding, findings
from tests.workspaces import copy_of_demo, run_in


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    return copy_of_demo(tmp_path / "home")


def of(home: pathlib.Path, subject: str) -> Finding:
    return next(one for one in findings(str(home)) if one.subject == subject)


def test_a_healthy_workspace_has_nothing_bad(home: pathlib.Path) -> None:
    assert [one for one in findings(str(home)) if one.state == "bad"] == []


def test_a_workspace_that_is_not_there_is_no_fault_and_is_not_made(tmp_path: pathlib.Path) -> None:
    assert [one for one in findings(str(tmp_path / "none")) if one.state == "bad"] == []
    assert not (tmp_path / "none").exists()


def test_what_others_can_read_is_bad(home: pathlib.Path) -> None:
    os.chmod(home / "data" / "spatio.db", 0o644)
    finding = of(home, "permissions")
    assert finding.state == "bad"
    assert "chmod" in finding.step


def test_a_damaged_database_is_bad_and_ends_the_checks_of_it(home: pathlib.Path) -> None:
    database = home / "data" / "spatio.db"
    data = bytearray(database.read_bytes())
    data[4096 * 3 : 4096 * 9] = b"\x55" * 4096 * 6
    database.write_bytes(data)
    assert of(home, "database").state == "bad"
    assert not [one for one in findings(str(home)) if one.subject == "index"]


def test_a_file_that_is_no_database_is_bad(home: pathlib.Path) -> None:
    (home / "data" / "spatio.db").write_bytes(b"not a database at all" * 1000)
    assert of(home, "database").state == "bad"


def test_a_mistake_in_the_config_is_bad_with_its_line(home: pathlib.Path) -> None:
    (home / "config.toml").write_text("[shel]\n")
    finding = of(home, "config")
    assert finding.state == "bad"
    assert "config.toml:1" in finding.text
    assert finding.step == "did you mean shell?"


def test_packages_of_others_are_found(home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("vfs", "json"))
    finding = of(home, "packages")
    assert finding.state == "bad"
    assert "json is " in finding.text


def test_the_index_is_compared_with_the_data(home: pathlib.Path) -> None:
    assert of(home, "index").state == "ok"
    assert run_in(home, "index check").status == 0


def test_what_a_broken_off_write_left_behind_is_swept_after_a_day(home: pathlib.Path) -> None:
    shelf = home / "data" / "objects" / "ab"
    shelf.mkdir(parents=True, exist_ok=True)
    old, young = shelf / ("0" * 62), shelf / ("1" * 62)
    for orphan in (old, young):
        orphan.write_bytes(b"x")
    os.utime(old, (1, 1))
    assert of(home, "objects").text.startswith("1 left behind")
    assert (old.exists(), young.exists()) == (False, True)
    assert of(home, "objects").text == "nothing left behind"

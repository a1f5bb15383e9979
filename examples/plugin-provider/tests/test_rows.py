"""The provider keeps the contract, and what is wrong with a file is said."""

import pathlib

import pytest
from spatio_rows import Rows

from spatio.api import Corrupt, NotFound, Path, drive
from vfs.testing import ProviderSuite

CSV = "stop,zone,minutes\nUtrecht,3,0\nZeist,4,14\nDen Dolder,4,11.5\n../etc,9,1\n"


class TestRows(ProviderSuite):
    def provider(self, folder: pathlib.Path) -> Rows:
        (folder / "stops.csv").write_text(CSV, encoding="utf-8")
        return Rows(str(folder / "stops.csv"), "stop")


def test_columns_are_attributes(tmp_path: pathlib.Path) -> None:
    (tmp_path / "stops.csv").write_text(CSV, encoding="utf-8")
    node = drive(Rows(str(tmp_path / "stops.csv"), "stop").stat(Path(("Den Dolder.json",))))
    assert dict(node.attrs) == {"stop": "Den Dolder", "zone": 4, "minutes": 11.5}


def test_a_missing_file_and_a_damaged_one_are_said(tmp_path: pathlib.Path) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        drive(Rows(str(tmp_path / "none.csv")).stat(Path(("a",))))
    (tmp_path / "bad.csv").write_bytes(b"a,b\n\xff\xfe,1\n")
    with pytest.raises(Corrupt, match="not a CSV file"):
        drive(Rows(str(tmp_path / "bad.csv")).stat(Path(("a",))))

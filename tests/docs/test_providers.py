"""The example provider of docs/providers.md does what the page says."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest

HOUSE = pathlib.Path(__file__).parents[2]
PAGE = (HOUSE / "docs" / "providers.md").read_text()


def example(name: str) -> str:
    found = re.search(rf"<!-- example: {re.escape(name)} -->\n```python\n(.*?)```", PAGE, re.S)
    assert found, name
    return found.group(1)


@pytest.fixture
def project(tmp_path: pathlib.Path) -> pathlib.Path:
    for name in ("zipped.py", "test_zipped.py"):
        (tmp_path / name).write_text(example(name))
    return tmp_path


def test_the_example_passes_the_suite_as_the_page_runs_it(project: pathlib.Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "test_zipped.py"],
        cwd=project,
        env={
            "PYTHONPATH": f"{HOUSE}:{project}",
            "PATH": "",
            "PYTHONDONTWRITEBYTECODE": "1",
            # Else it would clear away what earlier runs of ours have left, which may take minutes.
            "TMPDIR": str(project),
        },
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed.group(1)) > 12


def test_the_page_names_every_ability() -> None:
    from vfs.provider import _PROTOCOLS

    for _, protocol in _PROTOCOLS:
        assert f"`{protocol.__name__}`" in PAGE

"""A password among the arguments does not stay readable for others."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from spatio.hiding import hide_argument\n"
    "hide_argument('postgresql://ada:c4nary@h/x', 'c4nary')\n"
    "print(open('/proc/self/cmdline').read().replace('\\0', ' '), sys.argv[2])"
)


@pytest.mark.skipif(not pathlib.Path("/proc/self/mem").exists(), reason="only Linux shows arguments in /proc")
def test_the_list_of_processes_shows_stars() -> None:
    words = [
        sys.executable,
        "-c",
        PROGRAM,
        str(ROOT),
        "postgresql://ada:c4nary@h/x",
        "--store=postgresql://ada:c4nary@h/x",
    ]
    shown, argument = subprocess.run(words, capture_output=True, text=True, check=True).stdout.rsplit(" ", 1)
    assert "postgresql://ada:******@h/x --store=postgresql://ada:******@h/x" in shown
    assert argument == "postgresql://ada:c4nary@h/x\n"

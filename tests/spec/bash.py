"""Bash as the oracle: a script's output and status in a folder of its own."""

from __future__ import annotations

import os
import pathlib
import subprocess
import tempfile
from collections.abc import Mapping

ENVIRONMENT = {"HOME": "/home/user", "LC_ALL": "C.UTF-8", "TZ": "UTC", "USER": "user"}


def run_in_bash(script: str, files: Mapping[str, str]) -> tuple[int, bytes]:
    """(status, stdout) of bash."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "case").mkdir()
        for name, content in files.items():
            path = pathlib.Path(folder, "case", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=pathlib.Path(folder, "case"),
            capture_output=True,
            timeout=20,
            stdin=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], **ENVIRONMENT},
        )
    return done.returncode, done.stdout

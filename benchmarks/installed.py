"""The installed program: the wheel in an environment of its own, bytecode compiled, as users have it."""

from __future__ import annotations

import hashlib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("SPATIO_BENCH_CACHE", ROOT / "build" / "bench"))


def _fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    files = sorted(
        path
        for package in ("spatio", "commands", "vfs", "providers")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    for path in [ROOT / "pyproject.toml", *files]:
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def environment() -> pathlib.Path:
    """The folder `bin` of an environment that holds this version of the wheel, made when missing."""
    home = CACHE / _fingerprint()
    ready = home / "ready"
    if not ready.exists():
        wheels = home / "wheels"
        quiet = {"check": True, "stdout": subprocess.DEVNULL}
        subprocess.run([sys.executable, "-m", "venv", home / "venv"], **quiet)
        pip = [home / "venv/bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "wheel", "--no-deps", "-w", wheels, ROOT], **quiet)
        subprocess.run([*pip, "install", "--compile", *wheels.glob("*.whl"), "aiosqlite"], **quiet)
        ready.touch()
    return home / "venv" / "bin"


def clean_environment(home: pathlib.Path) -> dict[str, str]:
    """A process environment without what falsifies start-up times, for the workspace in `home`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "SPATIO"))}
    return {**kept, "SPATIO_HOME": str(home), "LC_ALL": "C.UTF-8"}

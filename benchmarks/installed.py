"""The installed program: the wheel in an environment of its own, bytecode compiled, as users have it."""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
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
    """The folder `bin` of an environment that holds this version of the wheel, installed when it is not."""
    project = (ROOT / "pyproject.toml").read_bytes()
    home = CACHE / f"venv-{hashlib.sha256(sys.version.encode() + project).hexdigest()[:8]}"
    holds, wanted = home / "holds", _fingerprint()
    if not holds.exists() or holds.read_text() != wanted:
        quiet = {"check": True, "stdout": subprocess.DEVNULL}
        pip = [home / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
        if not holds.exists():
            subprocess.run([sys.executable, "-m", "venv", home], **quiet)
            subprocess.run([*pip, "install", "--compile", ROOT, "aiosqlite", "imap-tools"], **quiet)
        shutil.rmtree(home / "wheels", ignore_errors=True)
        subprocess.run([*pip, "wheel", "--no-deps", "-w", home / "wheels", ROOT], **quiet)
        again = ["--compile", "--no-deps", "--force-reinstall"]
        subprocess.run([*pip, "install", *again, *(home / "wheels").glob("*.whl")], **quiet)
        holds.write_text(wanted)
    return home / "bin"


def clean_environment(home: pathlib.Path) -> dict[str, str]:
    """A process environment without what falsifies start-up times, for the workspace in `home`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "SPATIO"))}
    return {**kept, "SPATIO_HOME": str(home), "LC_ALL": "C.UTF-8"}
